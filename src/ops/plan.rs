//! Planning: load, open the state, settle what an earlier run left, then ask and answer until the plan is done, and check it.

use super::backend::home;
use super::generated::{refuse_existing, source_name, write_generated};
use super::prices::prices;
use super::state_access::open;
use super::{Context, Failed, Given, collect, load, load_declared};
use crate::address::ProviderConfig;
use crate::config::Config;
use crate::diagnostic::{Diagnostic, Diagnostics, SourceMap};
use crate::live::{self, Clients, World};
use crate::plan::{self, CheckedPlan, Facts, PlanMode, PlanOptions, Round};
use crate::state::{Opened, Session, State};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use windlass_api::Value;

/// More rounds than any chain of data sources needs; a planner that asks without end is a fault of ours.
const ROUNDS_MAX: usize = 1_000;

/// How the state is locked.
#[derive(Clone, Copy, Debug)]
pub struct LockOptions {
    /// Whether at all.
    pub lock: bool,
    /// How long to try again.
    pub timeout: Duration,
}

/// What is to be planned.
#[derive(Clone, Debug)]
pub struct PlanRequest {
    /// What the planner is told.
    pub options: PlanOptions,
    /// Where the configuration of imported objects goes that nothing declares.
    pub generate: Option<PathBuf>,
    /// Variables from flags.
    pub variables: Vec<Given>,
    /// How the state is locked.
    pub lock: LockOptions,
    /// What the lock says.
    pub operation: &'static str,
}

/// A checked plan and what an apply of it needs.
pub struct Planned {
    /// The plan.
    pub plan: CheckedPlan,
    /// The state, locked if the request said so.
    pub session: Session,
    /// The clients that planning used.
    pub clients: Clients,
    /// The values of ephemeral variables, which the plan does not hold.
    pub ephemeral: BTreeMap<Arc<str>, Value>,
    /// Warnings.
    pub diagnostics: Diagnostics,
    /// What they point into.
    pub sources: Arc<SourceMap>,
    /// The file of generated configuration that was written.
    pub generated: Option<PathBuf>,
}

/// Plans.
///
/// # Errors
/// Everything that is wrong with configuration, state, credentials and cloud.
pub async fn plan(context: &Context, request: &PlanRequest) -> Result<Planned, Failed> {
    // Without a configuration a destroy still knows what to do, and refreshing deletes nothing.
    let loaded = match request.options.mode {
        PlanMode::Normal => load_declared(context)?,
        PlanMode::Destroy | PlanMode::RefreshOnly => load(context)?,
    };
    let with_sources = |failed: Failed| if failed.sources.files().is_empty() { failed.in_sources(&loaded.sources) } else { failed };
    let mut diagnostics = loaded.diagnostics.clone();
    let given = collect(&loaded.config, &context.environment.variables, &context.working_folder, &request.variables);
    let (variables, warnings) = given.map_err(with_sources)?;
    diagnostics.extend(warnings);
    refuse_existing(context, request.generate.as_deref())?;
    let (home, notices) = home(context, Some(&loaded.config)).map_err(with_sources)?;
    diagnostics.extend(notices);
    let clients = context.clients();
    let timeout = request.lock.lock.then_some(request.lock.timeout);
    let opened = open(context, &home, request.operation, timeout).await?;
    let configs = || plan::known_provider_configs(&loaded.config, &context.providers, variables.clone());
    let (session, state, notices) = settle(context, opened, &clients, request.lock.lock, configs).await?;
    diagnostics.extend(notices);
    let declared = &loaded.config.root.variables;
    let is_ephemeral = |name: &Arc<str>| declared.get(name).is_some_and(|variable| variable.ephemeral);
    let ephemeral = variables.iter().filter(|(name, _)| is_ephemeral(name)).map(|(name, value)| (name.clone(), value.clone())).collect();
    let generate = request.generate.as_deref();
    let options = PlanOptions { generate: generate.map(source_name), ..request.options.clone() };
    let rounds = answer_rounds(context, &loaded.config, &options, variables, state, &clients).await;
    // What was written helps to understand why the plan failed, too.
    let sources = match &rounds {
        Ok((_, _, sources)) => sources,
        Err(failed) => &failed.sources,
    };
    let written = generate.map_or(Ok(None), |path| write_generated(context, path, &loaded.sources, sources));
    match (rounds, written) {
        (Ok((plan, warnings, sources)), Ok(generated)) => {
            diagnostics.extend(warnings);
            Ok(Planned { plan, session, clients, ephemeral, diagnostics, sources, generated })
        }
        (Err(failed), _) | (Ok(_), Err(failed)) => {
            drop(session.close().await);
            Err(with_sources(failed).after(diagnostics))
        }
    }
}

/// Finds out what an earlier run left unfinished, and writes it down. Without the lock nothing is done about it: the operations may be
/// those of a run that is still going on. `configs` gives the values of this run's provider configurations; for others, those that
/// the stopped run went through count.
pub(super) async fn settle(
    context: &Context,
    opened: Opened,
    clients: &Clients,
    locked: bool,
    configs: impl FnOnce() -> BTreeMap<ProviderConfig, Value>,
) -> Result<(Session, State, Diagnostics), Failed> {
    let Opened { mut session, state, unsettled, mut diagnostics, spooled } = opened;
    if !locked || (unsettled.is_empty() && state == *session.recorded()) {
        return Ok((session, state, diagnostics));
    }
    let settled = live::settle(state, unsettled, &configs(), clients, &context.clock, &*context.listener).await;
    let failed = settled.diagnostics.has_errors();
    diagnostics.extend(settled.diagnostics);
    if failed {
        diagnostics.extend(session.close().await);
        return Err(Failed::from(diagnostics));
    }
    let state = session.commit(&settled.state).await?;
    diagnostics.0.extend(taken_in(&spooled));
    Ok((session, state, diagnostics))
}

fn taken_in(spooled: &[String]) -> Option<Diagnostic> {
    let detail = format!(
        "An earlier run could not write the state while it was under way, and kept what it did on this machine. It was taken in, and is written \
         now: {}.",
        spooled.join(", ")
    );
    (!spooled.is_empty()).then(|| Diagnostic::warning("A run that could not write was completed in the state", detail))
}

type Done = (CheckedPlan, Diagnostics, Arc<SourceMap>);

async fn answer_rounds(
    context: &Context,
    config: &Config,
    options: &PlanOptions,
    variables: BTreeMap<Arc<str>, Value>,
    state: State,
    clients: &Clients,
) -> Result<Done, Failed> {
    let state = Arc::new(state);
    let world = context.world(clients, &state);
    let mut facts = context.facts(variables, state);
    let planned = rounds(context, config, options, &mut facts, &world).await;
    // What was opened for planning is not needed any more: apply opens it anew.
    let unclosed = world.ephemerals.close().await;
    match planned {
        Ok((plan, mut warnings, sources)) => {
            warnings.extend(unclosed);
            Ok((plan, warnings, sources))
        }
        Err(failed) => Err(failed),
    }
}

async fn rounds(context: &Context, config: &Config, options: &PlanOptions, facts: &mut Facts, world: &World) -> Result<Done, Failed> {
    for round in 1..=ROUNDS_MAX {
        match plan::make(config, facts, &context.providers, options) {
            Round::Needs(asks) => {
                tracing::debug!(round, asks = asks.len(), "planning asks");
                facts.answers.extend(live::answer(asks, world, &*context.listener).await);
            }
            Round::Failed(diagnostics, sources) => return Err(Failed { diagnostics, sources: Arc::from(sources) }),
            Round::Done(mut plan, warnings) => {
                tracing::info!(round, changes = plan.changes.len(), "planned");
                plan.cost = plan::cost(&plan, &prices(&context.providers)?);
                let sources = Arc::new(plan.inputs.sources.clone());
                let checked = plan::check(*plan, &context.providers);
                return checked.map(|plan| (plan, warnings, sources.clone())).map_err(|errors| Failed::from(errors).in_sources(&sources));
            }
        }
    }
    let detail = format!("Planning asked for more after {ROUNDS_MAX} rounds. This is a fault of Windlass: please report it.");
    Err(Failed::from(Diagnostic::error("Planning did not end", detail)))
}
