//! `fmt` on ugly files, with what Terraform makes of them as `tests/peers/formatting.py` has recorded it.

use crate::sources;
use std::fmt::Write;
use windlass::diagnostic::SourceId;
use windlass::syntax::format;

#[test]
fn files_are_formatted_as_by_terraform() {
    let mut wrong = String::new();
    let mut count = 0;
    for file in std::fs::read_dir(sources::root().join("tests/format")).expect("tests/format").flatten() {
        let text = std::fs::read_to_string(file.path()).expect("records");
        for record in text.split("⟦").skip(1).collect::<Vec<_>>().chunks(2) {
            let [input, expected] = record else { panic!("a record without its result: {record:?}") };
            let (name, input) = input.split_once("⟧\n").expect("a name");
            let expected = expected.strip_prefix("formatted⟧\n").expect("the result");
            let formatted = format(SourceId(0), input).unwrap_or_else(|messages| panic!("{name}: {messages:?}"));
            count += 1;
            if formatted != expected {
                let _ = writeln!(wrong, "== {name}\n{input}-- expected\n{expected}-- got\n{formatted}");
            }
            if format(SourceId(0), &formatted).ok().as_ref() != Some(&formatted) {
                let _ = writeln!(wrong, "== {name} changes when it is formatted again");
            }
        }
    }
    assert!(count > 300, "only {count} files");
    assert!(wrong.is_empty(), "{wrong}");
}
