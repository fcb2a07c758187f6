//! EC2: networks, security groups, launch templates, instances, images and the catalog of types, by region.

mod action;
pub mod catalog;
mod describe;
mod gateway;
pub mod image;
pub mod instance;
pub mod launch;
pub mod launch_template;
mod places;
mod region;
mod route_table;
mod security_group;
mod security_rule;
mod subnet;
mod tags;
mod token;
mod vpc;

pub use action::action;
pub use region::{Event, Region, handle_event, region};
pub use tags::Tags;
