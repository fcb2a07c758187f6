//! `check_results` of a state file.

use crate::address::{parse_instance, parse_resource};
use crate::state::{CheckAddress, CheckObject, CheckResult, CheckResults, CheckStatus, CheckedKind};
use serde::{Deserialize, Serialize};

/// One entry.
#[derive(Serialize, Deserialize)]
pub(super) struct CheckWire {
    object_kind: KindWire,
    config_addr: String,
    status: StatusWire,
    objects: Option<Vec<ObjectWire>>,
}

#[derive(Serialize, Deserialize)]
struct ObjectWire {
    object_addr: String,
    status: StatusWire,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    failure_messages: Vec<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum KindWire {
    Resource,
    Output,
    Check,
    Var,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum StatusWire {
    Pass,
    Fail,
    Error,
    Unknown,
}

/// The entries, `None` when nothing has conditions.
pub(super) fn to_wire(results: &CheckResults) -> Option<Vec<CheckWire>> {
    let entry = |(address, result): (&CheckAddress, &CheckResult)| CheckWire {
        object_kind: match address.kind {
            CheckedKind::Resource => KindWire::Resource,
            CheckedKind::Output => KindWire::Output,
            CheckedKind::Check => KindWire::Check,
            CheckedKind::Variable => KindWire::Var,
        },
        config_addr: address.to_string(),
        status: status_to_wire(result.status),
        objects: (!result.objects.is_empty()).then(|| {
            let object = |(address, object): (&crate::address::Instance, &CheckObject)| ObjectWire {
                object_addr: address.to_string(),
                status: status_to_wire(object.status),
                failure_messages: object.messages.iter().map(ToString::to_string).collect(),
            };
            result.objects.iter().map(object).collect()
        }),
    };
    (!results.is_empty()).then(|| results.iter().map(entry).collect())
}

/// The results of entries. They are of the last run only, so one that can't be understood is left out.
pub(super) fn from_wire(entries: Option<Vec<CheckWire>>) -> CheckResults {
    let mut results = CheckResults::new();
    for entry in entries.into_iter().flatten() {
        let Ok(place) = parse_resource(&entry.config_addr) else { continue };
        let kind = match entry.object_kind {
            KindWire::Resource => CheckedKind::Resource,
            KindWire::Output => CheckedKind::Output,
            KindWire::Check => CheckedKind::Check,
            KindWire::Var => CheckedKind::Variable,
        };
        let object = |object: ObjectWire| {
            let messages = object.failure_messages.into_iter().map(Into::into).collect();
            Some((parse_instance(&object.object_addr).ok()?, CheckObject { status: status_from_wire(object.status), messages }))
        };
        let objects = entry.objects.into_iter().flatten().filter_map(object).collect();
        results.insert(CheckAddress { kind, place }, CheckResult { status: status_from_wire(entry.status), objects });
    }
    results
}

fn status_to_wire(status: CheckStatus) -> StatusWire {
    match status {
        CheckStatus::Passed => StatusWire::Pass,
        CheckStatus::Failed => StatusWire::Fail,
        CheckStatus::Errored => StatusWire::Error,
        CheckStatus::Unknown => StatusWire::Unknown,
    }
}

fn status_from_wire(status: StatusWire) -> CheckStatus {
    match status {
        StatusWire::Pass => CheckStatus::Passed,
        StatusWire::Fail => CheckStatus::Failed,
        StatusWire::Error => CheckStatus::Errored,
        StatusWire::Unknown => CheckStatus::Unknown,
    }
}
