//! States and outputs as people read them.

use super::plan::{Lines, recorded, recorded_value};
use super::style::Style;
use super::value::{SENSITIVE, literal};
use crate::address::{Instance, Mode};
use crate::state::{ObjectState, ObjectStatus, State};
use std::fmt::Write;
use windlass_api::{Marks, Providers, Schema, Value, schema};

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
        text += &recorded_outputs(state);
    }
    text
}

/// One object, as `state show` prints it.
pub fn instance(address: &Instance, object: &ObjectState, source: &str, providers: &Providers) -> String {
    let kind = if address.resource.mode == Mode::Data { "data" } else { "resource" };
    let tainted = if object.status == ObjectStatus::Tainted { " (tainted)" } else { "" };
    let mut text = format!("# {address}:{tainted}\n{kind} {:?} {:?} {{\n", &*address.resource.type_name, &*address.resource.name);
    let schema = providers.by_source(source).and_then(|provider| provider.schema(address.resource.mode, &address.resource.type_name));
    let mut lines = Lines::new(Style::PLAIN);
    recorded(&mut lines, schema.as_deref(), &shown(object, schema.as_deref()));
    text += &lines.finish();
    text + "}\n"
}

/// The object with what its schema calls sensitive marked.
fn shown(object: &ObjectState, schema: Option<&Schema>) -> Value {
    let decoded = schema.and_then(|schema| Some((schema, crate::state::decode_object(object, schema).ok()?)));
    match decoded {
        Some((schema, value)) => schema::mark_sensitive(&schema.block, &value),
        None => object.attributes.with_marks_at(&object.sensitive, Marks::SENSITIVE),
    }
}

/// The outputs under a whole state: without the functions that make their types.
fn recorded_outputs(state: &State) -> String {
    let mut lines = Lines::new(Style::PLAIN);
    for (name, output) in &state.outputs {
        let value = if output.sensitive { output.value.clone().with_marks(Marks::SENSITIVE) } else { output.value.clone() };
        recorded_value(&mut lines, name, &value);
    }
    let text = lines.finish();
    text.lines().map(|line| format!("{}\n", line.strip_prefix("    ").unwrap_or(line))).collect()
}

/// All outputs, as `output` shows them.
pub fn outputs(state: &State) -> String {
    let mut text = String::new();
    for (name, output) in &state.outputs {
        let value = if output.sensitive { "<sensitive>".to_owned() } else { literal(&output.value, 0) };
        let _ = writeln!(text, "{name} = {}", value.replace(SENSITIVE, "<sensitive>"));
    }
    text
}
