//! Placing workloads: the questions of placement as asks of a planning round.

use super::{Answer, Ask, AskKey, Facts, PlacementNote, PlanMode, PlanOptions};
use crate::address::ProviderConfig;
use crate::config::Config;
use crate::desired::{find_provider, find_schema, source_of};
use crate::diagnostic::{Diagnostic, Diagnostics, SourceId};
use crate::lang::{FileAnswer, FileQuestion, Scope, decode_body};
use crate::syntax::parse_file;
use crate::workload::{Context, Expansion, Offers, Question, Reply, RootScope, expand};
use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use windlass_api::{Mode, Providers, Value};

/// A configuration whose workloads are modules.
pub(super) struct Placed<'c> {
    /// The configuration.
    pub config: Cow<'c, Config>,
    /// What placement has used of the facts.
    pub used: BTreeSet<AskKey>,
    /// Warnings.
    pub warnings: Diagnostics,
    /// How workloads were placed anew.
    pub notes: Vec<PlacementNote>,
}

/// What came of placing.
pub(super) enum Placement<'c> {
    Done(Box<Placed<'c>>),
    Needs(Vec<Ask>),
    Failed(Diagnostics),
}

/// Places the workloads of a configuration as far as the facts go.
pub(super) fn place_workloads<'c>(config: &'c Config, facts: &Facts, providers: &Providers, options: &PlanOptions) -> Placement<'c> {
    if config.root.workloads.is_empty() {
        let config = Cow::Borrowed(config);
        return Placement::Done(Box::new(Placed { config, used: BTreeSet::new(), warnings: Diagnostics::none(), notes: Vec::new() }));
    }
    let offers = match Offers::of(providers) {
        Ok(offers) => offers,
        Err(error) => return Placement::Failed(error),
    };
    let asking = RefCell::new(Asking::default());
    let files = |question: &FileQuestion| asking.borrow_mut().file(facts, question);
    let scope = RootScope::new(&config.root, &facts.variables, &facts.workspace, &facts.working_folder, &files);
    let context = Context {
        scope: &scope,
        offers: &offers,
        recorded: &|address| facts.state.current(address).map(|object| object.attributes.clone()),
        answer: &|question| answer(question, config, facts, providers, &scope, &asking),
        destroying: options.mode == PlanMode::Destroy,
    };
    let expansion = expand(config, &context);
    let asking = asking.into_inner();
    if asking.failures.has_errors() {
        return Placement::Failed(asking.failures);
    }
    // A file that has not been read makes a shape unknown, which is no mistake yet.
    if !asking.asks.is_empty() {
        return Placement::Needs(asking.asks.into_values().collect());
    }
    match expansion {
        Expansion::Done(config, placed, warnings) => {
            let notes = placed.iter().filter(|placed| !placed.kept).map(note).collect();
            Placement::Done(Box::new(Placed { config: Cow::Owned(*config), used: asking.used, warnings, notes }))
        }
        Expansion::Needs(_) => Placement::Needs(Vec::new()),
        Expansion::Failed(diagnostics) => Placement::Failed(diagnostics),
    }
}

fn note(placed: &crate::workload::Placed) -> PlacementNote {
    let lost = placed.losers.iter().map(|loser| format!("{}: {}", loser.name, loser.why));
    PlacementNote { workload: placed.workload.clone(), chosen: placed.choice.described(), lost: lost.collect() }
}

#[derive(Default)]
struct Asking {
    asks: BTreeMap<AskKey, Ask>,
    used: BTreeSet<AskKey>,
    failures: Diagnostics,
}

impl Asking {
    fn look<'f>(&mut self, facts: &'f Facts, ask: Ask) -> Option<&'f Answer> {
        let key = ask.key();
        match facts.answers.get(&key) {
            Some(answer) => {
                self.used.insert(key);
                Some(answer)
            }
            None => {
                self.asks.insert(key, ask);
                None
            }
        }
    }

    fn file(&mut self, facts: &Facts, question: &FileQuestion) -> FileAnswer {
        match self.look(facts, Ask::File(question.clone())) {
            Some(Answer::File(answer)) => answer.clone(),
            Some(Answer::Failed(error)) => FileAnswer::Failed(error.to_string().into()),
            _ => FileAnswer::Pending,
        }
    }
}

fn answer(
    question: &Question,
    config: &Config,
    facts: &Facts,
    providers: &Providers,
    scope: &dyn Scope,
    asking: &RefCell<Asking>,
) -> Reply {
    let ask = match ask(question, config, providers, scope) {
        Ok(ask) => ask,
        Err(found) => {
            asking.borrow_mut().failures.extend(found);
            return Reply::Failed;
        }
    };
    let mut asking = asking.borrow_mut();
    match asking.look(facts, ask) {
        None => Reply::Pending,
        Some(Answer::Data(value)) => Reply::Value(value.clone()),
        Some(Answer::Failed(error)) => {
            let detail = format!("Placement needs {}, which could not be read: {error}", question.type_name);
            asking.failures.push(Diagnostic::error("Workload can't be placed", detail).at(question.provider.range));
            Reply::Failed
        }
        Some(_) => Reply::Failed,
    }
}

fn ask(question: &Question, config: &Config, providers: &Providers, scope: &dyn Scope) -> Result<Ask, Diagnostics> {
    let block = &question.provider;
    let source = source_of(&config.root, &block.key.name);
    let provider = find_provider(providers, &source, Some(block.range)).map_err(|error| Diagnostics::from(*error))?;
    let schema = find_schema(&**provider, Mode::Data, question.type_name, block.range).map_err(|error| Diagnostics::from(*error))?;
    let value = known(decode_body(&block.body, &provider.configuration_schema().block, scope))?;
    if !value.is_wholly_known() {
        let detail = "Workloads are placed before anything is planned, so the configuration of their provider must be known by then. It may \
                      refer to variables and to local values that depend on variables only.";
        return Err(Diagnostic::error("Provider configuration is not known yet", detail).at(block.range).into());
    }
    let (body, _) = parse_file(SourceId(0), &question.query);
    let query = known(decode_body(&body, &schema.block, scope))?;
    Ok(Ask::Data {
        address: None,
        type_name: question.type_name.into(),
        provider: ProviderConfig { source: provider.source().into(), alias: block.key.alias.clone(), key: None },
        config: value,
        query,
    })
}

fn known((value, diagnostics): (Value, Diagnostics)) -> Result<Value, Diagnostics> {
    match diagnostics.has_errors() {
        true => Err(diagnostics),
        false => Ok(value),
    }
}
