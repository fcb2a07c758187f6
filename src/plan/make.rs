//! Planning: rounds of asks until everything is known that can be known.

use super::digest::answer_digest;
use super::generate::{with_blanks, with_written};
use super::moves::{apply_moves, still_declared};
use super::order::order;
use super::recorded::decoded;
use super::walk::{Live, Planned, Recorded, Walk};
use super::workloads::{Placed, Placement, place_workloads};
use super::{Action, Answer, AskKey, Cost, Drift, Facts, Inputs, OutputChange, Plan, PlanMode, Round, Targeting};
use crate::address::{Instance, of_resource};
use crate::config::{Config, IgnoreChanges, ResourceBlock};
use crate::desired::{NodeKind, add_findings};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::state::{InstanceState, OutputState, State, encode_object};
use crate::workload::point_home;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use windlass_api::{Marks, Mode, Providers, Type, Value};

/// What the user asked of a plan.
#[derive(Clone, Debug)]
pub struct PlanOptions {
    /// Its kind.
    pub mode: PlanMode,
    /// Whether objects of the state are read anew; `false` for `-refresh=false`.
    pub refresh: bool,
    /// Instances to be replaced in any case: `-replace`.
    pub replace: BTreeSet<Instance>,
    /// What is looked at: `-target` and `-exclude`.
    pub targeting: Targeting,
    /// An object to be imported beside those of `import` blocks, and its id.
    pub import: Option<(Instance, Arc<str>)>,
    /// Whether resources that only an `import` block names get a configuration, and the name of the file that it is written to.
    pub generate: Option<Arc<str>>,
    /// Whether to go on when most objects of a provider are gone at once.
    pub allow_gone: bool,
}

impl Default for PlanOptions {
    fn default() -> Self {
        PlanOptions {
            mode: PlanMode::Normal,
            refresh: true,
            replace: BTreeSet::new(),
            targeting: Targeting::default(),
            import: None,
            generate: None,
            allow_gone: false,
        }
    }
}

/// Plans as far as the facts go. Pure and deterministic: call it again with the answers to what it needs until it is done.
pub fn make(config: &Config, facts: &Facts, providers: &Providers, options: &PlanOptions) -> Round {
    // Workloads are placed and become modules here, before anything is evaluated.
    let mut placement = match place_workloads(config, facts, providers, options) {
        Placement::Done(placement) => placement,
        Placement::Needs(asks) => return Round::Needs(asks),
        Placement::Failed(diagnostics) => return failed(diagnostics, config),
    };
    placement.config = with_blanks(placement.config, &facts.state, options);
    let mut round = make_expanded(&placement, facts, providers, options);
    if let Round::Done(_, diagnostics) | Round::Failed(diagnostics, _) = &mut round {
        point_home(diagnostics, config, &placement.config);
    }
    round
}

fn make_expanded(placement: &Placed<'_>, facts: &Facts, providers: &Providers, options: &PlanOptions) -> Round {
    let config = &*placement.config;
    let mut moves = apply_moves(config, &facts.state, providers);
    moves.diagnostics.0.extend(options.targeting.split_moves(&moves.previous));
    if moves.diagnostics.has_errors() {
        return failed(moves.diagnostics, config);
    }
    let mut walk = match Walk::new(config, &moves, facts, providers, options) {
        Ok(walk) => walk,
        Err(mut diagnostics) => {
            add_findings(&mut diagnostics, crate::desired::validate_broken(config, providers));
            return failed(diagnostics, config);
        }
    };
    walk.diagnostics.0.extend(options.targeting.warning());
    walk.diagnostics.extend(moves.diagnostics.clone());
    walk.diagnostics.extend(placement.warnings.clone());
    walk.used.extend(placement.used.iter().cloned());
    walk.run();
    if let Some(round) = make_generated(placement, &mut walk) {
        return round;
    }
    // Once it is settled what there is: blocks without instances, such as those with count = 0, are checked too.
    let is_settled = walk.asks.is_empty() || walk.diagnostics.has_errors();
    if is_settled && options.mode == PlanMode::Normal {
        let found = still_declared(config, &walk);
        walk.diagnostics.extend(found);
        let found = match looked_at_all(&walk) {
            true => crate::desired::check_again(&walk.world, providers),
            false => crate::desired::validate_again(&walk.world, providers),
        };
        add_findings(&mut walk.diagnostics, found);
    }
    if walk.diagnostics.has_errors() {
        return failed(walk.diagnostics, config);
    }
    if !walk.asks.is_empty() {
        return Round::Needs(walk.asks.into_values().collect());
    }
    finish(placement, walk)
}

/// Whether planning found nothing wrong and evaluated each block at least once, so that only what no evaluation sees is left to check.
fn looked_at_all(walk: &Walk<'_>) -> bool {
    if walk.diagnostics.has_errors() || !walk.options.targeting.is_empty() {
        return false;
    }
    let is_planned = |instance: usize, block: &ResourceBlock| {
        let mut planned = of_resource(&walk.index, &walk.world.placed(instance).address, &block.address);
        planned.next().is_some_and(|(_, index)| !matches!(walk.planned[*index].change.action, Action::Delete | Action::Forget))
    };
    walk.world.tree.iter().all(|(index, placed)| {
        let instances = walk.world.instances_of(index);
        let is_looked_at = |block: &ResourceBlock| {
            let names_attributes = matches!(&block.lifecycle.ignore_changes, IgnoreChanges::Attributes(paths) if !paths.is_empty());
            block.address.mode != Mode::Ephemeral && !names_attributes && instances.iter().any(|instance| is_planned(*instance, block))
        };
        !instances.is_empty() && placed.module.imports.is_empty() && placed.module.resources.values().all(is_looked_at)
    })
}

/// Plans with the configuration of imported objects, once all of them are known.
fn make_generated(placement: &Placed<'_>, walk: &mut Walk<'_>) -> Option<Round> {
    let name = walk.options.generate.as_deref()?;
    if walk.generated.is_empty() || !walk.asks.is_empty() || walk.diagnostics.has_errors() {
        return None;
    }
    let (config, diagnostics) = with_written(&placement.config, &walk.generated, name);
    if diagnostics.has_errors() {
        return Some(failed(diagnostics, &config));
    }
    let placed = Placed {
        config: Cow::Owned(config),
        used: placement.used.clone(),
        warnings: placement.warnings.clone(),
        notes: placement.notes.clone(),
    };
    Some(make_expanded(&placed, walk.facts, walk.providers, walk.options))
}

/// The messages with the sources that they point into: those of placed workloads among them.
fn failed(diagnostics: Diagnostics, config: &Config) -> Round {
    Round::Failed(diagnostics, Box::new(config.sources.clone()))
}

fn finish(placement: &Placed<'_>, mut walk: Walk<'_>) -> Round {
    let config = &*placement.config;
    walk.planned.sort_by(|one, other| (&one.change.address, &one.change.deposed).cmp(&(&other.change.address, &other.change.deposed)));
    let steps = match order(&walk.planned, &walk.world.graph, walk.providers) {
        Ok(steps) => steps,
        Err(error) => {
            walk.diagnostics.push(*error);
            return failed(walk.diagnostics, config);
        }
    };
    walk.diagnostics.0.extend(forgotten(&walk.planned));
    let unmet: Vec<Diagnostic> = walk.options.replace.iter().filter_map(|address| unmet_replacement(&walk, address)).collect();
    walk.diagnostics.0.extend(unmet);
    let facts = walk.facts;
    let is_whole = walk.options.mode == PlanMode::Normal && walk.selection.is_none();
    let plan = Plan {
        mode: walk.options.mode,
        targeting: walk.options.targeting.clone(),
        steps,
        outputs: outputs(&walk),
        checks: walk.world.checks.borrow().results(&walk.world.tree, None, is_whole),
        drift: drift(&walk),
        prior: facts.state.clone(),
        refreshed: Arc::new(refreshed(&walk)),
        inputs: inputs(config, &walk),
        providers: std::mem::take(&mut walk.pins),
        cost: Cost::default(),
        placements: placement.notes.clone(),
        facts: walk
            .used
            .iter()
            .filter(|key| !matches!(key, AskKey::Ephemeral(_)))
            .filter_map(|key| Some((key.clone(), answer_digest(facts.answers.get(key)?))))
            .collect(),
        sandbox: facts.sandbox,
        changes: walk.planned.into_iter().map(|planned| planned.change).collect(),
    };
    Round::Done(Box::new(plan), walk.diagnostics)
}

/// What leaves the state and stays in the cloud is said twice: nobody will look after it.
fn forgotten(planned: &[Planned]) -> Option<Diagnostic> {
    let changes = planned.iter().map(|planned| &planned.change).filter(|change| change.action == Action::Forget);
    let lines: Vec<String> = changes.map(|change| format!("\n - {}", change.address)).collect();
    let detail = format!(
        "If you apply this plan, Windlass will discard its tracking information for the following objects, but it will not delete them:{}\n\n\
         After applying this plan, Windlass will no longer manage these objects.",
        lines.concat()
    );
    (!lines.is_empty()).then(|| Diagnostic::warning("Some objects will no longer be managed by Windlass", detail))
}

/// The warning for a `-replace` that replaces nothing, because its key is missing or because nothing has such an address.
fn unmet_replacement(walk: &Walk<'_>, address: &Instance) -> Option<Diagnostic> {
    if walk.index.contains_key(address) {
        return None;
    }
    let siblings = of_resource(&walk.index, &address.module, &address.resource).map(|(other, _)| other);
    let keyed: Vec<String> =
        siblings.filter(|other| other.key.is_some()).map(|other| format!("\n  -replace={:?}", other.to_string())).collect();
    if address.key.is_some() || keyed.is_empty() {
        let detail = format!(
            "Your force-replace request for {address} doesn't match any resource instance that this plan looks at, so it has no effect."
        );
        return Some(Diagnostic::warning("Unmatched force-replace resource instance", detail));
    }
    let detail = format!(
        "Your force-replace request for {address} doesn't match any resource instances because it lacks an instance key.\n\nTo force \
         replacement of particular instances, use one or more of the following options instead:{}",
        keyed.concat()
    );
    Some(Diagnostic::warning("Incompletely-matched force-replace resource instance", detail))
}

fn inputs(config: &Config, walk: &Walk<'_>) -> Inputs {
    let facts = walk.facts;
    let is_ephemeral = |name: &Arc<str>| config.root.variables.get(name).is_some_and(|variable| variable.ephemeral);
    let files = facts.answers.iter().filter_map(|(key, answer)| match (key, answer) {
        (AskKey::File(question), Answer::File(answer)) => Some((question.clone(), answer.clone())),
        _ => None,
    });
    Inputs {
        sources: config.sources.clone(),
        installed: config.installed.clone(),
        files: files.collect(),
        variables: facts
            .variables
            .iter()
            .filter(|(name, _)| !is_ephemeral(name))
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect(),
        ephemeral_variables: facts.variables.keys().filter(|name| is_ephemeral(name)).cloned().collect(),
        workspace: facts.workspace.clone(),
        working_folder: facts.working_folder.clone(),
        timestamp: facts.timestamp.clone(),
    }
}

fn outputs(walk: &Walk<'_>) -> BTreeMap<Arc<str>, OutputChange> {
    let before = &walk.facts.state.outputs;
    let declared = &walk.world.tree.get(0).module.outputs;
    let mut outputs = BTreeMap::new();
    if walk.options.mode != PlanMode::Destroy {
        let is_looked_at = |name: &Arc<str>| walk.has_node(0, &NodeKind::Output(name.clone()));
        for (name, output) in declared.iter().filter(|(name, output)| !output.ephemeral && is_looked_at(name)) {
            let after = walk.world.value(0, &NodeKind::Output(name.clone())).cloned();
            let change = OutputChange {
                before: before.get(name).map(recorded_output),
                after: Some(after.unwrap_or_else(|| Value::unknown(Type::Dynamic))),
                sensitive: output.sensitive,
            };
            outputs.insert(name.clone(), change);
        }
    }
    // Of a part of the configuration nobody can tell what is declared no more.
    let gone = before.iter().filter(|_| walk.selection.is_none());
    for (name, output) in gone {
        outputs.entry(name.clone()).or_insert_with(|| OutputChange {
            before: Some(recorded_output(output)),
            after: None,
            sensitive: output.sensitive,
        });
    }
    outputs
}

/// An output's value as recorded, marked where the state says that it is sensitive.
fn recorded_output(output: &OutputState) -> Value {
    let value = output.value.clone();
    if output.sensitive { value.with_marks(Marks::SENSITIVE) } else { value }
}

fn drift(walk: &Walk<'_>) -> Vec<Drift> {
    let current = walk.live.iter().filter(|((_, deposed), _)| deposed.is_none());
    let moved = current.filter_map(|((address, _), live)| match live {
        Live::Present(before, after) if before.unmarked_deep() != after.unmarked_deep() => {
            Some(Drift { address: address.clone(), before: before.clone(), after: after.clone() })
        }
        Live::Gone => {
            let object = walk.state.current(address)?;
            let before = decoded(address, walk.state, walk.providers).unwrap_or_else(|| object.attributes.clone());
            let after = Value::null(before.ty().clone());
            Some(Drift { address: address.clone(), before, after })
        }
        _ => None,
    });
    moved.collect()
}

/// The state with every object as it is now.
fn refreshed(walk: &Walk<'_>) -> State {
    let mut state = State::clone(walk.state);
    for ((address, deposed), live) in &walk.live {
        match live {
            Live::Present(prior, now) if prior == now => {}
            Live::Pending | Live::Failed => {}
            Live::Present(_, now) => edit(&mut state, address, |instance| {
                let object = match deposed {
                    None => instance.current.as_mut(),
                    Some(key) => instance.deposed.get_mut(key),
                };
                let schema = walk.providers.by_source(&instance.provider.source);
                let schema = schema.and_then(|provider| provider.schema(Mode::Managed, &address.resource.type_name));
                if let (Some(object), Some(schema)) = (object, schema) {
                    (object.attributes, object.sensitive) = encode_object(now, &schema);
                }
            }),
            Live::Gone => edit(&mut state, address, |instance| match deposed {
                None => instance.current = None,
                Some(key) => {
                    instance.deposed.remove(key);
                }
            }),
        }
    }
    for planned in &walk.planned {
        let change = &planned.change;
        match (&planned.record, &change.deposed) {
            (Some(Recorded::Object(object)), None) => {
                let instance = state.instances.entry(change.address.clone()).or_insert_with(|| {
                    let nothing = BTreeMap::new();
                    Arc::new(InstanceState { provider: change.provider.clone(), current: None, deposed: nothing })
                });
                let instance = Arc::make_mut(instance);
                instance.current = Some(object.clone());
                instance.provider = change.provider.clone();
            }
            (Some(Recorded::Object(object)), Some(key)) => edit(&mut state, &change.address, |instance| {
                instance.deposed.insert(key.clone(), object.clone());
            }),
            (Some(Recorded::Gone), None) => edit(&mut state, &change.address, |instance| instance.current = None),
            (Some(Recorded::Gone), Some(_)) | (None, _) => {}
        }
    }
    state.instances.retain(|_, instance| instance.current.is_some() || !instance.deposed.is_empty());
    state
}

fn edit(state: &mut State, address: &Instance, change: impl FnOnce(&mut InstanceState)) {
    if let Some(instance) = state.instances.get_mut(address) {
        change(Arc::make_mut(instance));
    }
}
