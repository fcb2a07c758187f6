//! `taint`, `untaint`, and the commands of `state` that change it.

use super::Outcome;
use super::show::config_for_state;
use super::state::{is_at_or_under, parse, workload_alias};
use crate::address::{Instance, ModuleInstance, parse_instance};
use crate::cli::arguments;
use crate::cli::output::print;
use crate::cli::process::Process;
use crate::diagnostic::Diagnostic;
use crate::ops::{self, Failed};
use crate::state::{State, wire};
use std::io::Read;
use std::path::Path;
use std::process::ExitCode;

/// Marks an object as one that the next apply replaces, or takes the mark away.
pub async fn taint(process: &Process, flags: &arguments::Taint, tainted: bool) -> Outcome {
    let address = parse(&flags.address)?;
    let config = config_for_state(process);
    let edit = |state: &mut State| match ops::set_tainted(state, &address, tainted) {
        Err(failed) if !flags.allow_missing || failed.diagnostics.0.iter().any(|one| one.summary != "No such resource instance") => {
            Err(failed)
        }
        Err(_) => Ok(false),
        Ok(()) => Ok(true),
    };
    let found = ops::edit_state(&process.context, config.as_ref(), flags.lock.options()?, edit).await?;
    print(&match (found, tainted) {
        (false, _) => format!("There is no resource instance {address} in the state; nothing was changed, as -allow-missing allows.\n"),
        (true, true) => format!("Resource instance {address} has been marked as tainted.\n"),
        (true, false) => format!("Resource instance {address} has been successfully untainted.\n"),
    });
    Ok(ExitCode::SUCCESS)
}

/// Takes objects out of the state; they stay in the cloud.
pub async fn remove(process: &Process, flags: &arguments::StateRemove) -> Outcome {
    let config = config_for_state(process);
    let matching = |state: &State| -> Vec<Instance> {
        let at = |address: &&Instance| flags.addresses.iter().any(|wanted| is_at_or_under(&address.to_string(), wanted));
        state.instances.keys().filter(at).cloned().collect()
    };
    let edit = |state: &mut State| {
        let found = matching(state);
        if found.is_empty() {
            return Err(nothing_found());
        }
        if !flags.dry_run {
            found.iter().for_each(|address| drop(state.instances.remove(address)));
        }
        Ok(found)
    };
    let removed = ops::edit_state(&process.context, config.as_ref(), flags.lock.options()?, edit).await?;
    let verb = if flags.dry_run { "Would remove" } else { "Removed" };
    print(&removed.iter().map(|address| format!("{verb} {address}\n")).collect::<String>());
    if !flags.dry_run {
        print(&format!("Successfully removed {} resource instance(s).\n", removed.len()));
    }
    Ok(ExitCode::SUCCESS)
}

fn nothing_found() -> Failed {
    let detail = "No matching objects found. To view the available instances, use \"windlass state list\". Please modify the address to \
                  reference a specific instance.";
    Failed::from(Diagnostic::error("Invalid target address", detail))
}

/// Gives objects other addresses.
pub async fn rename(process: &Process, flags: &arguments::StateMove) -> Outcome {
    let config = config_for_state(process);
    let edit = |state: &mut State| {
        let moves = moves(state, &flags.from, &flags.to)?;
        if !flags.dry_run {
            for (from, to) in &moves {
                state.rename(from, to);
            }
        }
        Ok(moves)
    };
    let moved = ops::edit_state(&process.context, config.as_ref(), flags.lock.options()?, edit).await?;
    let verb = if flags.dry_run { "Would move" } else { "Move" };
    print(&moved.iter().map(|(from, to)| format!("{verb} \"{from}\" to \"{to}\"\n")).collect::<String>());
    if !flags.dry_run {
        print(&format!("Successfully moved {} object(s).\n", moved.len()));
    }
    Ok(ExitCode::SUCCESS)
}

/// Every instance at or under an address, with its address under the other one.
fn moves(state: &State, from: &str, to: &str) -> Result<Vec<(Instance, Instance)>, Failed> {
    let (from, to) = (workload_alias(from), workload_alias(to));
    let refuse = |detail: String| Failed::from(Diagnostic::error("Invalid target address", detail));
    let is_module =
        |text: &str| parse_instance(&format!("{text}.any.any")).is_ok_and(|inner| !inner.module.is_root() && parse_instance(text).is_err());
    if is_module(&from) != is_module(&to) {
        return Err(refuse(format!("Cannot move {from} to {to}: both must be modules, or both must be resources.")));
    }
    let mut moves = Vec::new();
    for address in state.instances.keys() {
        let text = address.to_string();
        let Some(rest) = text.strip_prefix(&*from).filter(|rest| rest.is_empty() || rest.starts_with(['.', '['])) else { continue };
        let target = format!("{to}{rest}");
        let target = parse_instance(&target).map_err(|error| refuse(format!("Cannot move to {target}: {error}.")))?;
        if target.resource.type_name != address.resource.type_name || target.resource.mode != address.resource.mode {
            return Err(refuse(format!("Cannot move {address} to {target}: resource types don't match.")));
        }
        if state.instances.contains_key(&target) {
            return Err(refuse(format!(
                "Cannot move to {target}: there is already a resource instance at that address in the current state."
            )));
        }
        moves.push((address.clone(), target));
    }
    if moves.is_empty() {
        return Err(refuse(format!("Cannot move {from}: does not match anything in the current state.")));
    }
    Ok(moves)
}

/// Writes the state to standard output.
pub async fn pull(process: &Process) -> Outcome {
    let (state, _) = ops::read_state(&process.context, config_for_state(process).as_ref()).await?;
    if !state.lineage.is_empty() {
        print(&String::from_utf8_lossy(&wire::write(&state)));
    }
    Ok(ExitCode::SUCCESS)
}

/// Takes a file in place of the state.
pub async fn push(process: &Process, flags: &arguments::StatePush) -> Outcome {
    let unreadable =
        |error: std::io::Error| Failed::from(Diagnostic::error("File can't be read", format!("{}: {error}.", flags.file.display())));
    let mut bytes = Vec::new();
    match flags.file == Path::new("-") {
        true => drop(std::io::stdin().read_to_end(&mut bytes).map_err(unreadable)?),
        false => bytes = std::fs::read(&flags.file).map_err(unreadable)?,
    }
    let name = flags.file.display().to_string();
    let config = config_for_state(process);
    let pushed = ops::state_of(&process.context, config.as_ref(), bytes, &name).await?;
    let edit = |state: &mut State| ops::push_state(state, pushed, flags.force);
    ops::edit_state(&process.context, config.as_ref(), flags.lock.options()?, edit).await?;
    Ok(ExitCode::SUCCESS)
}

/// Takes what runs could not write into the state.
pub async fn recover(process: &Process, flags: &arguments::StateRecover) -> Outcome {
    let config = config_for_state(process);
    let recovered = ops::recover(&process.context, config.as_ref(), &flags.files, flags.lock.options()?).await?;
    let Some(recovered) = recovered else {
        print("Nothing to recover: no run has left anything that it could not write.\n");
        return Ok(ExitCode::SUCCESS);
    };
    process.report(&recovered.diagnostics, &Default::default());
    print(&format!("Taken in: {}\n", recovered.files.join(", ")));
    match recovered.changed.is_empty() {
        true => print("The state holds all of it already.\n"),
        false => {
            let line = |(address, is_there): &(String, bool)| format!("  {} {address}\n", if *is_there { "~" } else { "-" });
            print(&format!(
                "In the state these are new, changed (~) or gone (-):\n{}",
                recovered.changed.iter().map(line).collect::<String>()
            ));
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Says that objects are of another provider's address, such as a mirror of the same provider.
pub async fn replace_provider(process: &Process, flags: &arguments::StateReplaceProvider) -> Outcome {
    let (from, to) = (crate::config::full_source(&flags.from), crate::config::full_source(&flags.to));
    let config = config_for_state(process);
    if !flags.auto_approve {
        let detail = "Give -auto-approve to say that the objects of the one provider are to be those of the other.";
        return Err(Failed::from(Diagnostic::error("Approval needed", detail)));
    }
    let edit = |state: &mut State| {
        let mut changed = Vec::new();
        for (address, instance) in &mut state.instances {
            if *instance.provider.source == *from {
                std::sync::Arc::make_mut(instance).provider.source = to.as_str().into();
                changed.push(Instance { key: None, module: ModuleInstance(address.module.0.clone()), ..address.clone() });
            }
        }
        changed.dedup();
        Ok(changed)
    };
    let changed = ops::edit_state(&process.context, config.as_ref(), flags.lock.options()?, edit).await?;
    if changed.is_empty() {
        print("No matching resources found.\n");
        return Ok(ExitCode::SUCCESS);
    }
    print(&format!("Windlass changed the provider address of the following resources:\n\n  - {from}\n  + {to}\n\n"));
    print(&changed.iter().map(|address| format!("  {address}\n")).collect::<String>());
    print(&format!("\nSuccessfully replaced provider for {} resources.\n", changed.len()));
    Ok(ExitCode::SUCCESS)
}
