//! Records as JSON.

use super::wire_value::{value_from_wire, value_to_wire};
use super::{Begin, IntentId, IntentRecord, Outcome, Record};
use crate::address::{Instance, InstanceKey, ProviderConfig, parse_instance};
use crate::state::wire::{ObjectFields, object, object_of};
use crate::state::{DeposedKey, ObjectState, OutputState};
use serde::Deserialize;
use serde_json::{Map, Value as Json, json};
use std::sync::Arc;
use windlass_api::value::wire::{type_from_json, type_to_json};
use windlass_api::{Handle, Identity, Operation, StartRequest};

/// A record as JSON.
pub(super) fn record_to_json(record: &Record) -> Vec<u8> {
    let (kind, body) = match record {
        Record::Begin(Begin { lineage, snapshot, nonce }) => {
            ("begin", json!({"lineage": &**lineage, "snapshot": snapshot.as_deref(), "nonce": &**nonce}))
        }
        Record::Provider(provider, config) => ("provider", json!({"provider": provider_to(provider), "config": value_to_wire(config)})),
        Record::Intent(intent) => ("intent", intent_to(intent)),
        Record::Identified(id, identity, handle) => ("identified", json!({"id": &*id.0, "identity": identity.0, "handle": handle.0})),
        Record::Result(id, outcome) => ("result", json!({"id": &*id.0, "outcome": outcome_to(outcome)})),
        Record::Put(address, provider, object) => {
            ("put", json!({"address": address.to_string(), "provider": provider_to(provider), "object": object_to(object)}))
        }
        Record::Forget(address, deposed) => ("forget", json!({"address": address.to_string(), "deposed": key_to(deposed)})),
        Record::Move(from, to) => ("move", json!({"address": to.to_string(), "from": from.to_string()})),
        Record::Outputs(outputs) => {
            let output = |output: &OutputState| json!({"value": value_to_wire(&output.value), "type": type_to_json(&output.ty), "sensitive": output.sensitive});
            ("outputs", outputs.iter().map(|(name, state)| (name.to_string(), output(state))).collect::<Map<_, _>>().into())
        }
        Record::Committing(digest) => ("committing", json!(&**digest)),
    };
    serde_json::to_vec(&json!({kind: body})).expect("a tree of JSON is JSON")
}

/// The reverse; `None` when it is no record that we know.
pub(super) fn record_from_json(bytes: &[u8]) -> Option<Record> {
    let tree: Map<String, Json> = serde_json::from_slice(bytes).ok()?;
    let (kind, body) = tree.into_iter().next()?;
    Some(match kind.as_str() {
        "begin" => Record::Begin(Begin {
            lineage: text(&body, "lineage")?.into(),
            snapshot: text(&body, "snapshot").map(Arc::from),
            nonce: text(&body, "nonce")?.into(),
        }),
        "provider" => Record::Provider(provider_from(&body["provider"])?, value_from_wire(&body["config"])?),
        "intent" => Record::Intent(Box::new(intent_from(&body)?)),
        "identified" => {
            Record::Identified(id_from(&body)?, Identity(text(&body, "identity")?.into()), Handle(text(&body, "handle")?.into()))
        }
        "result" => Record::Result(id_from(&body)?, outcome_from(&body["outcome"])?),
        "put" => Record::Put(address_from(&body)?, provider_from(&body["provider"])?, Box::new(object_from(&body["object"])?)),
        "forget" => Record::Forget(address_from(&body)?, key_from(&body, "deposed")),
        "move" => Record::Move(parse_instance(text(&body, "from")?).ok()?, address_from(&body)?),
        "outputs" => {
            let output = |state: &Json| {
                let value = value_from_wire(&state["value"])?;
                Some(OutputState { value, ty: type_from_json(&state["type"]).ok()?, sensitive: state["sensitive"].as_bool()? })
            };
            let named = |(name, state): (&String, &Json)| Some((Arc::from(name.as_str()), output(state)?));
            Record::Outputs(body.as_object()?.iter().map(named).collect::<Option<_>>()?)
        }
        "committing" => Record::Committing(body.as_str()?.into()),
        _ => return None,
    })
}

fn intent_to(intent: &IntentRecord) -> Json {
    let request = &intent.request;
    json!({
        "id": &*intent.id.0,
        "address": intent.address.to_string(),
        "deposed": key_to(&intent.deposed),
        "set_aside": key_to(&intent.set_aside),
        "provider": provider_to(&intent.provider),
        "operation": operation_name(request.operation),
        "prior": request.prior.as_ref().map(value_to_wire),
        "planned": request.planned.as_ref().map(value_to_wire),
        "config": request.config.as_ref().map(value_to_wire),
        "token": request.token,
        "tag": request.tag,
        "timeout_seconds": request.timeout_seconds,
        "variant": intent.variant,
        "attempt": intent.attempt,
        "name_was_free": intent.name_was_free,
        "template": object_to(&intent.template),
    })
}

fn intent_from(body: &Json) -> Option<IntentRecord> {
    let address = address_from(body)?;
    let value = |name: &str| match &body[name] {
        Json::Null => Some(None),
        json => value_from_wire(json).map(Some),
    };
    let request = StartRequest {
        type_name: address.resource.type_name.to_string(),
        operation: operation_from(text(body, "operation")?)?,
        prior: value("prior")?,
        planned: value("planned")?,
        config: value("config")?,
        token: text(body, "token")?.to_owned(),
        tag: text(body, "tag")?.to_owned(),
        timeout_seconds: body["timeout_seconds"].as_u64()?,
    };
    Some(IntentRecord {
        id: id_from(body)?,
        address,
        deposed: key_from(body, "deposed"),
        set_aside: key_from(body, "set_aside"),
        provider: provider_from(&body["provider"])?,
        request,
        variant: usize::try_from(body["variant"].as_u64()?).ok()?,
        attempt: usize::try_from(body["attempt"].as_u64()?).ok()?,
        name_was_free: body["name_was_free"].as_bool()?,
        template: object_from(&body["template"])?,
    })
}

fn operation_name(operation: Operation) -> &'static str {
    match operation {
        Operation::Create => "create",
        Operation::Update => "update",
        Operation::Delete => "delete",
    }
}

fn operation_from(name: &str) -> Option<Operation> {
    [Operation::Create, Operation::Update, Operation::Delete].into_iter().find(|operation| operation_name(*operation) == name)
}

fn outcome_to(outcome: &Outcome) -> Json {
    match outcome {
        Outcome::Object(object) => object_to(object),
        Outcome::Gone => json!("gone"),
        Outcome::Unchanged => json!("unchanged"),
    }
}

fn outcome_from(json: &Json) -> Option<Outcome> {
    match json.as_str() {
        Some("gone") => Some(Outcome::Gone),
        Some("unchanged") => Some(Outcome::Unchanged),
        Some(_) => None,
        None => Some(Outcome::Object(Box::new(object_from(json)?))),
    }
}

fn object_to(state: &ObjectState) -> Json {
    serde_json::to_value(object(None, None, state)).expect("an object is always JSON")
}

fn object_from(json: &Json) -> Option<ObjectState> {
    object_of(ObjectFields::deserialize(json).ok()?).ok()
}

fn provider_to(provider: &ProviderConfig) -> Json {
    match &provider.key {
        None => json!([&*provider.source, provider.alias.as_deref()]),
        Some(InstanceKey::Int(index)) => json!([&*provider.source, provider.alias.as_deref(), index]),
        Some(InstanceKey::String(key)) => json!([&*provider.source, provider.alias.as_deref(), &**key]),
    }
}

fn provider_from(json: &Json) -> Option<ProviderConfig> {
    let key = match json.get(2) {
        None => None,
        Some(Json::String(key)) => Some(InstanceKey::String(key.as_str().into())),
        Some(index) => Some(InstanceKey::Int(index.as_u64()?)),
    };
    Some(ProviderConfig { source: json.get(0)?.as_str()?.into(), alias: json.get(1)?.as_str().map(Arc::from), key })
}

fn key_to(key: &Option<DeposedKey>) -> Option<&str> {
    key.as_ref().map(|key| &*key.0)
}

fn key_from(body: &Json, name: &str) -> Option<DeposedKey> {
    text(body, name).map(|key| DeposedKey(key.into()))
}

fn text<'a>(body: &'a Json, name: &str) -> Option<&'a str> {
    body.get(name)?.as_str()
}

fn id_from(body: &Json) -> Option<IntentId> {
    text(body, "id").map(|id| IntentId(id.into()))
}

fn address_from(body: &Json) -> Option<Instance> {
    parse_instance(text(body, "address")?).ok()
}
