//! Laws of planning on random configurations.
//!
//! The same are tried each time; `PROPTEST_CASES=10000` tries more, `PROPTEST_RNG_SEED=7` others.

mod generate;
mod run;

use super::mock::{World, messages, providers, render, steps};
use crate::plan::{Action, CheckedPlan, PlanMode, check};
use crate::state::{State, decode_object};
use generate::{Graph, MODULE, any_graph};
use proptest::prelude::*;
use proptest::test_runner::Config;
use run::{run, schema};
use windlass_api::schema::assert_result_compatible;

fn config() -> Config {
    let config = crate::syntax::laws::config();
    // Each case is up to five plans: a quarter of what is usual is enough, and as much more as is asked for.
    Config { cases: (config.cases / 4).max(1), ..config }
}

fn world(text: &str, state: State) -> World {
    World { state, ..World::new(text) }.with_module(MODULE.0, MODULE.1)
}

fn planned(world: &World) -> CheckedPlan {
    let plan = world.plan().unwrap_or_else(|found| panic!("{}\n{}", world.text, messages(&found)));
    check(plan, &providers()).unwrap_or_else(|found| panic!("{}\n{}", world.text, messages(&found)))
}

/// What a plan would do; empty when it does nothing.
fn doings(plan: &CheckedPlan) -> String {
    let plan = plan.plan();
    let outputs = plan.outputs.iter().filter(|(_, output)| output.action() != Action::NoOp);
    outputs.map(|(name, output)| format!("output {name}: {output:?}\n")).fold(steps(plan), |all, one| all + &one)
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn what_was_applied_is_as_declared(graph in any_graph()) {
        let text = graph.text();
        let state = run(&planned(&world(&text, State::empty())));
        let again = planned(&world(&text, state));
        prop_assert_eq!(doings(&again), "", "{}", text);
    }

    #[test]
    fn any_configuration_is_reached_from_any_other(from in any_graph(), to in any_graph()) {
        let state = run(&planned(&world(&from.text(), State::empty())));
        let text = to.text();
        let change = planned(&world(&text, state));
        let state = run(&change);
        prop_assert!(state.instances.values().all(|instance| instance.deposed.is_empty()));
        let again = planned(&world(&text, state));
        prop_assert_eq!(doings(&again), "", "{}\n{}", text, render(change.plan()));
    }

    #[test]
    fn a_plan_made_with_unknowns_equals_the_one_made_with_what_they_become(graph in any_graph(), existing in any::<prop::sample::Index>()) {
        let text = graph.text();
        let end = run(&planned(&world(&text, State::empty())));
        let existing = existing.index(graph.len());
        let mut start = end.clone();
        start.outputs.clear();
        start.instances.retain(|address, _| is_before(&graph, existing, &address.to_string()));
        let plan = planned(&world(&text, start));
        for change in plan.plan().changes.iter().filter(|change| change.action == Action::Create) {
            let address = change.address.to_string();
            prop_assert!(!is_before(&graph, existing, &address), "{address} is there already");
            let made = &decode_object(end.current(&change.address).expect("it was made"), &schema()).expect("as it was encoded");
            let departed = assert_result_compatible(&change.after, made);
            prop_assert!(departed.is_empty(), "{}: {:?}\n{}", address, departed, text);
            // All that the first block refers to is there: nothing of it but its id is left to be told.
            if graph.is_managed(existing) && address.starts_with(&graph.prefix(existing)) && !address.starts_with("module") {
                prop_assert_eq!(&change.after.with_field("id", made.get("id").expect("an id").clone()), made, "{}", text);
            }
        }
        prop_assert_eq!(run(&plan).instances, end.instances, "{}", text);
    }

    #[test]
    fn what_is_lost_or_changed_is_mended(graph in any_graph(), hand in prop::collection::vec(any::<u8>(), 1..8)) {
        let text = graph.text();
        let state = run(&planned(&world(&text, State::empty())));
        let mut broken = world(&text, state);
        broken.options.allow_gone = true;
        for (place, (address, instance)) in broken.state.instances.iter().enumerate() {
            let live = decode_object(instance.current.as_ref().expect("an object"), &schema()).expect("as it was encoded");
            match hand[place % hand.len()] % 4 {
                0 => drop(broken.live.insert(address.clone(), None)),
                1 => drop(broken.live.insert(address.clone(), Some(live.with_field("size", "other".into())))),
                2 => drop(broken.live.insert(address.clone(), Some(live.with_field("name", "other".into())))),
                _ => {}
            }
        }
        let state = run(&planned(&broken));
        let again = planned(&world(&text, state));
        prop_assert_eq!(doings(&again), "", "{}", text);
    }

    #[test]
    fn a_destroy_leaves_nothing(graph in any_graph()) {
        let text = graph.text();
        let mut whole = world(&text, run(&planned(&world(&text, State::empty()))));
        whole.options.mode = PlanMode::Destroy;
        let state = run(&planned(&whole));
        prop_assert!(state.instances.is_empty() && state.outputs.is_empty(), "{:?}", state);
    }
}

/// Whether an object is of a block before a place.
fn is_before(graph: &Graph, place: usize, address: &str) -> bool {
    (0..place).filter(|before| graph.is_managed(*before)).any(|before| {
        let rest = address.strip_prefix(&graph.prefix(before));
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
    })
}
