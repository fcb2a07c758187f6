//! Workload → the ordinary module that it stands for.

use super::{Context, Failed, PlanRequest, plan};
use crate::diagnostic::{Diagnostic, nearest};
use crate::workload;

/// The text of a placed workload's module, as Terraform accepts it; of the only workload if none is named.
///
/// # Errors
/// Everything that keeps the configuration from being planned, and a workload that there is not.
pub async fn eject(context: &Context, request: &PlanRequest, name: Option<&str>) -> Result<String, Failed> {
    let planned = plan(context, request).await?;
    let sources = &planned.plan.plan().inputs.sources;
    let prefix = workload::source_name("");
    let modules: Vec<(&str, &str)> =
        sources.files().iter().filter_map(|file| Some((file.name.strip_prefix(prefix.as_str())?, &*file.text))).collect();
    let found = match name {
        Some(name) => modules.iter().find(|module| module.0 == name),
        None => modules.first().filter(|_| modules.len() == 1),
    };
    let text = found.ok_or_else(|| refused(name, &modules))?.1;
    drop(planned.session.close().await);
    workload::ejected(text).map_err(|reason| {
        let detail = format!("The module of the workload can't be read back: {reason}. This is a fault of Windlass: please report it.");
        Failed::from(Diagnostic::error("Module can't be ejected", detail))
    })
}

fn refused(name: Option<&str>, modules: &[(&str, &str)]) -> Failed {
    let names: Vec<&str> = modules.iter().map(|module| module.0).collect();
    let detail = match (name, &names[..]) {
        (_, []) => "The configuration declares no workload, so there is nothing to eject.".to_owned(),
        (None, names) => format!("The configuration declares several workloads: {}. Name one of them.", names.join(", ")),
        (Some(name), names) => match nearest(name, names.iter().copied()) {
            Some(near) => format!("There is no workload {name:?}. Did you mean {near:?}?"),
            None => format!("There is no workload {name:?}. There is: {}.", names.join(", ")),
        },
    };
    Failed::from(Diagnostic::error("No such workload", detail))
}
