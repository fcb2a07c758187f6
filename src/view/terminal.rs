//! What a run shows while it goes on: lines for everybody, moving rows for a terminal.
//!
//! Without a terminal only lines are written, and of long operations one line every ten seconds, as Terraform does. On a
//! terminal every operation in flight has a row that is redrawn when something happens; no timer thread runs.

use super::diagnostic;
use super::reminders::Reminders;
use super::style::{Ink, Style};
use super::words::{INTERRUPTED, INTERRUPTED_AGAIN, duration, id_suffix, words};
use crate::diagnostic::SourceMap;
use crate::event::{Event, EventOperation, Listener};
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// On a terminal: how many operations have a row of their own.
const ROWS_MAX: usize = 12;

/// Shows events on a terminal or a pipe.
pub struct Terminal {
    style: Style,
    width: usize,
    sources: Arc<SourceMap>,
    rows: Option<MultiProgress>,
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    bars: BTreeMap<String, ProgressBar>,
    reminders: Reminders,
    total: Option<ProgressBar>,
}

impl Terminal {
    /// Shows events; `moving` says whether standard error is a terminal that rows may be drawn on.
    pub fn new(style: Style, width: usize, moving: bool) -> Terminal {
        let rows = moving.then(MultiProgress::new);
        Terminal { style, width, sources: Arc::default(), rows, inner: Mutex::default() }
    }

    fn line(&self, text: &str) {
        match &self.rows {
            Some(rows) => rows.suspend(|| write_line(text)),
            None => write_line(text),
        }
    }

    fn started(&self, inner: &mut Inner, address: &str, operation: EventOperation, id: Option<&str>) {
        self.line(&format!("{}: {}...{}", self.style.paint(Ink::Bold, address), words(operation).start, id_suffix(id)));
        let Some(rows) = &self.rows else { return };
        if inner.bars.len() < ROWS_MAX {
            let bar = rows.add(ProgressBar::no_length());
            bar.set_style(ProgressStyle::with_template("  {prefix}: {msg} [{elapsed}]").unwrap_or_else(|_| ProgressStyle::default_bar()));
            bar.set_prefix(address.to_owned());
            bar.set_message(words(operation).going_on);
            inner.bars.insert(address.to_owned(), bar);
        }
    }

    fn progress(&self, inner: &mut Inner, address: &str, operation: EventOperation, status: &str, elapsed: Duration) {
        if let Some(bar) = inner.bars.get(address) {
            let status =
                if status.is_empty() { words(operation).going_on.to_owned() } else { format!("{} ({status})", words(operation).going_on) };
            bar.set_message(status);
            bar.tick();
        } else {
            if inner.reminders.is_due(address, elapsed) {
                let status = if status.is_empty() { String::new() } else { format!(", {status}") };
                self.line(&format!("{address}: Still {}... [{} elapsed{status}]", words(operation).going_on, duration(elapsed)));
            }
        }
    }

    /// Something has ended; openings and closings are no steps of an apply.
    fn ended(inner: &mut Inner, address: &str, operation: EventOperation) {
        inner.reminders.end(address);
        if let Some(bar) = inner.bars.remove(address) {
            bar.finish_and_clear();
        }
        if let Some(total) = inner.total.as_ref().filter(|_| !matches!(operation, EventOperation::Open | EventOperation::Close)) {
            total.inc(1);
        }
    }
}

impl Listener for Terminal {
    fn on_event(&self, event: &Event) {
        let mut guard = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        let inner = &mut *guard;
        match event {
            Event::RefreshStarted { .. } | Event::RefreshFinished { .. } => {}
            Event::ApplyStarted { steps } => {
                if let Some(rows) = &self.rows {
                    let total = rows.add(ProgressBar::new(*steps as u64));
                    let style = ProgressStyle::with_template("  {bar:30} {pos} of {len} [{elapsed}]");
                    total.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
                    inner.total = Some(total);
                }
            }
            Event::ApplyFinished => clear_rows(inner),
            Event::StepStarted { address, operation, id } => self.started(inner, &address.to_string(), *operation, id.as_deref()),
            Event::StepProgress { address, operation, status, elapsed } => {
                self.progress(inner, &address.to_string(), *operation, status, *elapsed);
            }
            Event::StepRetried { address, message } => self.line(&format!("{address}: {message}")),
            Event::StepFinished { address, operation, id, elapsed } => {
                let address = address.to_string();
                Self::ended(inner, &address, *operation);
                let id = id_suffix(id.as_deref());
                let address = self.style.paint(Ink::Bold, &address);
                // An import is one line in the journal: nobody wants to know how long it took.
                let after = match operation {
                    EventOperation::Import => String::new(),
                    _ => format!(" after {}", duration(*elapsed)),
                };
                self.line(&format!("{address}: {} complete{after}{id}", words(*operation).noun));
            }
            Event::StepFailed { address, operation, .. } => Self::ended(inner, &address.to_string(), *operation),
            Event::ModuleFetching { module, source } => self.line(&format!("Downloading {source} for {module}...")),
            Event::ModuleInstalled { module, folder } => self.line(&format!("- {module} in {folder}")),
            Event::StoreRetried { message } => self.line(message),
            Event::Interrupted { times: 1 } => self.line(&format!("\n{INTERRUPTED}\n")),
            Event::Interrupted { .. } => self.line(&format!("\n{INTERRUPTED_AGAIN}")),
            Event::Notice(notice) => self.line(diagnostic::render(notice, &self.sources, self.style, self.width).trim_end()),
        }
    }
}

/// No row stays when an apply has ended, however it did: what follows is written where they stood.
fn clear_rows(inner: &mut Inner) {
    let bars = std::mem::take(&mut inner.bars);
    for bar in bars.values().chain(&inner.total.take()) {
        bar.finish_and_clear();
    }
}

/// Written whole, and not by `println!`, which panics when nobody reads any more.
fn write_line(text: &str) {
    use std::io::Write;
    let _ = writeln!(std::io::stdout().lock(), "{text}");
}
