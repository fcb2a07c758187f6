//! A session of PostgreSQL, which holds the locks that it takes.

use super::StoreError;
use super::pg_tls::{PgTls, tls};
use std::sync::{Arc, PoisonError};
use std::time::Duration;
use tokio::sync::Mutex;
use tokio_postgres::{Client, Config, NoTls};
use tokio_postgres_rustls::MakeRustlsConnect;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(30);
/// How long a server that was connected may say nothing at all before it counts as gone.
const SILENCE_MAX: Duration = Duration::from_secs(30);

/// How a database is reached, and the session once it is open.
pub struct PgConnection {
    config: Config,
    tls: PgTls,
    session: Mutex<Option<Session>>,
    held: std::sync::Mutex<Option<Held>>,
}

struct Session {
    client: Arc<Client>,
}

/// An advisory lock that the session holds.
#[derive(Clone)]
struct Held {
    /// The number that is locked: the row's id.
    row: i64,
    /// The id that the run gave its lock.
    id: String,
}

impl PgConnection {
    /// With what a connection string says. Nothing is connected yet.
    pub fn new(mut config: Config, tls: PgTls) -> PgConnection {
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(CONNECT_TIMEOUT);
        }
        config.keepalives(true);
        if config.get_tcp_user_timeout().is_none() {
            config.tcp_user_timeout(SILENCE_MAX).keepalives_idle(SILENCE_MAX / 2).keepalives_interval(SILENCE_MAX / 6);
        }
        PgConnection { config, tls, session: Mutex::default(), held: std::sync::Mutex::default() }
    }

    /// `host/database`, for messages: no name, no password.
    pub fn place(&self) -> String {
        let host = match self.config.get_hosts().first() {
            Some(tokio_postgres::config::Host::Tcp(host)) => host.clone(),
            #[cfg(unix)]
            Some(tokio_postgres::config::Host::Unix(path)) => path.display().to_string(),
            _ => "localhost".to_owned(),
        };
        format!("postgres://{host}/{}", self.config.get_dbname().unwrap_or_default())
    }

    /// The session; connects where there is none yet or the last one broke. `prepare` runs once a session. A lock that was held is
    /// taken anew, and only the holder of the lock may go on.
    ///
    /// # Errors
    /// The database can't be reached, or the lock was lost.
    pub(super) async fn client(
        &self,
        action: &'static str,
        prepare: impl AsyncFnOnce(&Client) -> Result<(), StoreError>,
    ) -> Result<Arc<Client>, StoreError> {
        let mut session = self.session.lock().await;
        if let Some(open) = session.as_ref().filter(|open| !open.client.is_closed()) {
            return Ok(open.client.clone());
        }
        let failed = |error: tokio_postgres::Error| Self::failure(action, self.place(), &error);
        let client = self.connect(action).await?;
        prepare(&client).await?;
        if let Some(held) = self.held() {
            let row = client.query_one(&format!("SELECT pg_try_advisory_lock({})", literal(held.row)), &[]).await.map_err(failed)?;
            if !row.get::<_, bool>(0) {
                let message = "the connection was lost, and another run has taken the lock since".to_owned();
                return Err(StoreError::Io { action, place: self.place(), message });
            }
        }
        *session = Some(Session { client: client.clone() });
        Ok(client)
    }

    async fn connect(&self, action: &'static str) -> Result<Arc<Client>, StoreError> {
        let failed = |message: String| StoreError::Io { action, place: self.place(), message };
        let client = match tls(&self.tls).map_err(failed)? {
            None => {
                let (client, connection) = self.config.connect(NoTls).await.map_err(|error| Self::failure(action, self.place(), &error))?;
                tokio::spawn(async move { drop(connection.await) });
                client
            }
            Some(tls) => {
                let connector = MakeRustlsConnect::new(tls);
                let (client, connection) =
                    self.config.connect(connector).await.map_err(|error| Self::failure(action, self.place(), &error))?;
                tokio::spawn(async move { drop(connection.await) });
                client
            }
        };
        Ok(Arc::new(client))
    }

    fn held(&self) -> Option<Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Remembers that the session holds a lock.
    pub(super) fn hold(&self, row: i64, id: &str) {
        *self.held.lock().unwrap_or_else(PoisonError::into_inner) = Some(Held { row, id: id.to_owned() });
    }

    /// Forgets it; the number that was locked.
    pub(super) fn release(&self, id: &str) -> Option<i64> {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.take_if(|held| held.id == id).map(|held| held.row)
    }

    /// Why something failed: for now, where the network or a server on its way down or up is at fault.
    pub(super) fn failure(action: &'static str, place: String, error: &tokio_postgres::Error) -> StoreError {
        // Classes of PostgreSQL's codes: a broken connection, too many of them, an administrator's intervention.
        const PASSING: [&str; 4] = ["08", "53300", "57P", "40001"];
        let message = Self::cause(error);
        let is_passing = match error.code() {
            Some(code) => PASSING.iter().any(|class| code.code().starts_with(class)),
            None => true,
        };
        match is_passing {
            true => StoreError::Outage { action, place, message },
            false => StoreError::Io { action, place, message },
        }
    }

    /// What the database or the network says, without anything of the connection string.
    pub(super) fn cause(error: &tokio_postgres::Error) -> String {
        error.as_db_error().map_or_else(|| crate::web::cause(error), |said| said.message().to_owned())
    }
}

/// A name in a statement.
pub(super) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A number in a statement.
pub(super) fn literal(number: i64) -> String {
    format!("{number}::bigint")
}
