//! Stop at k: apply, an edit with a replacement, and destroy are stopped at their k-th effect on the world, before it and after
//! it, for every k of a stride; `WINDLASS_STOP_STRIDE=1` takes every k, which needs most of an hour. The next run must settle what was left and converge: no orphan, no duplicate, no loss.
//!
//! The simulator runs in a process of its own, so that only Windlass dies. Its clock is driven forward while we wait, so that groups
//! launch without real time passing.

use crate::cloud::Cloud;
use crate::sandbox::{Folder, run};
use crate::sources;

/// Every so many effects; a prime, so that the same kinds of effect are not met again and again.
const STRIDE: usize = 11;

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
    let folder = Folder::new();
    let cloud = Cloud::serve(&folder);
    prepare(scenario, &folder, &cloud);
    let effects = folder.path().join("effects");
    let ended = run(folder.windlass(scenario.command).env("WINDLASS_EFFECTS_FILE", &effects));
    assert_eq!(ended.code, 0, "{}: without a stop: {}", scenario.name, ended.text);
    let count: u64 = std::fs::read_to_string(&effects).expect("a count").parse().expect("a number");
    assert!(count > 20, "{}: only {count} effects are counted", scenario.name);
    let wanted = cloud.inventory();
    let mut wrong = Vec::new();
    let stride = std::env::var("WINDLASS_STOP_STRIDE").map_or(STRIDE, |text| text.parse().expect("a number"));
    for k in (1..=count).step_by(stride) {
        for side in ["before", "after"] {
            prepare(scenario, &folder, &cloud);
            let stop_at = format!("{side}:{k}");
            let stopped = run(folder.windlass(scenario.command).env("WINDLASS_STOP_AT", &stop_at));
            // Steps that run side by side may need an effect less; then nothing was stopped.
            assert!([0, 134].contains(&stopped.code), "{} {stop_at}: exit {}\n{}", scenario.name, stopped.code, stopped.text);
            if let Err(problem) = converge(scenario, &folder, &cloud, &wanted) {
                wrong.push(format!("{} {stop_at}: {problem}", scenario.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{} stops did not converge:\n{}", wrong.len(), wrong.join("\n"));
}

fn prepare(scenario: &Scenario, folder: &Folder, cloud: &Cloud) {
    cloud.reset(folder);
    for (name, text) in quickstart() {
        folder.write(&name, &text);
    }
    if scenario.begins_applied {
        let applied = run(&mut folder.windlass(APPLY));
        assert_eq!(applied.code, 0, "{}: the start: {}", scenario.name, applied.text);
    }
    for (name, text) in quickstart() {
        folder.write(&name, &(scenario.edit)(&text));
    }
}

fn converge(scenario: &Scenario, folder: &Folder, cloud: &Cloud, wanted: &str) -> Result<(), String> {
    let again = run(&mut folder.windlass(scenario.command));
    if again.code != 0 {
        return Err(format!("the next run fails\n{}", again.text));
    }
    let inventory = cloud.inventory();
    if inventory != wanted {
        return Err(format!("the cloud holds\n{inventory}\ninstead of\n{wanted}"));
    }
    let is_destroy = scenario.command == DESTROY;
    let mut plan = folder.windlass(&["-sandbox", "plan", "-detailed-exitcode"]);
    let planned = run(if is_destroy { plan.arg("-destroy") } else { &mut plan });
    if planned.code != 0 {
        return Err(format!("a plan after it has changes\n{}", planned.text));
    }
    Ok(())
}
