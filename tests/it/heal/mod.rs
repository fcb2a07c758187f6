//! Break and heal: random configurations are applied to a cloud whose calls fail, by runs that are interrupted and killed, whose store
//! fails or whose disk is full, while another hand meddles. After each run the state can be read and knows all that stands in the cloud. Then the faults stop, and
//! after a bounded number of applies the plan is empty and the cloud is as desired.
//!
//! `WINDLASS_SEEDS=10000` tries more seeds than 300, `WINDLASS_SEED=17` one.

mod cloud;
mod project;

use cloud::Cloud;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::watch;
use windlass::diagnostic::{Diagnostics, SourceMap};
use windlass::event::{Event, Listener, Silent};
use windlass::ops::{self, Context, Failed, LockOptions, PlanRequest, Planned};
use windlass::plan::{Action, PlanMode, PlanOptions};
use windlass::state::journal::armoured;
use windlass::state::{Effects, FailAt, Failing, State, StopAt, decode_object};
use windlass::view::{self, style::Style};
use windlass_api::{Environment, Mode, Provider, Providers};

const SEEDS: u64 = 300;
const THREADS: u64 = 2;
/// Runs that break things.
const ROUNDS: usize = 6;
/// Applies without faults that must be enough: one to settle and finish what was left, one for what that uncovered.
const HEALING_APPLIES_MAX: usize = 3;
/// Where lines go that a run wrote to standard error because no disk took them.
const LOG: &str = "job.log";
const SECRET: &str = "hunter2-do-not-tell";

#[test]
fn every_seed_heals() {
    let number = |name: &str| std::env::var(name).ok().map(|text| text.parse::<u64>().expect("a number"));
    if let Some(seed) = number("WINDLASS_SEED") {
        return World::new(seed).live();
    }
    let seeds = number("WINDLASS_SEEDS").unwrap_or(SEEDS);
    let next = AtomicU64::new(0);
    let failed = std::sync::Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= seeds {
                        return;
                    }
                    if std::panic::catch_unwind(|| World::new(seed).live()).is_err() {
                        failed.lock().expect("no panic holds it").push(seed);
                    }
                }
            });
        }
    });
    let failed = failed.into_inner().expect("no panic holds it");
    assert!(failed.is_empty(), "these seeds fail: {failed:?}; WINDLASS_SEED=N runs one alone");
}

/// Stops a run in the midst of something, once or twice, as Ctrl-C does.
struct Interrupter {
    after_events: u64,
    seen: AtomicU64,
    interrupt: watch::Sender<u32>,
}

impl Listener for Interrupter {
    fn on_event(&self, _event: &Event) {
        let seen = self.seen.fetch_add(1, Ordering::Relaxed) + 1;
        if seen == self.after_events || seen == self.after_events + 2 {
            self.interrupt.send_modify(|times| *times += 1);
        }
    }
}

/// How a run ends before its end.
enum Trouble {
    None,
    Killed(StopAt),
    Interrupted(u64),
    /// The store or the disk takes no more, or a connection is cut.
    Fails(FailAt),
}

struct World {
    seed: u64,
    folder: tempfile::TempDir,
    cloud: Cloud,
    random: StdRng,
    unix_seconds: Arc<AtomicU64>,
}

impl World {
    fn new(seed: u64) -> World {
        let mut random = StdRng::seed_from_u64(seed);
        let cloud = Cloud::new(StdRng::seed_from_u64(random.random()));
        let folder = tempfile::tempdir().expect("a temporary folder");
        World { seed, folder, cloud, random, unix_seconds: Arc::new(AtomicU64::new(1_000_000)) }
    }

    fn live(mut self) {
        project::write(self.folder.path(), &mut self.random);
        for _ in 0..ROUNDS {
            self.cloud.set_faulty(self.random.random_ratio(2, 3));
            self.break_something();
            self.cloud.set_faulty(false);
            self.check_state_readable();
            if self.random.random_ratio(1, 2) {
                self.check_nothing_forgotten();
            }
        }
        self.heal();
        self.leave();
    }

    fn break_something(&mut self) {
        if self.random.random_ratio(1, 2) {
            project::write(self.folder.path(), &mut self.random);
        }
        if self.random.random_ratio(1, 3) {
            self.cloud.meddle();
        }
        let trouble = match self.random.random_range(0..7) {
            0 | 1 => {
                let effect = self.random.random_range(1..60);
                Trouble::Killed(if self.random.random() { StopAt::Before(effect) } else { StopAt::After(effect) })
            }
            2 => Trouble::Interrupted(self.random.random_range(1..40)),
            3 | 4 => {
                let what = [Failing::Store, Failing::Disk, Failing::Connection][self.random.random_range(0..3)];
                Trouble::Fails(FailAt { what, number: self.random.random_range(1..60), is_done: self.random.random() })
            }
            _ => Trouble::None,
        };
        let mode = if self.random.random_ratio(1, 8) { PlanMode::Destroy } else { PlanMode::Normal };
        // However it ends: what it left is looked at next.
        let _ = self.run(mode, &trouble);
    }

    /// Plans and applies in a runtime of its own, which ends with all that it runs when the process is killed.
    fn run(&mut self, mode: PlanMode, trouble: &Trouble) -> Option<bool> {
        let (sender, interrupt) = watch::channel(0);
        let (effects, frozen) = match trouble {
            Trouble::Killed(stop_at) => Effects::freezing(*stop_at),
            Trouble::Fails(fail_at) => (Effects::aborting_and_failing(StopAt::Never, Some(*fail_at)), Effects::freezing(StopAt::Never).1),
            _ => Effects::freezing(StopAt::Never),
        };
        let listener: Arc<dyn Listener> = match trouble {
            Trouble::Interrupted(after) => {
                Arc::new(Interrupter { after_events: *after, seen: AtomicU64::new(0), interrupt: sender.clone() })
            }
            _ => Arc::new(Silent),
        };
        let context = Context { interrupt, effects, listener, ..self.context() };
        let parallelism = self.random.random_range(1..6);
        let ended = runtime().block_on(async {
            tokio::select! {
                ended = self.plan_and_apply(&context, mode, parallelism, matches!(trouble, Trouble::Fails(_))) => Some(ended),
                () = frozen.notified() => None,
            }
        });
        drop(sender);
        self.recover();
        self.unix_seconds.fetch_add(3_600, Ordering::Relaxed);
        ended
    }

    /// What a user does with the lines that a run wrote to standard error.
    fn recover(&self) {
        let file = self.folder.path().join(LOG);
        if !file.exists() {
            return;
        }
        let lock = LockOptions { lock: true, timeout: Duration::ZERO };
        let recovered = runtime().block_on(ops::recover(&self.context(), None, std::slice::from_ref(&file), lock));
        std::fs::remove_file(file).expect("a file can be removed");
        // What can't be looked up while the cloud fails is in the journal now.
        if let Err(failed) = recovered {
            let is_told = |one: &windlass::diagnostic::Diagnostic| one.summary == "Recovered in part";
            assert!(failed.diagnostics.0.iter().any(is_told), "seed {}: {:?}", self.seed, failed.diagnostics);
        }
    }

    /// Whether all went well. `fails`: the store may.
    async fn plan_and_apply(&self, context: &Context, mode: PlanMode, parallelism: usize, fails: bool) -> bool {
        let planned = match ops::plan(context, &request(mode)).await {
            Ok(planned) => planned,
            Err(Failed { diagnostics, sources }) => {
                self.check_secrecy(&diagnostics, &sources);
                return false;
            }
        };
        let sources = planned.sources.clone();
        self.check_plan_secrecy(&planned, &context.providers);
        match ops::apply(context, planned, parallelism, false).await {
            Ok(report) => {
                self.check_secrecy(&report.diagnostics, &sources);
                assert!(!report.is_unwritten || fails, "seed {}: the state could not be written", self.seed);
                if !report.unsaved.is_empty() {
                    std::fs::write(self.folder.path().join(LOG), armoured(&report.unsaved)).expect("a file can be written");
                }
                !report.diagnostics.has_errors() && !report.stopped
            }
            Err(failed) => panic!("seed {}: the plan can't be applied: {:?}", self.seed, failed.diagnostics),
        }
    }

    fn context(&self) -> Context {
        let clock = self.unix_seconds.clone();
        let variables = BTreeMap::from([("TF_VAR_secret".to_owned(), SECRET.to_owned())]);
        Context {
            providers: Providers::new(vec![Arc::new(self.cloud.clone())]),
            environment: Environment { variables, home: None, sandbox: None },
            variables: Vec::new(),
            listener: Arc::new(Silent),
            interrupt: watch::channel(0).1,
            effects: Effects::unarmed(),
            clock: Arc::new(move || clock.load(Ordering::Relaxed)),
            who: "tester@here".to_owned(),
            workspace: windlass::state::backend::DEFAULT_WORKSPACE.into(),
            state_files: Default::default(),
            working_folder: self.folder.path().to_owned(),
            encryption: windlass::encryption::Shared::default(),
            plan_key: None,
        }
    }

    /// A plan in peace, which settles what is left. A change of the configuration that can't be made in one step, because what is made
    /// first waits for what goes first (Terraform finds the same cycle), is given up for another one.
    fn plan(&mut self, mode: PlanMode) -> (windlass::plan::CheckedPlan, State) {
        loop {
            match self.try_plan(mode) {
                Ok(planned) => return planned,
                Err(failed) if failed.diagnostics.0.iter().any(|one| one.summary == "Cycle") => {
                    project::write(self.folder.path(), &mut self.random);
                }
                Err(failed) => panic!("seed {}: {:?}", self.seed, failed.diagnostics),
            }
        }
    }

    fn try_plan(&self, mode: PlanMode) -> Result<(windlass::plan::CheckedPlan, State), Failed> {
        let context = self.context();
        runtime().block_on(async {
            let planned = ops::plan(&context, &request(mode)).await?;
            let trouble = planned.session.close().await;
            assert!(!trouble.has_errors(), "seed {}: {trouble:?}", self.seed);
            let (state, _) = ops::read_state(&context, None).await?;
            Ok((planned.plan, state))
        })
    }

    fn check_state_readable(&self) {
        let context = self.context();
        let read = runtime().block_on(ops::read_state(&context, None));
        assert!(read.is_ok(), "seed {}: {:?}", self.seed, read.err());
        let path = self.folder.path().join("terraform.tfstate");
        // It is made empty to be locked, and stays so until the first snapshot; the journal beside it holds what was done.
        if let Some(text) = std::fs::read_to_string(&path).ok().filter(|text| !text.is_empty()) {
            assert!(text.trim_end().ends_with('}'), "seed {}: the state is half written:\n{text}", self.seed);
        }
    }

    /// After settling, everything in the cloud is known to the state, once.
    fn check_nothing_forgotten(&mut self) {
        let (_, state) = self.plan(PlanMode::Normal);
        let recorded = self.recorded(&state);
        let known: BTreeSet<&String> = recorded.iter().collect();
        assert_eq!(known.len(), recorded.len(), "seed {}: an object is recorded twice", self.seed);
        let forgotten: Vec<String> = self.cloud.ids().into_iter().filter(|id| !known.contains(id)).collect();
        assert!(forgotten.is_empty(), "seed {}: nobody knows of {forgotten:?}", self.seed);
    }

    /// The ids of all objects of a state, in order.
    fn recorded(&self, state: &State) -> Vec<String> {
        let schema = self.cloud.schema(Mode::Managed, "test_thing").expect("the cloud has it");
        let objects = state.instances.values().flat_map(|instance| instance.current.iter().chain(instance.deposed.values()));
        let id = |object| decode_object(object, &schema).expect("as it was encoded").get_str("id").expect("an id").to_owned();
        let mut ids: Vec<String> = objects.map(id).collect();
        ids.sort();
        ids
    }

    fn heal(&mut self) {
        drop(self.plan(PlanMode::Normal));
        for _ in 0..HEALING_APPLIES_MAX {
            self.cloud.take_refused();
            let well = self.run(PlanMode::Normal, &Trouble::None);
            assert_eq!(well, Some(true), "seed {}: an apply without faults fails; refused: {:?}", self.seed, self.cloud.take_refused());
            let (plan, state) = self.plan(PlanMode::Normal);
            if plan.plan().steps.is_empty() && plan.plan().changes.iter().all(|change| change.action == Action::NoOp) {
                assert!(state.instances.values().all(|instance| instance.deposed.is_empty()), "seed {}: something is left", self.seed);
                assert_eq!(self.cloud.ids(), self.recorded(&state), "seed {}", self.seed);
                return;
            }
        }
        let (plan, _) = self.plan(PlanMode::Normal);
        let shown = view::plan::render(plan.plan(), &self.context().providers, Style { color: false });
        panic!("seed {}: {HEALING_APPLIES_MAX} applies without faults were not enough:\n{shown}", self.seed);
    }

    /// A destroy leaves nothing.
    fn leave(&mut self) {
        let well = self.run(PlanMode::Destroy, &Trouble::None);
        assert_eq!(well, Some(true), "seed {}: a destroy without faults fails; refused: {:?}", self.seed, self.cloud.take_refused());
        assert_eq!(self.cloud.ids(), Vec::<String>::new(), "seed {}", self.seed);
    }

    fn check_secrecy(&self, diagnostics: &Diagnostics, sources: &SourceMap) {
        let shown = view::diagnostic::render_all(diagnostics, sources, Style { color: false }, 100);
        assert!(!shown.contains(SECRET), "seed {}: a message tells a secret:\n{shown}", self.seed);
    }

    fn check_plan_secrecy(&self, planned: &Planned, providers: &Providers) {
        let shown = view::plan::render(planned.plan.plan(), providers, Style { color: false });
        assert!(!shown.contains(SECRET), "seed {}: a plan tells a secret:\n{shown}", self.seed);
        self.check_secrecy(&planned.diagnostics, &planned.sources);
    }
}

fn request(mode: PlanMode) -> PlanRequest {
    PlanRequest {
        options: PlanOptions { mode, allow_gone: true, ..PlanOptions::default() },
        generate: None,
        variables: Vec::new(),
        lock: LockOptions { lock: true, timeout: Duration::ZERO },
        operation: "OperationTypeApply",
    }
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().expect("a runtime")
}
