//! State → state file.

use super::checks::{self, CheckWire};
use super::json::{Json, step_to_value, type_to_value};
use super::private::encode_private;
use crate::address::{ConfigResource, Instance, InstanceKey, Mode, ModuleInstance, ProviderConfig, Resource};
use crate::state::{InstanceState, ObjectState, ObjectStatus, OutputState, State};
use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};
use serde_json::ser::{Formatter, PrettyFormatter};
use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;
use windlass_api::{Path, Value};

/// The version that state files name as their writer: the Terraform whose format and rules they follow. Tools refuse unknown ones.
pub const TERRAFORM_VERSION: &str = "1.11.4";

/// Writes a state file.
pub fn write(state: &State) -> Vec<u8> {
    let file = FileWire {
        version: 4,
        terraform_version: TERRAFORM_VERSION,
        serial: state.serial,
        lineage: &state.lineage,
        outputs: OutputsWire(&state.outputs),
        resources: resources(&state.instances),
        check_results: checks::to_wire(&state.checks),
    };
    let mut bytes = Vec::new();
    let mut serializer = serde_json::Serializer::with_formatter(&mut bytes, GoFormatter(PrettyFormatter::with_indent(b"  ")));
    file.serialize(&mut serializer).expect("a state is always JSON");
    bytes.push(b'\n');
    bytes
}

#[derive(Serialize)]
struct FileWire<'a> {
    version: u64,
    terraform_version: &'static str,
    serial: u64,
    lineage: &'a str,
    outputs: OutputsWire<'a>,
    resources: Vec<ResourceWire<'a>>,
    check_results: Option<Vec<CheckWire>>,
}

struct OutputsWire<'a>(&'a BTreeMap<Arc<str>, OutputState>);

impl Serialize for OutputsWire<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct OutputWire<'a> {
            value: Json<'a>,
            #[serde(rename = "type")]
            ty: Json<'a>,
            #[serde(skip_serializing_if = "is_false")]
            sensitive: bool,
        }
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, output) in self.0 {
            let value = crate::state::object::encode_value(&output.value, &output.ty);
            let wire = OutputWire { value: Json(&value), ty: Json(&type_to_value(&output.ty)), sensitive: output.sensitive };
            map.serialize_entry(&**name, &wire)?;
        }
        map.end()
    }
}

#[derive(Serialize)]
struct ResourceWire<'a> {
    #[serde(skip_serializing_if = "String::is_empty")]
    module: String,
    mode: &'static str,
    #[serde(rename = "type")]
    type_name: &'a str,
    name: &'a str,
    provider: String,
    instances: Vec<ObjectWire<'a>>,
}

/// One object, as files and journals write it.
#[derive(Serialize)]
pub(in crate::state) struct ObjectWire<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    index_key: Option<KeyWire<'a>>,
    /// OpenTofu's, of an instance whose provider configuration has `for_each`.
    #[serde(skip_serializing_if = "Option::is_none")]
    provider: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    deposed: Option<&'a str>,
    schema_version: u64,
    attributes: Json<'a>,
    sensitive_attributes: PathsWire<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    private: Option<String>,
    #[serde(skip_serializing_if = "<[_]>::is_empty", serialize_with = "dependency_names")]
    dependencies: &'a [ConfigResource],
    #[serde(skip_serializing_if = "is_false")]
    create_before_destroy: bool,
}

#[derive(Serialize)]
#[serde(untagged)]
enum KeyWire<'a> {
    Int(u64),
    String(&'a str),
}

struct PathsWire<'a>(&'a [Path]);

impl Serialize for PathsWire<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let path = |path: &Path| path.0.iter().map(|step| StepWire(step_to_value(step))).collect::<Vec<_>>();
        serializer.collect_seq(self.0.iter().map(path))
    }
}

/// A step; Terraform writes `type` and `value` in two orders.
struct StepWire(Value);

impl Serialize for StepWire {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        struct KeyFirst<'a>(&'a Value);
        impl Serialize for KeyFirst<'_> {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let mut map = serializer.serialize_map(None)?;
                for name in ["value", "type"] {
                    map.serialize_entry(name, &self.0.get(name).map(Json))?;
                }
                map.end()
            }
        }
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("type", &self.0.get("type").map(Json))?;
        match self.0.get("value") {
            Some(key) if key.fields().is_some() => map.serialize_entry("value", &KeyFirst(key))?,
            name => map.serialize_entry("value", &name.map(Json))?,
        }
        map.end()
    }
}

fn is_false(value: &bool) -> bool {
    !value
}

fn dependency_names<S: Serializer>(dependencies: &[ConfigResource], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(dependencies.iter().map(ToString::to_string))
}

/// One object in its wire form.
pub(in crate::state) fn object<'a>(key: Option<&'a InstanceKey>, deposed: Option<&'a str>, object: &'a ObjectState) -> ObjectWire<'a> {
    ObjectWire {
        index_key: key.map(|key| match key {
            InstanceKey::Int(index) => KeyWire::Int(*index),
            InstanceKey::String(text) => KeyWire::String(text),
        }),
        provider: None,
        status: (object.status == ObjectStatus::Tainted).then_some("tainted"),
        deposed,
        schema_version: object.schema_version,
        attributes: Json(&object.attributes),
        sensitive_attributes: PathsWire(&object.sensitive),
        private: encode_private(&object.private),
        dependencies: &object.dependencies,
        create_before_destroy: object.create_before_destroy,
    }
}

/// Groups instances by resource. Should instances of one resource have different providers, each provider gets an entry of its own:
/// readers merge entries of one address.
fn resources(instances: &BTreeMap<Instance, Arc<InstanceState>>) -> Vec<ResourceWire<'_>> {
    type Group<'a> = (&'a ModuleInstance, &'a Resource, ProviderConfig);
    let mut groups: BTreeMap<Group<'_>, Vec<ObjectWire<'_>>> = BTreeMap::new();
    for (address, instance) in instances {
        let objects = groups.entry((&address.module, &address.resource, instance.provider.block())).or_default();
        let key = address.key.as_ref();
        let deposed = instance.deposed.iter().map(|(name, deposed)| object(key, Some(&name.0), deposed));
        let all = instance.current.iter().map(|current| object(key, None, current)).chain(deposed);
        let provider = instance.provider.key.as_ref().map(|_| instance.provider.to_string());
        objects.extend(all.map(|wire| ObjectWire { provider: provider.clone(), ..wire }));
    }
    let mut resources: Vec<_> = groups
        .into_iter()
        .filter(|(_, instances)| !instances.is_empty())
        .map(|((module, resource, provider), instances)| ResourceWire {
            module: module.to_string(),
            mode: match resource.mode {
                Mode::Managed => "managed",
                Mode::Data => "data",
                // No object of this mode is ever recorded.
                Mode::Ephemeral => "ephemeral",
            },
            type_name: &resource.type_name,
            name: &resource.name,
            provider: provider.to_string(),
            instances,
        })
        .collect();
    resources.sort_by(|a, b| (&a.module, a.mode, a.type_name, a.name).cmp(&(&b.module, b.mode, b.type_name, b.name)));
    resources
}

/// Escapes what Go escapes: `<`, `>`, `&` and the two line separators.
struct GoFormatter(PrettyFormatter<'static>);

impl Formatter for GoFormatter {
    fn write_string_fragment<W: io::Write + ?Sized>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        let mut rest = fragment;
        while let Some(position) = rest.find(['<', '>', '&', '\u{2028}', '\u{2029}']) {
            let character = rest[position..].chars().next().expect("a character was found");
            write!(writer, "{}\\u{:04x}", &rest[..position], character as u32)?;
            rest = &rest[position + character.len_utf8()..];
        }
        writer.write_all(rest.as_bytes())
    }

    fn begin_array<W: io::Write + ?Sized>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_array(writer)
    }
    fn end_array<W: io::Write + ?Sized>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_array(writer)
    }
    fn begin_array_value<W: io::Write + ?Sized>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_array_value(writer, first)
    }
    fn end_array_value<W: io::Write + ?Sized>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_array_value(writer)
    }
    fn begin_object<W: io::Write + ?Sized>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_object(writer)
    }
    fn end_object<W: io::Write + ?Sized>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_object(writer)
    }
    fn begin_object_key<W: io::Write + ?Sized>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_object_key(writer, first)
    }
    fn begin_object_value<W: io::Write + ?Sized>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_object_value(writer)
    }
    fn end_object_value<W: io::Write + ?Sized>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_object_value(writer)
    }
}
