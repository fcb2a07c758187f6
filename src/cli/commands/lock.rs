//! `force-unlock`.

use super::Outcome;
use super::show::config_for_state;
use crate::cli::arguments;
use crate::cli::output::{Answer, ask, print};
use crate::cli::process::Process;
use crate::ops;
use std::process::ExitCode;

/// Removes a lock that nobody holds any more.
pub async fn run(process: &Process, flags: &arguments::ForceUnlock) -> Outcome {
    let question = "Do you really want to force-unlock?\n  Windlass will remove the lock on the state. Where another process still works on it, both may damage it.\n  Only 'yes' will be accepted to confirm.\n\n  Enter a value: ";
    if !flags.force && ask(question, process.context.interrupt.clone()).await != Answer::Line("yes".to_owned()) {
        print("\nforce-unlock cancelled.\n");
        return Ok(ExitCode::FAILURE);
    }
    ops::force_unlock(&process.context, config_for_state(process).as_ref(), &flags.id).await?;
    print("Windlass state has been successfully unlocked!\n");
    Ok(ExitCode::SUCCESS)
}
