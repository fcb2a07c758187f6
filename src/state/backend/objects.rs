//! Back ends whose states are objects in a bucket: what `s3`, `gcs` and `oss` have in common.

use super::contract::{Backend, BackendError, DEFAULT_WORKSPACE};
use super::make::Surroundings;
use crate::bucket::{self, Arguments, Bucket, Kind, Place, Service};
use crate::state::Effects;
use crate::state::store::{ObjectLayout, ObjectStore, Store, StoreError};
use std::sync::Arc;

/// How many objects are looked through for workspaces.
const OBJECTS_MAX: usize = 1_000_000;

/// How states of workspaces are named.
#[derive(Clone, Debug)]
pub(super) enum Naming {
    /// `KEY`; `PREFIX/NAME/KEY` for other workspaces.
    S3 {
        /// The name of the state of `default`.
        key: String,
        /// What stands before the others.
        prefix: String,
    },
    /// `PREFIX/NAME.tfstate`.
    Gcs {
        /// What stands before all; may be empty.
        prefix: String,
    },
    /// `PREFIX/KEY`; `PREFIX/NAME/KEY` for other workspaces.
    Oss {
        /// What stands before all.
        prefix: String,
        /// The name of a state.
        key: String,
    },
}

/// How objects are written and read, beside their names.
#[derive(Clone, Debug, Default)]
pub(super) struct Manner {
    pub(super) is_locked: bool,
    pub(super) write_headers: Vec<(String, String)>,
    pub(super) read_headers: Vec<(String, String)>,
    pub(super) query: Vec<(String, String)>,
}

/// States in objects of a bucket.
pub struct ObjectBackend {
    kind: &'static str,
    service: Service,
    bucket: Arc<Bucket>,
    naming: Naming,
    manner: Manner,
    effects: Arc<Effects>,
}

/// `a/b`, or `b` where there is no `a`.
fn below(prefix: &str, rest: &str) -> String {
    match prefix.trim_end_matches('/') {
        "" => rest.to_owned(),
        prefix => format!("{prefix}/{rest}"),
    }
}

impl Naming {
    fn key(&self, workspace: &str) -> String {
        match self {
            Naming::S3 { key, .. } if workspace == DEFAULT_WORKSPACE => key.clone(),
            Naming::S3 { key, prefix } => below(prefix, &format!("{workspace}/{key}")),
            Naming::Gcs { prefix } => below(prefix, &format!("{workspace}.tfstate")),
            Naming::Oss { prefix, key } if workspace == DEFAULT_WORKSPACE => below(prefix, key),
            Naming::Oss { prefix, key } => below(prefix, &format!("{workspace}/{key}")),
        }
    }

    fn lock_key(&self, workspace: &str) -> String {
        match self {
            Naming::Gcs { prefix } => below(prefix, &format!("{workspace}.tflock")),
            Naming::S3 { .. } | Naming::Oss { .. } => format!("{}.tflock", self.key(workspace)),
        }
    }

    fn prefix(&self) -> String {
        match self {
            Naming::S3 { prefix, .. } | Naming::Gcs { prefix } | Naming::Oss { prefix, .. } => below(prefix, ""),
        }
    }

    /// The workspace whose state has this name.
    fn workspace<'k>(&self, key: &'k str) -> Option<&'k str> {
        let rest = key.strip_prefix(&self.prefix())?;
        let name = match self {
            Naming::Gcs { .. } => rest.strip_suffix(".tfstate")?,
            Naming::S3 { key, .. } | Naming::Oss { key, .. } => rest.strip_suffix(key.as_str())?.strip_suffix('/')?,
        };
        (!name.is_empty() && !name.contains('/')).then_some(name)
    }
}

impl ObjectBackend {
    pub(super) fn new(
        kind: &'static str,
        place: &Place,
        around: &bucket::Surroundings,
        naming: Naming,
        manner: Manner,
        effects: Arc<Effects>,
    ) -> Result<ObjectBackend, BackendError> {
        let bucket = Bucket::open(place, around).map_err(|error| BackendError::other(format!("{error}.")))?;
        Ok(ObjectBackend { kind, service: place.service, bucket: Arc::new(bucket), naming, manner, effects })
    }

    fn objects(&self, workspace: &str) -> ObjectStore {
        let Manner { is_locked, write_headers, read_headers, query } = self.manner.clone();
        let layout = ObjectLayout {
            service: self.service,
            key: self.naming.key(workspace),
            lock_key: is_locked.then(|| self.naming.lock_key(workspace)),
            write_headers,
            read_headers,
            query,
        };
        ObjectStore::new(self.bucket.clone(), layout, self.effects.clone())
    }
}

#[async_trait::async_trait]
impl Backend for ObjectBackend {
    fn kind(&self) -> &'static str {
        self.kind
    }

    async fn workspaces(&self) -> Result<Vec<String>, StoreError> {
        let listed = self.bucket.list_all(&self.naming.prefix(), OBJECTS_MAX).await.map_err(|error| {
            let message = match error.kind {
                Kind::NoBucket => "there is no such bucket".to_owned(),
                _ => error.to_string(),
            };
            StoreError::Io { action: "listing", place: self.bucket.address(""), message }
        })?;
        let mut names: Vec<String> = listed.iter().filter_map(|meta| self.naming.workspace(&meta.key).map(str::to_owned)).collect();
        names.retain(|name| name != DEFAULT_WORKSPACE);
        names.sort();
        names.insert(0, DEFAULT_WORKSPACE.to_owned());
        Ok(names)
    }

    fn store(&self, workspace: &str) -> Arc<dyn Store> {
        Arc::new(self.objects(workspace))
    }

    async fn delete(&self, workspace: &str) -> Result<(), StoreError> {
        self.objects(workspace).delete().await
    }
}

/// The name of the bucket.
pub(super) fn bucket_name(arguments: &Arguments<'_>) -> Result<String, BackendError> {
    arguments.text("bucket").ok_or_else(|| BackendError::argument("bucket", "it must be set, here or by -backend-config."))
}

/// What a client of buckets may know of the machine, with other values of some variables; without one the variable is not set.
pub(super) fn around(surroundings: &Surroundings, changed: &[(&str, Option<String>)]) -> bucket::Surroundings {
    bucket::Surroundings { variables: surroundings.variables.clone(), home: surroundings.home.clone() }.with_variables(changed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_are_named_as_in_terraform() {
        let s3 = Naming::S3 { key: "chat/main".into(), prefix: "env:".into() };
        assert_eq!((s3.key("default"), s3.key("dev")), ("chat/main".into(), "env:/dev/chat/main".into()));
        assert_eq!(s3.lock_key("dev"), "env:/dev/chat/main.tflock");
        assert_eq!(s3.workspace("env:/dev/chat/main"), Some("dev"));
        for other in ["env:/dev/chat/main.tflock", "env:/dev/chat/main.journal/1/2", "chat/main", "env:/a/b/chat/main"] {
            assert_eq!(s3.workspace(other), None, "{other}");
        }
        let gcs = Naming::Gcs { prefix: "a/b/".into() };
        assert_eq!((gcs.key("default"), gcs.lock_key("dev")), ("a/b/default.tfstate".into(), "a/b/dev.tflock".into()));
        assert_eq!((gcs.workspace("a/b/dev.tfstate"), gcs.workspace("a/b/dev.tfstate.journal/1/2")), (Some("dev"), None));
        assert_eq!(Naming::Gcs { prefix: String::new() }.workspace("dev.tfstate"), Some("dev"));
        let oss = Naming::Oss { prefix: "env:".into(), key: "terraform.tfstate".into() };
        assert_eq!((oss.key("default"), oss.key("dev")), ("env:/terraform.tfstate".into(), "env:/dev/terraform.tfstate".into()));
        assert_eq!((oss.workspace("env:/dev/terraform.tfstate"), oss.workspace("env:/terraform.tfstate")), (Some("dev"), None));
    }
}
