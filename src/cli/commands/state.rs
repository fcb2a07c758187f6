//! `state`: what looks at it here, what changes it in `state_edit`.

use super::show::config_for_state;
use super::{Outcome, state_edit};
use crate::address::{Instance, parse_instance};
use crate::cli::arguments;
use crate::cli::output::print;
use crate::cli::process::Process;
use crate::diagnostic::{Diagnostic, nearest};
use crate::ops::{self, Failed};
use crate::state::State;
use crate::view;
use std::process::ExitCode;

/// Looks into the state.
pub async fn run(process: &Process, flags: &arguments::State) -> Outcome {
    match flags {
        arguments::State::ForgetIntent { lock, address } => forget_intent(process, lock, address).await,
        arguments::State::Remove(flags) => state_edit::remove(process, flags).await,
        arguments::State::Move(flags) => state_edit::rename(process, flags).await,
        arguments::State::Recover(flags) => state_edit::recover(process, flags).await,
        arguments::State::Pull => state_edit::pull(process).await,
        arguments::State::Push(flags) => state_edit::push(process, flags).await,
        arguments::State::ReplaceProvider(flags) => state_edit::replace_provider(process, flags).await,
        arguments::State::List { addresses, .. } => list(&existing(process).await?, addresses),
        arguments::State::Show { address, .. } => show(process, &existing(process).await?, address),
    }
}

/// The state, which must hold something.
async fn existing(process: &Process) -> Result<State, Failed> {
    let (state, _) = ops::read_state(&process.context, config_for_state(process).as_ref()).await?;
    if state.instances.is_empty() {
        let detail = "No state file was found, or it holds no object. State is written by apply.";
        return Err(Failed::from(Diagnostic::error("No state", detail)));
    }
    Ok(state)
}

async fn forget_intent(process: &Process, lock: &arguments::Lock, text: &str) -> Outcome {
    let address = parse(text)?;
    let config = config_for_state(process);
    let what = ops::forget_intent(&process.context, config.as_ref(), &address, lock.options()?).await?;
    print(&format!(
        "Forgot the unfinished {what} of {address}. The state is as it was before it. What that run may have left in the cloud is not managed: look for it, and delete it by hand.\n"
    ));
    Ok(ExitCode::SUCCESS)
}

pub(super) fn parse(text: &str) -> Result<Instance, Failed> {
    parse_instance(&workload_alias(text)).map_err(|error| Failed::from(Diagnostic::error("Invalid address", format!("{error}."))))
}

fn list(state: &State, wanted: &[String]) -> Outcome {
    let matched = |address: &Instance| {
        let text = address.to_string();
        wanted.is_empty() || wanted.iter().any(|wanted| is_at_or_under(&text, wanted))
    };
    let lines: Vec<_> = state.instances.iter().filter(|(address, instance)| instance.current.is_some() && matched(address)).collect();
    print(&lines.iter().map(|(address, _)| format!("{address}\n")).collect::<String>());
    Ok(ExitCode::SUCCESS)
}

/// `a.b` holds `a.b[0]`, `module.a` holds `module.a.b.c`.
pub(super) fn is_at_or_under(address: &str, wanted: &str) -> bool {
    let wanted = workload_alias(wanted);
    address.strip_prefix(&*wanted).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
}

/// `workload.x` is another name for `module.x`.
pub(super) fn workload_alias(text: &str) -> String {
    text.strip_prefix("workload.").map_or_else(|| text.to_owned(), |rest| format!("module.{rest}"))
}

fn show(process: &Process, state: &State, text: &str) -> Outcome {
    let address = parse(text)?;
    let Some(instance) = state.instances.get(&address) else {
        let known: Vec<String> = state.instances.keys().map(ToString::to_string).collect();
        let near = nearest(text, known.iter().map(String::as_str)).map(|near| format!(" Did you mean {near}?")).unwrap_or_default();
        let detail = format!("There is no instance {text} in the state.{near} To see what there is, run windlass state list.");
        return Err(Failed::from(Diagnostic::error("No instance found for the given address", detail)));
    };
    if let Some(object) = &instance.current {
        print(&view::state::instance(&address, object, &instance.provider.source, &process.context.providers));
    }
    Ok(ExitCode::SUCCESS)
}
