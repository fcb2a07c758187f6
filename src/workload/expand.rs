//! Configuration with workloads → configuration with their modules.

use super::assemble::{assemble, source_name};
use super::choice::Choice;
use super::home::point_home;
use super::kept::{Recorded, kept, price_rise};
use super::offers::Offers;
use super::placement::{Loser, Site, check_budget, dearer, no_region, rank, storage_usd_hour};
use super::questions::{Question, Reply, image, read_image, read_zones, zones};
use super::read::read;
use super::regions::{default_provider, derived, derived_alias};
use super::render::{render, render_absent};
use super::scope::RootScope;
use super::shape::Shape;
use crate::config::{Config, ProviderBlock};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::syntax::ast::ExpressionKind;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What expanding may use.
pub struct Context<'a> {
    /// The root module as far as it is known.
    pub scope: &'a RootScope<'a>,
    /// The catalog.
    pub offers: &'a Offers,
    /// The state.
    pub recorded: Recorded<'a>,
    /// What is known of the cloud.
    pub answer: &'a dyn Fn(&Question) -> Reply,
    /// Whether everything will be destroyed: then only what was placed before counts, and nothing is placed anew.
    pub destroying: bool,
}

/// What came of it.
#[derive(Debug)]
pub enum Expansion {
    /// The configuration with a module for each workload, and how each was placed.
    Done(Box<Config>, Vec<Placed>, Diagnostics),
    /// These must be known first.
    Needs(Vec<Question>),
    /// Mistakes.
    Failed(Diagnostics),
}

/// How a workload was placed.
#[derive(Clone, Debug, PartialEq)]
pub struct Placed {
    /// The workload.
    pub workload: Arc<str>,
    /// The choice.
    pub choice: Choice,
    /// Whether an earlier choice was kept.
    pub kept: bool,
    /// Regions and machine types that lost, with reasons; empty for a kept choice.
    pub losers: Vec<Loser>,
}

/// Places all workloads and puts their modules into the configuration. Pure: call it again with the answers to what it needs.
pub fn expand(config: &Config, context: &Context<'_>) -> Expansion {
    let (mut diagnostics, mut needs, mut placed, mut absent) = (Diagnostics::none(), Vec::new(), Vec::new(), Vec::new());
    for workload in config.root.workloads.values() {
        let evaluate = |expression: &_| context.scope.evaluate(expression);
        let (shape, found) = read(workload, context.offers, &evaluate);
        diagnostics.extend(found);
        let Some(shape) = shape else { continue };
        match place(&shape, config, context, &mut needs) {
            Ok(Some((found, warning))) => {
                warning.into_iter().for_each(|warning| diagnostics.push(warning));
                placed.push((shape, found));
            }
            Ok(None) => absent.push(shape),
            Err(found) => diagnostics.extend(found),
        }
    }
    if diagnostics.has_errors() {
        return Expansion::Failed(diagnostics);
    }
    if !needs.is_empty() {
        return Expansion::Needs(needs);
    }
    let mut expanded = config.clone();
    for (shape, found) in &placed {
        let provider = provider_of(config, context.scope, &found.choice.region);
        let text = render(shape, &found.choice, provider.key.alias.as_deref());
        let source = expanded.sources.add(source_name(&shape.name), text);
        let workload = &config.root.workloads[&shape.name];
        diagnostics.extend(assemble(&mut expanded, workload, source));
    }
    for shape in &absent {
        let source = expanded.sources.add(source_name(&shape.name), render_absent(shape));
        diagnostics.extend(assemble(&mut expanded, &config.root.workloads[&shape.name], source));
    }
    let placed = placed.into_iter().map(|(_, found)| found).collect();
    point_home(&mut diagnostics, config, &expanded);
    match diagnostics.has_errors() {
        true => Expansion::Failed(diagnostics),
        false => Expansion::Done(Box::new(expanded), placed, diagnostics),
    }
}

type Found = Option<(Placed, Option<Diagnostic>)>;

fn place(shape: &Shape, config: &Config, context: &Context<'_>, needs: &mut Vec<Question>) -> Result<Found, Diagnostics> {
    let earlier = kept(shape, context.recorded);
    if let Some(choice) = &earlier
        && (context.destroying || choice.answers(shape, storage_usd_hour(shape, &choice.region, context.offers)))
    {
        let complete = shape.services.iter().all(|service| choice.services.contains_key(&service.name));
        let placed = Placed { workload: shape.name.clone(), choice: choice.clone(), kept: true, losers: Vec::new() };
        let warning = if context.destroying { None } else { price_rise(shape, choice, context.offers) };
        return Ok(complete.then_some((placed, warning)));
    }
    if context.destroying {
        return Ok(None);
    }
    let mut regions = candidate_regions(shape, config, context)?;
    // Data does not move by itself: a workload that has been placed stays in its region while that is a candidate.
    if let Some(choice) = &earlier
        && regions.contains(&choice.region)
    {
        regions = vec![choice.region.clone()];
    }
    let (sites, mut losers) = rank(shape, &regions, context.offers);
    let mut over_budget = None;
    for mut site in sites {
        if let Some(error) = check_budget(shape, &site) {
            // The sites are in order of cost: all that follow are over the budget too.
            over_budget = Some(error);
            break;
        }
        match settle(shape, &mut site, config, context, needs)? {
            Settled::Choice(choice) => {
                losers.retain(|loser| loser.name != choice.region);
                losers.extend(dearer(shape, &site));
                return Ok(Some((Placed { workload: shape.name.clone(), choice, kept: false, losers }, None)));
            }
            Settled::Waits => return Ok(None),
            Settled::NoZone => {
                losers.retain(|loser| loser.name != site.region);
                losers.push(Loser { name: site.region.clone(), why: "offers none of the machine types in any zone now".to_owned() });
            }
        }
    }
    Err(over_budget.unwrap_or_else(|| no_region(shape, &losers)).into())
}

enum Settled {
    Choice(Choice),
    Waits,
    NoZone,
}

/// Looks up zones and images in a region.
fn settle(
    shape: &Shape,
    site: &mut Site,
    config: &Config,
    context: &Context<'_>,
    needs: &mut Vec<Question>,
) -> Result<Settled, Diagnostics> {
    let provider = provider_of(config, context.scope, &site.region);
    let mut types: Vec<Arc<str>> = site.candidates.iter().flatten().map(|candidate| candidate.instance_type.clone()).collect();
    types.sort();
    types.dedup();
    let mut known_zones = BTreeMap::new();
    if !types.is_empty() {
        let question = zones(&provider, &types);
        match (context.answer)(&question) {
            Reply::Pending => {
                needs.push(question);
                return Ok(Settled::Waits);
            }
            Reply::Failed => return Err(unanswered(shape, "where its machine types are offered")),
            Reply::Value(value) => known_zones = read_zones(&value),
        }
    }
    if !site.restrict(&known_zones) {
        return Ok(Settled::NoZone);
    }
    let mut images = BTreeMap::new();
    let mut waits = false;
    for (service, candidates) in shape.services.iter().zip(&site.candidates) {
        let Some(first) = candidates.first() else { continue };
        let question = image(&provider, service, first.architecture);
        match (context.answer)(&question) {
            Reply::Pending => {
                needs.push(question);
                waits = true;
            }
            Reply::Failed => return Err(unanswered(shape, "which machine image is the newest")),
            Reply::Value(value) => {
                let found = read_image(&value).ok_or_else(|| unanswered(shape, "which machine image is the newest"))?;
                images.insert(service.name.clone(), found);
            }
        }
    }
    if waits {
        return Ok(Settled::Waits);
    }
    match Choice::of(shape, site, &known_zones, &images) {
        Some(choice) => Ok(Settled::Choice(choice)),
        None => Err(unanswered(shape, "all of its parts' places")),
    }
}

fn unanswered(shape: &Shape, what: &str) -> Diagnostics {
    let detail = format!("Workload {:?} can't be placed: the cloud did not tell {what}.", &*shape.name);
    Diagnostic::error("Workload can't be placed", detail).at(shape.range).into()
}

fn candidate_regions(shape: &Shape, config: &Config, context: &Context<'_>) -> Result<Vec<Arc<str>>, Diagnostics> {
    if let Some(regions) = shape.placement.regions.get("aws").filter(|regions| !regions.is_empty()) {
        return Ok(regions.clone());
    }
    match default_provider(&config.root).and_then(|block| region_of(block, context.scope)) {
        Some(region) => Ok(vec![region]),
        None => {
            let detail = "Where may this workload be placed? Name regions in its placement block, as in regions = { aws = [\"us-east-1\"] }, or \
                          set \"region\" in the provider \"aws\" block to a value that is known before planning.";
            Err(Diagnostic::error("No candidate region", detail).at(shape.placement.range).into())
        }
    }
}

fn region_of(block: &ProviderBlock, scope: &RootScope<'_>) -> Option<Arc<str>> {
    let expression = &block.body.attribute("region")?.value;
    if let ExpressionKind::Literal(value) = &expression.kind {
        return value.as_str().map(Arc::from);
    }
    scope.evaluate(expression).0.as_str().map(Arc::from)
}

/// The provider configuration for a region: the default one if it acts there, else one that does, else a derived one.
fn provider_of(config: &Config, scope: &RootScope<'_>, region: &str) -> ProviderBlock {
    let mut blocks = config.root.providers.values().filter(|block| &*block.key.name == "aws");
    let found = blocks.find(|block| region_of(block, scope).as_deref() == Some(region));
    found.cloned().unwrap_or_else(|| {
        let block = derived(&config.root, region);
        debug_assert_eq!(block.key.alias.as_deref(), Some(&*derived_alias(region)));
        block
    })
}
