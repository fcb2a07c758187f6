//! `sandbox status|reset|serve|faults`.

use super::Outcome;
use crate::cli::arguments::{Faults, Sandbox};
use crate::cli::output::print;
use crate::cli::process::Process;
use crate::cli::sandbox::{enter, trouble};
use crate::diagnostic::Diagnostic;
use crate::ops::{Failed, SANDBOX_FOLDER, discard_sandbox_state};
use serde_json::Value as Json;
use std::fmt::Write;
use std::net::SocketAddr;
use std::path::Path;
use std::process::ExitCode;
use windlass_simulator::{Options, Simulator, SimulatorError};

/// Looks at, empties, serves or troubles the simulated cloud.
pub async fn run(process: &Process, command: Sandbox) -> Outcome {
    let folder = &process.context.working_folder;
    match command {
        Sandbox::Status(flags) => {
            let status = control(folder, "GET", "status", "").await?;
            print(&if flags.json { format!("{status:#}\n") } else { status_text(&status) });
        }
        Sandbox::Reset => reset(process).await?,
        Sandbox::Serve { address } => serve(process, address).await?,
        Sandbox::Faults(Faults::List) => print(&faults_text(&control(folder, "GET", "faults", "").await?)),
        Sandbox::Faults(Faults::Set { fault }) => {
            control(folder, "POST", "faults", &fault.join(" ")).await?;
            print(&faults_text(&control(folder, "GET", "faults", "").await?));
        }
        Sandbox::Faults(Faults::Clear { id }) => {
            let path = id.map_or_else(|| "faults".to_owned(), |id| format!("faults?id={id}"));
            let answer = control(folder, "DELETE", &path, "").await?;
            print(&format!("Cleared {}.\n", answer["cleared"]));
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn control(folder: &Path, method: &str, path: &str, body: &str) -> Result<Json, Failed> {
    let running = enter(folder).await?;
    let answer = running.control(method, path, body);
    running.leave().await;
    answer
}

/// Empties the sandbox, its state included: a state that points at a cloud that is gone would only mislead. Whoever serves it goes
/// on, with an empty cloud.
async fn reset(process: &Process) -> Result<(), Failed> {
    let working_folder = &process.context.working_folder;
    let folder = working_folder.join(SANDBOX_FOLDER);
    if folder.exists() {
        let empty = async || match Simulator::discard(&folder) {
            Err(SimulatorError::Locked { .. }) => control(working_folder, "POST", "reset", "").await.map(drop),
            discarded => discarded.map_err(|error| trouble(&error)),
        };
        discard_sandbox_state(&process.context, &Simulator::FILES, empty).await?;
    }
    print("The sandbox is empty: its cloud, its state and its faults are gone.\n");
    Ok(())
}

async fn serve(process: &Process, address: SocketAddr) -> Result<(), Failed> {
    let folder = process.context.working_folder.join(SANDBOX_FOLDER);
    // The server has a runtime of its own, which can't be started on a thread of this one.
    let started = tokio::task::spawn_blocking(move || Simulator::open(Some(folder), Options::default())?.serve(address)).await;
    let handle = started.map_err(|error| Failed::from(Diagnostic::error("The sandbox can't be served", error.to_string())))?;
    let handle = handle.map_err(|error| trouble(&error))?;
    print(&format!(
        "Serving the sandbox at {0}\n\nFor other tools:\n    export AWS_ENDPOINT_URL={0}\n    export AWS_ACCESS_KEY_ID={1}\n    export AWS_SECRET_ACCESS_KEY={2}\n    export AWS_REGION=us-east-1\n\nStop it with Ctrl-C; what is in it stays.\n",
        handle.url, handle.access_key, handle.secret_key
    ));
    let mut interrupt = process.context.interrupt.clone();
    let _ = interrupt.changed().await;
    let _ = tokio::task::spawn_blocking(move || handle.shutdown()).await;
    Ok(())
}

fn status_text(status: &Json) -> String {
    let mut text =
        format!("account {}\nclock   {}\n", status["account"].as_str().unwrap_or("?"), status["clock"]["now"].as_str().unwrap_or("?"));
    let counts = status["counts"].as_object().into_iter().flatten();
    let rows: Vec<String> = counts.map(|(kind, count)| format!("  {}: {count}\n", kind.replace('/', " "))).collect();
    text += if rows.is_empty() { "objects none\n" } else { "objects\n" };
    text += &rows.concat();
    text + &faults_text(status)
}

fn faults_text(answer: &Json) -> String {
    let faults = answer["faults"].as_array().map(Vec::as_slice).unwrap_or_default();
    if faults.is_empty() {
        return "faults  none\n".to_owned();
    }
    let mut text = "faults\n".to_owned();
    for fault in faults {
        let _ = writeln!(
            text,
            "  {}: {} (fired {} of {} calls seen)",
            fault["id"],
            fault["fault"].as_str().unwrap_or("?"),
            fault["fired"],
            fault["seen"]
        );
    }
    text
}
