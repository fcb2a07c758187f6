//! `init`.

use super::{Outcome, banner};
use crate::cli::arguments;
use crate::cli::output::{diagnostics, print};
use crate::cli::process::Process;
use crate::desired;
use crate::ops::{self, InstallOptions};
use std::process::ExitCode;

/// Installs the modules that the configuration calls from elsewhere, and checks that everything it needs is there. Providers are part
/// of the program.
pub async fn run(process: &Process, flags: &arguments::Init) -> Outcome {
    print(&banner(process));
    if ops::read_folder(&process.context.working_folder)?.is_empty() {
        print(
            "Windlass initialized in an empty directory!\n\nThe directory has no configuration files. You may begin by writing *.wl.hcl or *.tf files.\n",
        );
        return Ok(ExitCode::SUCCESS);
    }
    let loaded = match flags.get {
        true => ops::install(&process.context, InstallOptions { upgrade: flags.upgrade }).await?,
        false => ops::load(&process.context)?,
    };
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
        "Windlass has been successfully initialized!\n\nYou may now run \"windlass plan\" to see what would be done. Providers are part of the program; none was downloaded.\n",
    );
    Ok(ExitCode::SUCCESS)
}

/// `get`: installs modules, and nothing else.
pub async fn get(process: &Process, flags: &arguments::Get) -> Outcome {
    let loaded = ops::install(&process.context, InstallOptions { upgrade: flags.update }).await?;
    diagnostics(&loaded.diagnostics, &loaded.sources, process.style, process.width);
    Ok(ExitCode::SUCCESS)
}
