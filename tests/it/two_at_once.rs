//! Two applies at once: the lock lets one go before the other, or refuses the second. Whichever it is, the state holds what both did.
//!
//! `WINDLASS_ROUNDS=1000` tries more often than 100 times.

use crate::sandbox::{Folder, Output, run};

const ROUNDS: usize = 100;
const WAITING: &[&str] = &["apply", "-auto-approve", "-input=false", "-lock-timeout=60s"];
const REFUSED: &[&str] = &["apply", "-auto-approve", "-input=false"];

/// Things that each round replaces, and one more each tenth round.
fn configuration(round: usize) -> String {
    let count = 5 + round / 10;
    format!(
        "resource \"terraform_data\" \"thing\" {{\n  count            = {count}\n  triggers_replace = {round}\n  input            = count.index\n}}\n\
         output \"round\" {{\n  value = {round}\n}}\n"
    )
}

fn at_once(folder: &Folder, command: &[&str]) -> [Output; 2] {
    std::thread::scope(|scope| {
        let other = scope.spawn(|| run(&mut folder.windlass(command)));
        let this = run(&mut folder.windlass(command));
        [this, other.join().expect("it does not panic")]
    })
}

fn state(folder: &Folder) -> serde_json::Value {
    let pulled = run(&mut folder.windlass(&["state", "pull"]));
    serde_json::from_str(&pulled.text).unwrap_or_else(|error| panic!("{error}: {}", pulled.text))
}

#[test]
fn of_two_applies_at_once_neither_is_lost() {
    let rounds = std::env::var("WINDLASS_ROUNDS").map_or(ROUNDS, |text| text.parse().expect("a number"));
    let folder = Folder::new();
    let mut serial = 0;
    let mut lineage = None;
    for round in 0..rounds {
        folder.write("main.tf", &configuration(round));
        let waits = round % 2 == 0;
        let ended = at_once(&folder, if waits { WAITING } else { REFUSED });
        for output in &ended {
            let is_refused = output.code == 1 && output.text.contains("Error acquiring the state lock");
            assert!(output.code == 0 || (!waits && is_refused), "round {round}: exit {}\n{}", output.code, output.text);
        }
        assert!(ended.iter().any(|output| output.code == 0), "round {round}: both were refused");
        let planned = run(&mut folder.windlass(&["plan", "-detailed-exitcode"]));
        assert_eq!(planned.code, 0, "round {round}: {}", planned.text);
        let state = state(&folder);
        let instances = state["resources"][0]["instances"].as_array().expect("instances");
        assert_eq!(instances.len(), 5 + round / 10, "round {round}: {state}");
        assert_eq!(state["outputs"]["round"]["value"], round, "{state}");
        let now = state["serial"].as_u64().expect("a serial");
        assert!(now > serial, "round {round}: the serial went from {serial} to {now}");
        serial = now;
        let first = lineage.get_or_insert_with(|| state["lineage"].clone());
        assert_eq!(*first, state["lineage"], "round {round}");
    }
}
