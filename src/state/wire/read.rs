//! State file → state.

use super::checks::{CheckWire, from_wire};
use super::json::step_from_value;
use super::private::decode_private;
use crate::address::{Instance, InstanceKey, Mode, ModuleInstance, ProviderConfig, Resource, parse_instance, parse_resource};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::state::{DeposedKey, InstanceState, ObjectPrivate, ObjectState, ObjectStatus, OutputState, State};
use serde::Deserialize;
use serde_json::Value as Tree;
use std::collections::BTreeMap;
use std::sync::Arc;
use windlass_api::Path;
use windlass_api::value::wire::{infer_from_json, type_from_json, value_from_json};

#[derive(Deserialize)]
struct FileFields {
    version: u64,
    #[serde(default)]
    serial: u64,
    #[serde(default)]
    lineage: String,
    #[serde(default)]
    outputs: BTreeMap<String, OutputFields>,
    #[serde(default)]
    resources: Vec<ResourceFields>,
    #[serde(default)]
    check_results: Option<Vec<CheckWire>>,
}

#[derive(Deserialize)]
struct OutputFields {
    value: Tree,
    #[serde(rename = "type")]
    ty: Tree,
    #[serde(default)]
    sensitive: bool,
}

#[derive(Deserialize)]
struct ResourceFields {
    #[serde(default)]
    module: Option<String>,
    mode: ModeField,
    #[serde(rename = "type")]
    type_name: String,
    name: String,
    provider: String,
    #[serde(default)]
    instances: Vec<ObjectFields>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum ModeField {
    Managed,
    Data,
}

/// One object as files and journals hold it.
#[derive(Deserialize)]
pub(in crate::state) struct ObjectFields {
    #[serde(default)]
    index_key: Option<KeyField>,
    /// OpenTofu's, of an instance whose provider configuration has `for_each`.
    #[serde(default)]
    provider: Option<String>,
    #[serde(default)]
    status: Option<StatusField>,
    #[serde(default)]
    deposed: Option<String>,
    #[serde(default)]
    schema_version: u64,
    #[serde(default)]
    attributes: Option<Tree>,
    #[serde(default)]
    attributes_flat: Option<Tree>,
    #[serde(default)]
    sensitive_attributes: Option<Vec<Vec<Tree>>>,
    #[serde(default)]
    private: Option<String>,
    #[serde(default)]
    dependencies: Option<Vec<String>>,
    #[serde(default)]
    create_before_destroy: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum StatusField {
    Tainted,
}

/// An index: a whole number or a text.
struct KeyField(InstanceKey);

impl<'de> Deserialize<'de> for KeyField {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<KeyField, D::Error> {
        let tree = Tree::deserialize(deserializer)?;
        match (&tree, tree.as_u64()) {
            (_, Some(index)) => Ok(KeyField(InstanceKey::Int(index))),
            (Tree::String(text), _) => Ok(KeyField(InstanceKey::String(text.as_str().into()))),
            _ => Err(serde::de::Error::custom("index_key must be a whole number or a string")),
        }
    }
}

/// Reads a state file. `name` is what messages call it. An empty file is an empty state.
///
/// # Errors
/// It is no JSON (with line and column), of another version, or a field is not what it must be.
pub fn read(bytes: &[u8], name: &str) -> Result<State, Diagnostics> {
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Ok(State::empty());
    }
    let file = serde_json::from_slice::<FileFields>(bytes).map_err(|error| unreadable(bytes, name, &error))?;
    if file.version != 4 {
        return Err(other_version(name, file.version).into());
    }
    let mut problems = Diagnostics::none();
    let mut state = State { serial: file.serial, lineage: file.lineage.into(), checks: from_wire(file.check_results), ..State::empty() };
    for (output, fields) in file.outputs {
        match output_of(fields) {
            Ok(value) => drop(state.outputs.insert(output.into(), value)),
            Err(problem) => problems.push(broken(name, &format!("output {output:?}"), &problem)),
        }
    }
    for resource in file.resources {
        add_resource(&mut state, resource, name, &mut problems);
    }
    match problems.is_empty() {
        true => Ok(state),
        false => Err(problems),
    }
}

fn unreadable(bytes: &[u8], name: &str, error: &serde_json::Error) -> Diagnostics {
    #[derive(Deserialize)]
    struct VersionOnly {
        version: u64,
    }
    if let Ok(VersionOnly { version }) = serde_json::from_slice(bytes)
        && version != 4
    {
        return other_version(name, version).into();
    }
    if let Ok(other) = serde_json::from_slice::<Tree>(bytes)
        && !matches!(other, Tree::Object(_))
    {
        let what = match other {
            Tree::Array(_) => "a list",
            Tree::String(_) => "a text",
            Tree::Number(_) => "a number",
            Tree::Bool(_) => "a truth value",
            _ => "null",
        };
        let detail = format!(
            "{name} holds {what}, not a state: a state is a JSON object with \"version\", \"serial\" and \"resources\". Nothing was changed and \
             nothing will be written over it."
        );
        return Diagnostic::error("Unsupported state file format", detail).hint(RESTORE).into();
    }
    let message = error.to_string();
    let what = message.rsplit_once(" at line ").map_or(message.as_str(), |(what, _)| what);
    Diagnostic::error(
        "Unsupported state file format",
        format!(
            "The state in {name} could not be read: {what}, at line {}, column {}. Nothing was changed and nothing will be written over it.",
            error.line(),
            error.column()
        ),
    )
    .hint(RESTORE)
    .into()
}

const RESTORE: &str = "Restore the file from its backup (the same name with .backup) or from your version history, then run again.";

fn other_version(name: &str, version: u64) -> Diagnostic {
    let todo = match version {
        0..4 => "Windlass reads version 4, which Terraform 0.12 and later write; apply once with such a Terraform to upgrade it.",
        _ => "Windlass reads version 4 only; the file was made by a newer program. Use that program, or a newer Windlass.",
    };
    Diagnostic::error("Unsupported state file format", format!("The state in {name} has format version {version}. {todo}"))
}

fn broken(name: &str, part: &str, problem: &str) -> Diagnostic {
    Diagnostic::error(
        "Invalid state file",
        format!("The state in {name} can't be used: {part}: {problem}. Nothing was changed and nothing will be written over it."),
    )
    .hint(RESTORE)
}

fn output_of(fields: OutputFields) -> Result<OutputState, String> {
    let ty = type_from_json(&fields.ty).map_err(|error| format!("its type can't be read: {error}"))?;
    let value = value_from_json(&fields.value, &ty).map_err(|error| error.to_string())?;
    Ok(OutputState { value, ty, sensitive: fields.sensitive })
}

fn add_resource(state: &mut State, resource: ResourceFields, name: &str, problems: &mut Diagnostics) {
    let mode = match resource.mode {
        ModeField::Managed => Mode::Managed,
        ModeField::Data => Mode::Data,
    };
    let inner = Resource { mode, type_name: resource.type_name.into(), name: resource.name.into() };
    let shown = format!("{}{inner}", resource.module.as_ref().map(|module| format!("{module}.")).unwrap_or_default());
    let module = parse_module(resource.module.as_deref());
    let (module, provider) = match module.and_then(|module| Ok((module, parse_provider(&resource.provider)?))) {
        Ok(both) => both,
        Err(problem) => return problems.push(broken(name, &shown, &problem)),
    };
    for mut fields in resource.instances {
        let key = fields.index_key.take().map(|key| key.0);
        let deposed = fields.deposed.take();
        let address = Instance { module: module.clone(), resource: inner.clone(), key };
        let own = fields.provider.take().map(|text| parse_provider(&text)).transpose();
        let found = own.and_then(|own| object_of(fields).map(|object| (own, object)));
        match found {
            Ok((own, object)) => add_object(state, address, own.as_ref().unwrap_or(&provider), deposed, object),
            Err(problem) => problems.push(broken(name, &address.to_string(), &problem)),
        }
    }
}

fn add_object(state: &mut State, address: Instance, provider: &ProviderConfig, deposed: Option<String>, object: ObjectState) {
    let empty = || Arc::new(InstanceState { provider: provider.clone(), current: None, deposed: BTreeMap::new() });
    let instance = Arc::make_mut(state.instances.entry(address).or_insert_with(empty));
    match deposed {
        Some(key) => drop(instance.deposed.insert(DeposedKey(key.into()), object)),
        None => instance.current = Some(object),
    }
}

/// One object from its wire form.
pub(in crate::state) fn object_of(fields: ObjectFields) -> Result<ObjectState, String> {
    if fields.attributes_flat.is_some() {
        return Err("its attributes are in the form of Terraform 0.11; apply once with Terraform 0.12 to upgrade it".into());
    }
    let attributes = infer_from_json(&fields.attributes.unwrap_or(Tree::Null));
    let sensitive = fields.sensitive_attributes.unwrap_or_default().iter().map(|steps| path_of(steps)).collect::<Result<_, _>>()?;
    let dependency = |name: &String| parse_resource(name).map_err(|error| error.to_string());
    let dependencies = fields.dependencies.unwrap_or_default().iter().map(dependency).collect::<Result<Vec<_>, _>>()?;
    Ok(ObjectState {
        schema_version: fields.schema_version,
        attributes,
        sensitive,
        status: fields.status.map_or(ObjectStatus::Ready, |StatusField::Tainted| ObjectStatus::Tainted),
        dependencies: dependencies.into(),
        create_before_destroy: fields.create_before_destroy,
        private: fields.private.as_deref().map_or_else(ObjectPrivate::default, decode_private),
    })
}

fn path_of(steps: &[Tree]) -> Result<Path, String> {
    let step = |step: &Tree| step_from_value(&infer_from_json(step)).ok_or_else(|| "sensitive_attributes holds no path".to_owned());
    Ok(Path(steps.iter().map(step).collect::<Result<_, _>>()?))
}

/// Parses `module.a["k"].module.b`.
fn parse_module(text: Option<&str>) -> Result<ModuleInstance, String> {
    let Some(text) = text.filter(|text| !text.is_empty()) else { return Ok(ModuleInstance::default()) };
    // Modules have no parser of their own: any resource inside will do.
    let inside = parse_instance(&format!("{text}.any.any")).map_err(|_| format!("{text:?} is not a module address"))?;
    Ok(inside.module)
}

/// Parses `provider["registry.terraform.io/hashicorp/aws"].alias["key"]`.
fn parse_provider(text: &str) -> Result<ProviderConfig, String> {
    if text.starts_with("module.") {
        return Err(format!(
            "its provider configuration {text} stands inside a module, which is not supported; move the provider block to the root \
             module and apply once with the tool that wrote the state"
        ));
    }
    let parts = text.strip_prefix("provider[\"").and_then(|rest| rest.split_once("\"]"));
    let wrong = || format!("{text:?} is not a provider configuration's address");
    let (source, rest) = parts.ok_or_else(wrong)?;
    // An address of a resource ends alike: its parser reads the key.
    let (rest, key) = match rest.find('[') {
        None => (rest, None),
        Some(position) => {
            let key = parse_instance(&format!("any.any{}", &rest[position..])).map_err(|_| wrong())?.key;
            (&rest[..position], key)
        }
    };
    let alias = match rest {
        "" => None,
        _ => Some(rest.strip_prefix('.').ok_or_else(wrong)?.into()),
    };
    Ok(ProviderConfig { source: source.into(), alias, key })
}
