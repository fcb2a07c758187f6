//! Which region a provider configuration acts in, and configurations for regions that none acts in.

use super::assemble::with_attribute;
use crate::config::{Module, ProviderBlock, ProviderKey};
use crate::diagnostic::{Range, SourceId};
use crate::syntax::ast::{Attribute, Body, Expression, ExpressionKind, Identifier};
use std::sync::Arc;
use windlass_api::Value;

/// The default configuration of the `aws` provider.
pub(super) fn default_provider(root: &Module) -> Option<&ProviderBlock> {
    root.providers.get(&ProviderKey { name: "aws".into(), alias: None })
}

/// A configuration with the same credentials for another region.
pub(super) fn derived(root: &Module, region: &str) -> ProviderBlock {
    let nowhere = Range { source: SourceId(0), start: 0, end: 0 };
    let empty = || ProviderBlock {
        key: ProviderKey { name: "aws".into(), alias: None },
        for_each: None,
        body: Body::empty(nowhere),
        range: nowhere,
    };
    let base = default_provider(root).cloned().unwrap_or_else(empty);
    let range = base.range;
    let value = Arc::new(Expression { kind: ExpressionKind::Literal(Value::string(region)), range });
    let attribute = Attribute { name: Identifier { name: "region".into(), range }, value, range };
    let body = with_attribute(&base, attribute);
    ProviderBlock { key: ProviderKey { name: "aws".into(), alias: Some(derived_alias(region).into()) }, for_each: None, body, range }
}

/// The alias of a derived configuration.
pub(super) fn derived_alias(region: &str) -> String {
    format!("windlass-{region}")
}
