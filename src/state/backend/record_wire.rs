//! `.terraform/terraform.tfstate`: the back end that `init` has set up, in Terraform's format. It holds what the block and
//! `-backend-config` said, secrets included, so it is for its owner's eyes only.

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use windlass_api::value::wire::{value_from_json, value_to_json};
use windlass_api::{BlockSchema, Value};

/// What the file is named, in the data folder.
const FILE: &str = "terraform.tfstate";

#[derive(Serialize, Deserialize)]
struct RecordWire {
    version: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    terraform_version: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    backend: Option<BackendWire>,
}

#[derive(Serialize, Deserialize)]
struct BackendWire {
    #[serde(rename = "type")]
    kind: String,
    config: Json,
    hash: u64,
}

/// A back end that was set up.
#[derive(Clone, Debug, PartialEq)]
pub struct Recorded {
    /// Its type.
    pub kind: String,
    /// All its arguments; those that are not set are null.
    pub config: Value,
    /// The hash of what the block said, without `-backend-config`.
    pub hash: u64,
}

/// The file's content.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Record {
    /// The back end; `None` for the local one that nothing asked for.
    pub backend: Option<Recorded>,
    /// Whether a file is there.
    pub exists: bool,
}

impl Record {
    /// Reads the record of a data folder. `schema` gives a back end's arguments.
    ///
    /// # Errors
    /// It can't be read, or is no such file.
    pub fn read(data_folder: &std::path::Path, schema: impl Fn(&str) -> Option<BlockSchema>) -> Result<Record, String> {
        let path = data_folder.join(FILE);
        let bytes = match std::fs::read(&path) {
            Ok(bytes) if bytes.is_empty() => return Ok(Record::default()),
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Record::default()),
            Err(error) => return Err(format!("{}: {error}", path.display())),
        };
        let wire: RecordWire = serde_json::from_slice(&bytes).map_err(|error| format!("{}: {error}", path.display()))?;
        if wire.version != 3 {
            return Err(format!("{}: its format has version {}, and only 3 is known", path.display(), wire.version));
        }
        let backend = match wire.backend {
            Some(backend) if !backend.kind.is_empty() => Some(recorded(backend, schema)?),
            _ => None,
        };
        Ok(Record { backend, exists: true })
    }

    /// The record as the file's bytes.
    pub fn to_bytes(&self, version: &str) -> Vec<u8> {
        let backend = self.backend.as_ref().map(|backend| BackendWire {
            kind: backend.kind.clone(),
            config: value_to_json(&backend.config.unmarked_deep()).unwrap_or_default(),
            hash: backend.hash,
        });
        let wire = RecordWire { version: 3, terraform_version: Some(version.to_owned()), backend };
        serde_json::to_vec_pretty(&wire).unwrap_or_default()
    }

    /// Where the record of a data folder is.
    pub fn path(data_folder: &std::path::Path) -> std::path::PathBuf {
        data_folder.join(FILE)
    }
}

/// A back end that this build does not know keeps its name, without arguments: only `init` can go on from there.
fn recorded(wire: BackendWire, schema: impl Fn(&str) -> Option<BlockSchema>) -> Result<Recorded, String> {
    let BackendWire { kind, config, hash } = wire;
    let Some(schema) = schema(&kind) else {
        return Ok(Recorded { kind, config: Value::object(Default::default()), hash });
    };
    let mut fields = windlass_api::value::Fields::new();
    for (name, attribute) in &schema.attributes {
        let ty = attribute.ty.without_optional();
        let value = match config.get(&**name) {
            Some(json) => value_from_json(json, &ty).map_err(|error| format!("the recorded argument {name:?} of {kind:?}: {error}"))?,
            None => Value::null(ty),
        };
        fields.insert(name.clone(), value);
    }
    Ok(Recorded { kind, config: Value::object(fields), hash })
}
