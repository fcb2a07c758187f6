//! Any text as the content of a saved plan, compressed and with the checksum that it needs; and any bytes as a whole file.

#![no_main]

use flate2::Compression;
use flate2::write::DeflateEncoder;
use libfuzzer_sys::fuzz_target;
use sha2::{Digest, Sha256};
use std::io::Write;
use windlass::plan::file::{FORMAT_VERSION, MAGIC, read};

fuzz_target!(|bytes: &[u8]| {
    drop(read(bytes, "fuzzed", None));
    drop(read(bytes, "fuzzed", Some("a key")));
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).expect("memory takes everything");
    let content = encoder.finish().expect("memory takes everything");
    let mut file = [MAGIC, &FORMAT_VERSION.to_le_bytes()[..], &[0], &(content.len() as u64).to_le_bytes()[..], &content].concat();
    let checksum = Sha256::digest(&file);
    file.extend(checksum);
    drop(read(&file, "fuzzed", None));
});
