//! `graph`.

use super::Outcome;
use crate::cli::arguments::{self, GraphFormat};
use crate::cli::output::print;
use crate::cli::process::Process;
use crate::desired::resource_graph;
use crate::ops::{self, Failed};
use crate::view::graph;
use std::process::ExitCode;

/// Prints which resource waits for which.
pub fn run(process: &Process, flags: &arguments::Graph) -> Outcome {
    let loaded = ops::load(&process.context)?;
    let found = resource_graph(&loaded.config, &process.context.providers)
        .map_err(|diagnostics| Failed { diagnostics, sources: loaded.sources.clone() })?;
    print(&match flags.format {
        GraphFormat::Dot => graph::dot(&found),
        GraphFormat::Mermaid => graph::mermaid(&found),
    });
    Ok(ExitCode::SUCCESS)
}
