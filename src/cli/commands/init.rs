//! `init`.

use super::{Outcome, banner};
use crate::cli::output::{diagnostics, print};
use crate::cli::process::Process;
use crate::desired;
use crate::ops;
use std::process::ExitCode;

/// Checks that everything the configuration needs is there. Nothing has to be downloaded: the providers are part of the program.
pub fn run(process: &Process) -> Outcome {
    print(&banner(process));
    if ops::read_folder(&process.context.working_folder)?.is_empty() {
        print(
            "Windlass initialized in an empty directory!\n\nThe directory has no configuration files. You may begin by writing *.wl.hcl or *.tf files.\n",
        );
        return Ok(ExitCode::SUCCESS);
    }
    let loaded = ops::load(&process.context)?;
    let (_, notices) = ops::state_path(&process.context, Some(&loaded.config)).map_err(|failed| failed.in_sources(&loaded.sources))?;
    let mut found = loaded.diagnostics;
    found.extend(notices);
    let requirements = desired::check_providers(&loaded.config, &process.context.providers);
    let failed = requirements.has_errors();
    found.extend(requirements);
    diagnostics(&found, &loaded.sources, process.style, process.width);
    if failed {
        return Ok(ExitCode::FAILURE);
    }
    print(
        "Windlass has been successfully initialized!\n\nYou may now run \"windlass plan\" to see what would be done. Providers are part of the program; nothing was downloaded.\n",
    );
    Ok(ExitCode::SUCCESS)
}
