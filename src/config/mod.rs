//! Tree → typed blocks, expressions unevaluated.
//!
//! A [`Module`] is what one folder declares. Meta-arguments are taken out of the bodies; what remains of a body is for the
//! type's schema. Nothing here knows a schema, a state or a value of a variable.

mod checks;
mod content;
mod encryption;
mod folders;
mod imports;
mod load;
mod merge;
mod module;
mod module_call;
mod moves;
mod newer;
mod passed_providers;
mod resource;
mod settings;
mod statics;
#[cfg(test)]
mod tests;
mod types;
mod variable;
pub mod versions;

pub use checks::CheckBlock;
pub use folders::{Folders, Found, PackageCall};
pub use imports::{ImportBlock, duplicate_import};
pub use load::{Files, load, load_with, read_module};
pub use moves::{Endpoint, MovedBlock, RemovedBlock};
pub use settings::{default_source, full_source};
pub use statics::{EncryptionInput, Inputs};
pub use types::{
    Condition, Config, IgnoreChanges, Installed, InstalledModule, Lifecycle, Local, Module, ModuleCall, Output, ProviderBlock, ProviderKey,
    Repeats, RequiredProvider, ResourceBlock, Trigger, Variable, VariantBlock, WorkloadBlock,
};
