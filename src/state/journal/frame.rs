//! How records stand in a segment.
//!
//! ```text
//! "WLR1" · payload length u32 · batch u64 · CRC-32 of length, batch and payload u32 · payload      (little-endian)
//! ```
//!
//! A batch is what one append held. A segment may end in a torn batch: the process died while it wrote, and nothing in it was
//! acted upon. So reading stops at the first frame that is not whole. If however a whole frame of a *later* batch stands behind
//! it, the disk has lost something that was durable, and that is an error.

const MAGIC: &[u8; 4] = b"WLR1";
const HEADER_BYTES: usize = 20;

/// What a segment holds.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Frames<'a> {
    /// The payloads of all whole frames up to the first that is not.
    pub payloads: Vec<&'a [u8]>,
    /// How many bytes at the end were cut off.
    pub torn_bytes: usize,
    /// Whether something durable was lost in the middle.
    pub is_damaged: bool,
}

/// Appends a frame.
pub(super) fn write_frame(out: &mut Vec<u8>, batch: u64, payload: &[u8]) {
    let length = (payload.len() as u32).to_le_bytes();
    let batch = batch.to_le_bytes();
    out.extend_from_slice(MAGIC);
    out.extend_from_slice(&length);
    out.extend_from_slice(&batch);
    out.extend_from_slice(&checksum(&length, &batch, payload).to_le_bytes());
    out.extend_from_slice(payload);
}

fn checksum(length: &[u8], batch: &[u8], payload: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    for part in [length, batch, payload] {
        hasher.update(part);
    }
    hasher.finalize()
}

/// The frame at the start of `bytes`: its batch, its payload, what follows.
fn read_frame(bytes: &[u8]) -> Option<(u64, &[u8], &[u8])> {
    let (header, rest) = bytes.split_at_checked(HEADER_BYTES)?;
    let length = u32::from_le_bytes(header[4..8].try_into().ok()?) as usize;
    let (payload, rest) = rest.split_at_checked(length)?;
    let expected = u32::from_le_bytes(header[16..20].try_into().ok()?);
    let is_whole = header.starts_with(MAGIC) && checksum(&header[4..8], &header[8..16], payload) == expected;
    is_whole.then_some((u64::from_le_bytes(header[8..16].try_into().ok()?), payload, rest))
}

/// Reads a segment.
pub(super) fn read_frames(bytes: &[u8]) -> Frames<'_> {
    let mut payloads = Vec::new();
    let mut last_batch = 0;
    let mut rest = bytes;
    while let Some((batch, payload, after)) = read_frame(rest) {
        payloads.push(payload);
        last_batch = batch;
        rest = after;
    }
    // The first frame of the next batch may be torn while others of it are whole, hence more than one batch later.
    let is_later = |position: usize| read_frame(&rest[position..]).is_some_and(|(batch, ..)| batch > last_batch + 1);
    let is_damaged = (0..rest.len()).any(|position| rest[position..].starts_with(MAGIC) && is_later(position));
    Frames { payloads, torn_bytes: rest.len(), is_damaged }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn segment() -> Vec<u8> {
        let mut bytes = Vec::new();
        for (batch, payload) in [(1, "one"), (1, "two"), (2, "three"), (3, "four")] {
            write_frame(&mut bytes, batch, payload.as_bytes());
        }
        bytes
    }

    #[test]
    fn a_torn_tail_is_cut_off_wherever_it_tears() {
        let bytes = segment();
        let last_frame = bytes.len() - HEADER_BYTES - 4;
        for length in last_frame..bytes.len() {
            let frames = read_frames(&bytes[..length]);
            assert_eq!((frames.payloads.len(), frames.torn_bytes, frames.is_damaged), (3, length - last_frame, false));
        }
        assert_eq!(read_frames(&bytes).payloads, [&b"one"[..], b"two", b"three", b"four"]);
    }

    #[test]
    fn damage_in_the_middle_is_no_torn_tail() {
        let mut bytes = segment();
        bytes[HEADER_BYTES] ^= 1;
        assert!(read_frames(&bytes).is_damaged);
    }
}
