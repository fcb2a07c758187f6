//! Configuration + inputs → instances, and the values that expressions see.
//!
//! ```text
//! Config ─tree→ modules ─graph→ what waits for what ─world→ values by module instance ─scope→ lang
//! ```
//!
//! The graph is of blocks, not of instances: its size is that of the configuration. Whoever walks it (validate here, planning
//! and resolving in `plan`) evaluates each node once, in order, and puts the value into the [`World`].

mod body;
mod check_log;
mod conditions;
mod ephemeral;
mod expand;
mod graph;
mod provider_configs;
mod provider_instances;
mod provider_tree;
mod requirements;
mod resource_graph;
mod scope;
mod target;
mod tree;
mod undecided;
mod validate;
pub mod variables;
mod world;

pub use body::{timeouts, without_timeouts};
pub use check_log::{CheckLog, CheckPart, checked_instance};
pub use conditions::{ConditionKind, Outcome, check_conditions};
pub use ephemeral::refuse_ephemeral;
pub use expand::{Expansion, Repetition, expand, truth};
pub use graph::{ConfigGraph, Node, NodeKind, node_name};
pub use provider_configs::{
    ProviderIndex, ProviderUse, find_provider, find_schema, provider_block, provider_key, provider_of, provider_sources, source_of,
};
pub use provider_tree::{ProviderNode, provider_tree};
pub use requirements::{check_providers, check_requirements};
pub use resource_graph::{ResourceGraph, ResourceNode, resource_graph};
pub use scope::ModuleScope;
pub use target::{Target, target};
pub use tree::{ModuleIndex, ModuleTree, TreeModule};
pub use undecided::decide_bodies;
pub use validate::{add_findings, check_again, known_provider_configs, problem_diagnostic, validate, validate_again, validate_broken};
pub use world::{PlacedCall, PlacedModule, Surroundings, World};
