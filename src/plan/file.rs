//! Saved plans: a container around everything in [`Plan`], sources and captured files included.
//!
//! ```text
//! magic · format version · sealed? (salt, rounds, nonce) · length · content · SHA-256 of all before
//! content = deflated JSON, sealed as a whole when there is a key
//! ```
//!
//! The whole content is sealed and not only its sensitive leaves: the state and the sources inside hold secrets that no mark
//! shows. What is read is checked again before anything is done with it.

mod seal;
#[cfg(test)]
mod tests;
mod value_wire;
mod wire;

use super::{CheckedPlan, Plan};
use crate::diagnostic::{Diagnostic, Diagnostics};
use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;
use sha2::{Digest, Sha256};
use std::io::{Read, Write};

/// What every plan file begins with.
pub const MAGIC: &[u8] = b"WINDLASS-PLAN\r\n\x1a";
/// Grows with every change of the content that an older reader would misread.
pub const FORMAT_VERSION: u32 = 2;
const CHECKSUM_BYTES: usize = 32;
/// No plan is larger; what claims to be is damaged.
const CONTENT_BYTES_MAX: u64 = 8 << 30;

/// Writes a plan, sealed under a key if there is one. A plan with secrets and without a key is a warning.
///
/// # Errors
/// When the content can't be compressed or sealed.
pub fn write(plan: &CheckedPlan, key: Option<&str>) -> Result<(Vec<u8>, Diagnostics), Diagnostics> {
    let failed = |reason: String| Diagnostics::from(Diagnostic::error("Failed to write plan", reason));
    let json = wire::to_json(plan.plan());
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
    let content = encoder.write_all(json.as_bytes()).and_then(|()| encoder.finish()).map_err(|error| failed(error.to_string()))?;
    let mut bytes = MAGIC.to_vec();
    bytes.extend(FORMAT_VERSION.to_le_bytes());
    let mut warnings = Diagnostics::none();
    let content = match key {
        Some(key) => {
            bytes.push(1);
            let (header, sealed) = seal::seal(key, &content).map_err(failed)?;
            bytes.extend(header);
            sealed
        }
        None => {
            bytes.push(0);
            if holds_secrets(plan.plan()) {
                let detail = "The saved plan holds sensitive values that anybody who can read the file can read. Set WINDLASS_PLAN_KEY to have saved plans encrypted.";
                warnings.push(Diagnostic::warning("Saved plan is not encrypted", detail));
            }
            content
        }
    };
    bytes.extend((content.len() as u64).to_le_bytes());
    bytes.extend(content);
    let checksum = Sha256::digest(&bytes);
    bytes.extend(checksum);
    Ok((bytes, warnings))
}

/// Reads a plan; `name` is the file's, for messages.
///
/// # Errors
/// Not a plan, another version's, damaged, sealed under another key or without one.
pub fn read(bytes: &[u8], name: &str, key: Option<&str>) -> Result<Plan, Diagnostics> {
    let refuse = |summary: &str, detail: String| Diagnostics::from(Diagnostic::error(summary, detail));
    let damaged =
        || refuse("Damaged plan file", format!("{name} is incomplete or was changed: its checksum does not fit. Make the plan again."));
    let Some(rest) = bytes.strip_prefix(MAGIC) else {
        let hint = match bytes.starts_with(b"PK\x03\x04") {
            true => " It may be a plan that Terraform saved; only Terraform can apply that.",
            false => "",
        };
        return Err(refuse("Not a saved plan", format!("{name} is not a plan file that \"windlass plan -out\" wrote.{hint}")));
    };
    let mut reader = Reader(rest);
    let version = u32::from_le_bytes(reader.array().ok_or_else(damaged)?);
    if version != FORMAT_VERSION {
        let detail = format!(
            "{name} was written by another version of Windlass: its format is {version}, and this version reads format {FORMAT_VERSION}. Make the plan again with this version."
        );
        return Err(refuse("Plan file of another version", detail));
    }
    let (body, checksum) = bytes.split_at_checked(bytes.len().saturating_sub(CHECKSUM_BYTES)).ok_or_else(damaged)?;
    if Sha256::digest(body)[..] != *checksum {
        return Err(damaged());
    }
    let [sealed] = reader.array().ok_or_else(damaged)?;
    let header = if sealed == 1 { Some(reader.take(seal::HEADER_BYTES).ok_or_else(damaged)?) } else { None };
    let length = u64::from_le_bytes(reader.array().ok_or_else(damaged)?);
    let content = usize::try_from(length).ok().and_then(|length| reader.take(length)).ok_or_else(damaged)?;
    let opened = match (header, key) {
        (None, _) => content.to_vec(),
        (Some(_), None) => {
            return Err(refuse(
                "Encrypted plan file",
                format!("{name} is encrypted. Set WINDLASS_PLAN_KEY to the key that it was made with."),
            ));
        }
        (Some(header), Some(key)) => seal::open(key, header, content).ok_or_else(|| {
            refuse("Encrypted plan file", format!("{name} was encrypted with another key than the one in WINDLASS_PLAN_KEY."))
        })?,
    };
    let mut json = String::new();
    DeflateDecoder::new(&opened[..]).take(CONTENT_BYTES_MAX).read_to_string(&mut json).map_err(|_| damaged())?;
    wire::from_json(&json).map_err(|reason| refuse("Damaged plan file", format!("{name} can't be read: {reason}. Make the plan again.")))
}

/// Whether a file is a saved plan.
pub fn is_plan(bytes: &[u8]) -> bool {
    bytes.starts_with(MAGIC)
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.take(N)?.try_into().ok()
    }
}

fn holds_secrets(plan: &Plan) -> bool {
    let changes = plan.changes.iter().flat_map(|change| [&change.before, &change.after]);
    let pins = plan.providers.values().map(|pin| &pin.config);
    let outputs = plan.outputs.values().any(|output| output.sensitive);
    outputs || changes.chain(pins).chain(plan.inputs.variables.values()).any(|value| value.marks_deep().is_sensitive())
}
