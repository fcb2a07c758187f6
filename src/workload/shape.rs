//! What a workload asks for: the parts that placement must know.

use crate::diagnostic::Range;
use crate::syntax::Expression;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A workload's shape.
#[derive(Clone, Debug)]
pub struct Shape {
    /// Its name.
    pub name: Arc<str>,
    /// Where it may be placed.
    pub placement: Placement,
    /// What it stores.
    pub storages: Vec<Storage>,
    /// What it serves.
    pub services: Vec<Service>,
    /// `tags`, put on everything; flow.
    pub tags: Option<Arc<Expression>>,
    /// The header.
    pub range: Range,
}

/// A `placement` block.
#[derive(Clone, Debug)]
pub struct Placement {
    /// Candidate regions by cloud; empty for the configured one.
    pub regions: BTreeMap<Arc<str>, Vec<Arc<str>>>,
    /// Limit in US dollars an hour, for as many replicas as may run.
    pub budget_usd_hour: Option<f64>,
    /// Where the budget stands.
    pub budget_range: Option<Range>,
    /// The block, or the workload where there is none.
    pub range: Range,
}

/// A `storage` block.
#[derive(Clone, Debug)]
pub struct Storage {
    /// Its name.
    pub name: Arc<str>,
    /// Expected size in GiB; counts for the cost.
    pub size_gib: f64,
    /// Whether it is deleted with everything in it.
    pub force_destroy: bool,
    /// The header.
    pub range: Range,
}

/// A `service` block.
#[derive(Clone, Debug)]
pub struct Service {
    /// Its name.
    pub name: Arc<str>,
    /// Machines that do, in order of the user's preference at equal cost.
    pub machines: Vec<Machine>,
    /// Smallest number of processors.
    pub vcpus: u32,
    /// Smallest memory in GiB.
    pub memory_gib: f64,
    /// What the machine image holds.
    pub framework: Framework,
    /// How machines are paid for.
    pub purchase: Purchase,
    /// Fewest and most replicas.
    pub replicas: (u32, u32),
    /// How many of them are paid on demand in any case.
    pub on_demand_base: u32,
    /// Storages that it reads.
    pub reads: Vec<Arc<str>>,
    /// Storages that it writes.
    pub writes: Vec<Arc<str>>,
    /// Target of `scale "gpu_utilization"` in percent.
    pub gpu_utilization_target: Option<f64>,
    /// `schedule` blocks.
    pub schedules: Vec<Schedule>,
    /// Size of the root disk in GiB.
    pub disk_gib: Option<u32>,
    /// `run`, `model`, `port` and `env`: flow, handed on as expressions.
    pub flow: BTreeMap<&'static str, Arc<Expression>>,
    /// The header.
    pub range: Range,
}

/// What does for a service.
#[derive(Clone, Debug, PartialEq)]
pub enum Machine {
    /// A model and count of accelerators.
    Accelerators(Arc<str>, u32),
    /// Any machine without accelerators.
    Processors,
}

/// What the machine image holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framework {
    /// Drivers and containers.
    None,
    /// PyTorch.
    PyTorch,
    /// A vLLM server in a container.
    Vllm,
}

/// How machines are paid for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purchase {
    /// At the list price.
    OnDemand,
    /// At the spot price; may be taken away.
    Spot,
    /// Spot where there is any.
    SpotOrOnDemand,
}

/// A `schedule` block: from one time to another the service has other limits.
#[derive(Clone, Debug)]
pub struct Schedule {
    /// Its name.
    pub name: Arc<str>,
    /// When it begins, as cron says it.
    pub cron: Arc<str>,
    /// When it ends; without it the limits stay until another schedule changes them.
    pub end: Option<Arc<str>>,
    /// Time zone of both.
    pub timezone: Arc<str>,
    /// Fewest replicas meanwhile.
    pub min: Option<u32>,
    /// Most replicas meanwhile.
    pub max: Option<u32>,
}

/// Attributes of a service that are flow.
pub(super) const FLOW: [&str; 4] = ["run", "model", "port", "env"];

impl Framework {
    /// As written.
    pub fn name(self) -> &'static str {
        match self {
            Framework::None => "none",
            Framework::PyTorch => "pytorch",
            Framework::Vllm => "vllm",
        }
    }
}

impl Purchase {
    /// As written.
    pub fn name(self) -> &'static str {
        match self {
            Purchase::OnDemand => "on_demand",
            Purchase::Spot => "spot",
            Purchase::SpotOrOnDemand => "spot_or_on_demand",
        }
    }
}

impl Shape {
    /// Everything that the choice depends on besides the budget, in a form that stays the same when only flow or the number of
    /// replicas changes.
    pub fn demand(&self) -> String {
        let mut demand = format!("1 regions={:?}", self.placement.regions);
        for service in &self.services {
            let (machines, framework, purchase) = (&service.machines, service.framework, service.purchase);
            let (vcpus, memory) = (service.vcpus, service.memory_gib);
            demand.push_str(&format!("; {} {machines:?} {vcpus} {memory} {framework:?} {purchase:?}", service.name));
        }
        demand
    }
}

impl Service {
    /// How many replicas may run at most, at any time: schedules may allow more than the rest of the day.
    pub fn replicas_at_most(&self) -> u32 {
        self.schedules.iter().filter_map(|schedule| schedule.max).fold(self.replicas.1, u32::max)
    }

    /// What all replicas cost at most in US dollars an hour, by the price of a replica as it is paid for and on demand.
    pub fn usd_hour_at_most(&self, usd_hour: f64, on_demand_usd_hour: f64) -> f64 {
        let most = self.replicas_at_most();
        let (most, base) = (f64::from(most), f64::from(self.on_demand_base.min(most)));
        base * on_demand_usd_hour.max(usd_hour) + (most - base) * usd_hour
    }
}
