//! `graph`.

use super::Outcome;
use crate::cli::arguments::{self, GraphFormat};
use crate::cli::output::print;
use crate::cli::process::Process;
use crate::desired::resource_graph;
use crate::ops::{self, Failed};
use crate::view::graph;
use std::process::ExitCode;

/// Prints which resource waits for which, or, with a saved plan, which step.
pub async fn run(process: &Process, flags: &arguments::Graph) -> Outcome {
    let found = match &flags.plan {
        Some(file) => graph::of_plan(ops::read_plan_file(&process.context, file).await?.plan()),
        None => {
            let loaded = ops::load(&process.context)?;
            resource_graph(&loaded.config, &process.context.providers)
                .map_err(|diagnostics| Failed { diagnostics, sources: loaded.sources.clone() })?
        }
    };
    print(&match flags.format {
        GraphFormat::Dot => graph::dot(&found),
        GraphFormat::Mermaid => graph::mermaid(&found),
        GraphFormat::Svg => graph::svg(&found),
    });
    Ok(ExitCode::SUCCESS)
}
