//! YAML text → values, by Terraform's own resolver: the words of YAML 1.1 for truth values, the numbers of YAML 1.2, dates as
//! text. The events come from a parser; what they mean is decided here.

use jiff::civil::DateTime;
use regex::Regex;
use saphyr_parser::{Event, Parser, ScalarStyle, Tag};
use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};
use windlass_api::value::Fields;
use windlass_api::value::convert::convert;
use windlass_api::{Number, Type, Value};

/// Aliases may repeat values so often; more is an attack, not a document.
const VALUES_MAX: usize = 1_000_000;

/// The only document of a text.
pub(super) fn decode(text: &str) -> Result<Value, String> {
    let mut reader = Reader { parser: Parser::new_from_str(text), anchors: BTreeMap::new(), open: Vec::new(), values: 0 };
    loop {
        match reader.next()? {
            Event::StreamStart => {}
            Event::DocumentStart(_) => break,
            _ => return Err("on line 1, column 1: missing start of document".to_owned()),
        }
    }
    let first = reader.next()?;
    let value = reader.node(first)?;
    reader.next()?;
    match reader.next()? {
        Event::StreamEnd => Ok(value),
        _ => Err("on line 1, column 1: unexpected extra content after value".to_owned()),
    }
}

struct Reader<'t> {
    parser: Parser<'t, saphyr_parser::StrInput<'t>>,
    anchors: BTreeMap<usize, Value>,
    /// Anchors of the values being read.
    open: Vec<usize>,
    values: usize,
}

impl<'t> Reader<'t> {
    fn next(&mut self) -> Result<Event<'t>, String> {
        match self.parser.next() {
            Some(Ok((event, _))) => Ok(event),
            Some(Err(error)) => Err(format!("on line {}, column {}: {}", error.marker().line(), error.marker().col() + 1, error.info())),
            None => Ok(Event::StreamEnd),
        }
    }

    fn node(&mut self, event: Event<'t>) -> Result<Value, String> {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let value = scalar(&text, style, tag.as_deref())?;
                Ok(self.anchored(anchor, value))
            }
            Event::SequenceStart(anchor, tag) => {
                refuse_tag(tag.as_deref(), "seq", "sequence")?;
                self.inside(anchor, |reader| crate::lang::deep(|| reader.sequence()))
            }
            Event::MappingStart(anchor, tag) => {
                refuse_tag(tag.as_deref(), "map", "mapping")?;
                self.inside(anchor, |reader| crate::lang::deep(|| reader.mapping()))
            }
            Event::Alias(anchor) if self.open.contains(&anchor) => {
                Err("cannot refer to an anchor from inside its own definition".to_owned())
            }
            Event::Alias(anchor) => {
                let value = self.anchors.get(&anchor).cloned().ok_or("reference to undefined anchor")?;
                self.count(&value)?;
                Ok(value)
            }
            _ => Err("on line 1, column 1: expecting value but found end of stream".to_owned()),
        }
    }

    fn inside(&mut self, anchor: usize, read: impl FnOnce(&mut Self) -> Result<Value, String>) -> Result<Value, String> {
        self.open.push(anchor);
        let value = read(self);
        self.open.pop();
        value.map(|value| self.anchored(anchor, value))
    }

    fn anchored(&mut self, anchor: usize, value: Value) -> Value {
        if anchor > 0 {
            self.anchors.insert(anchor, value.clone());
        }
        value
    }

    /// Counts the values that an alias stands for.
    fn count(&mut self, value: &Value) -> Result<(), String> {
        let (mut found, room) = (0, VALUES_MAX - self.values);
        value.walk(&mut |_, _| {
            found += 1;
            found <= room
        });
        self.values += found;
        if found > room { Err("aliases stand for too many values".to_owned()) } else { Ok(()) }
    }

    fn sequence(&mut self) -> Result<Value, String> {
        let mut items = Vec::new();
        loop {
            match self.next()? {
                Event::SequenceEnd => return Ok(Value::tuple(items)),
                event => items.push(self.node(event)?),
            }
        }
    }

    /// What `<<` brings in counts from where it stands: a later entry replaces an earlier one.
    fn mapping(&mut self) -> Result<Value, String> {
        let mut fields = Fields::new();
        loop {
            let (text, style, tag) = match self.next()? {
                Event::MappingEnd => return Ok(Value::object(fields)),
                Event::Scalar(text, style, _, tag) => (text, style, tag),
                _ => return Err("only strings are allowed as mapping keys".to_owned()),
            };
            let is_merge = style == ScalarStyle::Plain && tag.is_none() && &*text == "<<";
            let key = if is_merge { Value::string("<<") } else { scalar(&text, style, tag.as_deref())? };
            let event = self.next()?;
            let value = self.node(event)?;
            match convert(&key, &Type::String).ok().as_ref().and_then(Value::as_str) {
                _ if is_merge => merge(&mut fields, &value)?,
                Some(key) => drop(fields.insert(Arc::from(key), value)),
                None => return Err("mapping key cannot be null".to_owned()),
            }
        }
    }
}

fn merge(into: &mut Fields, value: &Value) -> Result<(), String> {
    let fields = value.fields().ok_or_else(|| format!("cannot merge {} into mapping", value.ty().friendly_name()))?;
    into.extend(fields.iter().map(|(key, value)| (key.clone(), value.clone())));
    Ok(())
}

/// A tag in full.
fn tag_name(tag: &Tag) -> String {
    format!("{}{}", tag.handle, tag.suffix)
}

const STANDARD: &str = "tag:yaml.org,2002:";

fn refuse_tag(tag: Option<&Tag>, expected: &str, what: &str) -> Result<(), String> {
    match tag.map(tag_name) {
        Some(name) if name.strip_prefix(STANDARD) != Some(expected) => Err(format!("can't interpret {what} as {name}")),
        _ => Ok(()),
    }
}

fn scalar(text: &str, style: ScalarStyle, tag: Option<&Tag>) -> Result<Value, String> {
    let name = tag.map(tag_name);
    let kind = match &name {
        None => "",
        Some(name) => name.strip_prefix(STANDARD).ok_or_else(|| format!("unsupported tag {name:?}"))?,
    };
    let unfit = || format!("cannot parse {text:?} as {STANDARD}{kind}");
    match kind {
        "binary" => {
            use base64::Engine;
            let is_base64 = base64::engine::general_purpose::STANDARD.decode(text).is_ok();
            if is_base64 { Ok(Value::string(text)) } else { Err(format!("{}: not valid base64", unfit())) }
        }
        "str" => Ok(Value::string(text)),
        "" | "bool" | "int" | "float" | "null" | "timestamp" if style != ScalarStyle::Plain => Ok(Value::string(text)),
        "" => resolve(text),
        "bool" => truth(text).map(Value::bool).ok_or_else(unfit),
        "int" | "float" => number(text)?.map(Value::number).ok_or_else(unfit),
        "null" => Ok(Value::null(Type::Dynamic)),
        "timestamp" => timestamp(text).map(Value::string).ok_or_else(unfit),
        _ => Err(format!("unsupported tag {:?}", name.unwrap_or_default())),
    }
}

/// What a plain scalar means.
fn resolve(text: &str) -> Result<Value, String> {
    if let Some(truth) = truth(text) {
        return Ok(Value::bool(truth));
    }
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Ok(Value::null(Type::Dynamic)),
        ".nan" | ".NaN" | ".NAN" => return Err("floating point NaN is not supported".to_owned()),
        _ => {}
    }
    if let Some(text) = timestamp(text) {
        return Ok(Value::string(text));
    }
    Ok(number(text)?.map_or_else(|| Value::string(text), Value::number))
}

fn truth(text: &str) -> Option<bool> {
    match text {
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => Some(true),
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => Some(false),
        _ => None,
    }
}

static DECIMAL: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$").ok());

fn number(text: &str) -> Result<Option<Number>, String> {
    let based = |digits: &str, base| i64::from_str_radix(digits, base).ok().map(Number::from);
    if let Some(digits) = text.strip_prefix("0x").filter(|digits| !digits.starts_with(['+', '-'])) {
        return Ok(based(digits, 16));
    }
    if let Some(digits) = text.strip_prefix("0o").filter(|digits| !digits.starts_with(['+', '-'])) {
        return Ok(based(digits, 8));
    }
    match text.trim_start_matches(['+', '-']) {
        ".inf" | ".Inf" | ".INF" => return Ok(Number::parse(if text.starts_with('-') { "-inf" } else { "inf" })),
        _ => {}
    }
    if !DECIMAL.as_ref().is_some_and(|decimal| decimal.is_match(text)) {
        return Ok(None);
    }
    Number::parse(text).filter(Number::is_finite).map(Some).ok_or_else(|| format!("cannot parse {text:?} as {STANDARD}float"))
}

static TIMESTAMP: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"^(\d{4})-(\d{1,2})-(\d{1,2})(?:([Tt ])(\d{1,2}):(\d{1,2}):(\d{1,2})(?:\.\d+)?(Z|[+-]\d\d:\d\d)?)?$").ok()
});

/// A date in RFC 3339, without fractions of a second.
fn timestamp(text: &str) -> Option<String> {
    let found = TIMESTAMP.as_ref()?.captures(text)?;
    let part = |index: usize| found.get(index).map_or(Ok(0), |found| found.as_str().parse::<i8>()).ok();
    let year: i16 = found[1].parse().ok()?;
    let zone = match (found.get(4).map(|found| found.as_str()), found.get(8)) {
        (None | Some(" "), None) => "Z",
        (Some("T" | "t"), Some(zone)) => zone.as_str(),
        _ => return None,
    };
    let time = DateTime::new(year, part(2)?, part(3)?, part(5)?, part(6)?, part(7)?, 0).ok()?;
    Some(format!("{}{zone}", time.strftime("%Y-%m-%dT%H:%M:%S")))
}
