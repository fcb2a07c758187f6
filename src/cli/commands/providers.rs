//! `providers`.

use super::Outcome;
use crate::cli::arguments;
use crate::cli::output::print;
use crate::cli::process::Process;
use crate::desired::{provider_sources, provider_tree};
use crate::diagnostic::Diagnostic;
use crate::ops::{self, Failed};
use crate::view::json;
use crate::view::providers::providers;
use std::process::ExitCode;

/// Prints the tree of modules with what they require, or the schemas of what the configuration uses.
pub async fn run(process: &Process, flags: &arguments::Providers) -> Outcome {
    match &flags.what {
        Some(arguments::ProvidersOf::Schema(flags)) => schemas(process, flags),
        None => tree(process).await,
    }
}

async fn tree(process: &Process) -> Outcome {
    let loaded = ops::load_declared(&process.context)?;
    let (state, _) = ops::read_state(&process.context, Some(&loaded.config)).await?;
    let of_state = state.instances.values().map(|instance| &*instance.provider.source).collect();
    print(&providers(&provider_tree(&loaded.config), &of_state));
    Ok(ExitCode::SUCCESS)
}

fn schemas(process: &Process, flags: &arguments::Json) -> Outcome {
    if !flags.json {
        let detail = "Schemas are printed for machines only: add -json.";
        return Err(Failed::from(Diagnostic::error("The -json option is required", detail)));
    }
    let loaded = ops::load(&process.context)?;
    let sources = provider_sources(&loaded.config);
    print(&format!("{}\n", json::schemas(&process.context.providers, &sources)));
    Ok(ExitCode::SUCCESS)
}
