//! Stop and fail at every k, in small: one graph with a creation, an update, both kinds of replacement, a deletion, a move, an import, a
//! data source that is read in mid-apply, and an operation that fails. At each effect the process dies, the store fails, the disk is
//! full or the connection is cut, before the effect or after it. The next run must settle what was left and converge.
//!
//! The objects are files of the mock provider, so that there is a world outside without any server.
//! `WINDLASS_STOP_STRIDE=5` takes every fifth k only.

use crate::sandbox::{Folder, Output, run};
use std::fmt::Write;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

const BEFORE: &str = r#"
resource "tfcoremock_simple_resource" "updated" {
  id     = "updated"
  string = "one"
}

resource "tfcoremock_simple_resource" "old" {
  id = "moved"
}

resource "tfcoremock_simple_resource" "deleted" {
  id     = "deleted"
  string = tfcoremock_simple_resource.updated.id
}

resource "tfcoremock_simple_resource" "replaced" {
  id = "replaced-1"
}

resource "tfcoremock_simple_resource" "replaced_first" {
  id = "replaced-first-1"
  lifecycle {
    create_before_destroy = true
  }
}
"#;

const AFTER: &str = r#"
provider "tfcoremock" {
  fail_on_create = ["never"]
}

resource "tfcoremock_simple_resource" "updated" {
  id     = "updated"
  string = "two"
}

moved {
  from = tfcoremock_simple_resource.old
  to   = tfcoremock_simple_resource.new
}

resource "tfcoremock_simple_resource" "new" {
  id = "moved"
}

resource "tfcoremock_simple_resource" "replaced" {
  id     = "replaced-2"
  string = tfcoremock_simple_resource.created.string
}

resource "tfcoremock_simple_resource" "replaced_first" {
  id = "replaced-first-2"
  lifecycle {
    create_before_destroy = true
  }
}

import {
  to = tfcoremock_simple_resource.imported
  id = "imported"
}

resource "tfcoremock_simple_resource" "imported" {
  id = "imported"
}

resource "terraform_data" "first" {}

data "tfcoremock_simple_resource" "read" {
  id = terraform_data.first.id == "" ? "" : "given"
}

resource "tfcoremock_simple_resource" "created" {
  id     = "created"
  string = data.tfcoremock_simple_resource.read.string
}

resource "tfcoremock_simple_resource" "never" {
  id = "never"
}
"#;
const GIVEN: &str = r#"{"values": {"id": {"string": "given"}, "string": {"string": "said"}}}"#;
const IMPORTED: &str = r#"{"values": {"id": {"string": "imported"}}}"#;
const APPLY: &[&str] = &["apply", "-auto-approve", "-input=false"];
const THREADS: usize = 2;
/// What is done to the process: the variable, and what it says before the number.
const TROUBLES: [(&str, &str); 8] = [
    ("WINDLASS_STOP_AT", "before"),
    ("WINDLASS_STOP_AT", "after"),
    ("WINDLASS_FAIL_AT", "store-before"),
    ("WINDLASS_FAIL_AT", "store-after"),
    ("WINDLASS_FAIL_AT", "disk-before"),
    ("WINDLASS_FAIL_AT", "disk-after"),
    ("WINDLASS_FAIL_AT", "cut-before"),
    ("WINDLASS_FAIL_AT", "cut-after"),
];

/// A folder in which `BEFORE` is applied and `AFTER` is wanted.
fn start() -> Folder {
    let folder = Folder::new();
    folder.write("main.tf", BEFORE);
    folder.write("terraform.data/given.json", GIVEN);
    let applied = run(&mut folder.windlass(APPLY));
    assert_eq!(applied.code, 0, "{}", applied.text);
    folder.write("terraform.resource/imported.json", IMPORTED);
    folder.write("main.tf", AFTER);
    folder
}

/// The objects, and what the state knows.
fn inventory(folder: &Folder) -> String {
    let files = std::fs::read_dir(folder.path().join("terraform.resource")).expect("the objects").flatten();
    let mut files: Vec<_> = files.map(|file| (file.file_name(), std::fs::read_to_string(file.path()).expect("an object"))).collect();
    // What a killed process was writing stands beside them under another name.
    files.retain(|(name, _)| name.to_string_lossy().ends_with(".json"));
    files.sort();
    let mut text = run(&mut folder.windlass(&["state", "list"])).text;
    for (name, content) in files {
        let _ = writeln!(text, "{}: {}", name.display(), content.split_whitespace().collect::<String>());
    }
    text
}

/// An apply of which only the operation that always fails fails.
fn peaceful(folder: &Folder) -> Result<(), String> {
    let Output { text, code } = run(&mut folder.windlass(APPLY));
    match code == 1 && text.matches("Error:").count() == 1 && text.contains("because the provider is told to") {
        true => Ok(()),
        false => Err(format!("the next run fails otherwise, with {code}\n{text}")),
    }
}

/// What went wrong at one effect, if anything.
fn converges(start: &Folder, (variable, trouble): (&str, &str), k: u64, wanted: &str) -> Result<(), String> {
    let folder = start.copy();
    let stopped = run(folder.windlass(APPLY).env(variable, format!("{trouble}:{k}")));
    let log = folder.path().join("job.log");
    if stopped.text.contains("BEGIN WINDLASS JOURNAL") {
        std::fs::write(&log, &stopped.text).expect("a file can be written");
        let recovered = run(&mut folder.windlass(&["state", "recover", "job.log"]));
        if recovered.code != 0 {
            return Err(format!("what was printed is not recovered\n{}", recovered.text));
        }
    }
    peaceful(&folder)?;
    let seen = inventory(&folder);
    match seen == wanted {
        true => Ok(()),
        false => Err(format!("there is\n{seen}\ninstead of\n{wanted}\nThe stopped run said:\n{}", stopped.text)),
    }
}

#[test]
fn a_graph_of_everything_stopped_anywhere_converges() {
    let start = start();
    let peace = start.copy();
    let effects = peace.path().join("effects");
    let ended = run(peace.windlass(APPLY).env("WINDLASS_EFFECTS_FILE", &effects));
    assert_eq!(ended.code, 1, "{}", ended.text);
    let count: u64 = std::fs::read_to_string(&effects).expect("a count").parse().expect("a number");
    peaceful(&peace).expect("nothing changes any more");
    let wanted = inventory(&peace);
    for part in ["moved.json", "imported.json", "replaced-2.json", "replaced-first-2.json", "\"string\":{\"string\":\"said\"}", ".new\n"] {
        assert!(wanted.contains(part), "{part} is not in\n{wanted}");
    }
    assert!(!wanted.contains("deleted") && count > 20, "{count} effects\n{wanted}");
    let stride = std::env::var("WINDLASS_STOP_STRIDE").map_or(1, |text| text.parse().expect("a number"));
    let points: Vec<_> = (1..=count).step_by(stride).flat_map(|k| TROUBLES.map(|trouble| (trouble, k))).collect();
    let (next, wrong) = (AtomicU64::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                while let Some((trouble, k)) = points.get(next.fetch_add(1, Ordering::Relaxed) as usize) {
                    if let Err(problem) = converges(&start, *trouble, *k, &wanted) {
                        wrong.lock().expect("no panic holds it").push(format!("{}:{k}: {problem}", trouble.1));
                    }
                }
            });
        }
    });
    let wrong = wrong.into_inner().expect("no panic holds it");
    assert!(wrong.is_empty(), "{} of {} did not converge:\n{}", wrong.len(), points.len(), wrong.join("\n"));
}
