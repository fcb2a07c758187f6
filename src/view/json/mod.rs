//! The machines' forms: diagnostics, outputs, state and plan as JSON, with Terraform's field names.

mod check_wire;
mod configuration_wire;
mod diagnostic_wire;
mod function_wire;
pub mod message_wire;
mod plan_wire;
mod relevant_wire;
mod schema_wire;
mod state_wire;

pub use diagnostic_wire::{diagnostic, validation};
pub use function_wire::functions;
pub use message_wire::Message;
pub use plan_wire::plan;
pub use schema_wire::schemas;
pub use state_wire::{output, outputs, state};
