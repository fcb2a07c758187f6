//! The log: what the program does, call by call, for those who look for the cause of something.
//!
//! `WINDLASS_LOG` or `TF_LOG` names a level, or `JSON` for every line as JSON; `…_CORE` and `…_PROVIDER` one part each; `…_PATH` a file
//! to append to instead of standard error. Only parts of Windlass write into it: what libraries write may hold secrets.

mod format;
mod line_wire;

use super::output;
use format::Lines;
use std::fs::File;
use std::sync::Mutex;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, Registry, fmt};

const PREFIXES: [&str; 2] = ["WINDLASS_LOG", "TF_LOG"];
const LEVELS: [(&str, LevelFilter); 6] = [
    ("TRACE", LevelFilter::TRACE),
    ("DEBUG", LevelFilter::DEBUG),
    ("INFO", LevelFilter::INFO),
    ("WARN", LevelFilter::WARN),
    ("ERROR", LevelFilter::ERROR),
    ("OFF", LevelFilter::OFF),
];
/// Crates whose lines are those of providers.
const PROVIDERS: [&str; 4] = ["windlass_api", "windlass_aws", "windlass_builtin", "windlass_simulator"];

/// What the environment asks for.
#[derive(Debug, PartialEq, Eq)]
struct Wanted {
    core: LevelFilter,
    providers: LevelFilter,
    is_json: bool,
    path: Option<String>,
    /// Values that are no level.
    wrong: Vec<String>,
}

/// Begins the log that the environment asks for. What is wrong with it is said, and no reason to stop.
pub fn begin(variable: impl Fn(&str) -> Option<String>) {
    let wanted = wanted(&variable);
    for value in &wanted.wrong {
        output::warning(&format!(
            "Invalid log level: {value:?}. Defaulting to level: TRACE. Valid levels are: [TRACE DEBUG INFO WARN ERROR OFF JSON]"
        ));
    }
    if wanted.core.max(wanted.providers) == LevelFilter::OFF {
        return;
    }
    let filter = Targets::new().with_target("windlass", wanted.core).with_targets(PROVIDERS.map(|name| (name, wanted.providers)));
    let lines = fmt::layer().event_format(Lines { is_json: wanted.is_json });
    let file = wanted.path.as_deref().and_then(|path| match File::options().create(true).append(true).open(path) {
        Ok(file) => Some(file),
        Err(error) => {
            output::warning(&format!("Error opening log file: {path}: {error}. The log goes to standard error."));
            None
        }
    });
    let layer = match file {
        Some(file) => lines.with_writer(Mutex::new(file)).boxed(),
        None => lines.with_writer(std::io::stderr).boxed(),
    };
    Registry::default().with(layer.with_filter(filter)).init();
}

fn wanted(variable: &impl Fn(&str) -> Option<String>) -> Wanted {
    let given = |suffix: &str| PREFIXES.iter().find_map(|prefix| variable(&format!("{prefix}{suffix}")).filter(|value| !value.is_empty()));
    let mut wrong = Vec::new();
    let mut is_json = false;
    let mut level = |value: Option<String>| {
        let value = value?;
        if value.eq_ignore_ascii_case("json") {
            is_json = true;
            return Some(LevelFilter::TRACE);
        }
        let found = LEVELS.iter().find(|(name, _)| value.eq_ignore_ascii_case(name));
        if found.is_none() {
            wrong.push(value);
        }
        Some(found.map_or(LevelFilter::TRACE, |(_, level)| *level))
    };
    let all = level(given("")).unwrap_or(LevelFilter::OFF);
    let core = level(given("_CORE")).unwrap_or(all);
    let providers = level(given("_PROVIDER")).unwrap_or(all);
    Wanted { core, providers, is_json, path: given("_PATH"), wrong }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(variables: &[(&str, &str)]) -> Wanted {
        wanted(&|name| variables.iter().find(|(one, _)| *one == name).map(|(_, value)| (*value).to_owned()))
    }

    #[test]
    fn the_own_variable_counts_first_and_parts_before_all() {
        let found = of(&[("TF_LOG", "error"), ("WINDLASS_LOG", "debug"), ("TF_LOG_PROVIDER", "off"), ("TF_LOG_PATH", "x")]);
        let expected =
            Wanted { core: LevelFilter::DEBUG, providers: LevelFilter::OFF, is_json: false, path: Some("x".into()), wrong: vec![] };
        assert_eq!(found, expected);
        assert_eq!(of(&[]).core, LevelFilter::OFF);
        assert!(of(&[("TF_LOG", "json")]).is_json);
        let found = of(&[("TF_LOG", "loud")]);
        assert_eq!((found.core, found.wrong), (LevelFilter::TRACE, vec!["loud".to_owned()]));
    }
}
