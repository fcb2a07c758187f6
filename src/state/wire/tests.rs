//! Against files that Terraform wrote.

use super::*;
use crate::address::parse_instance;
use crate::state::{ObjectStatus, State};

/// Written by `terraform apply` 1.11.4, with one object tainted and one deposed added by hand in Terraform's order.
const WRITTEN_BY_TERRAFORM: &str = include_str!("terraform_1_11.tfstate");

#[test]
fn a_file_of_terraform_comes_back_byte_by_byte() {
    let state = read(WRITTEN_BY_TERRAFORM.as_bytes(), "terraform.tfstate").unwrap();
    let address = parse_instance("module.inner[\"x\"].terraform_data.a[\"b\\\"<\"]").unwrap();
    let object = state.current(&address).unwrap();
    assert_eq!(object.status, ObjectStatus::Tainted);
    assert_eq!(object.sensitive[0].to_string(), "input.s");
    assert_eq!(state.instances.values().filter(|instance| !instance.deposed.is_empty()).count(), 1);
    let written = String::from_utf8(write(&state)).unwrap();
    for (line, (ours, theirs)) in written.lines().zip(WRITTEN_BY_TERRAFORM.lines()).enumerate() {
        assert_eq!(ours, theirs, "line {}", line + 1);
    }
    assert_eq!(written, WRITTEN_BY_TERRAFORM);
}

#[test]
fn an_empty_file_is_an_empty_state() {
    assert_eq!(read(b"", "x").unwrap(), State::empty());
}

#[track_caller]
fn fails(text: &str, expected: &str) {
    let problems = read(text.as_bytes(), "terraform.tfstate").unwrap_err();
    let all: Vec<_> = problems.0.iter().map(|problem| problem.detail.as_str()).collect();
    assert!(all.join("\n").contains(expected), "{all:?}");
}

#[test]
fn broken_files_say_where_and_what() {
    fails("{\n  \"version\": 4,\n", "at line 3, column 0");
    fails("{\"version\": 4,\n \"serial\": \"x\"}", "invalid type: string \"x\", expected u64, at line 2, column 14");
    fails("{\"version\": 3, \"modules\": []}", "format version 3");
    fails("{\"version\": 5}", "made by a newer program");
    let resource = |provider: &str, instance: &str| {
        format!(
            "{{\"version\":4,\"resources\":[{{\"mode\":\"managed\",\"type\":\"t\",\"name\":\"n\",\"provider\":{provider:?},\"instances\":[{instance}]}}]}}"
        )
    };
    fails(&resource("provider.aws", "{}"), "t.n: \"provider.aws\" is not a provider configuration's address");
    fails(&resource("module.a.provider[\"x/y/z\"]", "{}"), "stands inside a module");
    fails(&resource("provider[\"x/y/z\"]", "{\"index_key\":1.5}"), "index_key must be a whole number");
    fails(&resource("provider[\"x/y/z\"]", "{\"attributes_flat\":{}}"), "t.n: its attributes are in the form of Terraform 0.11");
}
