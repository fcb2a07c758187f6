//! What events call an operation.

use crate::event::EventOperation;
use std::time::Duration;
use windlass_api::Operation;

/// The forms of a word that the lines about an operation need.
#[derive(Clone, Copy, Debug)]
pub(super) struct Words {
    /// `Creating...`
    pub start: &'static str,
    /// `Still creating...`
    pub going_on: &'static str,
    /// `Creation complete`
    pub noun: &'static str,
    /// `create`, as machines read it.
    pub action: &'static str,
}

/// The words for an operation.
pub(super) fn words(operation: EventOperation) -> Words {
    let (start, going_on, noun, action) = match operation {
        EventOperation::Provider(Operation::Create) => ("Creating", "creating", "Creation", "create"),
        EventOperation::Provider(Operation::Update) => ("Modifying", "modifying", "Modifications", "update"),
        EventOperation::Provider(Operation::Delete) => ("Destroying", "destroying", "Destruction", "delete"),
        EventOperation::Read => ("Reading", "reading", "Read", "read"),
        EventOperation::Import => ("Importing", "importing", "Import", "import"),
        EventOperation::Open => ("Opening", "opening", "Opening", "open"),
        EventOperation::Close => ("Closing", "closing", "Closing", "close"),
    };
    Words { start, going_on, noun, action }
}

/// ` [id=…]`, or nothing.
pub(super) fn id_suffix(id: Option<&str>) -> String {
    id.map(|id| format!(" [id={id}]")).unwrap_or_default()
}

/// Whole seconds as Terraform writes them: `59s`, `1m10s`, `1h0m5s`.
pub(super) fn duration(elapsed: Duration) -> String {
    let seconds = elapsed.as_secs();
    let (hours, minutes, seconds) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    match (hours, minutes) {
        (0, 0) => format!("{seconds}s"),
        (0, _) => format!("{minutes}m{seconds}s"),
        _ => format!("{hours}h{minutes}m{seconds}s"),
    }
}

/// What is said at the first interrupt.
pub(super) const INTERRUPTED: &str = "Interrupt received: what is in flight is finished and written down, nothing new is started.\nA second interrupt stops at once; nothing is lost then either, and the next run settles what was in flight.";
/// What is said at the second.
pub(super) const INTERRUPTED_AGAIN: &str = "Second interrupt received: stopping at once.";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_written_as_terraform_does() {
        let written = [0, 59, 70, 3_605].map(|seconds| duration(Duration::from_secs(seconds)));
        assert_eq!(written, ["0s", "59s", "1m10s", "1h0m5s"]);
    }
}
