//! Errors of a run, as the user sees them.

use crate::address::Instance;
use crate::diagnostic::{Diagnostic, Diagnostics, Severity};
use crate::state::store::StoreError;
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

/// The journal can't be written.
pub(super) fn journal_failure(error: &StoreError) -> Diagnostics {
    Diagnostic::error(
        "Failed to write the journal",
        format!("Error {error}. No further step was started, since nothing may be done that is not recorded first."),
    )
    .hint("Make room or repair the place of the state, then run again: what was under way is looked up first.")
    .into()
}
