//! `import`.

use super::state::parse;
use super::{Outcome, banner};
use crate::cli::arguments;
use crate::cli::process::Process;
use crate::ops;
use crate::plan::PlanOptions;
use std::process::ExitCode;

/// Takes one object into the state.
pub async fn run(process: &Process, flags: &arguments::Import) -> Outcome {
    banner(process);
    let address = parse(&flags.address)?;
    process.say(&format!("{address}: Importing from ID {:?}...\n", flags.id));
    let request = flags.planning.request(process, PlanOptions::default(), "OperationTypeInvalid").await?;
    let (warnings, sources) = ops::import(&process.context, request, address, &flags.id).await?;
    process.report(&warnings, &sources);
    process.say(
        "\nImport successful!\n\nThe resources that were imported are shown above. These resources are now in\nyour state and will henceforth be managed by Windlass.\n",
    );
    Ok(ExitCode::SUCCESS)
}
