//! `validate`.

use super::Outcome;
use crate::cli::output::print;
use crate::cli::process::Process;
use crate::desired;
use crate::ops;
use crate::view::json;
use std::process::ExitCode;

/// Checks the configuration without looking at state or cloud; exit 1 when it is not valid, with JSON too.
pub fn run(process: &Process, as_json: bool) -> Outcome {
    let (found, sources) = match ops::load(&process.context) {
        Ok(loaded) => {
            let mut found = loaded.diagnostics;
            found.extend(desired::validate(&loaded.config, &process.context.providers));
            (found, loaded.sources)
        }
        Err(failed) => (failed.diagnostics, failed.sources),
    };
    let is_valid = !found.has_errors();
    match as_json {
        true => print(&format!("{:#}\n", json::validation(&found, &sources))),
        false => {
            process.report(&found, &sources);
            if is_valid {
                let remark = if found.is_empty() { "." } else { ", but there were some validation warnings as shown above." };
                print(&format!("Success! The configuration is valid{remark}\n"));
            }
        }
    }
    Ok(if is_valid { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
