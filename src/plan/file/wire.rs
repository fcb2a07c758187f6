//! A plan as JSON: every type of the plan, of the state and of addresses, field by field.

use crate::address::{ConfigResource, Instance, InstanceKey, Mode, ModuleInstance, ModulePath, ProviderConfig, Resource, TargetAddress};
use crate::config::InstalledModule;
use crate::diagnostic::SourceMap;
use crate::lang::{FileAnswer, FileQuestion};
use crate::plan::{
    Action, AskKey, Change, Cost, CostAtWorst, CostLine, Drift, Importing, Inputs, OutputChange, PlacementNote, Plan, PlanMode,
    ProviderPin, Reason, Step, StepOperation, Targeting, Variant,
};
use crate::state::{
    CheckAddress, CheckObject, CheckResult, CheckStatus, CheckedKind, DeposedKey, InstanceState, ObjectPrivate, ObjectState, ObjectStatus,
    OutputState, State,
};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use windlass_api::{Account, Operation, Path, Step as PathStep};

/// Why JSON is no plan.
#[derive(Debug, PartialEq, thiserror::Error)]
#[error("{0}")]
pub(super) struct WireError(pub(super) String);

pub(super) type Read<T> = Result<T, WireError>;

/// Something that JSON can hold without loss.
pub(super) trait Wire: Sized {
    fn write(&self) -> Json;
    fn read(json: &Json) -> Read<Self>;
}

/// Room for values as deep as the language admits; what the system gives is touched only as far as it is used.
const STACK_BYTES: usize = 256 << 20;

/// The plan as JSON text.
pub(super) fn to_json(plan: &Plan) -> String {
    stacker::grow(STACK_BYTES, || plan.write().to_string())
}

/// The plan that JSON text holds.
pub(super) fn from_json(text: &str) -> Read<Plan> {
    stacker::grow(STACK_BYTES, || {
        let mut deserializer = serde_json::Deserializer::from_str(text);
        deserializer.disable_recursion_limit();
        let json = Json::deserialize(&mut deserializer).map_err(|error| WireError(error.to_string()))?;
        Plan::read(&json)
    })
}

/// A field of a JSON object; one that is missing reads as null.
pub(super) fn field<T: Wire>(json: &Json, name: &str) -> Read<T> {
    T::read(json.get(name).unwrap_or(&Json::Null)).map_err(|WireError(reason)| WireError(format!("{name}: {reason}")))
}

fn wrong<T>(expected: &str) -> Read<T> {
    Err(WireError(format!("{expected} is expected")))
}

/// A struct, field by field.
macro_rules! record {
    ($type:ty { $($field:ident),+ $(,)? }) => {
        impl $crate::plan::file::wire::Wire for $type {
            fn write(&self) -> serde_json::Value {
                let mut fields = serde_json::Map::new();
                $(fields.insert(stringify!($field).to_owned(), $crate::plan::file::wire::Wire::write(&self.$field));)+
                serde_json::Value::Object(fields)
            }

            fn read(json: &serde_json::Value) -> $crate::plan::file::wire::Read<Self> {
                Ok(Self { $($field: $crate::plan::file::wire::field(json, stringify!($field))?),+ })
            }
        }
    };
}
pub(super) use record;

/// An enum: a variant without content is its name, one with content is `{"Name": [content, …]}`.
macro_rules! choice {
    ($type:ty { $($plain:ident),* $(,)? } $({ $($full:ident ( $($part:ident),+ )),+ $(,)? })?) => {
        impl Wire for $type {
            fn write(&self) -> Json {
                match self {
                    $(Self::$plain => Json::String(stringify!($plain).to_owned()),)*
                    $($(Self::$full($($part),+) => json!({ stringify!($full): [$($part.write()),+] }),)+)?
                }
            }

            fn read(json: &Json) -> Read<Self> {
                if let Some(name) = json.as_str() {
                    return match name {
                        $(stringify!($plain) => Ok(Self::$plain),)*
                        other => Err(WireError(format!("{other:?} is unknown"))),
                    };
                }
                let Some((name, parts)) = json.as_object().and_then(|fields| fields.iter().next()) else { return wrong("a choice") };
                let mut parts = parts.as_array().into_iter().flatten();
                let mut next = || parts.next().unwrap_or(&Json::Null);
                match name.as_str() {
                    $($(stringify!($full) => Ok(Self::$full($({ let $part = next(); Wire::read($part)? }),+)),)+)?
                    other => {
                        next();
                        Err(WireError(format!("{other:?} is unknown")))
                    }
                }
            }
        }
    };
}

/// A struct around one thing, or a pair.
macro_rules! wrapper {
    ($($type:ident),+) => {
        $(impl Wire for $type {
            fn write(&self) -> Json {
                self.0.write()
            }

            fn read(json: &Json) -> Read<Self> {
                Wire::read(json).map($type)
            }
        })+
    };
}

/// Numbers of the machine.
macro_rules! number {
    ($($type:ty => $read:ident),+) => {
        $(impl Wire for $type {
            fn write(&self) -> Json {
                json!(*self)
            }

            fn read(json: &Json) -> Read<Self> {
                json.$read().and_then(|number| <$type>::try_from(number).ok()).map_or_else(|| wrong("a number"), Ok)
            }
        })+
    };
}

number!(u64 => as_u64, usize => as_u64, f64 => as_f64);
wrapper!(ModulePath, ModuleInstance, DeposedKey, Path);

record!(Plan {
    mode,
    targeting,
    changes,
    steps,
    outputs,
    checks,
    drift,
    prior,
    refreshed,
    inputs,
    providers,
    cost,
    placements,
    facts,
    sandbox
});
record!(Targeting { targets, excludes });
record!(PlacementNote { workload, chosen, lost });
record!(Change {
    address,
    previous_address,
    deposed,
    provider,
    importing,
    in_check,
    action,
    reason,
    before,
    after,
    replace_paths,
    dependencies,
    create_before_destroy,
    variants,
    set_aside,
    timeouts_seconds,
});
record!(Importing { id, generated });
record!(Variant { label, after, hourly_usd });
record!(Step { change, operation, waits_for, typical_seconds });
record!(OutputChange { before, after, sensitive });
record!(Drift { address, before, after });
record!(InstalledModule { folder, package });
record!(Inputs { sources, installed, files, variables, ephemeral_variables, workspace, working_folder, timestamp });
record!(ProviderPin { config, account });
record!(Account { id, region });
record!(Cost { lines, prices_as_of, unpriced });
record!(CostLine { address, what, before_hourly_usd, after_hourly_usd, at_worst });
record!(CostAtWorst { what, hourly_usd });
record!(Resource { mode, type_name, name });
record!(ConfigResource { module, resource });
record!(Instance { module, resource, key });
record!(ProviderConfig { source, alias, key });
record!(State { serial, lineage, outputs, checks, instances });
record!(CheckAddress { kind, place });
record!(CheckResult { status, objects });
record!(CheckObject { status, messages });
record!(OutputState { value, ty, sensitive });
record!(InstanceState { provider, current, deposed });
record!(ObjectState { schema_version, attributes, sensitive, status, dependencies, create_before_destroy, private });
record!(ObjectPrivate { account, region, created_unix_seconds, foreign });

choice!(PlanMode { Normal, Destroy, RefreshOnly });
choice!(Action { NoOp, Create, Read, Update, DeleteThenCreate, CreateThenDelete, Delete, Forget });
choice!(Reason {
    Declared, Tainted, Requested, Gone, NoResourceConfig, NoModule, WrongRepetition, Disabled, DestroyRequested, Deposed, ConfigUnknown,
    DependencyPending, CheckNested, Recorded,
} { Differs(paths), CannotUpdate(paths), Triggered(names), CountIndex(index), EachKey(key), NoMoveTarget(from) });
choice!(StepOperation { SetAsideAndCreate, DeleteDeposed, ReadData, Import, Record, Forget, Join } { Provider(operation) });
choice!(Operation { Create, Update, Delete });
choice!(Mode { Managed, Data, Ephemeral });
choice!(CheckedKind { Check, Output, Resource, Variable });
choice!(CheckStatus { Passed, Unknown, Failed, Errored });
choice!(ObjectStatus { Ready, Tainted });
choice!(InstanceKey {} { Int(index), String(key) });
choice!(PathStep {} { Attribute(name), Index(key) });
choice!(AskKey {} {
    Account(provider), Object(address, deposed, instance), Import(address, id), Data(provider, type_name, query), Ephemeral(address), File(question)
});
choice!(FileQuestion {} { Content(path), Exists(path), Matching(folder, pattern), Absolute(path), Expanded(path) });
choice!(FileAnswer { Pending } { Content(bytes), Exists(exists), Paths(paths), Path(path), Failed(reason) });

/// As users write it.
impl Wire for TargetAddress {
    fn write(&self) -> Json {
        Json::String(self.to_string())
    }

    fn read(json: &Json) -> Read<TargetAddress> {
        json.as_str().unwrap_or_default().parse().map_err(WireError)
    }
}

/// Without the titles of blocks: they are noted anew when the configuration is parsed.
impl Wire for SourceMap {
    fn write(&self) -> Json {
        Json::Array(self.files().iter().map(|file| json!([&*file.name, &*file.text])).collect())
    }

    fn read(json: &Json) -> Read<SourceMap> {
        let mut sources = SourceMap::default();
        for (name, text) in Vec::<(Arc<str>, Arc<str>)>::read(json)? {
            sources.add(name, text);
        }
        Ok(sources)
    }
}

impl Wire for bool {
    fn write(&self) -> Json {
        Json::Bool(*self)
    }

    fn read(json: &Json) -> Read<bool> {
        json.as_bool().map_or_else(|| wrong("a truth value"), Ok)
    }
}

impl Wire for String {
    fn write(&self) -> Json {
        Json::String(self.clone())
    }

    fn read(json: &Json) -> Read<String> {
        json.as_str().map_or_else(|| wrong("a text"), |text| Ok(text.to_owned()))
    }
}

impl Wire for Arc<str> {
    fn write(&self) -> Json {
        Json::String(self.to_string())
    }

    fn read(json: &Json) -> Read<Arc<str>> {
        json.as_str().map_or_else(|| wrong("a text"), |text| Ok(text.into()))
    }
}

/// The bytes of a file.
impl Wire for Arc<[u8]> {
    fn write(&self) -> Json {
        Json::String(STANDARD.encode(self))
    }

    fn read(json: &Json) -> Read<Arc<[u8]>> {
        STANDARD.decode(String::read(json)?).map_or_else(|_| wrong("base64"), |bytes| Ok(bytes.into()))
    }
}

/// A digest.
impl Wire for [u8; 32] {
    fn write(&self) -> Json {
        Json::String(STANDARD.encode(self))
    }

    fn read(json: &Json) -> Read<[u8; 32]> {
        let bytes = STANDARD.decode(String::read(json)?).ok();
        bytes.and_then(|bytes| bytes.try_into().ok()).map_or_else(|| wrong("a digest"), Ok)
    }
}

impl Wire for [u64; 3] {
    fn write(&self) -> Json {
        json!(self)
    }

    fn read(json: &Json) -> Read<[u64; 3]> {
        Vec::read(json)?.try_into().or_else(|_| wrong("three numbers"))
    }
}

impl<T: Wire> Wire for Option<T> {
    fn write(&self) -> Json {
        self.as_ref().map_or(Json::Null, |inner| json!([inner.write()]))
    }

    fn read(json: &Json) -> Read<Option<T>> {
        match json.as_array().map(Vec::as_slice) {
            Some([inner]) => T::read(inner).map(Some),
            None if json.is_null() => Ok(None),
            _ => wrong("nothing or one thing"),
        }
    }
}

impl<T: Wire> Wire for Vec<T> {
    fn write(&self) -> Json {
        Json::Array(self.iter().map(T::write).collect())
    }

    fn read(json: &Json) -> Read<Vec<T>> {
        json.as_array().map_or_else(|| wrong("a list"), |items| items.iter().map(T::read).collect())
    }
}

/// A shared list, where bytes have their own form.
macro_rules! shared_list {
    ($($type:ty),+) => {
        $(impl Wire for Arc<[$type]> {
            fn write(&self) -> Json {
                Json::Array(self.iter().map(Wire::write).collect())
            }

            fn read(json: &Json) -> Read<Self> {
                Vec::read(json).map(Arc::from)
            }
        })+
    };
}

shared_list!(ConfigResource, Arc<str>, windlass_api::Value);

/// What is shared.
macro_rules! shared {
    ($($type:ty),+) => {
        $(impl Wire for Arc<$type> {
            fn write(&self) -> Json {
                (**self).write()
            }

            fn read(json: &Json) -> Read<Self> {
                Wire::read(json).map(Arc::new)
            }
        })+
    };
}

shared!(State, InstanceState);

impl<A: Wire, B: Wire> Wire for (A, B) {
    fn write(&self) -> Json {
        Json::Array(vec![self.0.write(), self.1.write()])
    }

    fn read(json: &Json) -> Read<(A, B)> {
        match json.as_array().map(Vec::as_slice) {
            Some([first, second]) => Ok((A::read(first)?, B::read(second)?)),
            _ => wrong("a pair"),
        }
    }
}

/// Keys are no texts: a list of pairs.
impl<K: Wire + Ord, V: Wire> Wire for BTreeMap<K, V> {
    fn write(&self) -> Json {
        Json::Array(self.iter().map(|(key, value)| Json::Array(vec![key.write(), value.write()])).collect())
    }

    fn read(json: &Json) -> Read<BTreeMap<K, V>> {
        Ok(Vec::<(K, V)>::read(json)?.into_iter().collect())
    }
}
