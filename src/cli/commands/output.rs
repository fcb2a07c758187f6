//! `output`.

use super::Outcome;
use super::show::config_for_state;
use crate::cli::arguments;
use crate::cli::output::print;
use crate::cli::process::Process;
use crate::diagnostic::{Diagnostic, nearest};
use crate::ops::{self, Failed};
use crate::state::OutputState;
use crate::view::value::literal;
use crate::view::{json, state};
use std::process::ExitCode;
use windlass_api::{Type, value::wire::value_to_json};

/// Shows one output or all.
pub async fn run(process: &Process, flags: &arguments::Output) -> Outcome {
    let (state, _) = ops::read_state(&process.context, config_for_state(process).as_ref()).await?;
    if state.outputs.is_empty() && !flags.json && flags.name.is_none() {
        let detail = "The state holds no outputs, or holds nothing at all. Outputs are written by apply: declare them in the configuration and apply it.";
        process.report(&Diagnostic::warning("No outputs found", detail).into(), &Default::default());
        return Ok(ExitCode::SUCCESS);
    }
    let Some(name) = &flags.name else {
        print(&if flags.json { format!("{:#}\n", json::outputs(&state)) } else { state::outputs(&state) });
        return Ok(ExitCode::SUCCESS);
    };
    let Some(output) = state.outputs.get(name.as_str()) else {
        let near =
            nearest(name, state.outputs.keys().map(|name| &**name)).map(|near| format!(" Did you mean {near:?}?")).unwrap_or_default();
        let detail =
            format!("The output variable {name:?} is not in the state.{near} If you have added it to the configuration, apply first.");
        return Err(Failed::from(Diagnostic::error(format!("Output {name:?} not found"), detail)));
    };
    print(&one(name, output, flags)?);
    Ok(ExitCode::SUCCESS)
}

/// One output, shown in full because it was asked for by name.
fn one(name: &str, output: &OutputState, flags: &arguments::Output) -> Result<String, Failed> {
    let value = output.value.unmarked_deep();
    if flags.json {
        return Ok(format!("{}\n", value_to_json(&value).unwrap_or_default()));
    }
    if !flags.raw {
        return Ok(format!("{}\n", literal(&value, 0)));
    }
    match (value.ty(), value.is_null()) {
        (Type::String | Type::Number | Type::Bool, false) => Ok(value.as_str().map_or_else(|| literal(&value, 0), str::to_owned)),
        _ => {
            let detail = format!(
                "The -raw option only supports strings, numbers, and boolean values, but output value {name:?} is {}. Use the -json option for machine-readable representations of output values that have complex types.",
                value.ty().friendly_name()
            );
            Err(Failed::from(Diagnostic::error("Unsupported value for raw output", detail)))
        }
    }
}
