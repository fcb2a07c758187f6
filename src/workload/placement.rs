//! The choice of region and machines: least cost of compute and storage at most replicas, under the budget.
//!
//! Exact: services do not compete with each other, so the best offers of a region are the best of each service, and the best
//! region is the one whose sum is least. Ties go to the region named first, then to the accelerator named first, then to the
//! machine type's name.

use super::offers::{HOURS_PER_MONTH, Offer, Offers};
use super::shape::{Machine, Purchase, Service, Shape};
use crate::diagnostic::Diagnostic;
use std::collections::BTreeMap;
use std::sync::Arc;

/// How many machine types of a service are considered, the first choice included; more would make the plan unreadable.
const CANDIDATES: usize = 4;

/// Less US dollars an hour than this are not told apart: prices are shown with four digits.
const NO_DIFFERENCE: f64 = 0.000_05;

/// An offer that does for a service.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate {
    /// The machine type.
    pub instance_type: Arc<str>,
    /// Accelerators as the user names them, such as `L4:1`; none for plain machines.
    pub accelerators: Option<Arc<str>>,
    /// `x86_64` or `arm64`.
    pub architecture: Architecture,
    /// What one replica costs at most, in US dollars an hour.
    pub usd_hour: f64,
    /// The same on demand.
    pub on_demand_usd_hour: f64,
    /// What all replicas together cost at most.
    pub usd_hour_at_most: f64,
}

/// The instruction set of a machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Architecture {
    /// Intel and AMD.
    X86,
    /// Arm.
    Arm,
}

/// What was found for a workload in a region: per service the candidates, cheapest first.
#[derive(Clone, Debug, PartialEq)]
pub struct Site {
    /// The region.
    pub region: Arc<str>,
    /// Candidates by service, in the shape's order.
    pub candidates: Vec<Vec<Candidate>>,
    /// Storage, in US dollars an hour.
    pub storage_usd_hour: f64,
    /// Everything at most, in US dollars an hour.
    pub usd_hour_at_most: f64,
}

/// A region, or a machine type in the chosen one, that was considered and why it is not the choice.
#[derive(Clone, Debug, PartialEq)]
pub struct Loser {
    /// The region, or the service and the machine type.
    pub name: Arc<str>,
    /// Why.
    pub why: String,
}

/// Ranks the candidate regions; the best first. Regions that can't do stand among the losers.
pub fn rank(shape: &Shape, regions: &[Arc<str>], offers: &Offers) -> (Vec<Site>, Vec<Loser>) {
    let (mut sites, mut losers) = (Vec::new(), Vec::new());
    for region in regions {
        match site(shape, region, offers) {
            Ok(site) => sites.push(site),
            Err(why) => losers.push(Loser { name: region.clone(), why }),
        }
    }
    // Stable: regions of equal cost stay in the user's order.
    sites.sort_by(|one, other| one.usd_hour_at_most.total_cmp(&other.usd_hour_at_most));
    if let Some(best) = sites.first().map(|best| best.usd_hour_at_most) {
        losers.extend(sites.iter().skip(1).map(|site| Loser {
            name: site.region.clone(),
            why: match site.usd_hour_at_most - best {
                ..NO_DIFFERENCE => "costs the same and is named later".to_owned(),
                more => format!("costs up to ${:.4} an hour, ${more:.4} more", site.usd_hour_at_most),
            },
        }));
    }
    (sites, losers)
}

fn site(shape: &Shape, region: &Arc<str>, offers: &Offers) -> Result<Site, String> {
    let mut candidates = Vec::new();
    for service in &shape.services {
        let found = candidates_of(service, region, offers);
        if found.is_empty() {
            return Err(format!("has no offer of {} for service {:?}", wanted(service), &*service.name));
        }
        candidates.push(found);
    }
    let storage_usd_hour = storage_usd_hour(shape, region, offers);
    let mut site = Site { region: region.clone(), candidates, storage_usd_hour, usd_hour_at_most: 0.0 };
    site.sum();
    Ok(site)
}

/// The machine types of a site that are second choice and further, and why.
pub fn dearer(shape: &Shape, site: &Site) -> Vec<Loser> {
    let of = |(service, candidates): (&Service, &Vec<Candidate>)| {
        let Some((first, others)) = candidates.split_first() else { return Vec::new() };
        let loser = |other: &Candidate| Loser {
            name: format!("{} on {}", service.name, other.instance_type).into(),
            why: match other.usd_hour - first.usd_hour {
                ..NO_DIFFERENCE => "costs the same and is named later".to_owned(),
                more => format!("costs ${:.4} an hour each, ${more:.4} more", other.usd_hour),
            },
        };
        others.iter().map(loser).collect()
    };
    shape.services.iter().zip(&site.candidates).flat_map(of).collect()
}

/// What all storage costs in US dollars an hour.
pub(super) fn storage_usd_hour(shape: &Shape, region: &str, offers: &Offers) -> f64 {
    let gib: f64 = shape.storages.iter().map(|storage| storage.size_gib).fold(0.0, std::ops::Add::add);
    gib * offers.storage_usd_gib_month("aws", region) / HOURS_PER_MONTH
}

impl Site {
    /// Adds up the cost of each service's first candidate and of storage.
    pub fn sum(&mut self) {
        let services: f64 = self.candidates.iter().filter_map(|candidates| candidates.first()).map(|first| first.usd_hour_at_most).sum();
        self.usd_hour_at_most = services + self.storage_usd_hour;
    }

    /// Keeps the candidates that have a zone, and tells whether each service still has one. The first choice decides the
    /// instruction set, because it decides the image.
    pub fn restrict(&mut self, zones: &BTreeMap<Arc<str>, Vec<Arc<str>>>) -> bool {
        for candidates in &mut self.candidates {
            candidates.retain(|candidate| zones.get(&candidate.instance_type).is_some_and(|zones| !zones.is_empty()));
            if let Some(architecture) = candidates.first().map(|first| first.architecture) {
                candidates.retain(|candidate| candidate.architecture == architecture);
            }
        }
        self.sum();
        self.candidates.iter().all(|candidates| !candidates.is_empty())
    }
}

/// The cheapest machine types of each accelerator asked for, cheapest first; of one accelerator only the cheapest type, because
/// a dearer one with the same accelerator is dominated.
fn candidates_of(service: &Service, region: &str, offers: &Offers) -> Vec<Candidate> {
    let mut found: Vec<(f64, usize, Candidate)> = Vec::new();
    for (preference, machine) in service.machines.iter().enumerate() {
        let fitting =
            offers.machines.iter().filter(|offer| &*offer.cloud == "aws" && &*offer.region == region && fits(service, machine, offer));
        let priced = fitting.filter_map(|offer| Some((price(service.purchase, offer)?, offer)));
        let best = priced.min_by(|one, other| one.0.total_cmp(&other.0).then_with(|| one.1.instance_type.cmp(&other.1.instance_type)));
        if let Some((usd_hour, offer)) = best {
            found.push((usd_hour, preference, candidate(service, machine, offer, usd_hour)));
        }
    }
    found.sort_by(|one, other| one.0.total_cmp(&other.0).then(one.1.cmp(&other.1)));
    found.into_iter().map(|(_, _, candidate)| candidate).take(CANDIDATES).collect()
}

fn candidate(service: &Service, machine: &Machine, offer: &Offer, usd_hour: f64) -> Candidate {
    let on_demand = offer.on_demand_usd_hour.unwrap_or(usd_hour);
    Candidate {
        instance_type: offer.instance_type.clone(),
        accelerators: match machine {
            Machine::Accelerators(model, count) => Some(format!("{model}:{count}").into()),
            Machine::Processors => None,
        },
        architecture: architecture(&offer.instance_type),
        usd_hour,
        on_demand_usd_hour: on_demand,
        usd_hour_at_most: service.usd_hour_at_most(usd_hour, on_demand),
    }
}

fn fits(service: &Service, machine: &Machine, offer: &Offer) -> bool {
    let accelerated = match machine {
        Machine::Accelerators(model, count) => offer.accelerator.as_ref() == Some(model) && offer.accelerators == *count,
        // Images without drivers are x86 here, so plain Arm machines are no candidates.
        Machine::Processors => offer.accelerator.is_none() && architecture(&offer.instance_type) == Architecture::X86,
    };
    accelerated
        && offer.vcpus >= service.vcpus
        && offer.memory_gib >= service.memory_gib
        // A bare-metal machine takes many minutes to start and costs the same as the largest virtual one.
        && !offer.instance_type.contains("metal")
}

/// What a replica beyond the on-demand base costs at most.
pub(super) fn price(purchase: Purchase, offer: &Offer) -> Option<f64> {
    match purchase {
        Purchase::OnDemand | Purchase::SpotOrOnDemand => offer.on_demand_usd_hour,
        Purchase::Spot => offer.spot_usd_hour,
    }
}

/// AWS writes a `g` after the generation of Arm machines: `g5g`, `c7gd`, `m8g`.
pub fn architecture(instance_type: &str) -> Architecture {
    let family = instance_type.split('.').next().unwrap_or_default();
    let after_generation = family.trim_start_matches(|character: char| character.is_ascii_alphabetic());
    let suffix = after_generation.trim_start_matches(|character: char| character.is_ascii_digit());
    match suffix.starts_with('g') || family == "a1" {
        true => Architecture::Arm,
        false => Architecture::X86,
    }
}

fn wanted(service: &Service) -> String {
    let machine = |machine: &Machine| match machine {
        Machine::Accelerators(model, count) => format!("{model}:{count}"),
        Machine::Processors => "machines without accelerators".to_owned(),
    };
    let mut wanted = service.machines.iter().map(machine).collect::<Vec<_>>().join(" or ");
    if service.vcpus > 0 || service.memory_gib > 0.0 {
        wanted.push_str(&format!(" with {} vCPUs and {} GiB", service.vcpus, service.memory_gib));
    }
    wanted
}

/// An error when even the best choice is over the budget.
pub fn check_budget(shape: &Shape, best: &Site) -> Option<Diagnostic> {
    let budget = shape.placement.budget_usd_hour.filter(|budget| best.usd_hour_at_most > *budget)?;
    let parts = shape.services.iter().zip(&best.candidates).filter_map(|(service, candidates)| {
        let first = candidates.first()?;
        Some(format!(
            "service {:?}: up to {} x {} at ${:.4}",
            &*service.name,
            service.replicas_at_most(),
            first.instance_type,
            first.usd_hour
        ))
    });
    let storage = (best.storage_usd_hour > 0.0).then(|| format!("storage ${:.4}", best.storage_usd_hour));
    let detail = format!(
        "The cheapest placement, in {}, costs up to ${:.4} an hour ({}), which is over the budget of ${budget:.4}.",
        best.region,
        best.usd_hour_at_most,
        parts.chain(storage).collect::<Vec<_>>().join("; "),
    );
    let error = Diagnostic::error("No placement within the budget", detail).at(shape.placement.budget_range.unwrap_or(shape.range));
    Some(error.hint("raise the budget, lower \"max\" in replicas, or name cheaper accelerators or more regions"))
}

/// An error when no region does.
pub fn no_region(shape: &Shape, losers: &[Loser]) -> Diagnostic {
    let reasons: Vec<String> = losers.iter().map(|loser| format!("  - {} {}", loser.name, loser.why)).collect();
    let detail = format!("No candidate region can hold workload {:?}:\n\n{}", &*shape.name, reasons.join("\n"));
    Diagnostic::error("No placement found", detail).at(shape.placement.range).hint("name more regions or other accelerators")
}
