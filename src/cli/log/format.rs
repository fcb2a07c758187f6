//! How a line of the log looks: `2026-01-31T12:00:00.000Z [DEBUG] live: read: type_name=aws_vpc objects=2`, as wrappers parse
//! Terraform's, or the same as JSON.

use super::line_wire::json;
use jiff::Timestamp;
use std::fmt;
use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::registry::LookupSpan;

/// Writes lines.
pub(super) struct Lines {
    /// Whether as JSON.
    pub(super) is_json: bool,
}

/// What one line says.
pub(super) struct Line {
    /// When.
    pub(super) timestamp: String,
    /// How loud, in capitals.
    pub(super) level: &'static str,
    /// Which part of the program says it.
    pub(super) module: String,
    /// What.
    pub(super) message: String,
    /// What belongs to it.
    pub(super) fields: Vec<(&'static str, Data)>,
}

/// A field's value.
pub(super) enum Data {
    /// A number.
    Number(i128),
    /// A truth value.
    Bool(bool),
    /// A text.
    Text(String),
}

impl<S: Subscriber + for<'a> LookupSpan<'a>, N: for<'a> FormatFields<'a> + 'static> FormatEvent<S, N> for Lines {
    fn format_event(&self, _context: &FmtContext<'_, S, N>, mut writer: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        let metadata = event.metadata();
        let mut line = Line {
            timestamp: format!("{:.3}", Timestamp::now()),
            level: metadata.level().as_str(),
            module: module(metadata.target()),
            message: String::new(),
            fields: Vec::new(),
        };
        event.record(&mut line);
        match self.is_json {
            true => writeln!(writer, "{}", json(&line)),
            false => writeln!(writer, "{line}"),
        }
    }
}

/// `provider.aws` of what the crate `windlass_aws` says, `live` of the module of that name.
fn module(target: &str) -> String {
    let mut parts = target.split("::");
    let (first, second) = (parts.next().unwrap_or_default(), parts.next());
    match (first.strip_prefix("windlass_"), second) {
        (Some("simulator"), _) => "sandbox".to_owned(),
        (Some("api"), _) => "provider".to_owned(),
        (Some(provider), _) => format!("provider.{provider}"),
        (None, Some(second)) => second.to_owned(),
        (None, None) => first.to_owned(),
    }
}

impl Line {
    fn add(&mut self, field: &Field, data: Data) {
        match (field.name(), data) {
            ("message", Data::Text(text)) => self.message = text,
            (name, data) => self.fields.push((name, data)),
        }
    }
}

impl Visit for Line {
    fn record_i64(&mut self, field: &Field, value: i64) {
        self.add(field, Data::Number(value.into()));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.add(field, Data::Number(value.into()));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.add(field, Data::Bool(value));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.add(field, Data::Text(value.to_owned()));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.add(field, Data::Text(format!("{value:?}")));
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let level = format!("[{}]", self.level);
        write!(f, "{} {level:7} {}: {}", self.timestamp, self.module, self.message)?;
        for (number, (name, data)) in self.fields.iter().enumerate() {
            let separator = if number == 0 { ": " } else { " " };
            write!(f, "{separator}{name}=")?;
            match data {
                Data::Number(number) => write!(f, "{number}")?,
                Data::Bool(value) => write!(f, "{value}")?,
                // What would not be one word stands in quotes, line breaks escaped.
                Data::Text(text) if text.is_empty() || text.contains([' ', '"', '\n', '=']) => write!(f, "{text:?}")?,
                Data::Text(text) => f.write_str(text)?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_read_like_terraforms() {
        let line = Line {
            timestamp: "2026-01-31T12:00:00.000Z".to_owned(),
            level: "WARN",
            module: module("windlass_aws::client::log"),
            message: "call".to_owned(),
            fields: vec![("host", Data::Text("a b".to_owned())), ("status", Data::Number(200)), ("again", Data::Bool(false))],
        };
        assert_eq!(line.to_string(), "2026-01-31T12:00:00.000Z [WARN]  provider.aws: call: host=\"a b\" status=200 again=false");
        let expected = r#"{"@level":"warn","@message":"call","@module":"provider.aws","@timestamp":"2026-01-31T12:00:00.000Z","host":"a b","status":200,"again":false}"#;
        assert_eq!(json(&line).to_string(), expected);
        assert_eq!(module("windlass::live::logged"), "live");
    }
}
