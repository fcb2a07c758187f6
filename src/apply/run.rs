//! The way in, and the way out: check, journal, dispatch, outputs, commit.

use super::dispatcher::{Dispatcher, event_operation};
use super::fault::store_failure;
use super::operate::Shared;
use super::{ApplyReport, Counts, Resolve};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::event::{Event, Listener};
use crate::live::{Clients, Clock, Ephemerals, World, answer};
use crate::plan::{Action, Answer, Ask, AskKey, Change, CheckedPlan, Plan, moved_objects};
use crate::state::journal::{Ending, Record};
use crate::state::{Effects, Session, State};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tokio::sync::watch;

/// Everything that an apply needs.
pub struct Apply<'a> {
    /// What to do.
    pub plan: &'a CheckedPlan,
    /// What evaluates again; `Box::new(Resolver::new(…)?)`.
    pub resolver: Box<dyn Resolve>,
    /// Clients; those that planning used.
    pub clients: Clients,
    /// Ephemeral objects that are open; the caller closes them.
    pub ephemerals: Ephemerals,
    /// The state, locked, with an empty journal: what an earlier run left was settled and committed.
    pub session: &'a mut Session,
    /// Who listens.
    pub listener: Arc<dyn Listener>,
    /// How often the user asked to stop: 0, 1 or 2.
    pub interrupt: watch::Receiver<u32>,
    /// How many steps may run side by side; at least 1.
    pub parallelism: usize,
    /// Counts effects.
    pub effects: Arc<Effects>,
    /// The time.
    pub clock: Clock,
    /// Whether everything that will be touched is read again first, and a difference from the plan refused: for saved plans, and
    /// where time passed since planning.
    pub check_moved: bool,
}

/// Applies a plan and writes the state.
pub async fn run(apply: Apply<'_>) -> ApplyReport {
    let Apply { plan, resolver, clients, ephemerals, session, listener, interrupt, parallelism, effects, clock, check_moved } = apply;
    let plan = plan.plan().clone();
    let mut state = State::clone(&plan.refreshed);
    (state.serial, state.lineage) = (session.recorded().serial, session.recorded().lineage.clone());
    let refused = |state, diagnostics| ApplyReport {
        state,
        diagnostics,
        counts: Counts::default(),
        stopped: false,
        is_unwritten: false,
        unsaved: Vec::new(),
    };
    if check_moved {
        let problems = check_unmoved(&plan, &clients, &ephemerals, &clock, &*listener).await;
        if problems.has_errors() {
            return refused(session.recorded().clone(), problems);
        }
    }
    let journal = match session.begin(&mut state) {
        Ok(journal) => journal,
        Err(problems) => return refused(session.recorded().clone(), problems),
    };
    for (provider, config) in used_providers(&plan) {
        journal.append_lazily(Record::Provider(provider, config));
    }
    for change in &plan.changes {
        if change.importing.is_some() {
            // It is there once its own step says so.
            state.instances.remove(&change.address);
        }
        if let Some(from) = &change.previous_address {
            state.rename(from, &change.address);
            journal.append_lazily(Record::Move(from.clone(), change.address.clone()));
        }
    }
    let steps = plan.steps.iter().filter(|step| event_operation(step.operation).is_some()).count();
    listener.on_event(&Event::ApplyStarted { steps });
    let generation = state.serial;
    let shared = Shared { clients, ephemerals, journal: journal.clone(), effects, interrupt, clock, generation };
    let mut dispatcher = Dispatcher::new(plan, resolver, shared, listener.clone(), parallelism, state);
    let stopped = dispatcher.run().await;
    listener.on_event(&Event::ApplyFinished);
    // Only the session and the dispatcher go on with the journal.
    drop(journal);
    finish(dispatcher, session, stopped).await
}

/// Writes the state, or sees to it that what it lacks is kept.
async fn finish(mut dispatcher: Dispatcher, session: &mut Session, stopped: bool) -> ApplyReport {
    let journal = dispatcher.shared.journal.clone();
    let unstarted = dispatcher.unstarted();
    if dispatcher.is_abandoned() {
        let ending = journal.finish(true).await;
        dispatcher.diagnostics.push(abandoned());
        return left_open(dispatcher, session, ending, unstarted, true);
    }
    let (outputs, problems) = dispatcher.resolver.outputs();
    dispatcher.diagnostics.extend(problems);
    dispatcher.state.outputs = outputs;
    let (checks, warnings) = dispatcher.resolver.checks();
    dispatcher.diagnostics.extend(warnings);
    dispatcher.state.checks = checks;
    if !dispatcher.open.is_empty() {
        // The journal must outlive the run: it alone knows what is not settled. A failure shows at the end.
        drop(journal.append(vec![Record::Outputs(dispatcher.state.outputs.clone())]).await);
        let ending = journal.finish(false).await;
        return left_open(dispatcher, session, ending, unstarted, stopped);
    }
    let ending = journal.finish(false).await;
    session.note_spooled(ending.spooled.clone());
    let Dispatcher { mut state, mut diagnostics, counts, .. } = dispatcher;
    if stopped {
        diagnostics.push(interrupted());
    }
    let written = session.commit(&state).await;
    let is_unwritten = written.is_err();
    let file = ending.spooled.as_deref().and_then(|segment| session.spool_file(segment));
    diagnostics.0.extend(store_failure(&ending, file.as_deref(), unstarted, !is_unwritten));
    match written {
        Ok(written) => state = written,
        // That the store fails has been said.
        Err(_) if ending.failure.is_some() => {}
        Err(problems) => diagnostics.extend(problems),
    }
    let unsaved = if is_unwritten { ending.unsaved } else { Vec::new() };
    ApplyReport { state, diagnostics, counts, stopped, is_unwritten, unsaved }
}

/// Ends a run with operations of which nobody knows yet how they ended.
fn left_open(dispatcher: Dispatcher, session: &Session, ending: Ending, unstarted: usize, stopped: bool) -> ApplyReport {
    let Dispatcher { state, mut diagnostics, counts, .. } = dispatcher;
    let file = ending.spooled.as_deref().and_then(|segment| session.spool_file(segment));
    diagnostics.0.extend(store_failure(&ending, file.as_deref(), unstarted, false));
    ApplyReport { state, diagnostics, counts, stopped, is_unwritten: false, unsaved: ending.unsaved }
}

fn interrupted() -> Diagnostic {
    Diagnostic::error(
        "Apply interrupted",
        "What was in flight has ended and is recorded; the remaining steps were not started. Run again to go on.",
    )
}

fn abandoned() -> Diagnostic {
    Diagnostic::error(
        "Apply stopped at once",
        "Operations may still be under way in the cloud. Nothing is lost: the journal beside the state holds what was done and what was \
         begun, and the next plan or apply looks it up before anything else.",
    )
}

/// The configurations that steps act through.
fn used_providers(plan: &Plan) -> BTreeMap<crate::address::ProviderConfig, windlass_api::Value> {
    let used: BTreeSet<_> = plan.steps.iter().map(|step| &plan.changes[step.change].provider).collect();
    used.into_iter().filter_map(|provider| Some((provider.clone(), plan.providers.get(provider)?.config.clone()))).collect()
}

/// Reads everything again that will be touched, and holds it against the plan.
async fn check_unmoved(
    plan: &Arc<Plan>,
    clients: &Clients,
    ephemerals: &Ephemerals,
    clock: &Clock,
    listener: &dyn Listener,
) -> Diagnostics {
    let is_touched = |action: Action| !matches!(action, Action::NoOp | Action::Create | Action::Read | Action::Forget);
    let is_touched = |change: &&Change| is_touched(change.action) || change.importing.is_some();
    let asks = plan.changes.iter().filter(|change| is_touched(change) && !change.before.is_null()).filter_map(|change| {
        Some(Ask::Object {
            address: change.address.clone(),
            deposed: change.deposed.clone(),
            provider: change.provider.clone(),
            config: plan.providers.get(&change.provider)?.config.clone(),
            prior: change.before.clone(),
        })
    });
    let world = World {
        clients: clients.clone(),
        state: plan.prior.clone(),
        clock: clock.clone(),
        working_folder: ".".into(),
        home: None,
        ephemerals: ephemerals.clone(),
    };
    let mut problems = Diagnostics::none();
    let mut fresh = BTreeMap::new();
    for (key, answer) in answer(asks.collect(), &world, listener).await {
        match (key, answer) {
            (AskKey::Object(address, deposed, _), Answer::Object(object)) => drop(fresh.insert((address, deposed), object)),
            (AskKey::Object(address, ..), Answer::Failed(error)) => problems.extend(super::fault::read_failure(&address, &error)),
            _ => {}
        }
    }
    if !problems.has_errors() {
        problems.extend(moved_objects(plan, &fresh));
    }
    problems
}
