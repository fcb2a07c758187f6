//! One file a command.

mod apply;
mod completion;
mod console;
mod eject;
mod format;
mod graph;
mod import;
mod init;
mod lock;
mod metadata;
mod operation;
mod output;
mod plan;
mod prompt;
mod providers;
mod refresh;
mod sandbox;
mod show;
mod state;
mod state_edit;
mod validate;
mod version;
mod workspace;

use super::arguments::{Cli, Command, Lock, Planning};
use super::output::{diagnostics, print};
use super::process::{self, EFFECTS_FILE, Process};
use crate::diagnostic::Diagnostic;
use crate::ops::{Failed, LockOptions, PlanRequest};
use crate::plan::PlanOptions;
use crate::view::diagnostic::DEFAULT_WIDTH;
use crate::view::json::message_wire as message;
use std::process::ExitCode;
use std::time::Duration;

/// What a command ends with.
type Outcome = Result<ExitCode, Failed>;

/// Runs a command.
///
/// `is_terraform` says that it is called by that name, which those expect who parse the version.
pub async fn run(cli: Cli, is_terraform: bool) -> ExitCode {
    let Some(command) = cli.command.filter(|_| !cli.version) else { return version::print(false, is_terraform) };
    if let Command::Version(flags) = &command {
        return version::print(flags.json, is_terraform);
    }
    if let Command::Completion(flags) = &command {
        return completion::run(flags);
    }
    let style = process::style(&cli.global);
    let stream = command.streams().then(process::open_stream);
    let serves_itself = matches!(command, Command::Sandbox(_));
    let global = super::arguments::Global { sandbox: cli.global.sandbox && !serves_itself, ..cli.global };
    let mut process = match process::prepare(&global, stream.clone()).await {
        Ok(process) => process,
        Err(error) => {
            match stream {
                Some(stream) => stream.diagnostics(&error.diagnostics, &error.sources),
                None => diagnostics(&error.diagnostics, &error.sources, style, DEFAULT_WIDTH),
            }
            return ExitCode::FAILURE;
        }
    };
    process.context.variables = command.variables().to_vec();
    process.context.state_files = command.state_files();
    let code = match dispatch(command, &process).await {
        Ok(code) => code,
        Err(error) => {
            process.report(&error.diagnostics, &error.sources);
            ExitCode::FAILURE
        }
    };
    if let Some(file) = std::env::var_os(EFFECTS_FILE) {
        let _ = std::fs::write(file, process.context.effects.count().to_string());
    }
    if let Some(sandbox) = process.sandbox {
        sandbox.leave().await;
    }
    code
}

async fn dispatch(command: Command, process: &Process) -> Outcome {
    match command {
        Command::Init(flags) => init::run(process, &flags).await,
        Command::Get(flags) => init::get(process, &flags).await,
        Command::Validate(flags) => validate::run(process, flags.json),
        Command::Format(flags) => format::run(process, &flags),
        Command::Plan(flags) => plan::run(process, &flags).await,
        Command::Apply(flags) => apply::run(process, &flags).await,
        Command::Destroy(flags) => apply::destroy(process, &flags).await,
        Command::Refresh(flags) => refresh::run(process, &flags).await,
        Command::Console(flags) => console::run(process, &flags).await,
        Command::Eject(flags) => eject::run(process, &flags).await,
        Command::Graph(flags) => graph::run(process, &flags).await,
        Command::Metadata(flags) => metadata::run(&flags),
        Command::Providers(flags) => providers::run(process, &flags).await,
        Command::Show(flags) => show::run(process, &flags).await,
        Command::Output(flags) => output::run(process, &flags).await,
        Command::State(flags) => state::run(process, &flags).await,
        Command::Import(flags) => import::run(process, &flags).await,
        Command::Taint(flags) => state_edit::taint(process, &flags, true).await,
        Command::Untaint(flags) => state_edit::taint(process, &flags, false).await,
        Command::ForceUnlock(flags) => lock::run(process, &flags).await,
        Command::Workspace(flags) => workspace::run(process, &flags).await,
        Command::Version(flags) => Ok(version::print(flags.json, false)),
        Command::Completion(flags) => Ok(completion::run(&flags)),
        Command::Sandbox(flags) => sandbox::run(process, flags).await,
    }
}

/// Says that nothing is real, where that is so.
fn banner(process: &Process) {
    const TEXT: &str = "SANDBOX: a simulated cloud; nothing here is real or costs money.";
    match &process.stream {
        _ if !process.context.sandbox() => {}
        Some(stream) => stream.write(message::log(TEXT)),
        None => print(&format!("{TEXT}\n")),
    }
}

impl Lock {
    fn options(&self) -> Result<LockOptions, Failed> {
        Ok(LockOptions { lock: self.lock, timeout: duration(&self.lock_timeout)? })
    }
}

impl Planning {
    async fn request(&self, process: &Process, options: PlanOptions, operation: &'static str) -> Result<PlanRequest, Failed> {
        Ok(PlanRequest {
            options: PlanOptions { allow_gone: self.allow_gone, ..options },
            generate: None,
            variables: prompt::variables(process, self).await?,
            lock: self.lock.options()?,
            operation,
        })
    }
}

/// Parses `90s`, `1m30s`, `2h`, `500ms`.
fn duration(text: &str) -> Result<Duration, Failed> {
    let span: Result<jiff::SignedDuration, _> = text.parse();
    span.ok().and_then(|span| Duration::try_from(span).ok()).ok_or_else(|| {
        let detail = format!("{text:?} is not a duration. Write it like 30s, 5m or 1h30m.");
        Failed::from(Diagnostic::error("Invalid duration", detail))
    })
}
