//! Auto Scaling.

use serde::{Deserialize, Serialize};

use super::query::Action;
use crate::world::World;

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Region {}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Event {
    Nothing,
}

impl Region {
    pub fn counts(&self) -> Vec<(&'static str, usize)> {
        Vec::new()
    }
}

pub fn action(_name: &str) -> Option<Action> {
    None
}

pub fn handle_event(_world: &mut World, _region: &str, _event: Event) {}
