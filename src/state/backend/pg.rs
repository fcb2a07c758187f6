//! The back end `pg`: a row of PostgreSQL for each workspace.

use super::contract::{Backend, BackendError, DEFAULT_WORKSPACE};
use super::make::Surroundings;
use super::pg_settings::settings;
use crate::state::Effects;
use crate::state::store::{PgConnection, PgDatabase, PgSkips, PgStore, Store, StoreError};
use std::sync::Arc;
use windlass_api::Value;

const SCHEMA: &str = "terraform_remote_state";

/// A row of PostgreSQL for each workspace.
pub struct PgBackend {
    database: Arc<PgDatabase>,
    effects: Arc<Effects>,
}

impl PgBackend {
    /// With the arguments of the block and, for what it leaves out, those of the environment. Nothing is connected yet.
    ///
    /// # Errors
    /// An argument can't be used.
    pub fn new(config: &Value, surroundings: &Surroundings) -> Result<PgBackend, BackendError> {
        let variable = |name: &str| surroundings.variables.get(name).filter(|text| !text.is_empty()).cloned();
        let text = |name: &str, from: &str| config.get_str(name).map(str::to_owned).or_else(|| variable(from));
        let skips = |name: &'static str, from: &str| match config.get(name).and_then(Value::as_bool) {
            Some(skips) => Ok(skips),
            None => match variable(from).as_deref() {
                None | Some("0" | "f" | "F" | "false" | "FALSE" | "False") => Ok(false),
                Some("1" | "t" | "T" | "true" | "TRUE" | "True") => Ok(true),
                Some(other) => Err(BackendError::argument(name, format!("{from} is {other:?}, which is no truth value."))),
            },
        };
        let connection = text("conn_str", "PG_CONN_STR").unwrap_or_default();
        let (config, tls) = settings(&connection, &surroundings.variables, surroundings.home.as_deref(), &surroundings.who)?;
        let skips = PgSkips {
            schema: skips("skip_schema_creation", "PG_SKIP_SCHEMA_CREATION")?,
            table: skips("skip_table_creation", "PG_SKIP_TABLE_CREATION")?,
            index: skips("skip_index_creation", "PG_SKIP_INDEX_CREATION")?,
        };
        let schema = text("schema_name", "PG_SCHEMA_NAME").unwrap_or_else(|| SCHEMA.to_owned());
        let database = PgDatabase::new(PgConnection::new(config, tls), schema, skips);
        Ok(PgBackend { database: Arc::new(database), effects: surroundings.effects.clone() })
    }

    fn row(&self, workspace: &str) -> PgStore {
        PgStore::new(self.database.clone(), workspace, self.effects.clone())
    }
}

#[async_trait::async_trait]
impl Backend for PgBackend {
    fn kind(&self) -> &'static str {
        "pg"
    }

    async fn workspaces(&self) -> Result<Vec<String>, StoreError> {
        let mut names = self.database.names().await?;
        names.retain(|name| name != DEFAULT_WORKSPACE);
        names.insert(0, DEFAULT_WORKSPACE.to_owned());
        Ok(names)
    }

    fn store(&self, workspace: &str) -> Arc<dyn Store> {
        Arc::new(self.row(workspace))
    }

    async fn create(&self, workspace: &str, _empty: &[u8]) -> Result<(), StoreError> {
        self.row(workspace).make_row().await
    }

    async fn delete(&self, workspace: &str) -> Result<(), StoreError> {
        self.database.delete(workspace).await
    }
}
