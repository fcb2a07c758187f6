//! `providers schema -json`, in Terraform's form.

use serde_json::{Map, Value as Json, json};
use std::collections::BTreeSet;
use std::sync::Arc;
use windlass_api::value::wire::type_to_json;
use windlass_api::{Attribute, BlockSchema, Mode, NestedBlock, Nesting, Provider, Providers, Schema};

/// The schemas of the providers with these sources.
pub fn schemas(providers: &Providers, sources: &BTreeSet<Arc<str>>) -> Json {
    let found = sources.iter().filter_map(|source| providers.by_source(source));
    let all: Map<String, Json> = found.map(|found| (found.source().to_owned(), provider(&**found))).collect();
    json!({ "format_version": "1.0", "provider_schemas": all })
}

fn provider(provider: &dyn Provider) -> Json {
    let types = |mode| -> Map<String, Json> {
        let names = provider.type_names(mode);
        names.iter().filter_map(|name| Some((name.to_string(), schema(&*provider.schema(mode, name)?)))).collect()
    };
    let mut out = Map::new();
    out.insert("provider".to_owned(), schema(&provider.configuration_schema()));
    for (name, mode) in
        [("resource_schemas", Mode::Managed), ("data_source_schemas", Mode::Data), ("ephemeral_resource_schemas", Mode::Ephemeral)]
    {
        let types = types(mode);
        if !types.is_empty() {
            out.insert(name.to_owned(), types.into());
        }
    }
    out.into()
}

fn schema(schema: &Schema) -> Json {
    json!({ "version": schema.version, "block": block(&schema.block) })
}

fn block(schema: &BlockSchema) -> Json {
    let mut out = Map::new();
    if !schema.attributes.is_empty() {
        let attributes: Map<String, Json> =
            schema.attributes.iter().map(|(name, attribute)| (name.to_string(), self::attribute(attribute))).collect();
        out.insert("attributes".to_owned(), attributes.into());
    }
    if !schema.blocks.is_empty() {
        let blocks: Map<String, Json> = schema.blocks.iter().map(|(name, nested)| (name.to_string(), self::nested(nested))).collect();
        out.insert("block_types".to_owned(), blocks.into());
    }
    out.insert("description_kind".to_owned(), "plain".into());
    if schema.deprecated.is_some() {
        out.insert("deprecated".to_owned(), true.into());
    }
    out.into()
}

fn attribute(attribute: &Attribute) -> Json {
    let mut out = Map::new();
    out.insert("type".to_owned(), type_to_json(&attribute.ty));
    if !attribute.description.is_empty() {
        out.insert("description".to_owned(), (*attribute.description).into());
    }
    out.insert("description_kind".to_owned(), "plain".into());
    let flags = [
        ("deprecated", attribute.deprecated.is_some()),
        ("required", attribute.required),
        ("optional", attribute.optional),
        ("computed", attribute.computed),
        ("sensitive", attribute.sensitive),
        ("write_only", attribute.write_only),
    ];
    out.extend(flags.into_iter().filter(|(_, is_set)| *is_set).map(|(name, _)| (name.to_owned(), true.into())));
    out.into()
}

fn nested(nested: &NestedBlock) -> Json {
    let mode = match nested.nesting {
        Nesting::Single => "single",
        Nesting::Group => "group",
        Nesting::List => "list",
        Nesting::Set => "set",
        Nesting::Map => "map",
    };
    let mut out = Map::new();
    out.insert("nesting_mode".to_owned(), mode.into());
    out.insert("block".to_owned(), block(&nested.block));
    let limits = [("min_items", nested.minimum_items), ("max_items", nested.maximum_items)];
    out.extend(limits.into_iter().filter(|(_, count)| *count > 0).map(|(name, count)| (name.to_owned(), count.into())));
    out.into()
}
