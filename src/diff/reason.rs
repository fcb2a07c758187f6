//! Why an object that nothing declares goes.

use crate::address::InstanceKey;
use crate::config::ResourceBlock;
use std::sync::Arc;

/// Why an object that nothing declares goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeleteReason {
    /// No block declares it.
    NoResourceConfig,
    /// Its module instance is there no more.
    NoModule,
    /// The block has, or lost, `count` or `for_each`.
    WrongRepetition,
    /// `enabled` of its block is false.
    Disabled,
    /// Its index is beyond `count`.
    CountIndex(u64),
    /// `for_each` lost its key.
    EachKey(Arc<str>),
}

/// Why an instance that is not among the desired ones goes. `block` is what its module declares by that name.
pub fn delete_reason(has_module: bool, block: Option<&ResourceBlock>, key: Option<&InstanceKey>) -> DeleteReason {
    let Some(block) = block else { return DeleteReason::NoResourceConfig };
    if !has_module {
        return DeleteReason::NoModule;
    }
    match key {
        Some(InstanceKey::Int(index)) if block.count.is_some() => DeleteReason::CountIndex(*index),
        Some(InstanceKey::String(key)) if block.for_each.is_some() => DeleteReason::EachKey(key.clone()),
        None if block.enabled.is_some() => DeleteReason::Disabled,
        _ => DeleteReason::WrongRepetition,
    }
}
