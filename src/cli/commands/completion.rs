//! `completion`: a script that lets a shell complete commands and flags.

use crate::cli::arguments::{Cli, Completion};
use crate::cli::output::print;
use clap::CommandFactory;
use clap_complete::Shell;
use std::process::ExitCode;

/// Writes the script. Flags have one dash in it, as everybody writes them.
pub fn run(flags: &Completion) -> ExitCode {
    let mut script = Vec::new();
    clap_complete::generate(flags.shell, &mut Cli::command(), "windlass", &mut script);
    print(&with_single_dashes(&String::from_utf8_lossy(&script), flags.shell));
    ExitCode::SUCCESS
}

fn with_single_dashes(script: &str, shell: Shell) -> String {
    match shell {
        // Its word for flags of one dash and several letters.
        Shell::Fish => script.replace(" -l ", " -o "),
        _ => {
            let mut text = String::with_capacity(script.len());
            let mut rest = script;
            while let Some(place) = rest.find("--") {
                let (before, after) = rest.split_at(place);
                let begins = before.chars().next_back().is_none_or(|last| !last.is_alphanumeric() && last != '-');
                let is_flag = begins && after[2..].starts_with(|first: char| first.is_ascii_lowercase());
                text += before;
                text += if is_flag { "-" } else { "--" };
                rest = &after[2..];
            }
            text += rest;
            // Letters of a flag with one dash are no flags of their own.
            if shell == Shell::Zsh { text.replace("_arguments_options=(-s -S -C)", "_arguments_options=(-S -C)") } else { text }
        }
    }
}
