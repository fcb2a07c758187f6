//! `init`.

use super::{Outcome, banner};
use crate::cli::arguments;
use crate::cli::output::{Answer, ask, print};
use crate::cli::process::Process;
use crate::cli::terraformrc::read_hosts;
use crate::desired;
use crate::diagnostic::{Diagnostic, Diagnostics, SourceMap};
use crate::ops::{self, BackendRequest, Conversation, Failed, InstallOptions, Loaded, Question};
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
    let notices = match flags.backend {
        true => ops::init_backend(&process.context, &loaded, &backend_request(flags)?, &Talk { process, may_ask: flags.input }).await?,
        false => Diagnostics::none(),
    };
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

fn backend_request(flags: &arguments::Init) -> Result<BackendRequest, Failed> {
    Ok(BackendRequest {
        overrides: flags.backend_config.clone(),
        reconfigure: flags.reconfigure,
        migrate: flags.migrate_state,
        force_copy: flags.force_copy,
        lock: flags.lock.options()?,
    })
}

/// Talks on the terminal, or writes into the stream.
struct Talk<'a> {
    process: &'a Process,
    may_ask: bool,
}

#[async_trait::async_trait(?Send)]
impl Conversation for Talk<'_> {
    fn say(&self, code: &'static str, text: &str) {
        say(self.process, code, text);
    }

    async fn ask(&self, question: &Question) -> Result<bool, Failed> {
        if !self.may_ask || self.process.stream.is_some() {
            let detail =
                "Please remove the \"-input=false\" or \"-json\" option and try again, or copy without asking with \"-force-copy\".";
            return Err(Diagnostic::error("Can't ask approval for state migration when interactive input is disabled.", detail).into());
        }
        let indented: String =
            question.text.lines().map(|line| if line.is_empty() { "\n".to_owned() } else { format!("  {line}\n") }).collect();
        let mut text = format!("{}\n{indented}\n  Enter a value: ", question.title);
        loop {
            match ask(&text, self.process.context.interrupt.clone()).await {
                Answer::Line(line) if line == "yes" || line == "no" => {
                    print("\n");
                    return Ok(line == "yes");
                }
                Answer::Line(_) => text = "  Please answer \"yes\" or \"no\": ".to_owned(),
                Answer::EndOfInput | Answer::Interrupted => {
                    print("\n");
                    let detail = "Nobody answered. Nothing was copied, and the back end is set up as it was before.";
                    return Err(Diagnostic::error("Error asking for confirmation", detail).into());
                }
            }
        }
    }
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
