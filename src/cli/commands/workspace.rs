//! `workspace`.

use super::Outcome;
use super::show::config_for_state;
use crate::cli::arguments;
use crate::cli::output::print;
use crate::cli::process::Process;
use crate::ops::{self, Deleted};
use std::process::ExitCode;

/// Lists, selects, makes and deletes workspaces.
pub async fn run(process: &Process, flags: &arguments::Workspace) -> Outcome {
    let context = &process.context;
    let config = config_for_state(process);
    let config = config.as_ref();
    match flags {
        arguments::Workspace::List => {
            let names = ops::workspaces(context, config).await?;
            let mark = |name: &String| if **name == *context.workspace { "*" } else { " " };
            print(&names.iter().map(|name| format!("{} {name}\n", mark(name))).collect::<String>());
            print("\n");
            if ops::is_workspace_overridden(context) {
                print("The active workspace is being overridden using the TF_WORKSPACE environment variable.\n");
            }
        }
        arguments::Workspace::Show => print(&format!("{}\n", context.workspace)),
        arguments::Workspace::Select { or_create, name } => {
            let made = ops::select(context, config, name, *or_create).await?;
            created_or_selected(name, made);
        }
        arguments::Workspace::New { lock, state, name } => {
            ops::new_workspace(context, config, name, state.as_deref(), lock.options()?).await?;
            created(name);
        }
        arguments::Workspace::Delete { lock, force, name } => {
            let deleted = ops::delete_workspace(context, config, name, *force, lock.options()?).await?;
            print(&format!("Deleted workspace {name:?}!\n"));
            if deleted == Deleted::NotEmpty {
                print(&format!(
                    "WARNING: {name:?} was non-empty.\nThe resources managed by the deleted workspace may still exist,\nbut are no longer manageable \
                     by Windlass since the state has\nbeen deleted.\n"
                ));
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn created_or_selected(name: &str, made: bool) {
    match made {
        true => created(name),
        false => print(&format!("Switched to workspace {name:?}.\n")),
    }
}

fn created(name: &str) {
    print(&format!(
        "Created and switched to workspace {name:?}!\n\nYou're now on a new, empty workspace. Workspaces isolate their state,\nso if you run \
         \"windlass plan\" Windlass will not see any existing state\nfor this configuration.\n"
    ));
}
