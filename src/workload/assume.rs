//! For `validate`, which asks no cloud: an assumed placement, so that the whole configuration can be checked.

use super::expand::{Context, Expansion, expand};
use super::offers::Offers;
use super::questions::{Question, Reply};
use super::scope::RootScope;
use crate::address::Instance;
use crate::config::Config;
use crate::diagnostic::Diagnostics;
use crate::lang::FileAnswer;
use crate::syntax::ast::ExpressionKind;
use std::collections::BTreeMap;
use std::sync::Arc;
use windlass_api::{Providers, Value};

/// The configuration with workloads placed where they might be; `None` after an error. Variables have their defaults; a workload
/// whose shape depends on a variable without one can't be checked and is an error.
pub fn assume(config: &Config, providers: &Providers) -> (Option<Config>, Diagnostics) {
    assume_recorded(config, providers, &BTreeMap::new(), &|_| None)
}

/// The same with values of variables, and with the placements that a state has recorded, by address.
pub fn assume_recorded(
    config: &Config,
    providers: &Providers,
    variables: &BTreeMap<Arc<str>, Value>,
    recorded: &dyn Fn(&Instance) -> Option<Value>,
) -> (Option<Config>, Diagnostics) {
    if config.root.workloads.is_empty() {
        return (Some(config.clone()), Diagnostics::none());
    }
    let offers = match Offers::of(providers) {
        Ok(offers) => offers,
        Err(found) => return (None, found),
    };
    let files = |_: &_| FileAnswer::Pending;
    let scope = RootScope::new(&config.root, variables, "default", ".", &files);
    let context = Context { scope: &scope, offers: &offers, recorded, answer: &assumed, destroying: false };
    match expand(config, &context) {
        Expansion::Done(config, _, diagnostics) => (Some(*config), diagnostics),
        Expansion::Needs(_) => (Some(config.clone()), Diagnostics::none()),
        Expansion::Failed(diagnostics) => (None, diagnostics),
    }
}

/// Every machine type is offered in two zones, and there is an image.
fn assumed(question: &Question) -> Reply {
    if question.type_name == "aws_ami" {
        return Reply::Value(Value::object_of([("id", "ami-00000000000000000".into()), ("root_device_name", "/dev/sda1".into())]));
    }
    let region = question.provider.body.attribute("region").and_then(|attribute| match &attribute.value.kind {
        ExpressionKind::Literal(value) => value.as_str().map(str::to_owned),
        _ => None,
    });
    let region = region.unwrap_or_else(|| "us-east-1".to_owned());
    let quoted = question.query.rsplit_once("values = [").and_then(|(_, rest)| rest.split_once(']')).map_or("", |(list, _)| list);
    let (mut types, mut zones) = (Vec::new(), Vec::new());
    for name in quoted.split(", ") {
        for letter in ["a", "b"] {
            types.push(Value::string(name.trim_matches('"')));
            zones.push(Value::string(format!("{region}{letter}")));
        }
    }
    Reply::Value(Value::object_of([("instance_types", Value::tuple(types)), ("locations", Value::tuple(zones))]))
}
