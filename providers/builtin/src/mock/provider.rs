//! The pure half of the mock provider, made from the working folder's `dynamic_resources.json`.

use super::client::{MockClient, Settings};
use super::declared_wire::declared_types;
use super::folder::Folder;
use super::types::{MockType, fixed};
use std::collections::{BTreeMap, BTreeSet};
use std::io::ErrorKind as IoErrorKind;
use std::path::PathBuf;
use std::sync::Arc;
use windlass_api::schema::default_plan;
use windlass_api::{
    Attribute, Client, Environment, Error, Mode, Operation, PlanRequest, PlanResponse, Problem, Provider, Schema, Type, Value,
};

const RESOURCE_FOLDER: &str = "terraform.resource";
const DATA_FOLDER: &str = "terraform.data";
const FAIL_LISTS: [(&str, &str); 4] = [
    ("fail_on_create", "Creating objects with these ids fails."),
    ("fail_on_read", "Reading objects with these ids fails."),
    ("fail_on_update", "Changing objects with these ids fails."),
    ("fail_on_delete", "Deleting objects with these ids fails."),
];

/// Where the mock provider's files are; the command line knows.
#[derive(Clone, Debug, Default)]
pub struct MockPlaces {
    /// What relative paths of the configuration begin at.
    pub working_folder: PathBuf,
    /// Where the types are declared; `dynamic_resources.json` in the working folder if `None`.
    pub declarations: Option<PathBuf>,
    /// Under the sandbox: the folder that takes the objects' files, whatever the configuration says.
    pub sandbox_folder: PathBuf,
}

/// The mock provider with the types that are declared as of now.
pub fn provider(places: MockPlaces) -> Arc<dyn Provider> {
    let mut types = fixed();
    let path = places.declarations.clone().unwrap_or_else(|| places.working_folder.join("dynamic_resources.json"));
    let declared = match std::fs::read_to_string(&path) {
        Ok(text) => declared_types(&text),
        Err(error) if error.kind() == IoErrorKind::NotFound && places.declarations.is_none() => Ok(BTreeMap::new()),
        Err(error) => Err(error.to_string()),
    };
    let shown = path.strip_prefix(&places.working_folder).unwrap_or(&path).display().to_string();
    let unusable = match declared {
        Ok(declared) => {
            types.extend(declared);
            None
        }
        Err(mistake) => Some(format!("{shown} can't be used: {}.", mistake.trim_end_matches('.'))),
    };
    Arc::new(MockProvider { places, types: Arc::new(types), unusable })
}

pub(super) type Types = BTreeMap<Arc<str>, MockType>;

struct MockProvider {
    places: MockPlaces,
    types: Arc<Types>,
    /// Why the declared types are not known.
    unusable: Option<String>,
}

#[async_trait::async_trait]
impl Provider for MockProvider {
    fn name(&self) -> &str {
        "tfcoremock"
    }

    fn source(&self) -> &str {
        "registry.terraform.io/hashicorp/tfcoremock"
    }

    fn version(&self) -> &str {
        "0.5.0"
    }

    fn configuration_schema(&self) -> Arc<Schema> {
        let text = |default: &str, about: &str| Attribute::optional(Type::String).with_default(Value::string(default)).described(about);
        let mut schema = Schema::of_attributes([
            ("resource_directory", text(RESOURCE_FOLDER, "The folder of the objects' files.")),
            ("data_directory", text(DATA_FOLDER, "The folder of the files that data sources read.")),
            ("use_only_state", Attribute::optional(Type::Bool).described("Objects live in the state alone; no file is written.")),
        ]);
        for (name, about) in FAIL_LISTS {
            schema.block.attributes.insert(name.into(), Attribute::optional(Type::list(Type::String)).described(about));
        }
        Arc::new(schema)
    }

    fn schema(&self, mode: Mode, type_name: &str) -> Option<Arc<Schema>> {
        let found = self.types.get(type_name)?;
        match mode {
            Mode::Managed => Some(found.resource.clone()),
            Mode::Data => Some(found.data.clone()),
            Mode::Ephemeral => None,
        }
    }

    fn type_names(&self, mode: Mode) -> Vec<Arc<str>> {
        self.types.keys().filter(|_| mode != Mode::Ephemeral).cloned().collect()
    }

    fn missing_types(&self) -> Option<&str> {
        self.unusable.as_deref()
    }

    fn is_implemented(&self, mode: Mode, type_name: &str) -> bool {
        mode != Mode::Ephemeral && self.types.contains_key(type_name)
    }

    fn validate(&self, _mode: Mode, _type_name: &str, _config: &Value) -> Vec<Problem> {
        Vec::new()
    }

    fn plan(&self, request: &PlanRequest<'_>) -> PlanResponse {
        match self.types.get(request.type_name) {
            Some(found) => default_plan(&found.resource, request),
            None => PlanResponse { planned: request.proposed.clone(), requires_replace: Vec::new(), problems: Vec::new() },
        }
    }

    fn typical_seconds(&self, _type_name: &str, _operation: Operation) -> f64 {
        0.0
    }

    async fn configure(&self, config: &Value, environment: &Environment) -> Result<Arc<dyn Client>, Error> {
        let names = |name: &str| -> BTreeSet<String> {
            let list = config.get(name).and_then(Value::elements).unwrap_or_default();
            list.iter().filter_map(Value::as_str).map(str::to_owned).collect()
        };
        let text = |name: &str, default: &'static str| config.get_str(name).filter(|text| !text.is_empty()).unwrap_or(default).to_owned();
        let objects = match &environment.sandbox {
            Some(_) => self.places.sandbox_folder.join(RESOURCE_FOLDER),
            None => self.places.working_folder.join(text("resource_directory", RESOURCE_FOLDER)),
        };
        let settings = Settings {
            objects: Folder { path: objects },
            data: Folder { path: self.places.working_folder.join(text("data_directory", DATA_FOLDER)) },
            only_state: config.get("use_only_state").and_then(Value::as_bool).unwrap_or(false),
            fail_on_create: names("fail_on_create"),
            fail_on_read: names("fail_on_read"),
            fail_on_update: names("fail_on_update"),
            fail_on_delete: names("fail_on_delete"),
        };
        Ok(Arc::new(MockClient::new(self.types.clone(), settings)))
    }
}
