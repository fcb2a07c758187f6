//! What EC2 holds in a region, and what a region has from the start: the default network.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::tags::Tags;
use super::vpc::Vpc;
use crate::random::Random;
use crate::world::World;

/// EC2's objects in one region, by id.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Region {
    pub name: String,
    pub vpcs: BTreeMap<String, Vpc>,
    pub tags: BTreeMap<String, Tags>,
}

/// What happens to EC2's objects later.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Event {
    /// A placeholder until instances move.
    Nothing,
}

/// The region, made on first use. It depends on nothing but the world's seed, so that a read may make it.
pub fn region<'a>(world: &'a mut World, name: &str) -> &'a mut Region {
    let seed = world.seed;
    world.ec2.entry(name.to_owned()).or_insert_with(|| Region::new(seed, name))
}

impl Region {
    fn new(seed: u64, name: &str) -> Self {
        let _random = Random::new(seed ^ u64::from(crc32fast::hash(name.as_bytes())) << 16);
        Self { name: name.to_owned(), ..Self::default() }
    }

    /// For an id that does not exist: the error's code and the noun of its message.
    pub fn absent(&self, id: &str) -> Option<(&'static str, &'static str)> {
        match super::tags::kind_of(id) {
            "vpc" if !self.vpcs.contains_key(id) => Some(("InvalidVpcID.NotFound", "vpc")),
            _ => None,
        }
    }

    /// Objects by kind; what every region has from the start is not counted.
    pub fn counts(&self) -> Vec<(&'static str, usize)> {
        vec![("vpc", self.vpcs.values().filter(|vpc| !vpc.is_default).count())]
    }
}

pub fn handle_event(_world: &mut World, _region: &str, _event: Event) {}
