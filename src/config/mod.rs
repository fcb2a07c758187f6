//! Tree → typed blocks, expressions unevaluated.
//!
//! A [`Module`] is what one folder declares. Meta-arguments are taken out of the bodies; what remains of a body is for the
//! type's schema. Nothing here knows a schema, a state or a value of a variable.

mod load;
mod types;
pub mod versions;

pub use load::{Files, load};
pub use types::{
    Condition, Config, IgnoreChanges, Lifecycle, Local, Module, ModuleCall, Output, ProviderBlock, ProviderKey, RequiredProvider,
    ResourceBlock, Variable, VariantBlock, WorkloadBlock,
};
