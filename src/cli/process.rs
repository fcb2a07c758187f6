//! The process: environment, colours, signals, identity.

use super::arguments::Global;
use super::remote_states::RemoteReader;
use super::{output, sandbox};
use crate::diagnostic::{Diagnostic, Diagnostics, SourceMap};
use crate::encryption;
use crate::event::{Listener, Logged};
use crate::ops::{Context, Failed, SANDBOX_FOLDER, data_folder_of, selected_workspace};
use crate::state::backend::{DEFAULT_WORKSPACE, StateFiles, Surroundings};
use crate::state::{Effects, FailAt, StopAt};
use crate::view::diagnostic::{DEFAULT_WIDTH, compact};
use crate::view::json::message_wire as message;
use crate::view::stream::Stream;
use crate::view::style::Style;
use crate::view::terminal::Terminal;
use std::collections::BTreeMap;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};
use tokio::sync::watch;
use windlass_api::{Environment, Provider, Providers};
use windlass_builtin::MockPlaces;

/// Stops the process at an effect, for crash tests: `before:17` or `after:17`.
const STOP_AT: &str = "WINDLASS_STOP_AT";
/// Makes an effect on the world fail. For tests of outages.
const FAIL_AT: &str = "WINDLASS_FAIL_AT";
/// Where to write how many effects a run had, for crash tests.
pub const EFFECTS_FILE: &str = "WINDLASS_EFFECTS_FILE";
/// The passphrase that seals sensitive values in saved plans.
const PLAN_KEY: &str = "WINDLASS_PLAN_KEY";

/// Another file than `dynamic_resources.json` that declares the mock provider's types.
const MOCK_TYPES: &str = "TFCOREMOCK_DYNAMIC_RESOURCES_FILE";

/// Says, by any value, that a program runs this one.
const IN_AUTOMATION: &str = "TF_IN_AUTOMATION";

/// What a command works with.
pub struct Process {
    /// What operations are given.
    pub context: Context,
    /// How standard output is painted.
    pub style: Style,
    /// How wide text is.
    pub width: usize,
    /// Kept while the command runs: the simulator served by this process, or the connection to another's.
    pub sandbox: Option<sandbox::Running>,
    /// Where everything goes under `-json`.
    pub stream: Option<Arc<Stream>>,
    /// Whether warnings without errors are only listed.
    pub compact_warnings: bool,
    /// Whether nobody reads what to do next.
    pub in_automation: bool,
}

impl Process {
    /// Writes what a user may do next, unless nobody is there who would.
    pub fn advise(&self, text: &str) {
        if !self.in_automation {
            self.say(text);
        }
    }
}

impl Process {
    /// Writes a text for people: nothing under `-json`.
    pub fn say(&self, text: &str) {
        if self.stream.is_none() {
            output::print(text);
        }
    }

    /// Writes warnings and errors, as text or into the stream.
    pub fn report(&self, diagnostics: &Diagnostics, sources: &SourceMap) {
        match &self.stream {
            Some(stream) => stream.diagnostics(diagnostics, sources),
            None if self.compact_warnings && !diagnostics.has_errors() => output::print(&compact(diagnostics, sources)),
            None => output::diagnostics(diagnostics, sources, self.style, self.width),
        }
    }
}

/// Begins the stream of a command under `-json`: writes its first line, the version.
pub fn open_stream() -> Arc<Stream> {
    let stream = Stream::new(jiff::Timestamp::now);
    stream.write(message::version(env!("CARGO_PKG_VERSION")));
    Arc::new(stream)
}

/// The providers of this build, as they are in a working folder.
fn providers(working_folder: &Path, states: RemoteReader) -> Providers {
    #[cfg_attr(not(feature = "aws"), expect(unused_mut, reason = "without a cloud there is nothing to add"))]
    let mut all: Vec<Arc<dyn Provider>> = windlass_builtin::providers(
        MockPlaces {
            working_folder: working_folder.to_owned(),
            declarations: std::env::var_os(MOCK_TYPES).map(PathBuf::from),
            sandbox_folder: working_folder.join(SANDBOX_FOLDER),
        },
        Arc::new(states),
    );
    #[cfg(feature = "aws")]
    all.push(windlass_aws::provider());
    Providers::new(all)
}

/// What back ends may use that only read.
fn surroundings(working_folder: &Path, environment: &Environment) -> Surroundings {
    Surroundings {
        working_folder: working_folder.to_owned(),
        data_folder: data_folder_of(working_folder, &environment.variables),
        home: environment.home.clone(),
        variables: environment.variables.clone(),
        who: who(&environment.variables),
        effects: Effects::unarmed(),
        files: StateFiles::default(),
    }
}

/// How standard output is painted.
pub fn style(global: &Global) -> Style {
    let no_color = global.no_color || std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    Style { color: !no_color && std::io::stdout().is_terminal() && std::env::var_os("TERM").is_none_or(|term| term != "dumb") }
}

/// Makes what a command works with. With `-chdir` the process changes its folder first, so that relative paths mean the same
/// everywhere.
///
/// # Errors
/// The folder can't be entered, or the sandbox can't be reached.
pub async fn prepare(global: &Global, stream: Option<Arc<Stream>>) -> Result<Process, Failed> {
    let style = style(global);
    if let Some(folder) = &global.chdir {
        std::env::set_current_dir(folder)
            .map_err(|error| Failed::from(Diagnostic::error("Error handling -chdir option", format!("{}: {error}.", folder.display()))))?;
    }
    let working_folder = std::env::current_dir()
        .map_err(|error| Failed::from(Diagnostic::error("The working folder can't be told", format!("{error}."))))?;
    let mut environment = environment();
    let sandbox = match global.sandbox {
        true => Some(sandbox::enter(&working_folder).await?),
        false => None,
    };
    environment.sandbox = sandbox.as_ref().map(sandbox::Running::endpoint);
    let width = terminal_width();
    let moving = std::io::stdout().is_terminal() && std::io::stderr().is_terminal();
    let listener: Arc<dyn Listener> = match &stream {
        Some(stream) => stream.clone(),
        None => Arc::new(Terminal::new(style, width, moving)),
    };
    let listener: Arc<dyn Listener> = Arc::new(Logged(listener));
    let encryption = encryption::Shared::default();
    let states = RemoteReader {
        surroundings: surroundings(&working_folder, &environment),
        encryption: encryption.clone(),
        is_sandbox: global.sandbox,
    };
    let mut context = Context {
        providers: providers(&working_folder, states),
        variables: Vec::new(),
        workspace: DEFAULT_WORKSPACE.into(),
        state_files: StateFiles::default(),
        listener,
        interrupt: interrupts().map_err(|error| Failed::from(Diagnostic::error("Interrupts can't be listened to", format!("{error}."))))?,
        effects: effects()?,
        clock: Arc::new(unix_seconds),
        who: who(&environment.variables),
        encryption,
        plan_key: environment.variables.get(PLAN_KEY).filter(|key| !key.is_empty()).map(|key| key.as_str().into()),
        working_folder,
        environment,
    };
    context.workspace = selected_workspace(&context)?;
    let in_automation = context.environment.variables.get(IN_AUTOMATION).is_some_and(|value| !value.is_empty());
    Ok(Process { context, style, width, sandbox, stream, compact_warnings: global.compact_warnings, in_automation })
}

fn environment() -> Environment {
    let variables: BTreeMap<String, String> =
        std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?))).collect();
    let home = variables.get("HOME").or_else(|| variables.get("USERPROFILE")).map(PathBuf::from);
    Environment { variables, home, sandbox: None }
}

fn effects() -> Result<Arc<Effects>, Failed> {
    let wrong = |name: &str, text: &str, form: &str, what: &str| {
        let detail = format!("{name} is {text:?}; it must be {form} with N from 1. It {what} on purpose: unset it outside of tests.");
        Failed::from(Diagnostic::error("Invalid environment variable", detail))
    };
    let stop_at = match std::env::var(STOP_AT) {
        Err(_) => StopAt::Never,
        Ok(text) => StopAt::parse(&text).ok_or_else(|| wrong(STOP_AT, &text, "\"before:N\" or \"after:N\"", "stops the process"))?,
    };
    let fail_at = match std::env::var(FAIL_AT) {
        Err(_) => None,
        Ok(text) => {
            let form = "\"store-before:N\", \"store-after:N\", or the same with \"disk\" or \"cut\"";
            Some(FailAt::parse(&text).ok_or_else(|| wrong(FAIL_AT, &text, form, "makes writes fail"))?)
        }
    };
    Ok(Effects::aborting_and_failing(stop_at, fail_at))
}

fn unix_seconds() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

fn terminal_width() -> usize {
    match terminal_size::terminal_size_of(std::io::stdout()) {
        Some((columns, _)) => usize::from(columns.0).max(40),
        None => DEFAULT_WIDTH,
    }
}

fn who(variables: &BTreeMap<String, String>) -> String {
    let user =
        variables.get("USER").or_else(|| variables.get("LOGNAME")).or_else(|| variables.get("USERNAME")).cloned().unwrap_or_default();
    let host = std::fs::read_to_string("/etc/hostname").unwrap_or_default();
    let host = variables.get("HOSTNAME").cloned().unwrap_or_else(|| host.trim().to_owned());
    format!("{user}@{host}")
}

/// Counts SIGINT, SIGTERM and SIGHUP. From the first on the process no longer dies of them: whoever listens ends it.
///
/// # Errors
/// The system takes no handler.
fn interrupts() -> std::io::Result<watch::Receiver<u32>> {
    let (sender, receiver) = watch::channel(0);
    let mut signals = Signals::new()?;
    tokio::spawn(async move {
        let mut times = 0;
        while signals.next().await.is_some() {
            times += 1;
            if sender.receiver_count() == 0 {
                std::process::exit(130);
            }
            let _ = sender.send(times);
        }
    });
    Ok(receiver)
}

/// Both are listened to all the time: a second signal that comes right after the first one counts.
#[cfg(unix)]
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
    /// That the terminal is gone. `None` where that is to be ignored, as under `nohup`.
    hang_up: Option<tokio::signal::unix::Signal>,
}

#[cfg(unix)]
impl Signals {
    fn new() -> std::io::Result<Signals> {
        use tokio::signal::unix::{SignalKind, signal};
        let hang_up = (!is_hang_up_ignored()).then(|| signal(SignalKind::hangup())).transpose()?;
        Ok(Signals { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())?, hang_up })
    }

    async fn next(&mut self) -> Option<()> {
        tokio::select! {
            interrupted = self.interrupt.recv() => interrupted,
            terminated = self.terminate.recv() => terminated,
            Some(hung_up) = async { self.hang_up.as_mut()?.recv().await } => Some(hung_up),
        }
    }
}

/// Whether whoever started this process wants it to outlive the terminal. Linux tells it; elsewhere nobody does.
#[cfg(unix)]
fn is_hang_up_ignored() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| u64::from_str_radix(line.strip_prefix("SigIgn:")?.trim(), 16).ok());
    // Bits count from signal 1, which is this one.
    ignored.is_some_and(|ignored| ignored & 1 == 1)
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn new() -> std::io::Result<Signals> {
        Ok(Signals)
    }

    async fn next(&mut self) -> Option<()> {
        tokio::signal::ctrl_c().await.ok()
    }
}
