//! Any bytes as a state: they are read or refused, and what was read is written so that it reads as the same.

#![no_main]

use libfuzzer_sys::fuzz_target;
use windlass::state::wire::{read, write};

fuzz_target!(|bytes: &[u8]| {
    if let Ok(state) = read(bytes, "fuzzed") {
        let again = read(&write(&state), "written").expect("what was written can be read");
        assert_eq!(again, state);
    }
});
