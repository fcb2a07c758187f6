//! Programs of the user's that give keys or encrypt: one line that says which protocol they speak, then JSON for JSON.

use super::EncryptionError;
use super::wire::{Protocol, check_header};
use std::collections::BTreeMap;
use std::process::Stdio;
use std::time::Duration;
use tokio::io::AsyncWriteExt;

/// How long a program may take, as in OpenTofu.
const TIME_MAX: Duration = Duration::from_secs(60);
/// How much of what a program complains of is shown.
const COMPLAINT_BYTES_MAX: usize = 4 << 10;

/// Runs a program with this input, and returns what it wrote after its header.
pub(super) async fn run(
    command: &[String],
    input: Vec<u8>,
    protocol: Protocol,
    variables: &BTreeMap<String, String>,
) -> Result<Vec<u8>, EncryptionError> {
    let name = command.first().cloned().unwrap_or_default();
    let failed = |reason: String| EncryptionError(format!("the external command {name:?} failed: {reason}"));
    let mut child = tokio::process::Command::new(&name)
        .args(&command[1..])
        .env_clear()
        .envs(variables)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| failed(error.to_string()))?;
    let stdin = child.stdin.take();
    let feed = async {
        if let Some(mut stdin) = stdin {
            // A program that does not want its input closes its end; what it says counts.
            let _ = stdin.write_all(&input).await;
            let _ = stdin.shutdown().await;
        }
    };
    let both = async { tokio::join!(feed, child.wait_with_output()).1 };
    let output = match tokio::time::timeout(TIME_MAX, both).await {
        Ok(output) => output.map_err(|error| failed(error.to_string()))?,
        Err(_) => return Err(failed(format!("it did not end within {} seconds", TIME_MAX.as_secs()))),
    };
    let complaint = complaint(&output.stderr);
    if !output.status.success() {
        return Err(failed(format!("{}{complaint}", output.status)));
    }
    let end = output.stdout.iter().position(|byte| *byte == b'\n').unwrap_or(output.stdout.len());
    check_header(&output.stdout[..end], protocol).map_err(|reason| failed(format!("{reason}{complaint}")))?;
    Ok(output.stdout[(end + 1).min(output.stdout.len())..].to_vec())
}

/// What a program wrote to standard error, as the end of a sentence.
fn complaint(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(&bytes[..bytes.len().min(COMPLAINT_BYTES_MAX)]);
    match text.trim() {
        "" => String::new(),
        text => format!(", and it wrote: {text}"),
    }
}
