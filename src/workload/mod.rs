//! Workload blocks → demand → placement → an ordinary module of resources.
//!
//! ```text
//! WorkloadBlock ─read→ Shape ─placement→ Site ─(zones, images)→ Choice ─render→ HCL text ─assemble→ config::ModuleCall
//! ```
//!
//! *Shape* (accelerators, sizes, regions, purchase, budget, replicas) must be known before planning; *flow* (run, model, env,
//! port, tags) is handed on as expressions and may be unknown like anywhere else. The choice is sticky: it stands in the state
//! as `module.<workload>.windlass_placement.workload` and is kept while the demand stays the same, whatever prices do.

mod assemble;
mod assume;
mod choice;
mod eject;
mod expand;
mod home;
mod kept;
mod offers;
mod placement;
mod questions;
mod read;
mod reader;
mod regions;
mod render;
mod render_service;
mod scope;
mod shape;
#[cfg(test)]
mod tests;
mod units;
mod user_data;

pub use assemble::{restore, source_name};
pub use assume::{assume, assume_recorded};
pub use choice::{Choice, ChosenMachine, ServiceChoice};
pub use eject::ejected;
pub use expand::{Context, Expansion, Placed, expand};
pub use home::point_home;
pub use offers::{HOURS_PER_MONTH, Offer, Offers, StorageOffer};
pub use placement::Loser;
pub use questions::{Question, Reply};
pub use scope::RootScope;
