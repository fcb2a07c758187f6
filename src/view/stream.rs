//! The stream of events under `-json`: one JSON object a line, as Terraform's machine-readable UI writes it.
//!
//! Source: <https://developer.hashicorp.com/terraform/internals/machine-readable-ui>.

use super::json::Message;
use super::json::message_wire as message;
use super::reminders::Reminders;
use crate::diagnostic::{Diagnostics, SourceMap};
use crate::event::{Event, Listener};
use std::io::Write;
use std::sync::{Mutex, PoisonError};

/// Writes messages to standard output.
pub struct Stream {
    now: fn() -> jiff::Timestamp,
    reminders: Mutex<Reminders>,
}

impl Stream {
    /// A stream that takes the time of each message from `now`.
    pub fn new(now: fn() -> jiff::Timestamp) -> Stream {
        Stream { now, reminders: Mutex::default() }
    }

    /// Writes one message. A closed pipe is no reason to panic.
    pub fn write(&self, message: Message) {
        let line = message.into_line((self.now)());
        let mut out = std::io::stdout().lock();
        let _ = out.write_all(line.as_bytes());
        let _ = out.flush();
    }

    /// Writes all of them.
    pub fn write_all(&self, messages: impl IntoIterator<Item = Message>) {
        messages.into_iter().for_each(|message| self.write(message));
    }

    /// Writes warnings and errors.
    pub fn diagnostics(&self, diagnostics: &Diagnostics, sources: &SourceMap) {
        self.write_all(diagnostics.0.iter().map(|one| message::diagnostic(one, sources)));
    }
}

impl Listener for Stream {
    fn on_event(&self, event: &Event) {
        let mut reminders = self.reminders.lock().unwrap_or_else(PoisonError::into_inner);
        match event {
            Event::StepProgress { address, elapsed, .. } if !reminders.is_due(&address.to_string(), *elapsed) => return,
            Event::StepFinished { address, .. } | Event::StepFailed { address, .. } => reminders.end(&address.to_string()),
            _ => {}
        }
        self.write_all(message::event(event));
    }
}
