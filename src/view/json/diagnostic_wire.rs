//! Diagnostics as `validate -json` and the event stream write them.

use crate::diagnostic::{Diagnostic, Diagnostics, Range, Severity, SourceMap};
use crate::view::value::sentence;
use serde_json::{Map, Value as Json, json};

/// The document of `validate -json`.
pub fn validation(diagnostics: &Diagnostics, sources: &SourceMap) -> Json {
    let count = |severity| diagnostics.0.iter().filter(|diagnostic| diagnostic.severity == severity).count();
    json!({
        "format_version": "1.0",
        "valid": !diagnostics.has_errors(),
        "error_count": count(Severity::Error),
        "warning_count": count(Severity::Warning),
        "diagnostics": diagnostics.0.iter().map(|one| diagnostic(one, sources)).collect::<Vec<_>>(),
    })
}

/// One diagnostic.
pub fn diagnostic(diagnostic: &Diagnostic, sources: &SourceMap) -> Json {
    let mut object = Map::new();
    object.insert("severity".into(), if diagnostic.severity == Severity::Error { "error" } else { "warning" }.into());
    object.insert("summary".into(), diagnostic.summary.clone().into());
    let detail = match &diagnostic.hint {
        Some(hint) => format!("{}\n\nhint: {hint}", diagnostic.detail),
        None => diagnostic.detail.clone(),
    };
    object.insert("detail".into(), detail.into());
    if let Some(address) = &diagnostic.address {
        object.insert("address".into(), address.clone().into());
    }
    if let Some(range) = diagnostic.subject {
        object.insert("range".into(), self::range(range, sources));
        object.insert("snippet".into(), snippet(diagnostic, range, sources));
    }
    Json::Object(object)
}

fn range(range: Range, sources: &SourceMap) -> Json {
    let position = |byte| {
        let position = sources.position(range.source, byte);
        json!({ "line": position.line, "column": position.column, "byte": position.byte })
    };
    json!({ "filename": &*sources.file(range.source).name, "start": position(range.start), "end": position(range.end) })
}

fn snippet(diagnostic: &Diagnostic, range: Range, sources: &SourceMap) -> Json {
    let text = &sources.file(range.source).text;
    let start = (range.start as usize).min(text.len());
    let end = (range.end as usize).clamp(start, text.len());
    let first = text[..start].rfind('\n').map_or(0, |position| position + 1);
    let last = text[end..].find('\n').map_or(text.len(), |position| end + position);
    let values: Vec<_> =
        diagnostic.values.iter().map(|value| json!({ "traversal": value.traversal, "statement": sentence(&value.value) })).collect();
    json!({
        "context": diagnostic.context_in(sources),
        "code": text[first..last].trim_end(),
        "start_line": sources.position(range.source, range.start).line,
        "highlight_start_offset": start - first,
        "highlight_end_offset": end - first,
        "values": values,
    })
}
