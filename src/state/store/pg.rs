//! A state in a row of PostgreSQL.
//!
//! ```text
//! SCHEMA.states(id, name, data)                     Terraform's table: one row a workspace
//! SCHEMA.windlass_journal(state, segment, part, data)   segments of the journal, one row an append
//! advisory lock on the row's id                     Terraform's lock, held by the database session
//! ```
//!
//! An update names the digest of the row that it expects, so two writers never write over each other, lock or not.

use super::pg_connection::{PgConnection, literal, quoted};
use super::{LockInfo, Store, StoreError, Version, Versioned};
use crate::state::{Effects, Medium};
use sha2::{Digest, Sha256};
use std::sync::Arc;
use std::time::Duration;
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, Row};

/// Terraform's lock on the creation of rows.
const CREATION_LOCK: i64 = -1;
/// How often a lock is tried for that holds nobody back for long, and the pause between.
const CREATION_TRIES_MAX: u32 = 20;
const CREATION_PAUSE: Duration = Duration::from_millis(50);
/// What stands in a row that was made for its lock alone. It is a state without lineage: Terraform reads it as an empty one.
pub(in crate::state) const PLACEHOLDER: &str =
    r#"{"version":4,"terraform_version":"1.11.4","serial":0,"lineage":"","outputs":{},"resources":[]}"#;

/// What must not be made, because somebody else has made it.
#[derive(Clone, Copy, Debug, Default)]
pub struct PgSkips {
    /// The schema.
    pub schema: bool,
    /// The tables.
    pub table: bool,
    /// The index.
    pub index: bool,
}

/// A state in a row.
pub struct PgStore {
    database: Arc<PgDatabase>,
    workspace: String,
    effects: Arc<Effects>,
}

/// The tables of a schema.
pub struct PgDatabase {
    connection: PgConnection,
    schema: String,
    skips: PgSkips,
}

impl PgDatabase {
    /// A schema of a database. Nothing is connected yet.
    pub fn new(connection: PgConnection, schema: String, skips: PgSkips) -> PgDatabase {
        PgDatabase { connection, schema, skips }
    }

    /// `server/database, schema NAME`, for messages.
    pub fn place(&self) -> String {
        format!("{}, schema {}", self.connection.place(), self.schema)
    }

    fn states(&self) -> String {
        format!("{}.states", quoted(&self.schema))
    }

    fn journal(&self) -> String {
        format!("{}.windlass_journal", quoted(&self.schema))
    }

    fn failed(&self, action: &'static str) -> impl Fn(tokio_postgres::Error) -> StoreError {
        let place = self.place();
        move |error| PgConnection::failure(action, place.clone(), &error)
    }

    /// The session, with all tables made.
    async fn client(&self, action: &'static str) -> Result<Arc<Client>, StoreError> {
        self.connection.client(action, async |client| self.make_tables(client).await.map_err(self.failed("making the tables of"))).await
    }

    /// What makes the table of the journal.
    fn journal_statement(&self) -> String {
        format!(
            "CREATE TABLE IF NOT EXISTS {} (state text NOT NULL, segment text NOT NULL, part bigserial, data bytea NOT NULL, PRIMARY KEY (state, \
             segment, part))",
            self.journal()
        )
    }

    /// As Terraform makes them. Two sessions that do so at once may collide in the catalogue; then they are there.
    async fn make_tables(&self, client: &Client) -> Result<(), tokio_postgres::Error> {
        let (schema, states) = (quoted(&self.schema), self.states());
        let mut statements = Vec::new();
        if !self.skips.schema {
            statements.push(format!("CREATE SCHEMA IF NOT EXISTS {schema}"));
        }
        if !self.skips.table {
            statements.push("CREATE SEQUENCE IF NOT EXISTS public.global_states_id_seq AS bigint".to_owned());
            statements.push(format!(
                "CREATE TABLE IF NOT EXISTS {states} (id bigint NOT NULL DEFAULT nextval('public.global_states_id_seq') PRIMARY KEY, name text \
                 UNIQUE, data text)"
            ));
            statements.push(self.journal_statement());
        }
        if !self.skips.index {
            statements.push(format!("CREATE UNIQUE INDEX IF NOT EXISTS states_by_name ON {states} (name)"));
        }
        for statement in statements {
            match client.batch_execute(&statement).await {
                Err(error) if !is_race(&error) => return Err(error),
                _ => {}
            }
        }
        Ok(())
    }

    /// The names of all rows.
    pub async fn names(&self) -> Result<Vec<String>, StoreError> {
        let client = self.client("reading").await?;
        let query = format!("SELECT name FROM {} WHERE name IS NOT NULL ORDER BY name", self.states());
        let rows = client.query(&query, &[]).await.map_err(self.failed("reading"))?;
        Ok(rows.iter().map(|row| row.get(0)).collect())
    }

    /// Deletes a row and what its journal holds.
    pub async fn delete(&self, name: &str) -> Result<(), StoreError> {
        let client = self.client("deleting").await?;
        let failed = self.failed("deleting");
        client.execute(&format!("DELETE FROM {} WHERE state = $1", self.journal()), &[&name]).await.map_err(&failed)?;
        client.execute(&format!("DELETE FROM {} WHERE name = $1", self.states()), &[&name]).await.map_err(&failed)?;
        Ok(())
    }
}

fn is_race(error: &tokio_postgres::Error) -> bool {
    error.code().is_some_and(|code| [SqlState::UNIQUE_VIOLATION, SqlState::DUPLICATE_TABLE, SqlState::DUPLICATE_SCHEMA].contains(code))
}

impl PgStore {
    /// The state of a workspace.
    pub fn new(database: Arc<PgDatabase>, workspace: &str, effects: Arc<Effects>) -> PgStore {
        PgStore { database, workspace: workspace.to_owned(), effects }
    }

    /// Makes the row, if it is not there.
    pub(in crate::state) async fn make_row(&self) -> Result<(), StoreError> {
        let client = self.database.client("writing").await?;
        let query = format!("INSERT INTO {} (name, data) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING", self.database.states());
        client.execute(&query, &[&self.workspace, &PLACEHOLDER]).await.map_err(self.database.failed("writing")).map(drop)
    }

    async fn try_lock(&self, client: &Client) -> Result<Option<i64>, tokio_postgres::Error> {
        let query = format!(
            "SELECT id, pg_try_advisory_lock(id), pg_try_advisory_lock({CREATION_LOCK}) FROM {} WHERE name = $1",
            self.database.states()
        );
        let Some(row) = client.query_opt(&query, &[&self.workspace]).await? else { return Ok(None) };
        let (id, locked, locked_creation): (i64, bool, bool) = (row.get(0), row.get(1), row.get(2));
        // Terraform holds the lock on creation while it makes any row; who has both gives that one back.
        if locked_creation {
            unlock(client, CREATION_LOCK).await?;
        }
        if locked && !locked_creation {
            unlock(client, id).await?;
        }
        Ok((locked && locked_creation).then_some(id))
    }

    /// Who holds the lock, as far as the database tells.
    async fn holder(&self, client: &Client) -> Option<LockInfo> {
        let query = format!(
            "SELECT a.pid, coalesce(a.application_name, ''), coalesce(a.usename, ''), coalesce(a.backend_start::text, '') FROM pg_locks l JOIN \
             pg_stat_activity a ON a.pid = l.pid WHERE l.locktype = 'advisory' AND l.granted AND ((l.classid::bigint << 32) | l.objid::bigint) = \
             (SELECT id FROM {} WHERE name = $1) AND l.objsubid = 1 AND l.database = (SELECT oid FROM pg_database WHERE datname = \
             current_database())",
            self.database.states()
        );
        let row: Row = client.query_opt(&query, &[&self.workspace]).await.ok()??;
        let (pid, application, user, since): (i32, String, String, String) = (row.get(0), row.get(1), row.get(2), row.get(3));
        let who = if application.is_empty() { user } else { application };
        let info = format!("the database session with the process id {pid}");
        Some(LockInfo { who, info, created: since, path: self.place(), ..LockInfo::default() })
    }
}

async fn unlock(client: &Client, id: i64) -> Result<(), tokio_postgres::Error> {
    client.batch_execute(&format!("SELECT pg_advisory_unlock({})", literal(id))).await
}

fn version_of(data: &str) -> Version {
    Version(format!("{:x}", Sha256::digest(data)).into())
}

#[async_trait::async_trait]
impl Store for PgStore {
    fn place(&self) -> String {
        format!("{}, workspace {}", self.database.place(), self.workspace)
    }

    async fn get(&self) -> Result<Option<Versioned>, StoreError> {
        let client = self.database.client("reading").await?;
        let query = format!("SELECT data FROM {} WHERE name = $1", self.database.states());
        let row = client.query_opt(&query, &[&self.workspace]).await.map_err(self.database.failed("reading"))?;
        let data: Option<String> = row.and_then(|row| row.get(0));
        let data = data.filter(|data| !data.is_empty() && data != PLACEHOLDER);
        Ok(data.map(|data| Versioned { version: version_of(&data), bytes: data.into_bytes() }))
    }

    async fn put_if(&self, expected: Option<&Version>, bytes: &[u8]) -> Result<Version, StoreError> {
        let failed = self.database.failed("writing");
        let Ok(data) = std::str::from_utf8(bytes) else {
            return Err(StoreError::Io { action: "writing", place: self.place(), message: "it is not UTF-8".into() });
        };
        let states = self.database.states();
        let write = async {
            let client = self.database.client("writing").await?;
            let changed = match expected {
                Some(version) => {
                    let query =
                        format!("UPDATE {states} SET data = $1 WHERE name = $2 AND encode(sha256(convert_to(data, 'UTF8')), 'hex') = $3");
                    client.execute(&query, &[&data, &self.workspace, &&*version.0]).await
                }
                None => {
                    let query = format!(
                        "INSERT INTO {states} (name, data) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET data = excluded.data WHERE states.data                          IS NULL OR states.data IN ('', $3)"
                    );
                    client.execute(&query, &[&self.workspace, &data, &PLACEHOLDER]).await
                }
            };
            match changed {
                Ok(0) => Err(StoreError::Conflict),
                Ok(_) => Ok(version_of(data)),
                Err(error) => match self.get().await {
                    // The answer may have been lost on its way, and not what was asked for.
                    Ok(Some(now)) if now.bytes == bytes => Ok(now.version),
                    _ => Err(failed(error)),
                },
            }
        };
        self.effects.write(Medium::Store, "writing", || self.place(), write).await
    }

    async fn append_segment(&self, name: &str, bytes: &[u8]) -> Result<(), StoreError> {
        const ACTION: &str = "writing the journal of";
        let query = format!("INSERT INTO {} (state, segment, data) VALUES ($1, $2, $3)", self.database.journal());
        let write = async {
            let client = self.database.client(ACTION).await?;
            match client.execute(&query, &[&self.workspace, &name, &bytes]).await {
                Err(error) if error.code() == Some(&SqlState::UNDEFINED_TABLE) => {
                    let statement = self.database.journal_statement();
                    let message =
                        format!("its table is not there, and skip_table_creation keeps Windlass from making it. Make it by: {statement}");
                    Err(StoreError::Io { action: ACTION, place: self.place(), message })
                }
                done => done.map(drop).map_err(self.database.failed(ACTION)),
            }
        };
        self.effects.write(Medium::Store, ACTION, || self.place(), write).await
    }

    async fn list_segments(&self) -> Result<Vec<String>, StoreError> {
        let client = self.database.client("reading the journal of").await?;
        let query = format!("SELECT DISTINCT segment FROM {} WHERE state = $1 ORDER BY segment", self.database.journal());
        match client.query(&query, &[&self.workspace]).await {
            Ok(rows) => Ok(rows.iter().map(|row| row.get(0)).collect()),
            // Where tables must not be made, and this one was not: nothing was written to it.
            Err(error) if error.code() == Some(&SqlState::UNDEFINED_TABLE) => Ok(Vec::new()),
            Err(error) => Err(self.database.failed("reading the journal of")(error)),
        }
    }

    async fn read_segment(&self, name: &str) -> Result<Vec<u8>, StoreError> {
        let client = self.database.client("reading the journal of").await?;
        let query = format!("SELECT data FROM {} WHERE state = $1 AND segment = $2 ORDER BY part", self.database.journal());
        let rows = client.query(&query, &[&self.workspace, &name]).await.map_err(self.database.failed("reading the journal of"))?;
        Ok(rows.iter().flat_map(|row| row.get::<_, Vec<u8>>(0)).collect())
    }

    async fn delete_segments(&self, names: &[String]) -> Result<(), StoreError> {
        if names.is_empty() {
            return Ok(());
        }
        const ACTION: &str = "deleting the journal of";
        let query = format!("DELETE FROM {} WHERE state = $1 AND segment = ANY($2)", self.database.journal());
        let delete = async {
            let client = self.database.client(ACTION).await?;
            client.execute(&query, &[&self.workspace, &names]).await.map(drop).map_err(self.database.failed(ACTION))
        };
        self.effects.write(Medium::Store, ACTION, || self.place(), delete).await
    }

    async fn lock(&self, info: &LockInfo) -> Result<(), StoreError> {
        self.make_row().await?;
        let failed = self.database.failed("locking");
        let client = self.database.client("locking").await?;
        let number = self.effects.begin().await;
        let mut tries = 0;
        loop {
            tries += 1;
            if let Some(id) = self.try_lock(&client).await.map_err(&failed)? {
                self.effects.end(number).await;
                self.database.connection.hold(id, &info.id);
                return Ok(());
            }
            let holder = self.holder(&client).await;
            // The lock on creation is held for moments only, by whoever locks any row.
            if holder.is_some() || tries == CREATION_TRIES_MAX {
                return Err(StoreError::Locked(holder.map(Box::new)));
            }
            tokio::time::sleep(CREATION_PAUSE).await;
        }
    }

    async fn unlock(&self, id: &str) -> Result<(), StoreError> {
        let Some(row) = self.database.connection.release(id) else {
            return Err(StoreError::NoSuchLock("The state is not locked by this run.".into()));
        };
        let give_back = async {
            let client = self.database.client("unlocking").await?;
            unlock(&client, row).await.map_err(self.database.failed("unlocking"))
        };
        self.effects.write(Medium::Store, "unlocking", || self.place(), give_back).await
    }

    async fn force_unlock(&self, _id: &str) -> Result<(), StoreError> {
        let client = self.database.client("unlocking").await?;
        match self.holder(&client).await {
            None => Err(StoreError::NoSuchLock("The state is not locked.".into())),
            // The lock belongs to a session of the database: only its end frees it, and that is for whoever runs the database.
            Some(holder) => Err(StoreError::NoSuchLock(format!(
                "The lock belongs to {}, which is alive, and is freed when that ends. To end it: SELECT pg_terminate_backend(pid)",
                holder.info
            ))),
        }
    }
}
