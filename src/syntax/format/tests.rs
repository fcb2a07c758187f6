//! What the layout promises whatever the input is; that it is Terraform's to the byte is checked against recorded pairs in `tests/it`.

use super::format;
use crate::diagnostic::SourceId;

fn formatted(text: &str) -> String {
    format(SourceId(0), text).unwrap_or_else(|found| panic!("{text}: {found:?}"))
}

#[test]
fn what_is_idiomatic_replaces_what_is_not() {
    let text = "resource aws_x \"y\"{\na=\"${b.c}\"\n  long =-1 # why\n d=\"${e}${f}\"\n}\nvariable \"v\" {\n  type=\"list\"\n}\n";
    let expected = "resource \"aws_x\" \"y\" {\n  a    = b.c\n  long = -1 # why\n  d    = \"${e}${f}\"\n}\nvariable \"v\" {\n  type = list(string)\n}\n";
    assert_eq!(formatted(text), expected);
    assert_eq!(formatted(expected), expected);
}

#[test]
fn a_file_with_mistakes_is_left_alone() {
    assert!(format(SourceId(0), "a = [").is_err());
}
