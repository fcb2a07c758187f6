//! EC2: networks, security groups, launch templates, instances, images and the catalog of types, by region.

mod action;
mod describe;
mod region;
mod tags;
mod vpc;

pub use action::action;
pub use region::{Event, Region, handle_event, region};
pub use tags::Tags;
