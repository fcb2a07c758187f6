//! Any text as a configuration in JSON, and as values of variables: it is read or refused.

#![no_main]

use libfuzzer_sys::fuzz_target;
use windlass::diagnostic::SourceId;
use windlass::syntax::{parse_json_file, parse_json_values};

fuzz_target!(|text: &str| {
    drop(parse_json_file(SourceId(0), text));
    drop(parse_json_values(SourceId(0), text));
});
