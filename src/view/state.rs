//! States and outputs as people read them.

use super::value::{SENSITIVE, literal};
use crate::address::{Instance, Mode};
use crate::state::{ObjectState, ObjectStatus, State};
use std::fmt::Write;
use windlass_api::{Marks, Providers, Value, schema};

/// The whole state, as `show` prints it.
pub fn state(state: &State, providers: &Providers) -> String {
    if state.instances.is_empty() && state.outputs.is_empty() {
        return "No state.\n".to_owned();
    }
    let mut text = String::new();
    for (address, instance) in &state.instances {
        if let Some(object) = &instance.current {
            text += &self::instance(address, object, &instance.provider.source, providers);
            text.push('\n');
        }
        for (key, object) in &instance.deposed {
            let _ = writeln!(text, "# deposed object {}", key.0);
            text += &self::instance(address, object, &instance.provider.source, providers);
            text.push('\n');
        }
    }
    if !state.outputs.is_empty() {
        text += "\nOutputs:\n\n";
        text += &outputs(state);
    }
    text
}

/// One object, as `state show` prints it.
pub fn instance(address: &Instance, object: &ObjectState, source: &str, providers: &Providers) -> String {
    let kind = if address.resource.mode == Mode::Data { "data" } else { "resource" };
    let tainted = if object.status == ObjectStatus::Tainted { " (tainted)" } else { "" };
    let mut text = format!("# {address}:{tainted}\n{kind} {:?} {:?} {{\n", &*address.resource.type_name, &*address.resource.name);
    let value = shown(address, object, source, providers);
    let fields: Vec<_> = value.fields().into_iter().flatten().filter(|(_, field)| !is_blank(field)).collect();
    let width = fields.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
    for (name, field) in fields {
        let _ = writeln!(text, "    {name:<width$} = {}", bare(&literal(field, 4)));
    }
    text + "}\n"
}

/// State listings show collections without the conversion functions that an expression would need.
fn bare(text: &str) -> String {
    text.replace("toset([", "[").replace("tolist([", "[").replace("])", "]")
}

fn is_blank(value: &Value) -> bool {
    value.is_null() || value.elements().is_some_and(<[Value]>::is_empty)
}

/// The object with what its schema calls sensitive marked.
fn shown(address: &Instance, object: &ObjectState, source: &str, providers: &Providers) -> Value {
    let schema = providers.by_source(source).and_then(|provider| provider.schema(address.resource.mode, &address.resource.type_name));
    match schema {
        Some(schema) => match crate::state::decode_object(object, &schema) {
            Ok(value) => schema::mark_sensitive(&schema.block, &value),
            Err(_) => object.attributes.with_marks_at(&object.sensitive, Marks::SENSITIVE),
        },
        None => object.attributes.with_marks_at(&object.sensitive, Marks::SENSITIVE),
    }
}

/// All outputs, aligned.
pub fn outputs(state: &State) -> String {
    let mut text = String::new();
    for (name, output) in &state.outputs {
        let value = if output.sensitive { "<sensitive>".to_owned() } else { literal(&output.value, 0) };
        let _ = writeln!(text, "{name} = {}", value.replace(SENSITIVE, "<sensitive>"));
    }
    text
}
