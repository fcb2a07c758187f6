//! `show`.

use super::Outcome;
use crate::cli::arguments;
use crate::cli::output::print;
use crate::cli::process::Process;
use crate::diagnostic::Diagnostic;
use crate::encryption::{is_sealed, is_sealed_state};
use crate::ops::{self, Failed};
use crate::plan::{embedded_config, file};
use crate::state::State;
use crate::view;
use std::path::Path;
use std::process::ExitCode;

/// Shows the state, or a saved plan or state file.
pub async fn run(process: &Process, flags: &arguments::Show) -> Outcome {
    match &flags.file {
        Some(path) => from_file(process, path, flags).await?,
        None => {
            let (state, _) = ops::read_state(&process.context, config_for_state(process).as_ref()).await?;
            state_out(process, &state, flags.json);
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn from_file(process: &Process, path: &Path, flags: &arguments::Show) -> Result<(), Failed> {
    let bytes = std::fs::read(path)
        .map_err(|error| Failed::from(Diagnostic::error("File can't be read", format!("{}: {error}.", path.display()))))?;
    if !file::is_plan(&bytes) && (is_sealed_state(&bytes) || !is_sealed(&bytes)) {
        if flags.markdown || flags.html {
            let detail =
                format!("{} is no saved plan, and only plans are shown as Markdown or HTML. Save one by plan -out=FILE.", path.display());
            return Err(Failed::from(Diagnostic::error("Not a saved plan", detail)));
        }
        let config = config_for_state(process);
        let state = ops::state_of(&process.context, config.as_ref(), bytes, &path.display().to_string()).await?;
        state_out(process, &state, flags.json);
        return Ok(());
    }
    let checked = ops::read_plan_file(&process.context, path).await?;
    let (plan, providers) = (checked.plan(), &process.context.providers);
    print(&match flags {
        flags if flags.json => format!("{}\n", view::json::plan(plan, &embedded_config(&checked, providers)?, providers)),
        flags if flags.markdown => view::markdown::markdown(plan, providers),
        flags if flags.html => view::html::html(plan, providers),
        _ => view::plan::render(plan, providers, process.style),
    });
    Ok(())
}

fn state_out(process: &Process, state: &State, json: bool) {
    match json {
        true => print(&format!("{}\n", view::json::state(state, &process.context.providers))),
        false => print(&view::state::state(state, &process.context.providers)),
    }
}

/// The configuration, as far as it says where the state is: a broken one does not keep anybody from looking.
pub fn config_for_state(process: &Process) -> Option<crate::config::Config> {
    ops::load(&process.context).ok().map(|loaded| loaded.config)
}
