//! `init`.

use super::{Outcome, banner};
use crate::cli::arguments;
use crate::cli::output::print;
use crate::cli::process::Process;
use crate::cli::terraformrc::read_hosts;
use crate::desired;
use crate::diagnostic::{Diagnostic, SourceMap};
use crate::ops::{self, Failed, InstallOptions, Loaded};
use crate::view::json::message_wire as message;
use std::process::ExitCode;

/// Installs the modules that the configuration calls from elsewhere, and checks that everything it needs is there. Providers are part
/// of the program.
pub async fn run(process: &Process, flags: &arguments::Init) -> Outcome {
    banner(process);
    if ops::read_folder(&process.context.working_folder)?.is_empty() {
        say(process, "output_init_empty_message", EMPTY);
        return Ok(ExitCode::SUCCESS);
    }
    if let Some(stream) = &process.stream {
        stream.write(message::init("initializing_modules_message", "Initializing modules..."));
    }
    let loaded = match flags.get {
        true => install(process, flags.upgrade, flags.lockfile).await?,
        false => ops::load(&process.context)?,
    };
    let (_, notices) = ops::state_path(&process.context, Some(&loaded.config)).map_err(|failed| failed.in_sources(&loaded.sources))?;
    let mut found = loaded.diagnostics;
    found.extend(notices);
    let requirements = desired::check_providers(&loaded.config, &process.context.providers);
    let failed = requirements.has_errors();
    found.extend(requirements);
    process.report(&found, &loaded.sources);
    if failed {
        return Ok(ExitCode::FAILURE);
    }
    say(process, "output_init_success_message", SUCCESS);
    if !process.in_automation {
        say(process, "output_init_success_cli_message", NEXT);
    }
    Ok(ExitCode::SUCCESS)
}

const EMPTY: &str = "Windlass initialized in an empty directory!\n\nThe directory has no configuration files. You may begin by writing *.wl.hcl or *.tf files.\n";
const SUCCESS: &str = "Windlass has been successfully initialized!\n";
const NEXT: &str =
    "\nYou may now run \"windlass plan\" to see what would be done. Providers are part of the program; none was downloaded.\n";

/// Writes a text of `init`; the stream names it by a code that tools know.
fn say(process: &Process, code: &'static str, text: &str) {
    match &process.stream {
        Some(stream) => stream.write(message::init(code, text.trim())),
        None => print(text),
    }
}

async fn install(process: &Process, upgrade: bool, lock: Option<arguments::LockFile>) -> Result<Loaded, Failed> {
    let lock_read_only = lock.is_some();
    if upgrade && lock_read_only {
        let detail = "The -upgrade flag conflicts with -lockfile=readonly.";
        return Err(Diagnostic::error("Invalid command line arguments", detail).into());
    }
    let environment = &process.context.environment;
    let (hosts, warnings) = read_hosts(&environment.variables, environment.home.as_deref())?;
    let loaded = ops::install(&process.context, InstallOptions { upgrade, lock_read_only, hosts }).await;
    process.report(&warnings, &SourceMap::default());
    loaded
}

/// `get`: installs modules, and nothing else.
pub async fn get(process: &Process, flags: &arguments::Get) -> Outcome {
    let loaded = install(process, flags.update, None).await?;
    process.report(&loaded.diagnostics, &loaded.sources);
    Ok(ExitCode::SUCCESS)
}
