//! A small planner and a whole run: open, settle, commit, plan, apply.

use super::cloud::Cloud;
use crate::address::{Instance, ProviderConfig, parse_instance};
use crate::apply::{Apply, ApplyReport, Resolve, run};
use crate::diagnostic::{Diagnostic, Diagnostics, SourceMap};
use crate::event::Silent;
use crate::live::{Clients, Ephemerals, settle};
use crate::plan::{
    Action, Change, CheckedPlan, Cost, Inputs, Plan, PlanMode, ProviderPin, Reason, ResolvedChange, Step, StepOperation, Variant,
};
use crate::state::journal::Segment;
use crate::state::store::{MemoryDisk, MemoryStore};
use crate::state::{Access, DeposedKey, Effects, OutputState, Session, State, decode_object};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use tokio::sync::watch;
use windlass_api::{Environment, Mode, Operation, Provider, Providers, Type, Value};

pub struct World {
    pub cloud: Cloud,
    pub disk: MemoryDisk,
    /// What the machine keeps that the store could not be told.
    pub spool: MemoryDisk,
    /// What a user saved of standard error and gives to the next run.
    pub kept: Mutex<Vec<Segment>>,
    pub interrupt: watch::Sender<u32>,
    pub parallelism: usize,
}

/// A thing that is wanted: its name, its size, the thing that it refers to. A size of 100 or more can't be reached in place.
#[derive(Clone, Copy)]
pub struct Want(pub &'static str, pub i64, pub Option<&'static str>);

pub fn address(name: &str) -> Instance {
    parse_instance(&format!("test_thing.{name}")).unwrap()
}

fn provider() -> ProviderConfig {
    ProviderConfig { source: "registry.terraform.io/hashicorp/test".into(), alias: None, key: None }
}

fn object(want: Want, id: Value, parent: Value) -> Value {
    Value::object_of([("id", id), ("name", want.0.into()), ("parent", parent), ("size", Value::int(want.1))])
}

/// Fills in the ids of parents as they become known.
struct Resolver {
    plan: Plan,
    finished: RefCell<BTreeMap<Instance, Value>>,
    parents: BTreeMap<Instance, Instance>,
}

impl Resolve for Resolver {
    fn finish(&self, address: &Instance, value: Value) {
        self.finished.borrow_mut().insert(address.clone(), value);
    }
    fn resolve(&self, change: usize, variant: usize) -> Result<ResolvedChange, Diagnostics> {
        let change = &self.plan.changes[change];
        let after = if variant == 0 { &change.after } else { &change.variants[variant - 1].after };
        let planned = match self.parents.get(&change.address) {
            Some(parent) => {
                let finished = self.finished.borrow();
                let parent = finished.get(parent).ok_or_else(|| Diagnostic::error("the parent is not finished", ""))?;
                after.with_field("parent", parent.get("id").unwrap().clone())
            }
            None => after.clone(),
        };
        Ok(ResolvedChange { config: planned.with_field("id", Value::null(Type::String)), planned })
    }
    fn resolve_data(&self, _change: usize) -> Result<Value, Diagnostics> {
        Err(Diagnostic::error("no data here", "").into())
    }
    fn outputs(&self) -> (BTreeMap<Arc<str>, OutputState>, Diagnostics) {
        (BTreeMap::new(), Diagnostics::none())
    }
}

fn change(address: Instance, action: Action, before: Value, after: Value) -> Change {
    Change {
        importing: None,
        in_check: false,
        address,
        previous_address: None,
        deposed: None,
        provider: provider(),
        action,
        reason: Reason::Declared,
        before,
        after,
        replace_paths: Vec::new(),
        dependencies: Arc::new([]),
        create_before_destroy: true,
        variants: Vec::new(),
        set_aside: None,
        timeouts_seconds: [60; 3],
    }
}

struct Planner<'a> {
    cloud: &'a Cloud,
    changes: Vec<Change>,
    steps: Vec<Step>,
    made_by: BTreeMap<Instance, usize>,
}

impl Planner<'_> {
    fn step(&mut self, change: Change, operation: StepOperation, waits_for: Vec<usize>) -> usize {
        self.changes.push(change);
        self.steps.push(Step { change: self.changes.len() - 1, operation, waits_for, typical_seconds: 1.0 });
        self.steps.len() - 1
    }

    fn live(&self, state: &State, address: &Instance, deposed: Option<&DeposedKey>) -> Option<Value> {
        let instance = state.instances.get(address)?;
        let object = match deposed {
            Some(key) => instance.deposed.get(key),
            None => instance.current.as_ref(),
        }?;
        let value = decode_object(object, &self.cloud.schema(Mode::Managed, "").unwrap()).unwrap();
        self.cloud.has(value.get_str("id").unwrap()).then_some(value)
    }

    fn want(&mut self, state: &State, want: Want, variants: &[Value]) {
        let address = address(want.0);
        let waits_for: Vec<_> = want.2.and_then(|parent| self.made_by.get(&super::harness::address(parent)).copied()).into_iter().collect();
        let parent = if want.2.is_some() { Value::unknown(Type::String) } else { Value::null(Type::String) };
        let made = object(want, Value::unknown(Type::String), parent);
        let null = Value::null(made.ty().clone());
        let variant = |after: &Value| Variant { label: "next".into(), after: after.clone(), hourly_usd: None };
        let Some(before) = self.live(state, &address, None) else {
            let mut change = change(address.clone(), Action::Create, null, made);
            change.variants = variants.iter().map(variant).collect();
            let step = self.step(change, StepOperation::Provider(Operation::Create), waits_for);
            self.made_by.insert(address, step);
            return;
        };
        let is_tainted = state.current(&address).is_some_and(|object| object.status == crate::state::ObjectStatus::Tainted);
        if before.get("size") == Some(&Value::int(want.1)) && !is_tainted {
            return;
        }
        if want.1 < 100 && !is_tainted {
            let after = before.with_field("size", Value::int(want.1));
            let step =
                self.step(change(address.clone(), Action::Update, before, after), StepOperation::Provider(Operation::Update), waits_for);
            self.made_by.insert(address, step);
            return;
        }
        let mut replace = change(address.clone(), Action::CreateThenDelete, before, made);
        replace.set_aside = Some(DeposedKey(format!("{:08x}", 0xabc0 + self.changes.len()).into()));
        replace.variants = variants.iter().map(variant).collect();
        let make = self.step(replace, StepOperation::SetAsideAndCreate, waits_for);
        let change = self.steps[make].change;
        self.steps.push(Step { change, operation: StepOperation::DeleteDeposed, waits_for: vec![make], typical_seconds: 1.0 });
        self.made_by.insert(address, make);
    }

    fn unwanted(&mut self, state: &mut State, wants: &[Want]) {
        for (address, instance) in state.instances.clone() {
            let is_wanted = wants.iter().any(|want| super::harness::address(want.0) == address);
            for key in instance.deposed.keys() {
                match self.live(state, &address, Some(key)) {
                    Some(before) => {
                        let null = Value::null(before.ty().clone());
                        let mut gone = change(address.clone(), Action::Delete, before, null);
                        gone.deposed = Some(key.clone());
                        self.step(gone, StepOperation::DeleteDeposed, Vec::new());
                    }
                    None => state.remove(&address, Some(key)),
                }
            }
            match self.live(state, &address, None) {
                Some(before) if !is_wanted => {
                    let null = Value::null(before.ty().clone());
                    self.step(change(address, Action::Delete, before, null), StepOperation::Provider(Operation::Delete), Vec::new());
                }
                Some(_) => {}
                None => state.remove(&address, None),
            }
        }
    }
}

impl World {
    pub fn new() -> World {
        World {
            cloud: Cloud::default(),
            disk: MemoryDisk::default(),
            spool: MemoryDisk::default(),
            kept: Default::default(),
            interrupt: watch::channel(0).0,
            parallelism: 2,
        }
    }

    /// A whole run, as `ops` strings it together.
    pub async fn converge(&self, wants: &[Want], effects: &Arc<Effects>) -> ApplyReport {
        self.converge_with(wants, &[], effects).await
    }

    pub async fn converge_with(&self, wants: &[Want], variants: &[Value], effects: &Arc<Effects>) -> ApplyReport {
        let clients = Clients::new(Providers::new(vec![Arc::new(self.cloud.clone())]), Environment::default());
        let clock: crate::live::Clock = Arc::new(|| 1_000);
        let access = Access {
            store: Arc::new(MemoryStore::new(self.disk.clone(), effects.clone())),
            spool: Some(Arc::new(MemoryStore::of_spool(self.spool.clone(), effects.clone()))),
            tell: Arc::new(drop),
        };
        let kept = std::mem::take(&mut *self.kept.lock().unwrap());
        let opened = Session::open_with(access, kept, None).await.unwrap();
        let mut session = opened.session;
        let settled = settle(opened.state, opened.unsettled, &BTreeMap::new(), &clients, &clock, &Silent).await;
        assert!(!settled.diagnostics.has_errors() && settled.left.is_empty(), "{:?}", settled.diagnostics);
        let mut state = session.commit(&settled.state).await.unwrap();
        let mut planner = Planner { cloud: &self.cloud, changes: Vec::new(), steps: Vec::new(), made_by: BTreeMap::new() };
        planner.unwanted(&mut state, wants);
        for want in wants {
            planner.want(&state, *want, variants);
        }
        let pin = ProviderPin { config: Value::object_of([]), account: None };
        let plan = Plan {
            checks: Default::default(),
            mode: PlanMode::Normal,
            targeting: Default::default(),
            changes: planner.changes,
            steps: planner.steps,
            outputs: BTreeMap::new(),
            drift: Vec::new(),
            prior: Arc::new(state.clone()),
            refreshed: Arc::new(state.clone()),
            inputs: Inputs {
                installed: BTreeMap::new(),
                sources: SourceMap::default(),
                files: BTreeMap::new(),
                variables: BTreeMap::new(),
                ephemeral_variables: Vec::new(),
                workspace: "default".into(),
                working_folder: "".into(),
                timestamp: "".into(),
            },
            providers: [(provider(), pin)].into(),
            placements: Vec::new(),
            cost: Cost::default(),
            facts: BTreeMap::new(),
            sandbox: false,
        };
        let finished =
            state.instances.keys().filter_map(|address| Some((address.clone(), planner_value(&self.cloud, &state, address)?))).collect();
        let parents = wants.iter().filter_map(|want| Some((address(want.0), address(want.2?)))).collect();
        let resolver = Resolver { plan: plan.clone(), finished: RefCell::new(finished), parents };
        run(Apply {
            plan: &CheckedPlan::unchecked(plan),
            resolver: Box::new(resolver),
            ephemerals: Ephemerals::new(clients.clone(), Arc::new(Silent)),
            clients,
            session: &mut session,
            listener: Arc::new(Silent),
            interrupt: self.interrupt.subscribe(),
            parallelism: self.parallelism,
            effects: effects.clone(),
            clock,
            check_moved: false,
        })
        .await
    }

    pub fn made(want: Want) -> Value {
        object(want, Value::unknown(Type::String), Value::null(Type::String))
    }
}

fn planner_value(cloud: &Cloud, state: &State, address: &Instance) -> Option<Value> {
    let schema = cloud.schema(Mode::Managed, "")?;
    decode_object(state.current(address)?, &schema).ok()
}
