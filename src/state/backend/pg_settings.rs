//! Connection strings of PostgreSQL, as `lib/pq` reads them: an address or `name=value` pairs, the environment for what they leave
//! out.

use super::contract::BackendError;
use crate::state::store::{PgTls, Verification};
use reqwest::Url;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio_postgres::Config;

const CONNECTION: &str = "conn_str";

/// The environment's variables, and which setting each stands for.
const VARIABLES: &[(&str, &str)] = &[
    ("PGHOST", "host"),
    ("PGPORT", "port"),
    ("PGDATABASE", "dbname"),
    ("PGUSER", "user"),
    ("PGPASSWORD", "password"),
    ("PGPASSFILE", "passfile"),
    ("PGOPTIONS", "options"),
    ("PGAPPNAME", "application_name"),
    ("PGSSLMODE", "sslmode"),
    ("PGSSLROOTCERT", "sslrootcert"),
    ("PGSSLCERT", "sslcert"),
    ("PGSSLKEY", "sslkey"),
    ("PGCONNECT_TIMEOUT", "connect_timeout"),
];

fn wrong(message: impl Into<String>) -> BackendError {
    BackendError::argument(CONNECTION, message)
}

/// What a connection string and the environment say. `who` is the name under which the session shows in the database.
///
/// # Errors
/// The string can't be read, or a setting has no such value. The messages hold nothing of the string but names of settings.
pub(super) fn settings(
    text: &str,
    variables: &BTreeMap<String, String>,
    home: Option<&Path>,
    who: &str,
) -> Result<(Config, PgTls), BackendError> {
    let mut given = match text.starts_with("postgres://") || text.starts_with("postgresql://") {
        true => from_address(text)?,
        false => from_pairs(text)?,
    };
    for (variable, name) in VARIABLES {
        if let Some(value) = variables.get(*variable).filter(|value| !value.is_empty() && !given.contains_key(*name)) {
            given.insert((*name).to_owned(), value.clone());
        }
    }
    let tls = tls(&mut given, home)?;
    let config = config(given, variables, home, who)?;
    Ok((config, tls))
}

fn from_address(text: &str) -> Result<BTreeMap<String, String>, BackendError> {
    let url = Url::parse(text).map_err(|error| wrong(format!("it is no address: {error}.")))?;
    let mut given = BTreeMap::new();
    let mut put = |name: &str, value: &str| {
        if !value.is_empty() {
            given.insert(name.to_owned(), value.to_owned());
        }
    };
    put("user", &decoded(url.username())?);
    put("password", &decoded(url.password().unwrap_or_default())?);
    put("host", &decoded(url.host_str().unwrap_or_default().trim_matches(['[', ']']))?);
    put("port", &url.port().map(|port| port.to_string()).unwrap_or_default());
    put("dbname", &decoded(url.path().trim_start_matches('/'))?);
    for (name, value) in url.query_pairs() {
        put(&name, &value);
    }
    Ok(given)
}

/// `%41` → `A`.
fn decoded(text: &str) -> Result<String, BackendError> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let digits = (*first == b'%').then(|| after.get(..2)).flatten().and_then(|digits| std::str::from_utf8(digits).ok());
        match digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = &after[2..];
            }
            None => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8(bytes).map_err(|_| wrong("what stands there behind % signs is not UTF-8."))
}

/// `host=localhost password='it''s'`: values may stand in single quotes, with backslashes before quotes and backslashes.
fn from_pairs(text: &str) -> Result<BTreeMap<String, String>, BackendError> {
    let mut given = BTreeMap::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let (name, after) = rest.split_once('=').ok_or_else(|| wrong("it is neither an address nor a list of name=value pairs."))?;
        let name = name.trim();
        let is_name = !name.is_empty() && name.chars().all(|character| character.is_ascii_alphanumeric() || character == '_');
        if !is_name {
            return Err(wrong("it is neither an address nor a list of name=value pairs."));
        }
        let (value, after) = value(after.trim_start())?;
        given.insert(name.to_owned(), value);
        rest = after.trim_start();
    }
    Ok(given)
}

fn value(text: &str) -> Result<(String, &str), BackendError> {
    let is_quoted = text.starts_with('\'');
    let mut out = String::new();
    let mut characters = text.char_indices().skip(usize::from(is_quoted));
    while let Some((at, character)) = characters.next() {
        match character {
            '\\' => out.extend(characters.next().map(|(_, next)| next)),
            '\'' if is_quoted => return Ok((out, &text[at + 1..])),
            blank if blank.is_whitespace() && !is_quoted => return Ok((out, &text[at..])),
            other => out.push(other),
        }
    }
    match is_quoted {
        true => Err(wrong("a quote in it is not closed.")),
        false => Ok((out, "")),
    }
}

fn tls(given: &mut BTreeMap<String, String>, home: Option<&Path>) -> Result<PgTls, BackendError> {
    if given.remove("sslinline").is_some_and(|value| value == "true") {
        return Err(wrong("\"sslinline\" is not supported: name files with sslcert and sslkey."));
    }
    let roots = given.remove("sslrootcert").filter(|path| path != "system").map(PathBuf::from);
    let verification = match given.remove("sslmode").as_deref() {
        Some("disable") => Verification::Off,
        // A file of authorities asks for more than secrecy, as in libpq.
        None | Some("require") if roots.is_some() => Verification::Authority,
        None | Some("require") => Verification::Nobody,
        Some("verify-ca") => Verification::Authority,
        Some("verify-full") => Verification::Server,
        Some(other) => {
            let text = format!(
                "its sslmode is {other:?}, and only \"require\" (default), \"verify-full\", \"verify-ca\", and \"disable\" are supported."
            );
            return Err(wrong(text));
        }
    };
    let file = |name: &str| home.map(|home| home.join(".postgresql").join(name)).filter(|path| path.exists());
    let certificate = given.remove("sslcert").map(PathBuf::from).or_else(|| file("postgresql.crt"));
    let key = given.remove("sslkey").map(PathBuf::from).or_else(|| file("postgresql.key"));
    Ok(PgTls { verification, roots, identity: certificate.zip(key) })
}

fn config(
    mut given: BTreeMap<String, String>,
    variables: &BTreeMap<String, String>,
    home: Option<&Path>,
    who: &str,
) -> Result<Config, BackendError> {
    let mut config = Config::new();
    let user = given.remove("user").or_else(|| variables.get("USER").cloned()).unwrap_or_else(|| "postgres".to_owned());
    let host = given.remove("host").unwrap_or_else(|| "localhost".to_owned());
    let port = given.remove("port").unwrap_or_else(|| "5432".to_owned());
    let port: u16 = port.parse().map_err(|_| wrong("its port is no number up to 65535."))?;
    let database = given.remove("dbname").unwrap_or_else(|| user.clone());
    let file = given.remove("passfile").map(PathBuf::from).or_else(|| home.map(|home| home.join(".pgpass")));
    let from_file = || password(&std::fs::read_to_string(file?).ok()?, [&host, &port.to_string(), &database, &user]);
    if let Some(password) = given.remove("password").or_else(from_file) {
        config.password(password);
    }
    if let Some(seconds) = given.remove("connect_timeout") {
        let seconds: u64 = seconds.parse().map_err(|_| wrong("its connect_timeout is no number of seconds."))?;
        // 0 means no limit, which nobody can want for ever: an hour.
        config.connect_timeout(Duration::from_secs(if seconds == 0 { 3600 } else { seconds }));
    }
    let fallback = given.remove("fallback_application_name").unwrap_or_else(|| format!("Windlass of {who}"));
    config.application_name(given.remove("application_name").unwrap_or(fallback));
    let mut options = given.remove("options").unwrap_or_default();
    for unused in ["binary_parameters", "disable_prepared_binary_result", "sslsni", "krbsrvname", "krbspn", "client_encoding", "datestyle"]
    {
        given.remove(unused);
    }
    // Everything else is a setting of the session.
    for (name, value) in &given {
        let escaped = value.replace('\\', "\\\\").replace(' ', "\\ ");
        options.push_str(&format!(" -c {name}={escaped}"));
    }
    if !options.trim().is_empty() {
        config.options(options.trim());
    }
    config.user(user).dbname(database).port(port);
    match host.starts_with('/') {
        #[cfg(unix)]
        true => config.host_path(host),
        _ => config.host(host),
    };
    Ok(config)
}

/// The password that a file of lines `host:port:database:user:password` has for a login.
fn password(file: &str, login: [&String; 4]) -> Option<String> {
    file.lines().filter(|line| !line.trim_start().starts_with('#')).find_map(|line| {
        let fields = fields(line);
        let fits = fields.len() == 5 && login.iter().zip(&fields).all(|(wanted, field)| field == "*" || field == *wanted);
        fits.then(|| fields[4].clone())
    })
}

/// The fields of a line; a backslash takes the next character as it is.
fn fields(line: &str) -> Vec<String> {
    let mut fields = vec![String::new()];
    let mut characters = line.chars();
    while let Some(character) = characters.next() {
        let last = fields.last_mut().expect("there is one from the start");
        match character {
            '\\' => last.extend(characters.next()),
            ':' => fields.push(String::new()),
            other => last.push(other),
        }
    }
    fields
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio_postgres::config::Host;

    fn read(text: &str, variables: &[(&str, &str)]) -> Result<(Config, PgTls), String> {
        let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        settings(text, &variables, None, "me@here").map_err(|error| error.message)
    }

    #[test]
    fn addresses_and_pairs_say_the_same() {
        let address = "postgres://an%40na:pa%20ss@db.example:6432/states?sslmode=disable&connect_timeout=5";
        let pairs = r"user=an@na password='pa ss' host = db.example port=6432 dbname=states sslmode=disable connect_timeout=5";
        for text in [address, pairs] {
            let (config, tls) = read(text, &[]).unwrap();
            assert_eq!(config.get_user(), Some("an@na"));
            assert_eq!(config.get_password(), Some(&b"pa ss"[..]));
            assert_eq!(config.get_hosts(), [Host::Tcp("db.example".into())]);
            assert_eq!((config.get_ports(), config.get_dbname()), (&[6432][..], Some("states")));
            assert_eq!(config.get_connect_timeout(), Some(&Duration::from_secs(5)));
            assert_eq!(tls.verification, Verification::Off);
        }
    }

    #[test]
    fn the_environment_fills_what_is_left_out() {
        let (config, tls) = read("", &[("PGHOST", "h"), ("PGUSER", "u"), ("PGSSLMODE", "verify-full"), ("PGPORT", "1")]).unwrap();
        assert_eq!((config.get_user(), config.get_dbname(), config.get_ports()), (Some("u"), Some("u"), &[1][..]));
        assert_eq!(tls.verification, Verification::Server);
        let (config, tls) = read("host=other", &[("PGHOST", "h"), ("USER", "me")]).unwrap();
        assert_eq!((config.get_hosts(), config.get_user()), (&[Host::Tcp("other".into())][..], Some("me")));
        assert_eq!(tls.verification, Verification::Nobody);
    }

    #[test]
    fn mistakes_show_nothing_secret() {
        for wrong in ["password='secret", "just secret", "postgres://u:secret@h:port/db", "host=h password=secret sslmode=maybe"] {
            let message = read(wrong, &[]).unwrap_err();
            assert!(!message.contains("secret"), "{message}");
        }
    }

    #[test]
    fn passwords_come_from_their_file() {
        let login = ["h".to_owned(), "5432".to_owned(), "d".to_owned(), "u".to_owned()];
        let login = [&login[0], &login[1], &login[2], &login[3]];
        assert_eq!(password("# no\nh:1:d:u:wrong\nh:*:d:u:a\\:b\n*:*:*:*:last", login), Some("a:b".to_owned()));
        assert_eq!(password("x:*:*:*:no", login), None);
    }
}
