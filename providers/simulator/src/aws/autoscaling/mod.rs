//! Auto Scaling: groups that launch and replace instances over simulated time, scaling policies and scheduled actions.

mod action;
mod cron;
mod group;
mod policy;
mod reconcile;
mod schedule;
mod settings;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use action::action;
pub use group::Group;
pub use policy::{Policy, observe};
pub use reconcile::instances_gone;
pub use schedule::Scheduled;

use crate::world::World;

/// Auto Scaling's objects in one region.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Region {
    pub groups: BTreeMap<String, Group>,
    /// By group, then name.
    pub policies: BTreeMap<String, BTreeMap<String, Policy>>,
    pub schedules: BTreeMap<String, BTreeMap<String, Scheduled>>,
}

/// What happens to groups later.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Event {
    /// Brings a group nearer to its desired capacity.
    Reconcile { group: String },
    /// New members have come up.
    InService { group: String, ids: Vec<String> },
    /// A scheduled action is due, unless it was changed since.
    Scheduled { group: String, name: String, revision: u64 },
}

impl Region {
    /// Objects by kind, for the status.
    pub fn counts(&self) -> Vec<(&'static str, usize)> {
        let all = |sizes: Vec<usize>| sizes.into_iter().sum();
        vec![
            ("group", self.groups.len()),
            ("policy", all(self.policies.values().map(BTreeMap::len).collect())),
            ("scheduled-action", all(self.schedules.values().map(BTreeMap::len).collect())),
        ]
    }
}

/// The region, made on first use.
pub fn region<'a>(world: &'a mut World, name: &str) -> &'a mut Region {
    world.autoscaling.entry(name.to_owned()).or_default()
}

pub fn handle_event(world: &mut World, region: &str, event: Event) {
    match event {
        Event::Reconcile { group } => reconcile::reconcile(world, region, &group),
        Event::InService { group, ids } => reconcile::in_service(world, region, &group, &ids),
        Event::Scheduled { group, name, revision } => schedule::fire(world, region, &group, &name, revision),
    }
}
