//! Any bytes as the segments of a journal. A line of the input is the payload of a frame, framed as `src/state/journal/frame.rs` says, so
//! that checksums keep nothing out; an empty line begins the next segment. Bytes that are no frames are tried as well.

#![no_main]

use libfuzzer_sys::fuzz_target;
use windlass::state::State;
use windlass::state::journal::{Segment, replay};

fn framed(batch: u64, payload: &[u8]) -> Vec<u8> {
    let length = (payload.len() as u32).to_le_bytes();
    let batch = batch.to_le_bytes();
    let mut checksum = crc32fast::Hasher::new();
    for part in [&length[..], &batch, payload] {
        checksum.update(part);
    }
    [b"WLR1", &length[..], &batch, &checksum.finalize().to_le_bytes(), payload].concat()
}

fn segment(number: usize, bytes: &[u8], is_spooled: bool) -> Segment {
    Segment { name: format!("{number:08}"), bytes: bytes.to_vec(), is_spooled }
}

fuzz_target!(|bytes: &[u8]| {
    drop(replay(State::empty(), None, &[segment(1, bytes, false)]));
    let mut segments = vec![segment(1, b"", false)];
    for (number, line) in bytes.split(|byte| *byte == b'\n').enumerate() {
        if line.is_empty() {
            segments.push(segment(segments.len() + 1, b"", false));
        } else if let Some(last) = segments.last_mut() {
            last.bytes.extend(framed(number as u64, line));
        }
    }
    drop(replay(State::empty(), None, &segments));
    if let Some(last) = segments.last_mut() {
        last.is_spooled = true;
    }
    drop(replay(State::empty(), None, &segments));
});
