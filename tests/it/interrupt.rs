//! Ctrl-C once: what is in flight is finished and written down, nothing new starts. Twice: the process stops at once. Nothing is lost
//! either way.

use crate::cloud::Cloud;
use crate::sandbox::{Folder, run};
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Stdio};

/// Two objects, one after the other, on a cloud that answers slowly.
const CONFIGURATION: &str = r#"
resource "aws_vpc" "main" {
  cidr_block = "10.0.0.0/16"
}

resource "aws_subnet" "main" {
  vpc_id     = aws_vpc.main.id
  cidr_block = "10.0.1.0/24"
}
"#;

struct Interrupted {
    code: Option<i32>,
    text: String,
}

/// Applies, waits until the first object is being made, and interrupts so many times.
fn interrupt(folder: &Folder, times: u32) -> Interrupted {
    let mut command = folder.windlass(&["-sandbox", "apply", "-auto-approve"]);
    let mut child: Child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the binary starts");
    let mut reader = BufReader::new(child.stdout.take().expect("a pipe"));
    let mut text = String::new();
    let mut until = |needle: &str, text: &mut String| {
        while !text.contains(needle) {
            if reader.read_line(text).expect("a line") == 0 {
                panic!("the output ends before {needle:?}:\n{text}");
            }
        }
    };
    until("Creating...", &mut text);
    kill(&child);
    until("Interrupt received", &mut text);
    for _ in 1..times {
        kill(&child);
    }
    reader.read_to_string(&mut text).expect("the rest");
    let mut errors = String::new();
    child.stderr.take().expect("a pipe").read_to_string(&mut errors).expect("the rest");
    let code = child.wait().expect("it ends").code();
    Interrupted { code, text: text + &errors }
}

fn kill(child: &Child) {
    let sent = std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status().expect("kill runs");
    assert!(sent.success());
}

fn converges(folder: &Folder, cloud: &Cloud) {
    cloud.control("DELETE", "faults", "");
    let again = run(&mut folder.windlass(&["-sandbox", "apply", "-auto-approve"]));
    assert_eq!(again.code, 0, "{}", again.text);
    let planned = run(&mut folder.windlass(&["-sandbox", "plan", "-detailed-exitcode"]));
    assert_eq!(planned.code, 0, "{}", planned.text);
    let destroyed = run(&mut folder.windlass(&["-sandbox", "destroy", "-auto-approve"]));
    assert!(destroyed.text.contains("2 destroyed"), "{}", destroyed.text);
}

fn prepare(folder: &Folder) -> (Cloud, String) {
    folder.write("main.tf", CONFIGURATION);
    let cloud = Cloud::serve(folder);
    let empty = cloud.inventory();
    cloud.control("POST", "faults", "latency milliseconds=1500 action=CreateVpc");
    (cloud, empty)
}

#[test]
fn one_interrupt_finishes_what_is_in_flight() {
    let folder = Folder::new();
    let (cloud, empty) = prepare(&folder);
    let interrupted = interrupt(&folder, 1);
    assert_eq!(interrupted.code, Some(1), "{}", interrupted.text);
    let listed = run(&mut folder.windlass(&["-sandbox", "state", "list"]));
    assert_eq!(listed.text, "aws_vpc.main\n", "{}", interrupted.text);
    converges(&folder, &cloud);
    assert_eq!(cloud.inventory(), empty);
}

#[test]
fn two_interrupts_lose_nothing() {
    let folder = Folder::new();
    let (cloud, empty) = prepare(&folder);
    let interrupted = interrupt(&folder, 2);
    assert_ne!(interrupted.code, Some(0), "{}", interrupted.text);
    converges(&folder, &cloud);
    assert_eq!(cloud.inventory(), empty);
}
