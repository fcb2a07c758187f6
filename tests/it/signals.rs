//! SIGINT, SIGTERM and SIGHUP, once: what is in flight is finished and written down, nothing new starts. Twice: the process ends at
//! once. Also when the terminal is gone, so that nothing can be written to it. Nothing is lost either way.
//!
//! In flight is the read of an object whose file is a pipe: it ends when the test writes to it.

use crate::sandbox::{Folder, run};
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, ChildStdout, Command, Stdio};

const CONFIGURATION: &str = r#"
resource "terraform_data" "before" {}

data "tfcoremock_simple_resource" "slow" {
  id = terraform_data.before.id == "" ? "" : "slow"
}

resource "terraform_data" "after" {
  input = data.tfcoremock_simple_resource.slow.string
}
"#;
const OBJECT: &str = r#"{"values": {"id": {"string": "slow"}, "string": {"string": "read"}}}"#;
const APPLY: &[&str] = &["apply", "-auto-approve", "-input=false"];

struct Running {
    child: Child,
    output: BufReader<ChildStdout>,
    text: String,
}

impl Running {
    /// Applies until the slow read is under way.
    fn start(folder: &Folder) -> Running {
        folder.write("main.tf", CONFIGURATION);
        folder.write("terraform.data/other.json", OBJECT);
        let made = Command::new("mkfifo").arg(folder.path().join("terraform.data/slow.json")).status().expect("mkfifo runs");
        assert!(made.success());
        let mut command = folder.windlass(APPLY);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the binary starts");
        let output = BufReader::new(child.stdout.take().expect("a pipe"));
        let mut running = Running { child, output, text: String::new() };
        running.until("data.tfcoremock_simple_resource.slow: Reading...");
        running
    }

    fn until(&mut self, needle: &str) {
        while !self.text.contains(needle) {
            let count = self.output.read_line(&mut self.text).expect("a line");
            assert!(count > 0, "the output ends before {needle:?}:\n{}", self.text);
        }
    }

    fn signal(&self, name: &str) {
        let sent = Command::new("kill").args([&format!("-{name}"), &self.child.id().to_string()]).status().expect("kill runs");
        assert!(sent.success());
    }

    fn end(mut self) -> (Option<i32>, String) {
        self.output.read_to_string(&mut self.text).expect("the rest");
        self.child.stderr.take().expect("a pipe").read_to_string(&mut self.text).expect("the rest");
        (self.child.wait().expect("it ends").code(), self.text)
    }
}

/// Under nohup hang-ups are ignored, also by what is started: `a_run_that_ignores_hangups_goes_on` is the test for that.
fn is_ignored(signal: &str) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| u64::from_str_radix(line.strip_prefix("SigIgn:")?.trim(), 16).ok());
    signal == "HUP" && ignored.is_some_and(|signals| signals & 1 == 1)
}

/// Lets the slow read end.
fn release(folder: &Folder) {
    std::fs::write(folder.path().join("terraform.data/slow.json"), OBJECT).expect("the pipe is read");
}

fn listed(folder: &Folder) -> String {
    run(&mut folder.windlass(&["state", "list"])).text
}

/// The next run goes on where this one stopped.
fn goes_on(folder: &Folder) {
    std::fs::remove_file(folder.path().join("terraform.data/slow.json")).expect("the pipe is there");
    folder.write("terraform.data/slow.json", OBJECT);
    let again = run(&mut folder.windlass(APPLY));
    assert_eq!(again.code, 0, "{}", again.text);
    assert!(!again.text.contains("terraform_data.before: Creating"), "it is made twice:\n{}", again.text);
    let planned = run(&mut folder.windlass(&["plan", "-detailed-exitcode"]));
    assert_eq!(planned.code, 0, "{}", planned.text);
}

#[test]
fn any_signal_once_finishes_what_is_in_flight() {
    for signal in ["INT", "TERM", "HUP"].into_iter().filter(|signal| !is_ignored(signal)) {
        let folder = Folder::new();
        let mut running = Running::start(&folder);
        running.signal(signal);
        running.until("Interrupt received");
        release(&folder);
        let (code, text) = running.end();
        assert_eq!(code, Some(1), "{signal}: {text}");
        assert!(text.contains("Apply interrupted"), "{signal}: {text}");
        assert_eq!(listed(&folder), "terraform_data.before\ndata.tfcoremock_simple_resource.slow\n", "{signal}: {text}");
        goes_on(&folder);
    }
}

#[test]
fn any_signal_twice_ends_at_once() {
    for signals in [["INT", "INT"], ["TERM", "TERM"], ["HUP", "TERM"]].into_iter().filter(|signals| !is_ignored(signals[0])) {
        let folder = Folder::new();
        let mut running = Running::start(&folder);
        running.signal(signals[0]);
        running.until("Interrupt received");
        running.signal(signals[1]);
        // Nobody writes to the pipe: the read never ends.
        let (code, text) = running.end();
        assert_eq!(code, Some(1), "{signals:?}: {text}");
        assert!(text.contains("Apply stopped at once"), "{signals:?}: {text}");
        assert_eq!(listed(&folder), "terraform_data.before\n", "{signals:?}: {text}");
        goes_on(&folder);
    }
}

#[test]
fn a_terminal_that_is_gone_kills_no_run() {
    let folder = Folder::new();
    let Running { mut child, output, .. } = Running::start(&folder);
    // Neither what is said nor what goes wrong can be written to anybody any more.
    drop((output, child.stderr.take()));
    let sent = Command::new("kill").args(["-HUP", &child.id().to_string()]).status().expect("kill runs");
    assert!(sent.success());
    // The signal is there before the read ends: it was sent by a process that has ended.
    release(&folder);
    assert!(child.wait().expect("it ends").code().is_some(), "it was killed");
    assert!(listed(&folder).contains("terraform_data.before\n"));
    goes_on(&folder);
}

#[test]
fn a_run_that_ignores_hangups_goes_on() {
    let folder = Folder::new();
    folder.write("main.tf", CONFIGURATION);
    folder.write("terraform.data/slow.json", OBJECT);
    let ended = folder.shell("trap '' HUP; windlass apply -auto-approve & pid=$!; kill -HUP $pid; wait $pid");
    assert_eq!(ended.code, 0, "{}", ended.text);
    assert!(ended.text.contains("Apply complete!"), "{}", ended.text);
}
