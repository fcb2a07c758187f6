//! Errors of a run, as the user sees them.

use crate::address::Instance;
use crate::diagnostic::{Diagnostic, Diagnostics, Severity};
use crate::state::journal::Ending;
use windlass_api::{Error, ErrorKind, Operation};

fn verb(operation: Operation) -> &'static str {
    match operation {
        Operation::Create => "creating",
        Operation::Update => "updating",
        Operation::Delete => "deleting",
    }
}

/// What the user can do about an error of a kind, where its maker does not say.
fn hint(kind: ErrorKind) -> Option<&'static str> {
    match kind {
        ErrorKind::Capacity => Some("The cloud has none left in this place. Try another zone, region or type, or try later."),
        ErrorKind::Quota => Some("Ask the cloud to raise the account's limit, or use another region."),
        ErrorKind::Denied => Some("Give these credentials the permission for this call."),
        ErrorKind::Credentials => Some("Renew the credentials, then run again."),
        ErrorKind::Throttled => Some("The cloud limits the rate of calls; run again, perhaps with a smaller -parallelism."),
        ErrorKind::Transient => Some("The network or the service failed; run again."),
        _ => None,
    }
}

/// An operation failed.
pub(super) fn failure(address: &Instance, operation: Operation, error: &Error) -> Diagnostics {
    about(address, &format!("{} {address}", verb(operation)), error).into()
}

/// Reading a data source failed.
pub(super) fn read_failure(address: &Instance, error: &Error) -> Diagnostics {
    about(address, &format!("reading {address}"), error).into()
}

/// Reading the data source of a `check` block failed.
pub(super) fn unchecked(address: &Instance, error: &Error) -> Diagnostics {
    let failure = about(address, "", error);
    let (summary, detail) = ("Data source can't be read".to_owned(), format!("{address}: {error}"));
    Diagnostic { severity: Severity::Warning, summary, detail, ..failure }.into()
}

fn about(address: &Instance, what: &str, error: &Error) -> Diagnostic {
    let code = error.code.as_ref().map_or(String::new(), |code| format!(": {code}"));
    let diagnostic = Diagnostic::error(format!("{what}{code}"), error.to_string()).about(address);
    match error.hint.as_deref().or(hint(error.kind)) {
        Some(hint) => diagnostic.hint(hint),
        None => diagnostic,
    }
}

/// An operation failed, and what it left can't be told now.
pub(super) fn unsettled_failure(address: &Instance, operation: Operation, error: &Error, cause: &Error) -> Diagnostics {
    Diagnostic::error(
        format!("{} {address}", verb(operation)),
        format!(
            "{error}\n\nWhat it left could not be looked up: {cause}. The journal beside the state keeps the operation; the next plan or \
             apply finds out before it does anything else."
        ),
    )
    .about(address)
    .into()
}

/// The store failed in the midst of the run. `file` is where the spool is, `unstarted` how many steps were not begun, `is_written` whether
/// the state could be written in the end all the same.
pub(super) fn store_failure(ending: &Ending, file: Option<&str>, unstarted: usize, is_written: bool) -> Option<Diagnostic> {
    let failure = ending.failure.as_ref()?;
    let steps = match unstarted {
        0 => String::new(),
        1 => ", which leaves 1 undone".to_owned(),
        count => format!(", which leaves {count} undone"),
    };
    let mut detail = format!(
        "Error {failure}. No further step was started{steps}, since nothing may be done that is not recorded first. What was in flight has ended."
    );
    if is_written {
        detail.push_str(" At the end the state could be written: it is complete.");
        return Some(match unstarted {
            0 => Diagnostic::warning("Failed to write the journal", detail),
            _ => Diagnostic::error("Failed to write the journal", detail).hint("Run again to go on."),
        });
    }
    if let Some(file) = file {
        detail.push_str(&format!("\n\nWhat the state's place could not be told is in the file\n    {file}"));
    }
    if let Some(error) = ending.spool_failure.as_ref().filter(|_| !ending.unsaved.is_empty()) {
        detail.push_str(&format!(
            "\n\nThis machine could not keep what the state's place could not be told either: error {error}. It was written to standard error, \
             from a line BEGIN WINDLASS JOURNAL to a line END. It holds what a state holds, secrets included."
        ));
    }
    if let Some(error) = ending.spool_failure.as_ref().filter(|_| ending.unsaved.is_empty()) {
        detail.push_str(&format!("\n\nThis machine could not keep what the state's place could not be told either: error {error}."));
    }
    let hint = match (ending.unsaved.is_empty(), file) {
        (false, _) => {
            "Save those lines in a file, remove the cause, and run windlass state recover FILE before anything else: without them what this run made \
             last may not be found again."
                .to_owned()
        }
        (true, Some(_)) => "Keep that file. Remove the cause, then run plan or apply in this folder, which take it in before anything else, or windlass \
                            state recover. In another folder or on another machine: windlass state recover FILE."
            .to_owned(),
        (true, None) => "Remove the cause, then run again: what was under way is looked up first.".to_owned(),
    };
    Some(Diagnostic::error("Failed to write the journal", detail).hint(hint))
}
