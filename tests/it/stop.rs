//! Stop at every k: apply, an edit with a replacement, and destroy are stopped at their k-th effect on the world, before it and
//! after it, for every k. The next run must settle what was left and converge: no orphan, no duplicate, no loss.
//! `WINDLASS_STOP_STRIDE=11` takes every eleventh k only.
//!
//! The simulator runs in a process of its own, so that only Windlass dies. Its clock is driven forward while we wait, so that groups
//! launch without real time passing.

use crate::cloud::Cloud;
use crate::sandbox::{Folder, run};
use crate::sources;
use std::process::Command;

/// The quickstart in small: one of everything that it makes.
fn quickstart() -> Vec<(String, String)> {
    let folder = sources::root().join("examples/quickstart");
    let files = std::fs::read_dir(folder).expect("the example").flatten().filter(|entry| entry.path().is_file());
    files.map(|entry| (entry.file_name().into_string().expect("a name"), std::fs::read_to_string(entry.path()).expect("a file"))).collect()
}

/// What is done, from which start, and which edit comes first.
struct Scenario {
    name: &'static str,
    /// Applied in peace before.
    begins_applied: bool,
    /// Changed in the configuration after that.
    edit: fn(&str) -> String,
    command: &'static [&'static str],
}

fn same(text: &str) -> String {
    text.to_owned()
}

/// A new name of the storage replaces its bucket and everything that hangs on it.
fn rename_storage(text: &str) -> String {
    text.replace("dialogues", "talks")
}

const APPLY: &[&str] = &["-sandbox", "apply", "-auto-approve", "-input=false"];
const DESTROY: &[&str] = &["-sandbox", "destroy", "-auto-approve", "-input=false"];

#[test]
fn an_apply_stopped_anywhere_converges() {
    every_stop_converges(&Scenario { name: "apply", begins_applied: false, edit: same, command: APPLY });
}

#[test]
fn a_replacement_stopped_anywhere_converges() {
    every_stop_converges(&Scenario { name: "replace", begins_applied: true, edit: rename_storage, command: APPLY });
}

#[test]
fn a_destroy_stopped_anywhere_converges() {
    every_stop_converges(&Scenario { name: "destroy", begins_applied: true, edit: same, command: DESTROY });
}

fn every_stop_converges(scenario: &Scenario) {
    let start = Start::of(scenario);
    let (folder, cloud) = start.again();
    let effects = folder.path().join("effects");
    let ended = run(windlass(&folder, scenario.command).env("WINDLASS_EFFECTS_FILE", &effects));
    assert_eq!(ended.code, 0, "{}: without a stop: {}", scenario.name, ended.text);
    let count: u64 = std::fs::read_to_string(&effects).expect("a count").parse().expect("a number");
    assert!(count > 20, "{}: only {count} effects are counted", scenario.name);
    let wanted = cloud.inventory();
    let stride = std::env::var("WINDLASS_STOP_STRIDE").map_or(1, |text| text.parse().expect("a number"));
    let mut wrong = Vec::new();
    for k in (1..=count).step_by(stride) {
        for side in ["before", "after"] {
            let (folder, cloud) = start.again();
            let stop_at = format!("{side}:{k}");
            let stopped = run(windlass(&folder, scenario.command).env("WINDLASS_STOP_AT", &stop_at));
            // Steps that run side by side may need an effect less; then nothing was stopped.
            assert!([0, 134].contains(&stopped.code), "{} {stop_at}: exit {}\n{}", scenario.name, stopped.code, stopped.text);
            if let Err(problem) = converge(scenario, &folder, &cloud, &wanted) {
                wrong.push(format!("{} {stop_at}: {problem}", scenario.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{} stops did not converge:\n{}", wrong.len(), wrong.join("\n"));
}

/// Where every stop of a scenario begins: made once, then copied.
struct Start {
    folder: Folder,
}

impl Start {
    fn of(scenario: &Scenario) -> Start {
        let folder = Folder::new();
        let files = quickstart();
        if scenario.begins_applied {
            files.iter().for_each(|(name, text)| folder.write(name, text));
            let cloud = Cloud::serve(&folder);
            let applied = run(&mut windlass(&folder, APPLY));
            assert_eq!(applied.code, 0, "{}: the start: {}", scenario.name, applied.text);
            drop(cloud);
        }
        files.iter().for_each(|(name, text)| folder.write(name, &(scenario.edit)(text)));
        Start { folder }
    }

    /// A folder and a cloud as at the start.
    fn again(&self) -> (Folder, Cloud) {
        let folder = self.folder.copy();
        let cloud = Cloud::serve(&folder);
        (folder, cloud)
    }
}

/// The binary, which looks often at what is under way, because the cloud's clock runs fast.
fn windlass(folder: &Folder, arguments: &[&str]) -> Command {
    let mut command = folder.windlass(arguments);
    command.env("WINDLASS_POLL_MILLISECONDS_MAX", "20");
    command
}

fn converge(scenario: &Scenario, folder: &Folder, cloud: &Cloud, wanted: &str) -> Result<(), String> {
    let again = run(&mut windlass(folder, scenario.command));
    if again.code != 0 {
        return Err(format!("the next run fails\n{}", again.text));
    }
    let inventory = cloud.inventory();
    if inventory != wanted {
        return Err(format!("the cloud holds\n{inventory}\ninstead of\n{wanted}"));
    }
    let is_destroy = scenario.command == DESTROY;
    let mut plan = windlass(folder, &["-sandbox", "plan", "-detailed-exitcode"]);
    let planned = run(if is_destroy { plan.arg("-destroy") } else { &mut plan });
    if planned.code != 0 {
        return Err(format!("a plan after it has changes\n{}", planned.text));
    }
    Ok(())
}
