//! `version`.

use crate::cli::output::print as write;
use std::process::ExitCode;

/// The version of Terraform whose language and formats this build follows.
const COMPATIBLE: &str = "1.11.4";

/// Prints the version. Called as `terraform`, the first line names the version of Terraform that this build stands in for: that is what
/// wrappers read.
pub fn print(json: bool, is_terraform: bool) -> ExitCode {
    let platform = format!("{}_{}", std::env::consts::OS, architecture());
    let version = env!("CARGO_PKG_VERSION");
    write(&match json {
        true => {
            let document = serde_json::json!({
                "windlass_version": version, "terraform_version": COMPATIBLE, "platform": platform,
                "provider_selections": {}, "terraform_outdated": false,
            });
            format!("{document:#}\n")
        }
        false if is_terraform => {
            format!("Terraform v{COMPATIBLE}\non {platform}\nby Windlass v{version}, which reads the language of Terraform v{COMPATIBLE}\n")
        }
        false => format!("Windlass v{version}\non {platform}\nfollows Terraform v{COMPATIBLE}\n"),
    });
    ExitCode::SUCCESS
}

/// Go's names of architectures, which tools expect.
fn architecture() -> &'static str {
    match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => other,
    }
}
