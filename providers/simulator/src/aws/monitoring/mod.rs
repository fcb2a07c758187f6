//! CloudWatch.

use serde::{Deserialize, Serialize};

use crate::message::{Request, Response};
use crate::world::World;

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Region {}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Event {
    Nothing,
}

pub fn handle(world: &mut World, request: &Request) -> Response {
    super::query::handle(world, request, |_| None)
}

pub fn operation_name(request: &Request) -> String {
    super::query::parameters(request).text("Action").unwrap_or_default().to_owned()
}

pub fn handle_event(_world: &mut World, _region: &str, _event: Event) {}
