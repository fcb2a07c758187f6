//! The dispatcher: the sole owner of a run's state.

use super::message::{Message, Reporter, StepEnd};
use super::operate::{Shared, operate};
use super::prepare::{Work, put_down, read};
use super::{Counts, Resolve};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::event::{Event, EventOperation, Listener, id_of};
use crate::plan::{Action, Change, Plan, StepId, StepOperation};
use crate::state::State;
use crate::state::journal::{IntentId, Record, note_intent, note_outcome};
use std::cmp::Ordering;
use std::collections::{BTreeSet, BinaryHeap};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::Instant;
use windlass_api::{Operation, Value};

/// How long workers that are stopped are waited for.
const STOP_WAIT: Duration = Duration::from_secs(1);

/// How a step stands.
#[derive(Clone, Copy, Debug, PartialEq)]
enum StepState {
    /// It waits for so many steps.
    Waiting(usize),
    Running(Instant),
    Done,
    Failed,
    /// Something that it waits for did not end well.
    Skipped,
}

/// A step that could start, by the length of the path that hangs on it.
#[derive(PartialEq)]
struct Ready {
    remaining_seconds: f64,
    step: StepId,
}

impl Eq for Ready {}

impl Ord for Ready {
    fn cmp(&self, other: &Ready) -> Ordering {
        self.remaining_seconds.total_cmp(&other.remaining_seconds).then(other.step.cmp(&self.step))
    }
}

impl PartialOrd for Ready {
    fn partial_cmp(&self, other: &Ready) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Everything that changes during a run.
pub(super) struct Dispatcher {
    pub plan: Arc<Plan>,
    pub resolver: Box<dyn Resolve>,
    pub shared: Shared,
    pub listener: Arc<dyn Listener>,
    pub parallelism: usize,
    pub state: State,
    pub diagnostics: Diagnostics,
    pub counts: Counts,
    /// Operations whose end is not recorded.
    pub open: BTreeSet<IntentId>,
    steps: Vec<StepState>,
    dependents: Vec<Vec<StepId>>,
    remaining_seconds: Vec<f64>,
    ready: BinaryHeap<Ready>,
    running: usize,
    interrupts: u32,
    workers: JoinSet<()>,
    messages: mpsc::UnboundedSender<Message>,
    inbox: mpsc::UnboundedReceiver<Message>,
}

impl Dispatcher {
    pub fn new(
        plan: Arc<Plan>,
        resolver: Box<dyn Resolve>,
        shared: Shared,
        listener: Arc<dyn Listener>,
        parallelism: usize,
        state: State,
    ) -> Dispatcher {
        let (messages, inbox) = mpsc::unbounded_channel();
        let count = plan.steps.len();
        let mut dependents = vec![Vec::new(); count];
        for (step, waiting) in plan.steps.iter().enumerate() {
            for before in &waiting.waits_for {
                dependents[*before].push(step);
            }
        }
        // Steps stand in an order that keeps every edge, so that one walk backwards does.
        let mut remaining_seconds = vec![0.0; count];
        for step in (0..count).rev() {
            let after = dependents[step].iter().map(|next| remaining_seconds[*next]).fold(0.0, f64::max);
            remaining_seconds[step] = plan.steps[step].typical_seconds + after;
        }
        let steps = plan.steps.iter().map(|step| StepState::Waiting(step.waits_for.len())).collect();
        let mut dispatcher = Dispatcher {
            plan,
            resolver,
            shared,
            listener,
            parallelism: parallelism.max(1),
            state,
            diagnostics: Diagnostics::none(),
            counts: Counts::default(),
            open: BTreeSet::new(),
            steps,
            dependents,
            remaining_seconds,
            ready: BinaryHeap::new(),
            running: 0,
            interrupts: 0,
            workers: JoinSet::new(),
            messages,
            inbox,
        };
        for step in 0..count {
            dispatcher.ready_if_free(step);
        }
        dispatcher
    }

    /// Runs until nothing runs and nothing can start; `true` when the user stopped it.
    pub async fn run(&mut self) -> bool {
        let mut interrupt = self.shared.interrupt.clone();
        self.interrupted(&mut interrupt);
        self.start_ready();
        let mut is_watched = true;
        while self.running > 0 && self.interrupts < 2 {
            tokio::select! {
                message = self.inbox.recv() => match message {
                    Some(message) => self.handle(message),
                    None => break,
                },
                changed = interrupt.changed(), if is_watched => match changed {
                    Ok(()) => self.interrupted(&mut interrupt),
                    Err(_) => is_watched = false,
                },
                Some(joined) = self.workers.join_next() => self.joined(joined),
            }
            self.start_ready();
        }
        // A worker in the midst of a call that does not yield can't be stopped; what it does is in the journal.
        drop(tokio::time::timeout(STOP_WAIT, self.workers.shutdown()).await);
        // What workers said before they were stopped still counts.
        while let Ok(message) = self.inbox.try_recv() {
            self.handle(message);
        }
        self.tell_skipped();
        self.interrupts > 0
    }

    /// Whether the second interrupt came: nothing more is written, the journal stands.
    pub fn is_abandoned(&self) -> bool {
        self.interrupts >= 2
    }

    fn interrupted(&mut self, interrupt: &mut watch::Receiver<u32>) {
        let times = *interrupt.borrow_and_update();
        if times > self.interrupts {
            self.interrupts = times;
            self.listener.on_event(&Event::Interrupted { times });
        }
    }

    fn ready_if_free(&mut self, step: StepId) {
        if self.steps[step] == StepState::Waiting(0) {
            self.ready.push(Ready { remaining_seconds: self.remaining_seconds[step], step });
        }
    }

    fn start_ready(&mut self) {
        while self.running < self.parallelism && self.interrupts == 0 && !self.shared.journal.has_failed() {
            let Some(Ready { step, .. }) = self.ready.pop() else { return };
            if self.plan.steps[step].operation == StepOperation::Join {
                self.done(step, None);
                continue;
            }
            match self.openings(step) {
                Ok(missing) if missing.is_empty() => match self.prepare(step) {
                    Ok(work) => self.start(step, work),
                    Err(problems) => self.failed(step, problems),
                },
                Ok(missing) => self.open(step, missing),
                Err(problems) => self.failed(step, problems),
            }
        }
    }

    /// Where workers send their messages.
    pub(super) fn messages(&self) -> mpsc::UnboundedSender<Message> {
        self.messages.clone()
    }

    /// Starts a step's worker.
    pub(super) fn spawn(&mut self, step: StepId, worker: impl Future<Output = ()> + Send + 'static) {
        self.steps[step] = StepState::Running(Instant::now());
        self.running += 1;
        self.workers.spawn(worker);
    }

    fn start(&mut self, step: StepId, work: Work) {
        if let Some(operation) = event_operation(self.plan.steps[step].operation) {
            let change = self.change(step);
            let (address, id) = (change.address.clone(), self.known_id(step));
            self.listener.on_event(&Event::StepStarted { address, operation, id });
        }
        let reporter = Reporter { step, messages: self.messages.clone() };
        let (shared, plan) = (self.shared.clone(), self.plan.clone());
        self.spawn(step, async move {
            let end = match work {
                Work::Operate(task) => operate(*task, shared, reporter.clone()).await,
                Work::Read { change, query } => read(&plan, change, query, &shared, &reporter).await,
                Work::Record(record, value) => put_down(record, value, &shared, &reporter).await,
            };
            reporter.send(Message::Finished(step, end));
        });
    }

    fn joined(&mut self, joined: Result<(), tokio::task::JoinError>) {
        if let Err(error) = joined
            && error.is_panic()
        {
            // The step never says that it ended: its operation stays open in the journal, and nothing new may begin.
            self.diagnostics.push(Diagnostic::error(
                "A step broke down",
                format!("This is a fault of Windlass: {error}. What it was doing stays in the journal; the next run looks it up first."),
            ));
            self.interrupts = self.interrupts.max(1);
            self.running -= 1;
        }
    }

    pub(super) fn change(&self, step: StepId) -> &Change {
        &self.plan.changes[self.plan.steps[step].change]
    }

    fn handle(&mut self, message: Message) {
        match message {
            Message::Began(intent) => {
                note_intent(&mut self.state, &intent);
                self.open.insert(intent.id.clone());
            }
            Message::Ended(intent, outcome) => {
                note_outcome(&mut self.state, &intent, &outcome);
                self.open.remove(&intent.id);
            }
            Message::Recorded(Record::Put(address, provider, object)) => self.state.put(&address, None, &provider, *object),
            Message::Recorded(Record::Forget(address, deposed)) => self.state.remove(&address, deposed.as_ref()),
            Message::Recorded(_) => {}
            Message::Progress(step, status, elapsed) => {
                if let Some(operation) = event_operation(self.plan.steps[step].operation) {
                    let address = self.change(step).address.clone();
                    self.listener.on_event(&Event::StepProgress { address, operation, status, elapsed });
                }
            }
            Message::Retried(step, message) => {
                let address = self.change(step).address.clone();
                self.listener.on_event(&Event::StepRetried { address, message });
            }
            Message::Resolve(step, variant, reply) => {
                let resolved = self.resolver.resolve(self.plan.steps[step].change, variant);
                // A worker that no longer waits was stopped.
                drop(reply.send(resolved));
            }
            Message::Opened(step, opened) => {
                self.running -= 1;
                match opened {
                    Ok(opened) => {
                        opened.iter().for_each(|(address, value)| self.resolver.opened(address, value));
                        self.steps[step] = StepState::Waiting(0);
                        self.ready_if_free(step);
                    }
                    Err(problems) => self.failed(step, problems),
                }
            }
            Message::Finished(step, end) => {
                self.running -= 1;
                match end {
                    StepEnd::Done(value) => self.done(step, value),
                    StepEnd::DoneButWrong(value, problems) => {
                        self.count(step);
                        if let Some(value) = value {
                            self.resolver.finish(&self.change(step).address, value);
                        }
                        self.failed(step, problems);
                    }
                    StepEnd::Unchecked(problems) => self.unchecked(step, problems),
                    StepEnd::Failed(problems) => self.failed(step, problems),
                    StepEnd::Unrecorded => self.unrecorded(step),
                }
            }
        }
    }

    /// A step that the store's failure stopped is one that was not started.
    fn unrecorded(&mut self, step: StepId) {
        if let (StepState::Running(since), Some(operation)) = (self.steps[step], event_operation(self.plan.steps[step].operation)) {
            let address = self.change(step).address.clone();
            self.listener.on_event(&Event::StepFailed { address, operation, elapsed: since.elapsed() });
        }
        self.steps[step] = StepState::Waiting(0);
    }

    /// How many steps were not started, though nothing that they wait for failed.
    pub fn unstarted(&self) -> usize {
        let is_shown = |step: &StepId| self.plan.steps[*step].operation != StepOperation::Join;
        (0..self.steps.len()).filter(is_shown).filter(|step| matches!(self.steps[*step], StepState::Waiting(_))).count()
    }

    /// The data source of a `check` block can't be read: a warning, and everything goes on.
    fn unchecked(&mut self, step: StepId, problems: Diagnostics) {
        let address = self.change(step).address.clone();
        for problem in problems.0 {
            let subject = self.resolver.fail_check(&address, &format!("{}: {}", problem.summary, problem.detail));
            let diagnostic = Diagnostic { subject, ..problem };
            self.diagnostics.push(diagnostic);
        }
        self.listener.on_event(&Event::StepFailed { address, operation: EventOperation::Read, elapsed: self.elapsed(step) });
        self.release(step);
    }

    fn done(&mut self, step: StepId, value: Option<Value>) {
        let elapsed = self.elapsed(step);
        self.count(step);
        let address = self.change(step).address.clone();
        let is_import = self.plan.steps[step].operation == StepOperation::Import;
        let id = value.as_ref().and_then(id_of).or_else(|| self.known_id(step).filter(|_| is_import));
        if let Some(operation) = event_operation(self.plan.steps[step].operation) {
            self.listener.on_event(&Event::StepFinished { address: address.clone(), operation, id, elapsed });
        }
        if let Some(value) = value {
            self.resolver.finish(&address, value);
        }
        self.release(step);
    }

    /// What waits for a step that has ended may start.
    fn release(&mut self, step: StepId) {
        self.steps[step] = StepState::Done;
        for next in self.dependents[step].clone() {
            if let StepState::Waiting(count) = self.steps[next] {
                self.steps[next] = StepState::Waiting(count - 1);
                self.ready_if_free(next);
            }
        }
    }

    fn elapsed(&self, step: StepId) -> Duration {
        match self.steps[step] {
            StepState::Running(since) => since.elapsed(),
            _ => Duration::ZERO,
        }
    }

    /// What the object of a step is known by before the step has ended. Of a creation, `before` is another object.
    fn known_id(&self, step: StepId) -> Option<String> {
        let change = self.change(step);
        match (self.plan.steps[step].operation, &change.importing) {
            (StepOperation::Import, Some(importing)) => Some(importing.id.to_string()),
            (StepOperation::Provider(Operation::Create) | StepOperation::SetAsideAndCreate, _) => None,
            _ => id_of(&change.before),
        }
    }

    fn count(&mut self, step: StepId) {
        match self.plan.steps[step].operation {
            StepOperation::Provider(Operation::Create) | StepOperation::SetAsideAndCreate => self.counts.added += 1,
            StepOperation::Provider(Operation::Update) => self.counts.changed += 1,
            StepOperation::Provider(Operation::Delete) | StepOperation::DeleteDeposed => self.counts.destroyed += 1,
            StepOperation::Import => self.counts.imported += 1,
            StepOperation::Forget if self.change(step).action == Action::Forget => self.counts.forgotten += 1,
            StepOperation::ReadData | StepOperation::Record | StepOperation::Forget | StepOperation::Join => {}
        }
    }

    fn failed(&mut self, step: StepId, problems: Diagnostics) {
        // What could not be prepared has not been said to begin.
        if let (StepState::Running(since), Some(operation)) = (self.steps[step], event_operation(self.plan.steps[step].operation)) {
            let address = self.change(step).address.clone();
            self.listener.on_event(&Event::StepFailed { address, operation, elapsed: since.elapsed() });
        }
        self.steps[step] = StepState::Failed;
        self.diagnostics.extend(problems);
        let mut waiting = self.dependents[step].clone();
        while let Some(next) = waiting.pop() {
            if matches!(self.steps[next], StepState::Waiting(_)) {
                self.steps[next] = StepState::Skipped;
                waiting.extend(&self.dependents[next]);
            }
        }
    }

    /// Says what was not done because something that it needs failed.
    fn tell_skipped(&mut self) {
        let skipped: BTreeSet<_> =
            (0..self.steps.len()).filter(|step| self.is_skipped(*step)).map(|step| self.change(step).address.to_string()).collect();
        if skipped.is_empty() {
            return;
        }
        const SHOWN_MAX: usize = 20;
        let mut list: String = skipped.iter().take(SHOWN_MAX).map(|address| format!("\n  - {address}")).collect();
        if skipped.len() > SHOWN_MAX {
            list.push_str(&format!("\n  and {} more", skipped.len() - SHOWN_MAX));
        }
        let detail = format!("These were not changed, since something that they depend on failed:{list}");
        self.diagnostics.push(Diagnostic::warning("Some changes were skipped", detail));
    }

    fn is_skipped(&self, step: StepId) -> bool {
        self.steps[step] == StepState::Skipped && self.plan.steps[step].operation != StepOperation::Join
    }
}

/// What events call a step; `None` for those that nobody needs to see.
pub(super) fn event_operation(operation: StepOperation) -> Option<EventOperation> {
    match operation {
        StepOperation::Provider(operation) => Some(EventOperation::Provider(operation)),
        StepOperation::SetAsideAndCreate => Some(EventOperation::Provider(Operation::Create)),
        StepOperation::DeleteDeposed => Some(EventOperation::Provider(Operation::Delete)),
        StepOperation::ReadData => Some(EventOperation::Read),
        StepOperation::Import => Some(EventOperation::Import),
        StepOperation::Record | StepOperation::Forget | StepOperation::Join => None,
    }
}
