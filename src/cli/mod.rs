//! Flags and environment → operations; the only place that names provider crates, reads the environment and exits.
//!
//! - [`arguments`]: what a user may type, with help and examples.
//! - [`normal`]: Terraform's single dashes and truth values → clap's; arguments from the environment.
//! - [`process`]: environment, colours, signals, the sandbox: all that makes a [`crate::ops::Context`].
//! - `commands`: one file a command; each calls `ops` and shows the result.

pub mod arguments;
mod commands;
mod editor;
mod log;
mod normal;
mod output;
mod process;
mod remote_states;
mod sandbox;
mod terraformrc;

use crate::diagnostic::Diagnostic;
use clap::{CommandFactory, FromArgMatches, Parser};
use std::ffi::OsString;
use std::path::Path;
use std::process::ExitCode;

/// The stack of the thread that parses and evaluates: expressions may nest deep.
const STACK_BYTES: usize = 256 << 20;

/// Runs the program with these arguments, the program's name first.
pub fn main(arguments: Vec<OsString>) -> ExitCode {
    let worker = std::thread::Builder::new().name("main".to_owned()).stack_size(STACK_BYTES).spawn(move || run(arguments));
    match worker.map(std::thread::JoinHandle::join) {
        Ok(Ok(code)) => code,
        // The panic has been printed by the thread itself.
        Ok(Err(_)) => ExitCode::from(101),
        Err(error) => {
            output::problem(&format!("A thread can't be started: {error}."));
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: Vec<OsString>) -> ExitCode {
    let is_terraform = arguments.first().is_some_and(|program| Path::new(program).file_stem().is_some_and(|stem| stem == "terraform"));
    let (arguments, cli) = read(arguments);
    let cli = match cli {
        Ok(cli) => cli,
        Err(error) => {
            match error.use_stderr() && asks_for_stream(&arguments) {
                true => process::open_stream().diagnostics(&wrong_flags(&error).into(), &Default::default()),
                false => drop(error.print()),
            }
            // Help and version are answers, not errors. Terraform's exit code for wrong usage is 1, not clap's 2: with
            // -detailed-exitcode, 2 means something else.
            return if error.use_stderr() { ExitCode::FAILURE } else { ExitCode::SUCCESS };
        }
    };
    log::begin(|name| std::env::var(name).ok());
    tracing::info!(version = env!("CARGO_PKG_VERSION"), command = normal::told(&arguments), "Windlass");
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().thread_stack_size(16 << 20).build();
    match runtime {
        Ok(runtime) => {
            let code = runtime.block_on(commands::run(cli, is_terraform));
            // Everything that must be written is: a call that does not come back keeps nobody waiting.
            runtime.shutdown_background();
            code
        }
        Err(error) => {
            output::problem(&format!("The runtime can't be started: {error}."));
            ExitCode::FAILURE
        }
    }
}

/// What the arguments and the environment ask for, and the arguments as they were understood.
fn read(arguments: Vec<OsString>) -> (Vec<OsString>, Result<arguments::Cli, clap::Error>) {
    let mut root = arguments::Cli::command();
    root.build();
    let given = normal::with_two_dashes(arguments);
    let variable = |name: &str| std::env::var(name).ok();
    let wrong = |text: String| clap::Error::raw(clap::error::ErrorKind::InvalidValue, format!("{text}\n"));
    let whole = match normal::with_environment(given.clone(), &root, variable) {
        Ok(whole) => whole,
        Err(text) => return (given, Err(wrong(text))),
    };
    let plain = match normal::with_plain_truths(whole.clone(), &root) {
        Ok(plain) => plain,
        Err(text) => return (whole, Err(wrong(text))),
    };
    let cli = arguments::Cli::try_parse_from(&plain);
    (plain, cli)
}

/// Whether flags that were not understood ask for a stream of JSON: `-json` at a command that has one.
fn asks_for_stream(arguments: &[OsString]) -> bool {
    if !arguments.iter().any(|argument| argument == "--json") {
        return false;
    }
    let read = |arguments: &[OsString]| arguments::Cli::command().ignore_errors(true).try_get_matches_from(arguments).ok();
    let Some(name) = read(arguments).and_then(|matches| matches.subcommand_name().map(OsString::from)) else { return false };
    // What follows a mistake is not read any more: the command with -json alone tells whether it has a stream.
    let cli = read(&["windlass".into(), name, "--json".into()]).and_then(|matches| arguments::Cli::from_arg_matches(&matches).ok());
    cli.and_then(|cli| cli.command).is_some_and(|command| command.streams())
}

/// What is wrong with the flags, for those who read a stream.
fn wrong_flags(error: &clap::Error) -> Diagnostic {
    let text = error.render().to_string();
    Diagnostic::error("Failed to parse command-line flags", text.trim_start_matches("error: ").trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_commands_with_a_stream_are_asked_for_it() {
        let asks = |words: &[&str]| asks_for_stream(&words.iter().map(OsString::from).collect::<Vec<_>>());
        assert!(asks(&["windlass", "--chdir=x", "plan", "--json", "--nosuch"]));
        assert!(asks(&["windlass", "--chdir", "x", "plan", "--nosuch", "--json"]));
        assert!(!asks(&["windlass", "plan", "--nosuch"]));
        assert!(!asks(&["windlass", "output", "--json", "--nosuch"]));
    }
}
