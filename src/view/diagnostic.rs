//! Diagnostics in Terraform's box, with a caret under the part that is meant.

use super::style::{Ink, Style};
use super::value;
use crate::diagnostic::{Diagnostic, Diagnostics, ExpressionValue, Range, Severity, SourceMap};
use std::collections::BTreeMap;
use std::fmt::Write;

/// The width that a text is wrapped to when it is not a terminal's.
pub const DEFAULT_WIDTH: usize = 78;

/// How many lines of a snippet are shown at most.
const SNIPPET_LINES_MAX: usize = 6;

/// All of them, one box after another.
pub fn render_all(diagnostics: &Diagnostics, sources: &SourceMap, style: Style, width: usize) -> String {
    diagnostics.0.iter().map(|diagnostic| render(diagnostic, sources, style, width)).collect()
}

/// Warnings as a list: each summary once, with its first place and how many more there are; nothing when there are none.
pub fn compact(warnings: &Diagnostics, sources: &SourceMap) -> String {
    let mut lines: Vec<(&str, Vec<Range>)> = Vec::new();
    let mut known: BTreeMap<&str, usize> = BTreeMap::new();
    for warning in &warnings.0 {
        let place = *known.entry(&*warning.summary).or_insert(lines.len());
        if place == lines.len() {
            lines.push((&*warning.summary, Vec::new()));
        }
        lines[place].1.extend(warning.subject);
    }
    if lines.is_empty() {
        return String::new();
    }
    let mut text = "\nWarnings:\n\n".to_owned();
    for (summary, places) in lines {
        let _ = writeln!(text, "- {summary}");
        let Some(first) = places.first() else { continue };
        let more = if places.len() > 1 { format!(" (and {} more)", places.len() - 1) } else { String::new() };
        let line = sources.position(first.source, first.start).line;
        let _ = writeln!(text, "  on {} line {line}{more}", sources.file(first.source).name);
    }
    text + "\nTo see the full warning notes, run Windlass without -compact-warnings.\n"
}

/// One box.
pub fn render(diagnostic: &Diagnostic, sources: &SourceMap, style: Style, width: usize) -> String {
    let (ink, label) = match diagnostic.severity {
        Severity::Error => (Ink::Error, "Error"),
        Severity::Warning => (Ink::Warning, "Warning"),
    };
    let mut content = format!("{}{}\n\n", style.paint(ink, &format!("{label}: ")), style.paint(Ink::Bold, &diagnostic.summary));
    if let Some(range) = diagnostic.subject {
        content += &snippet(range, diagnostic, sources, style);
    } else if let Some(place) = place_without_range(diagnostic) {
        let _ = write!(content, "  with {place}\n\n");
    }
    content += &wrap(&diagnostic.detail, width.saturating_sub(2));
    if let Some(hint) = &diagnostic.hint {
        let _ = write!(content, "\n{}", wrap(&format!("hint: {hint}"), width.saturating_sub(2)));
    }
    let side = style.paint(ink, "│");
    let mut text = format!("{}\n", style.paint(ink, "╷"));
    for line in content.trim_end().lines() {
        let _ = match line.is_empty() {
            true => writeln!(text, "{side}"),
            false => writeln!(text, "{side} {line}"),
        };
    }
    text + &style.paint(ink, "╵") + "\n"
}

fn place_without_range(diagnostic: &Diagnostic) -> Option<String> {
    match (&diagnostic.address, &diagnostic.path) {
        (Some(address), Some(path)) if !path.0.is_empty() => Some(format!("{address}, at {path}")),
        (Some(address), _) => Some(address.clone()),
        (None, Some(path)) => Some(path.to_string()),
        (None, None) => None,
    }
}

/// `on main.tf line 3, in resource …:`, the lines themselves, the caret, the values.
fn snippet(range: Range, diagnostic: &Diagnostic, sources: &SourceMap, style: Style) -> String {
    let file = sources.file(range.source);
    let start = sources.position(range.source, range.start);
    let mut text = String::new();
    if let Some(address) = &diagnostic.address {
        let _ = writeln!(text, "  with {address},");
    }
    let _ = write!(text, "  on {} line {}", file.name, start.line);
    match diagnostic.context_in(sources) {
        Some(context) => drop(writeln!(text, ", in {context}:")),
        None => text.push_str(":\n"),
    }
    text += &source_lines(range, sources, style);
    text += &values(&diagnostic.values);
    text.push('\n');
    text
}

fn source_lines(range: Range, sources: &SourceMap, style: Style) -> String {
    let file = sources.file(range.source);
    let start = sources.position(range.source, range.start);
    let end = sources.position(range.source, range.end.max(range.start));
    let last = end.line.min(start.line + SNIPPET_LINES_MAX - 1);
    let mut text = String::new();
    for (position, line) in file.text.lines().enumerate().skip(start.line - 1).take(last + 1 - start.line) {
        let number = position + 1;
        let _ = writeln!(text, "{number:>4}: {line}");
        if number == start.line {
            let width = match end.line == start.line {
                true => end.column.saturating_sub(start.column),
                false => line.chars().count().saturating_sub(start.column - 1),
            };
            let lead: String = line.chars().take(start.column - 1).map(|c| if c == '\t' { '\t' } else { ' ' }).collect();
            let _ = writeln!(text, "      {lead}{}", style.paint(Ink::Bold, &"^".repeat(width.max(1))));
        }
    }
    if end.line > last {
        text.push_str("      …\n");
    }
    text
}

fn values(values: &[ExpressionValue]) -> String {
    if values.is_empty() {
        return String::new();
    }
    let mut text = String::from("    ├────────────────\n");
    for value in values {
        let _ = writeln!(text, "    │ {} {}", value.traversal, value::sentence(&value.value));
    }
    text
}

/// Wraps paragraphs; lines that begin with a space stay as they are.
pub fn wrap(text: &str, width: usize) -> String {
    let mut result = String::new();
    for line in text.lines() {
        if line.starts_with(' ') || line.chars().count() <= width {
            result.push_str(line);
            result.push('\n');
            continue;
        }
        let mut column = 0;
        for word in line.split(' ') {
            let length = word.chars().count();
            if column > 0 && column + 1 + length > width {
                result.push('\n');
                column = 0;
            } else if column > 0 {
                result.push(' ');
                column += 1;
            }
            result.push_str(word);
            column += length;
        }
        result.push('\n');
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_box_shows_place_caret_values_and_hint() {
        let mut sources = SourceMap::default();
        let source = sources.add("main.tf", "resource \"a\" \"b\" {\n  sise = var.x\n}\n");
        let range = Range { source, start: 21, end: 25 };
        let diagnostic = Diagnostic::error("Unsupported argument", "No such argument.")
            .at(range)
            .within("resource \"a\" \"b\"")
            .with_value("var.x", windlass_api::Value::string("s").with_marks(windlass_api::Marks::SENSITIVE))
            .hint("Did you mean \"size\"?");
        let text = render(&diagnostic, &sources, Style::PLAIN, DEFAULT_WIDTH);
        let expected = "╷\n│ Error: Unsupported argument\n│\n│   on main.tf line 2, in resource \"a\" \"b\":\n│    2:   sise = var.x\n│         ^^^^\n\
                        │     ├────────────────\n│     │ var.x has a sensitive value\n│\n│ No such argument.\n│\n│ hint: Did you mean \"size\"?\n╵\n";
        assert_eq!(text, expected);
    }
}
