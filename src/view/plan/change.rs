//! One change: its comment, its header, its body.

use super::body;
use super::lines::Lines;
use crate::address::Mode;
use crate::plan::{Action, Change, Drift, Plan, Reason};
use crate::view::style::{Ink, Style};
use std::sync::Arc;
use windlass_api::{Path, Providers, Schema};

/// The symbol of an action, padded to the margin's width.
pub fn symbol(action: Action, style: Style) -> String {
    match action {
        Action::NoOp => "   ".to_owned(),
        Action::Create => format!("  {}", style.paint(Ink::Create, "+")),
        Action::Update => format!("  {}", style.paint(Ink::Update, "~")),
        Action::Delete => format!("  {}", style.paint(Ink::Delete, "-")),
        Action::DeleteThenCreate => format!("{}/{}", style.paint(Ink::Delete, "-"), style.paint(Ink::Create, "+")),
        Action::CreateThenDelete => format!("{}/{}", style.paint(Ink::Create, "+"), style.paint(Ink::Delete, "-")),
        Action::Read => format!(" {}", style.paint(Ink::Read, "<=")),
        Action::Forget => format!("  {}", style.paint(Ink::Faint, ".")),
    }
}

/// One change, comment lines first.
pub fn change(change: &Change, providers: &Providers, style: Style) -> String {
    let mut lines = Lines::new(style);
    let mut title = change.address.to_string();
    if let Some(deposed) = &change.deposed {
        title += &format!(" (deposed object {})", deposed.0);
    }
    let moved_from = change.previous_address.as_ref();
    match moved_from.filter(|_| change.action == Action::NoOp) {
        Some(from) => {
            let (from, to) = (style.paint(Ink::Bold, &format!("# {from}")), style.paint(Ink::Bold, &title));
            lines.raw(&format!("  {from} has moved to {to}"));
        }
        None => {
            lines.raw(&format!("  {}", style.paint(Ink::Bold, &format!("# {title} {}", phrase(change)))));
            if let Some(why) = explanation(change) {
                lines.raw(&format!("  # ({why})"));
            }
            if let Some(importing) = &change.importing {
                if importing.generated.is_some() {
                    lines.raw("  # (config will be generated)");
                }
                if change.action != Action::NoOp {
                    lines.raw(&format!("  # (imported from {:?})", &*importing.id));
                }
                if matches!(change.action, Action::DeleteThenCreate | Action::CreateThenDelete) {
                    lines.raw("  # Warning: this will destroy the imported resource");
                }
            }
            if let Some(from) = moved_from {
                lines.raw(&format!("  # (moved from {from})"));
            }
        }
    }
    for (position, variant) in change.variants.iter().enumerate() {
        let cost = variant.hourly_usd.map(|usd| format!(", ${usd:.2} an hour")).unwrap_or_default();
        lines.raw(&format!("  # (where capacity is missing, alternative {}: {}{cost})", position + 1, variant.label));
    }
    let kind = if change.address.resource.mode == Mode::Data { "data" } else { "resource" };
    let header = format!("{kind} {:?} {:?} {{", &*change.address.resource.type_name, &*change.address.resource.name);
    lines.raw(&format!("{} {header}", symbol(change.action, style)));
    let schema = schema_of(change, providers);
    let paths: &[Path] = if change.action == Action::Update { &[] } else { &change.replace_paths };
    // What is forgotten stays as it is.
    let after = if change.action == Action::Forget { &change.before } else { &change.after };
    match (change.action, &change.importing) {
        (Action::NoOp, Some(_)) => body::unchanged(&mut lines, schema.as_deref(), after),
        _ => body::object(&mut lines, schema.as_deref(), &change.before, after, paths),
    }
    lines.raw("    }");
    lines.finish()
}

/// What another hand changed, in the same form.
pub fn drift(drift: &Drift, plan: &Plan, providers: &Providers, style: Style) -> String {
    let mut lines = Lines::new(style);
    let gone = drift.after.is_null();
    let phrase = if gone { "has been deleted" } else { "has changed" };
    lines.raw(&format!("  {}", style.paint(Ink::Bold, &format!("# {} {phrase}", drift.address))));
    let action = if gone { Action::Delete } else { Action::Update };
    let resource = &drift.address.resource;
    lines.raw(&format!("{} resource {:?} {:?} {{", symbol(action, style), &*resource.type_name, &*resource.name));
    // Changes stand in the order of their addresses.
    let first = plan.changes.partition_point(|change| change.address < drift.address);
    let change = plan.changes.get(first).filter(|change| change.address == drift.address);
    let schema = change.and_then(|change| schema_of(change, providers));
    body::object(&mut lines, schema.as_deref(), &drift.before, &drift.after, &[]);
    lines.raw("    }");
    lines.finish()
}

/// The schema of a change's type, as its provider has it.
fn schema_of(change: &Change, providers: &Providers) -> Option<Arc<Schema>> {
    let resource = &change.address.resource;
    providers.by_source(&change.provider.source)?.schema(resource.mode, &resource.type_name)
}

fn phrase(change: &Change) -> &'static str {
    match (change.action, &change.reason) {
        (Action::NoOp, _) if change.importing.is_some() => "will be imported",
        (Action::NoOp, _) => "is unchanged",
        (Action::Create, _) => "will be created",
        (Action::Read, _) => "will be read during apply",
        (Action::Update, _) => "will be updated in-place",
        (Action::Delete, _) => "will be destroyed",
        (Action::Forget, _) => "will no longer be managed by Windlass, but will not be destroyed",
        (_, Reason::Tainted) => "is tainted, so must be replaced",
        (_, Reason::Requested) => "will be replaced, as requested",
        (_, Reason::Triggered(_)) => "will be replaced due to changes in replace_triggered_by",
        (_, _) => "must be replaced",
    }
}

fn explanation(change: &Change) -> Option<String> {
    if change.action == Action::Forget {
        return Some("destroy = false is set in the configuration".to_owned());
    }
    Some(match &change.reason {
        Reason::Gone => "it has vanished from the cloud and is made anew".to_owned(),
        Reason::NoResourceConfig => "because it is not in configuration".to_owned(),
        Reason::NoModule => "because its module is not in configuration".to_owned(),
        Reason::NoMoveTarget(from) => format!("because {from} was moved to {}, which is not in configuration", change.address),
        Reason::Disabled => "because its lifecycle.enabled is false".to_owned(),
        Reason::WrongRepetition => "because resource uses count or for_each differently now".to_owned(),
        Reason::CountIndex(index) => format!("because index [{index}] is out of range for count"),
        Reason::EachKey(key) => format!("because key [{key:?}] is not in for_each map"),
        Reason::Deposed => "left over from a replacement that did not finish".to_owned(),
        Reason::ConfigUnknown => "config refers to values not yet known".to_owned(),
        Reason::DependencyPending => "depends on a resource with changes pending".to_owned(),
        Reason::CheckNested => "config will be reloaded to verify a check block".to_owned(),
        Reason::Triggered(by) => format!("changed: {}", by.join(", ")),
        Reason::Declared
        | Reason::Differs(_)
        | Reason::CannotUpdate(_)
        | Reason::Tainted
        | Reason::Requested
        | Reason::DestroyRequested
        | Reason::Recorded => return None,
    })
}
