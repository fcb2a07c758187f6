//! Lock information as JSON, with Terraform's names.

use super::LockInfo;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
#[derive(Default)]
struct LockInfoWire {
    #[serde(rename = "ID")]
    id: String,
    operation: String,
    info: String,
    who: String,
    version: String,
    created: String,
    path: String,
}

/// The information as JSON.
pub(super) fn lock_info_to_json(info: &LockInfo) -> Vec<u8> {
    let LockInfo { id, operation, info, who, version, created, path } = info.clone();
    serde_json::to_vec(&LockInfoWire { id, operation, info, who, version, created, path }).expect("plain fields are JSON")
}

/// The reverse; `None` when it is no such JSON.
pub(super) fn lock_info_from_json(json: &[u8]) -> Option<LockInfo> {
    let LockInfoWire { id, operation, info, who, version, created, path } = serde_json::from_slice(json).ok()?;
    Some(LockInfo { id, operation, info, who, version, created, path })
}
