//! Runs against a cloud in memory that fails on request, and simulated crashes at every effect.

mod cloud;
mod harness;

use crate::state::journal::{Segment, armoured, disarmoured};
use crate::state::{Effects, FailAt, Failing, ObjectStatus, StopAt};
use cloud::Trouble;
use harness::{Want, World, address};
use std::time::Duration;
use windlass_api::ErrorKind;

const BEFORE: [Want; 4] = [Want("a", 1, None), Want("b", 1, None), Want("c", 1, None), Want("d", 1, None)];
/// `a` is updated, `b` replaced, `c` deleted, `d` stays, `e` and its child `f` are made.
const AFTER: [Want; 5] = [Want("a", 2, None), Want("b", 100, None), Want("d", 1, None), Want("e", 1, None), Want("f", 1, Some("e"))];

fn names(wants: &[Want]) -> Vec<(String, i64)> {
    wants.iter().map(|want| (want.0.to_owned(), want.1)).collect()
}

async fn prepared() -> World {
    let world = World::new();
    let report = world.converge(&BEFORE, &Effects::unarmed()).await;
    assert!(report.diagnostics.is_empty(), "{:?}", report.diagnostics);
    world
}

#[tokio::test(start_paused = true)]
async fn a_plan_is_applied_and_written() {
    let world = prepared().await;
    let report = world.converge(&AFTER, &Effects::unarmed()).await;
    assert!(report.diagnostics.is_empty() && !report.stopped, "{:?}", report.diagnostics);
    assert_eq!((report.counts.added, report.counts.changed, report.counts.destroyed), (3, 1, 2));
    assert_eq!(world.cloud.things(), names(&AFTER));
    assert_eq!(report.state.serial, 2);
    assert!(report.state.instances.values().all(|instance| instance.deposed.is_empty()));
    assert_eq!(report.state.current(&address("f")).unwrap().private.created_unix_seconds, Some(1_000));
    let again = world.converge(&AFTER, &Effects::unarmed()).await;
    assert_eq!(again.state, report.state);
}

#[tokio::test(start_paused = true)]
async fn stopped_at_any_effect_the_next_run_converges() {
    let counting = Effects::unarmed();
    prepared().await.converge(&AFTER, &counting).await;
    let effects = counting.count();
    assert!(effects > 15, "{effects}");
    // One more or less may happen, since records that are ready together share an append.
    for at in (1..effects + 3).flat_map(|k| [StopAt::Before(k), StopAt::After(k)]) {
        let world = prepared().await;
        let (effects, frozen) = Effects::freezing(at);
        tokio::select! {
            report = world.converge(&AFTER, &effects) => assert!(report.diagnostics.is_empty(), "{at:?}"),
            () = frozen.notified() => {}
        }
        let report = world.converge(&AFTER, &Effects::unarmed()).await;
        assert!(!report.diagnostics.has_errors(), "{at:?}: {:?}", report.diagnostics);
        assert_eq!(world.cloud.things(), names(&AFTER), "{at:?}");
        assert_eq!(report.state.instances.len(), AFTER.len(), "{at:?}");
        assert!(report.state.instances.values().all(|instance| instance.deposed.is_empty()), "{at:?}");
    }
}

/// A run whose `k`-th effect fails, and one in peace after it; whether the failure was met.
async fn fails_and_converges(fail_at: FailAt) -> bool {
    let world = prepared().await;
    let effects = Effects::aborting_and_failing(StopAt::Never, Some(fail_at));
    let report = world.converge(&AFTER, &effects).await;
    let is_met = effects.count() >= fail_at.number;
    // A connection that is cut is made again; of the rest the user hears.
    let is_heard = fail_at.what != Failing::Connection && is_met;
    let is_warned =
        report.diagnostics.0.iter().any(|one| one.summary == "Failed to write the journal" || one.summary == "Failed to save state");
    let only_lock_or_tail = report.diagnostics.is_empty() || !report.diagnostics.has_errors();
    assert!(is_warned || only_lock_or_tail, "{fail_at:?}: {:?}", report.diagnostics);
    assert!(is_heard || report.diagnostics.is_empty(), "{fail_at:?}: {:?}", report.diagnostics);
    assert!(report.unsaved.is_empty() || fail_at.what == Failing::Disk, "{fail_at:?}");
    if !report.unsaved.is_empty() {
        let text = armoured(&report.unsaved);
        let bytes = disarmoured(&text).unwrap().remove(0);
        world.kept.lock().unwrap().push(Segment { name: "job.log".into(), bytes, is_spooled: true });
    }
    // What was made before is known even if nothing can be looked up any more.
    world.cloud.0.lock().unwrap().is_blind = true;
    let report = world.converge(&AFTER, &Effects::unarmed()).await;
    assert!(!report.diagnostics.has_errors(), "{fail_at:?}: {:?}", report.diagnostics);
    assert_eq!(world.cloud.things(), names(&AFTER), "{fail_at:?}");
    assert_eq!(report.state.instances.len(), AFTER.len(), "{fail_at:?}");
    assert!(report.state.instances.values().all(|instance| instance.deposed.is_empty()), "{fail_at:?}");
    is_met
}

#[tokio::test(start_paused = true)]
async fn whatever_fails_at_any_effect_nothing_is_made_twice_or_forgotten() {
    for what in [Failing::Store, Failing::Disk, Failing::Connection] {
        for is_done in [false, true] {
            let mut number = 1;
            while fails_and_converges(FailAt { what, number, is_done }).await {
                number += 1;
            }
            assert!(number > 15, "{what:?}: only {number} effects");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_makes_no_second_object_and_throttling_is_waited_out() {
    let world = World::new();
    world.cloud.trouble("a", Trouble::AnswerLost);
    world.cloud.trouble("b", Trouble::Fails(ErrorKind::Throttled));
    world.cloud.trouble("c", Trouble::Fails(ErrorKind::Transient));
    let report = world.converge(&BEFORE, &Effects::unarmed()).await;
    assert!(report.diagnostics.is_empty(), "{:?}", report.diagnostics);
    assert_eq!(world.cloud.things(), names(&BEFORE));
    let content = world.cloud.0.lock().unwrap();
    let distinct: std::collections::BTreeSet<_> = content.tokens.iter().collect();
    assert_eq!((content.tokens.len(), distinct.len()), (6, 6));
}

#[tokio::test(start_paused = true)]
async fn credentials_that_expire_in_flight_are_waited_for_and_else_the_next_run_looks_it_up() {
    let world = World::new();
    world.cloud.0.lock().unwrap().expired_looks = 2;
    let report = world.converge(&BEFORE, &Effects::unarmed()).await;
    assert!(report.diagnostics.is_empty(), "{:?}", report.diagnostics);
    assert_eq!(world.cloud.things(), names(&BEFORE));

    let world = World::new();
    world.cloud.0.lock().unwrap().expired_looks = u32::MAX;
    let report = world.converge(&BEFORE, &Effects::unarmed()).await;
    assert!(report.diagnostics.has_errors());
    assert!(report.diagnostics.0.iter().any(|one| one.detail.contains("the token has expired")), "{:?}", report.diagnostics);
    world.cloud.0.lock().unwrap().expired_looks = 0;
    let report = world.converge(&BEFORE, &Effects::unarmed()).await;
    assert!(!report.diagnostics.has_errors(), "{:?}", report.diagnostics);
    assert_eq!(world.cloud.things(), names(&BEFORE));
    assert_eq!(report.state.instances.len(), BEFORE.len());
}

#[tokio::test(start_paused = true)]
async fn a_half_made_object_is_tainted_its_dependants_skipped_and_others_go_on() {
    let world = World::new();
    world.cloud.trouble("e", Trouble::HalfMade(ErrorKind::Invalid));
    let report = world.converge(&AFTER, &Effects::unarmed()).await;
    assert_eq!(report.diagnostics.0.len(), 2, "{:?}", report.diagnostics);
    assert!(report.diagnostics.0[1].detail.contains("test_thing.f"));
    assert_eq!(report.state.current(&address("e")).unwrap().status, ObjectStatus::Tainted);
    assert!(report.state.current(&address("d")).is_some() && report.state.current(&address("f")).is_none());
    let report = world.converge(&AFTER, &Effects::unarmed()).await;
    assert!(report.diagnostics.is_empty(), "{:?}", report.diagnostics);
    assert_eq!(world.cloud.things(), names(&AFTER));
}

#[tokio::test(start_paused = true)]
async fn without_capacity_the_next_variant_is_taken_and_the_half_made_undone() {
    let world = prepared().await;
    world.cloud.trouble("b", Trouble::HalfMade(ErrorKind::Capacity));
    let wants = [BEFORE[0], Want("b", 100, None), BEFORE[2], BEFORE[3]];
    let variants = [World::made(Want("b", 101, None)), World::made(Want("b", 102, None))];
    let report = world.converge_with(&wants, &variants, &Effects::unarmed()).await;
    assert!(report.diagnostics.is_empty(), "{:?}", report.diagnostics);
    assert_eq!(world.cloud.things()[1], ("b".into(), 101));
    assert_eq!(world.cloud.things().len(), 4);
    assert_eq!(report.state.instances.len(), 4);
}

#[tokio::test(start_paused = true)]
async fn when_no_variant_is_left_the_old_object_stays_in_use() {
    let world = prepared().await;
    let capacity = ErrorKind::Capacity;
    let undone_in_two = [Trouble::HalfMade(capacity), Trouble::Fails(ErrorKind::Throttled), Trouble::Works];
    for trouble in undone_in_two.into_iter().chain([Trouble::HalfMade(capacity), Trouble::Works, Trouble::Fails(capacity)]) {
        world.cloud.trouble("b", trouble);
    }
    let wants = [BEFORE[0], Want("b", 100, None), BEFORE[2], BEFORE[3]];
    let variants = [World::made(Want("b", 101, None)), World::made(Want("b", 102, None))];
    let report = world.converge_with(&wants, &variants, &Effects::unarmed()).await;
    assert!(report.diagnostics.has_errors());
    assert_eq!(world.cloud.things(), names(&BEFORE));
    let instance = &report.state.instances[&address("b")];
    assert!(instance.current.is_some() && instance.deposed.is_empty());
}

#[tokio::test(start_paused = true)]
async fn an_interrupt_starts_nothing_new_and_writes() {
    let world = World::new();
    world.interrupt.send_replace(1);
    let report = world.converge(&BEFORE, &Effects::unarmed()).await;
    assert!(report.stopped && report.diagnostics.has_errors());
    assert!(world.cloud.things().is_empty());
}

/// The time of this test stands still while anything can be done, so that what it measures is the order of the steps alone.
#[tokio::test(start_paused = true)]
async fn a_thousand_calls_take_hardly_longer_than_they_must() {
    const LATENCY: Duration = Duration::from_millis(50);
    const CHAIN: usize = 95;
    let mut world = World::new();
    world.parallelism = 10;
    world.cloud.0.lock().unwrap().latency = LATENCY;
    let name = |number: usize| -> &'static str { Box::leak(format!("thing{number:04}").into_boxed_str()) };
    // Ten seconds of work for ten hands, and a chain in it that takes nearly as long by itself, declared last.
    let alone = (0..1_000 - CHAIN).map(|number| Want(name(number), 1, None));
    let chained = (1_000 - CHAIN..1_000).map(|number| Want(name(number), 1, (number > 1_000 - CHAIN).then(|| name(number - 1))));
    let wants: Vec<Want> = alone.chain(chained).collect();
    let begun = tokio::time::Instant::now();
    let report = world.converge(&wants, &Effects::unarmed()).await;
    assert_eq!(report.counts.added, wants.len());
    let least = (LATENCY * CHAIN as u32).max(LATENCY * wants.len() as u32 / 10);
    let ratio = begun.elapsed().as_secs_f64() / least.as_secs_f64();
    assert!(ratio <= 1.05, "{ratio}");
}
