//! `providers`.

use super::Outcome;
use crate::cli::arguments;
use crate::cli::output::print;
use crate::cli::process::Process;
use crate::desired::provider_sources;
use crate::diagnostic::Diagnostic;
use crate::ops::{self, Failed};
use crate::view::json;
use std::process::ExitCode;

/// Prints the schemas of the providers that the configuration uses.
pub fn run(process: &Process, flags: &arguments::Providers) -> Outcome {
    let arguments::Providers::Schema(flags) = flags;
    if !flags.json {
        let detail = "Schemas are printed for machines only: add -json.";
        return Err(Failed::from(Diagnostic::error("The -json option is required", detail)));
    }
    let loaded = ops::load(&process.context)?;
    let sources = provider_sources(&loaded.config);
    print(&format!("{}\n", json::schemas(&process.context.providers, &sources)));
    Ok(ExitCode::SUCCESS)
}
