//! Any text as a configuration: it is read or refused, and what formatting makes of it stays as it is in a second formatting.

#![no_main]

use libfuzzer_sys::fuzz_target;
use windlass::diagnostic::SourceId;
use windlass::syntax::{format, parse_expression, parse_file, parse_template};

fuzz_target!(|text: &str| {
    let source = SourceId(0);
    drop(parse_file(source, text));
    drop(parse_expression(source, text, 0));
    drop(parse_template(source, text, 0));
    if let Ok(formatted) = format(source, text) {
        let again = format(source, &formatted).expect("what was formatted can be read");
        assert_eq!(again, formatted, "formatting twice is formatting once");
    }
});
