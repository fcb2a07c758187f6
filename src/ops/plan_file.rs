//! Saved plans: written by `plan -out`, read by `apply FILE` and `show FILE`.

use super::backend::home_in;
use super::encryption::encryption;
use super::plan::settle;
use super::state_access::open;
use super::variables::collect_ephemeral;
use super::whole_file::{advice, write_private};
use super::{Context, Failed, Given, LockOptions, Planned, load};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::encryption::{Encryption, EncryptionError, Target, is_sealed};
use crate::plan::{self, CheckedPlan, file};
use std::path::Path;
use std::sync::Arc;

/// Writes a plan, for the owner's eyes only.
///
/// # Errors
/// The file can't be written. The diagnostics warn when sensitive values lie in it unsealed.
pub async fn write_plan_file(context: &Context, plan: &CheckedPlan, path: &Path) -> Result<Diagnostics, Failed> {
    let target = context.encryption.get().map_or_else(Target::none, |encryption| encryption.plan());
    let (bytes, mut warnings) = file::write(plan, context.plan_key.as_deref())?;
    let bytes = target.seal_plan(&bytes).await.map_err(|error| unsealed_plan("encrypting", path, &error))?;
    let is_state_sealed = context.encryption.get().is_some_and(|encryption| encryption.state().seals());
    if target.seals() {
        warnings = Diagnostics::none();
    } else if is_state_sealed && context.plan_key.is_none() {
        let detail = "The state is encrypted, but the saved plan, which holds all of it, is not: anybody who can read the file can read it. Add a \
                      plan block to the encryption block.";
        warnings = Diagnostic::warning("Saved plan is not encrypted", detail).into();
    }
    write_private(path, &bytes).map_err(|error| {
        let problem = Diagnostic {
            hint: advice(&error).map(str::to_owned),
            ..Diagnostic::error("Plan file can't be written", unwritable(path, &error))
        };
        Failed::from(problem)
    })?;
    Ok(warnings)
}

fn unwritable(path: &Path, error: &std::io::Error) -> String {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty() && !folder.exists());
    match folder {
        Some(folder) => format!("{}: there is no folder {}. Make it first.", path.display(), folder.display()),
        None => format!("{}: {error}.", path.display()),
    }
}

/// Reads and checks a saved plan.
///
/// # Errors
/// It is no plan, damaged, of another version, sealed under another key, of the other side of `-sandbox`, or fails the check.
pub async fn read_plan_file(context: &Context, path: &Path) -> Result<CheckedPlan, Failed> {
    let bytes = std::fs::read(path)
        .map_err(|error| Failed::from(Diagnostic::error("Plan file can't be read", format!("{}: {error}.", path.display()))))?;
    let target = encryption_here(context)?.plan();
    // What is neither is refused with a better word than that it is not encrypted.
    let bytes = match file::is_plan(&bytes) || is_sealed(&bytes) {
        true => target.open(bytes).await.map_err(|error| unsealed_plan("decrypting", path, &error))?.bytes,
        false => bytes,
    };
    let plan = file::read(&bytes, &path.display().to_string(), context.plan_key.as_deref())?;
    let sources = Arc::new(plan.inputs.sources.clone());
    plan::check(plan, &context.providers).map_err(|errors| Failed::from(errors).in_sources(&sources))
}

/// The encryption that the configuration of the working folder asks for. A saved plan holds no keys, so they come from there.
fn encryption_here(context: &Context) -> Result<Arc<Encryption>, Failed> {
    let loaded = load(context).ok();
    encryption(context, loaded.as_ref().map(|loaded| &loaded.config))
}

fn unsealed_plan(action: &str, path: &Path, error: &EncryptionError) -> Failed {
    Diagnostic::error("Encryption of the plan file failed", format!("Error {action} {}: {error}.", path.display())).into()
}

/// Opens the state that a saved plan was made from. `variables` are those of the flags.
///
/// # Errors
/// The plan was made on the other side of `-sandbox`, the state has moved on, or other variables are given than the plan needs.
pub async fn open_saved(context: &Context, plan: CheckedPlan, variables: &[Given], lock: LockOptions) -> Result<Planned, Failed> {
    let sources = Arc::new(plan.plan().inputs.sources.clone());
    if plan.plan().sandbox != context.sandbox() {
        let (made, now) = if plan.plan().sandbox { ("under -sandbox", "without it") } else { ("without -sandbox", "under it") };
        let detail = format!("The plan was made {made} and can't be applied {now}. Give the same flag to both.");
        return Err(Failed::from(Diagnostic::error("Plan of another world", detail)));
    }
    let declared = plan::embedded_config(&plan, &context.providers).map_err(|errors| Failed::from(errors).in_sources(&sources))?;
    let planned = &plan.plan().inputs.ephemeral_variables;
    let (ephemeral, mut warnings) =
        collect_ephemeral(&declared, planned, &context.environment.variables, &context.working_folder, variables)?;
    let workspace = plan.plan().inputs.workspace.clone();
    let (home, _) = home_in(context, Some(&declared), workspace).map_err(|failed| failed.in_sources(&sources))?;
    let clients = context.clients();
    let pins = plan.plan().providers.iter();
    // What is ephemeral in a provider's configuration is not stored; such a one is evaluated anew when it is needed.
    let stored = pins.filter(|(_, pin)| pin.config.is_wholly_known());
    let configs = || stored.map(|(provider, pin)| (provider.clone(), pin.config.clone())).collect();
    let opened = open(context, &home, "OperationTypeApply", lock.lock.then_some(lock.timeout)).await?;
    let (session, state, diagnostics) = settle(context, opened, &clients, lock.lock, configs).await?;
    let prior = &plan.plan().prior;
    if !prior.lineage.is_empty() && !state.lineage.is_empty() && state.lineage != prior.lineage {
        drop(session.close().await);
        let detail = "The plan was made from another state (its lineage differs). Make a new plan.";
        return Err(Failed::from(Diagnostic::error("Saved plan does not match the given state", detail)));
    }
    let plan = match state.serial == prior.serial {
        true => plan,
        false => match plan::rebased(&plan, &declared, &context.providers, &state) {
            Ok(plan) => plan,
            Err(problems) => {
                drop(session.close().await);
                return Err(Failed::from(problems).in_sources(&sources));
            }
        },
    };
    warnings.extend(diagnostics);
    Ok(Planned { plan, session, clients, ephemeral, diagnostics: warnings, sources, generated: None })
}
