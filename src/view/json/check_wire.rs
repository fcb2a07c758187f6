//! What conditions came to, as `show -json` writes it.

use crate::address::{ConfigResource, Instance, InstanceKey, Mode};
use crate::state::{CheckAddress, CheckObject, CheckResults, CheckStatus, CheckedKind};
use serde_json::{Map, Value as Json, json};

/// The `checks` of a plan or state, in the order of the addresses as texts.
pub(super) fn checks(results: &CheckResults) -> Json {
    let mut rows: Vec<(String, Json)> = results
        .iter()
        .map(|(address, result)| {
            let mut row = json!({ "address": config_address(address), "status": status(result.status) });
            if !result.objects.is_empty() {
                row["instances"] = result.objects.iter().map(|(address, object)| instance(address, object)).collect();
            }
            (address.to_string(), row)
        })
        .collect();
    rows.sort_by(|one, other| one.0.cmp(&other.0));
    rows.into_iter().map(|(_, row)| row).collect()
}

fn config_address(address: &CheckAddress) -> Json {
    let ConfigResource { module, resource } = &address.place;
    let kind = match address.kind {
        CheckedKind::Resource => "resource",
        CheckedKind::Output => "output_value",
        CheckedKind::Check => "check",
        CheckedKind::Variable => "var",
    };
    let mut json = json!({ "kind": kind, "name": &*resource.name, "to_display": address.to_string() });
    if !module.0.is_empty() {
        json["module"] = module.to_string().into();
    }
    if address.kind == CheckedKind::Resource {
        json["mode"] = if resource.mode == Mode::Data { "data" } else { "managed" }.into();
        json["type"] = (*resource.type_name).into();
    }
    json
}

fn instance(address: &Instance, object: &CheckObject) -> Json {
    let mut place = Map::new();
    place.insert("to_display".into(), address.to_string().into());
    if !address.module.is_root() {
        place.insert("module".into(), address.module.to_string().into());
    }
    match &address.key {
        Some(InstanceKey::Int(index)) => drop(place.insert("instance_key".into(), (*index).into())),
        Some(InstanceKey::String(key)) => drop(place.insert("instance_key".into(), (**key).into())),
        None => {}
    }
    let mut json = json!({ "address": place, "status": status(object.status) });
    if !object.messages.is_empty() {
        json["problems"] = object.messages.iter().map(|message| json!({ "message": &**message })).collect();
    }
    json
}

fn status(status: CheckStatus) -> &'static str {
    match status {
        CheckStatus::Passed => "pass",
        CheckStatus::Unknown => "unknown",
        CheckStatus::Failed => "fail",
        CheckStatus::Errored => "error",
    }
}
