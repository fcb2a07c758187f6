//! Segments of a journal, encrypted append by append.
//!
//! ```text
//! "WLE1" · length u32 · CRC-32 u32 · head: how the key is found, name, id                            (little-endian)
//! "WLF1" · length u32 · number u64 · CRC-32 u32 · sealed                                            once an append
//! ```
//!
//! What is sealed in a frame is bound to the segment's id and name and to the frame's number, from 0: no frame can be opened in another
//! place, so none can be moved, left out of the middle, or taken from elsewhere. A segment may end in a torn frame, as one that is not
//! encrypted may; a whole frame behind one that is not means that the disk has lost something.

use super::wire::{Metadata, SegmentHead};
use super::{EncryptionError, Target};

const HEAD_MAGIC: &[u8; 4] = b"WLE1";
const FRAME_MAGIC: &[u8; 4] = b"WLF1";
const HEAD_BYTES: usize = 12;
const FRAME_BYTES: usize = 20;
const ID_BYTES: usize = 16;

/// A segment that is being written.
#[derive(Clone, Debug)]
pub struct Writing {
    id: String,
    next: u64,
}

/// The bytes to append for this content, and how the segment goes on after it.
///
/// # Errors
/// No key can be had, or a program fails.
pub async fn append(target: &Target, name: &str, writing: Option<&Writing>, plain: &[u8]) -> Result<(Vec<u8>, Writing), EncryptionError> {
    let mut out = Vec::new();
    let writing = match writing {
        Some(writing) => writing.clone(),
        None => {
            let id: String = super::method::random(ID_BYTES)?.iter().map(|byte| format!("{byte:02x}")).collect();
            let head = SegmentHead::new(&target.metadata().await?, name, id.clone()).to_bytes();
            out.extend_from_slice(HEAD_MAGIC);
            out.extend_from_slice(&length_of(&head)?.to_le_bytes());
            out.extend_from_slice(&crc32fast::hash(&head).to_le_bytes());
            out.extend_from_slice(&head);
            Writing { id, next: 0 }
        }
    };
    let (sealed, _) = target.seal_bound(plain, &bound(&writing.id, name, writing.next)).await?;
    let (length, number) = (length_of(&sealed)?.to_le_bytes(), writing.next.to_le_bytes());
    out.extend_from_slice(FRAME_MAGIC);
    out.extend_from_slice(&length);
    out.extend_from_slice(&number);
    out.extend_from_slice(&checksum(&length, &number, &sealed).to_le_bytes());
    out.extend_from_slice(&sealed);
    Ok((out, Writing { next: writing.next + 1, ..writing }))
}

fn length_of(bytes: &[u8]) -> Result<u32, EncryptionError> {
    u32::try_from(bytes.len()).map_err(|_| EncryptionError("a record of the journal is larger than 4 GiB".to_owned()))
}

fn checksum(length: &[u8], number: &[u8], sealed: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    for part in [length, number, sealed] {
        hasher.update(part);
    }
    hasher.finalize()
}

/// What a frame can be opened with only in its place.
fn bound(id: &str, name: &str, number: u64) -> Vec<u8> {
    format!("windlass journal {id} {number} {name}\n").into_bytes()
}

/// Whether a segment is encrypted.
pub fn is_sealed(bytes: &[u8]) -> bool {
    bytes.starts_with(HEAD_MAGIC)
}

/// The content of a segment; a torn end follows it as it is. `found_as` is the name under which it was found, if that is its own.
///
/// # Errors
/// It is not encrypted and must be, no method can decrypt it, or something in its middle is lost or stands in a wrong place.
pub async fn read(target: &Target, found_as: Option<&str>, bytes: Vec<u8>) -> Result<Vec<u8>, EncryptionError> {
    if !is_sealed(&bytes) {
        return match target.takes_plain() || bytes.is_empty() {
            true => Ok(bytes),
            false => Err(EncryptionError(super::target::UNENCRYPTED.to_owned())),
        };
    }
    let Some((head, mut rest)) = read_head(&bytes) else { return Ok(bytes) };
    let name = &*head.name;
    if found_as.is_some_and(|found| found != name) {
        return Err(damaged(name));
    }
    if target.is_empty() {
        return Err(EncryptionError(super::target::UNCONFIGURED.to_owned()));
    }
    let metadata: Metadata = head.metadata();
    let mut content = Vec::new();
    let mut next = 0;
    let whole_head = &bytes[..bytes.len() - rest.len()];
    let mut last: &[u8] = &[];
    loop {
        // An append whose answer got lost was made again: some stores keep both.
        if next == 1 && rest.starts_with(whole_head) {
            rest = &rest[whole_head.len()..];
        }
        if !last.is_empty() && rest.starts_with(last) {
            rest = &rest[last.len()..];
            continue;
        }
        let Some((number, sealed, after)) = read_frame(rest) else { break };
        if number != next {
            return Err(damaged(name));
        }
        last = &rest[..rest.len() - after.len()];
        let (plain, _) = target.open_bound(sealed, &metadata, &bound(&head.id, name, number)).await?;
        content.extend(plain);
        next += 1;
        rest = after;
    }
    let is_later = |position: usize| read_frame(&rest[position..]).is_some_and(|(number, ..)| number >= next);
    if (1..rest.len()).any(|position| rest[position..].starts_with(FRAME_MAGIC) && is_later(position)) {
        return Err(damaged(name));
    }
    content.extend_from_slice(rest);
    Ok(content)
}

fn damaged(name: &str) -> EncryptionError {
    EncryptionError(format!("segment {name} has damage in its middle: records are missing or stand in a wrong place"))
}

fn read_head(bytes: &[u8]) -> Option<(SegmentHead, &[u8])> {
    let (header, rest) = bytes.split_at_checked(HEAD_BYTES)?;
    let length = u32::from_le_bytes(header[4..8].try_into().ok()?) as usize;
    let (head, rest) = rest.split_at_checked(length)?;
    let is_whole = crc32fast::hash(head) == u32::from_le_bytes(header[8..12].try_into().ok()?);
    is_whole.then(|| SegmentHead::from_bytes(head)).flatten().map(|head| (head, rest))
}

/// The frame at the start of these bytes: its number, what is sealed, what follows.
fn read_frame(bytes: &[u8]) -> Option<(u64, &[u8], &[u8])> {
    let (header, rest) = bytes.split_at_checked(FRAME_BYTES)?;
    let length = u32::from_le_bytes(header[4..8].try_into().ok()?) as usize;
    let (sealed, rest) = rest.split_at_checked(length)?;
    let expected = u32::from_le_bytes(header[16..20].try_into().ok()?);
    let is_whole = header.starts_with(FRAME_MAGIC) && checksum(&header[4..8], &header[8..16], sealed) == expected;
    is_whole.then_some((u64::from_le_bytes(header[8..16].try_into().ok()?), sealed, rest))
}
