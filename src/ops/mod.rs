//! Operations: each strings the stages together, one screen an operation; nothing else does.
//!
//! ```text
//! init     install → load → set up the back end (→ migrate)
//! plan     load → open state → settle → (make ⇄ answer)* → check
//! console  load → read state → evaluate*
//! apply    plan, or read a plan file → approve → run → write
//! ```

mod apply;
mod backend;
mod backend_config;
mod backend_init;
mod console;
mod context;
mod eject;
mod encryption;
mod formatting;
mod generated;
mod import;
mod install;
mod load;
mod lost_state;
mod migrate;
mod module_lock;
mod plan;
mod plan_file;
mod prices;
mod recover;
mod releases;
mod state_access;
mod state_edit;
mod variables;
mod whole_file;
mod workspace;

pub use apply::{Approval, apply};
pub use backend::{Home, home, is_workspace_overridden, selected_workspace};
pub use backend_init::{BackendRequest, Conversation, Question, init_backend};
pub use console::{Console, open_console};
pub use context::{Context, Failed};
pub use eject::eject;
pub use encryption::{read_state_file, state_of};
pub use formatting::{Formatting, Unformatted, format_files, format_text, write_formatted};
pub use import::import;
pub use install::{InstallOptions, install};
pub use load::{Loaded, data_folder_of, load, load_declared, read_folder};
pub use plan::{LockOptions, PlanRequest, Planned, plan};
pub use plan_file::{open_saved, read_plan_file, write_plan_file};
pub use recover::{Recovered, recover};
pub use state_access::{SANDBOX_FOLDER, discard_sandbox_state, force_unlock, forget_intent, read_state};
pub use state_edit::{edit_state, push_state, set_tainted};
pub use variables::{Given, Missing, collect, missing_variables};
pub use workspace::{Deleted, delete_workspace, new_workspace, select, workspaces};
