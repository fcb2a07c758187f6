//! `metadata`.

use super::Outcome;
use crate::cli::arguments;
use crate::cli::output::print;
use crate::lang;
use crate::ops::Failed;
use crate::view::json;
use std::process::ExitCode;

/// Prints what functions there are.
pub fn run(flags: &arguments::Metadata) -> Outcome {
    let arguments::Metadata::Functions(flags) = flags;
    if !flags.json {
        let detail = "Functions are printed for machines only: add -json.";
        return Err(Failed::from(crate::diagnostic::Diagnostic::error("The -json option is required", detail)));
    }
    print(&format!("{}\n", json::functions(&lang::signatures())));
    Ok(ExitCode::SUCCESS)
}
