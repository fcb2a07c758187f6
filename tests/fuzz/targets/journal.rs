//! Any bytes as the segments of a journal. A line of the input is the payload of a frame, framed as `src/state/journal/frame.rs` says, so
//! that checksums keep nothing out; an empty line begins the next segment. Bytes that are no frames are tried as well.

#![no_main]

use libfuzzer_sys::fuzz_target;
use windlass::state::State;
use windlass::state::journal::replay;

fn framed(batch: u64, payload: &[u8]) -> Vec<u8> {
    let length = (payload.len() as u32).to_le_bytes();
    let batch = batch.to_le_bytes();
    let mut checksum = crc32fast::Hasher::new();
    for part in [&length[..], &batch, payload] {
        checksum.update(part);
    }
    [b"WLR1", &length[..], &batch, &checksum.finalize().to_le_bytes(), payload].concat()
}

fuzz_target!(|bytes: &[u8]| {
    let whole = vec![("00000001".to_owned(), bytes.to_vec())];
    drop(replay(State::empty(), None, &whole));
    let mut segments = vec![("00000001".to_owned(), Vec::new())];
    for (number, line) in bytes.split(|byte| *byte == b'\n').enumerate() {
        if line.is_empty() {
            segments.push((format!("{:08}", segments.len() + 1), Vec::new()));
        } else if let Some((_, segment)) = segments.last_mut() {
            segment.extend(framed(number as u64, line));
        }
    }
    drop(replay(State::empty(), None, &segments));
});
