//! Configuration for objects that an `import` block names and nothing declares: `plan -generate-config-out`.
//!
//! Two passes. In the first such a resource is an empty block, so that its provider and id are evaluated as of any other and the
//! object is read. From the objects the configuration is written; the second pass is an ordinary plan with it.

use super::PlanOptions;
use crate::address::{Instance, ModuleInstance};
use crate::config::{Config, ResourceBlock, read_module};
use crate::diagnostic::Diagnostics;
use crate::state::State;
use crate::syntax::ast::Body;
use crate::syntax::{format_generated, is_identifier, parse_file};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Arc;
use windlass_api::{Attribute, BlockSchema, NestedBlock, Nesting, Schema, Value};

const HEADER: &str = "# __generated__ by Windlass\n# Please review these resources and move them into your main configuration files.\n";

/// An object whose configuration is to be written.
#[derive(Clone, Debug)]
pub(super) struct Generated {
    pub resource: crate::address::Resource,
    pub id: Arc<str>,
    pub object: Value,
    pub schema: Arc<Schema>,
}

/// The configuration with an empty block for each resource that is to be generated.
pub(super) fn with_blanks<'c>(config: Cow<'c, Config>, state: &State, options: &PlanOptions) -> Cow<'c, Config> {
    if options.generate.is_none() || options.mode != super::PlanMode::Normal {
        return config;
    }
    let wanted = |config: &Config| -> Vec<ResourceBlock> {
        let blanks = config.root.imports.iter().filter(|import| import.is_single && import.for_each.is_none());
        let blanks = blanks.filter(|import| {
            let resource = &import.target.resource;
            let address = Instance { module: ModuleInstance::default(), resource: resource.clone(), key: None };
            // What is managed already is not imported, and what is not imported is not there to be written down.
            import.target.module.0.is_empty() && !config.root.resources.contains_key(resource) && state.current(&address).is_none()
        });
        blanks
            .map(|import| ResourceBlock {
                address: import.target.resource.clone(),
                provider: import.provider.as_ref().map(|(key, _)| key.clone()),
                provider_index: None,
                count: None,
                for_each: None,
                depends_on: Vec::new(),
                lifecycle: Default::default(),
                enabled: None,
                check: None,
                generated: Some("".into()),
                body: Body::empty(import.range),
                variants: Vec::new(),
                accepted_live: BTreeMap::new(),
                range: import.range,
            })
            .collect()
    };
    let blanks = wanted(&config);
    if blanks.is_empty() {
        return config;
    }
    let mut config = config.into_owned();
    Arc::make_mut(&mut config.root).resources.extend(blanks.into_iter().map(|block| (block.address.clone(), block)));
    Cow::Owned(config)
}

/// The configuration with the written blocks in place of the empty ones. `name` is the file's.
pub(super) fn with_written(config: &Config, objects: &[Generated], name: &str) -> (Config, Diagnostics) {
    let mut config = config.clone();
    let texts: BTreeMap<_, _> = objects
        .iter()
        .map(|generated| (generated.resource.clone(), resource_text(config_provider(&config, generated), generated)))
        .collect();
    let mut file = HEADER.to_owned();
    for text in texts.values() {
        file.push('\n');
        file.push_str(text);
    }
    let source = config.sources.add(name, file.as_str());
    let (body, mut diagnostics) = parse_file(source, &file);
    for block in &body.blocks {
        config.sources.note_block(block.range, block.title());
    }
    let (module, found) = read_module(config.root.path.clone(), &config.root.folder.clone(), body, &config.sources);
    diagnostics.extend(found);
    for (address, block) in module.resources {
        let generated = texts.get(&address).map(|text| Arc::from(text.trim_end()));
        Arc::make_mut(&mut config.root).resources.insert(address, ResourceBlock { generated, ..block });
    }
    (config, diagnostics)
}

/// The `provider` argument that the blank has, as written.
fn config_provider(config: &Config, generated: &Generated) -> Option<String> {
    config.root.resources.get(&generated.resource)?.provider.as_ref().map(ToString::to_string)
}

fn resource_text(provider: Option<String>, generated: &Generated) -> String {
    let resource = &generated.resource;
    // In quotes, since an id that holds the end of a line would end the comment.
    let mut text = format!(
        "# __generated__ by Windlass from {}\nresource {} {} {{\n",
        quote(&generated.id),
        quote(&resource.type_name),
        quote(&resource.name)
    );
    if let Some(provider) = provider {
        let _ = writeln!(text, "provider = {provider}");
    }
    body_text(&mut text, &generated.schema.block, &generated.object, true);
    text.push_str("}\n");
    format_generated(&text)
}

fn body_text(text: &mut String, schema: &BlockSchema, object: &Value, is_top: bool) {
    for (name, attribute) in &schema.attributes {
        if is_written(name, attribute, is_top) {
            let _ = writeln!(text, "{name} = {}", attribute_text(attribute, object.get(name)));
        }
    }
    for (name, block) in &schema.blocks {
        let is_only_read = block.block.attributes.values().all(|attribute| !attribute.required && !attribute.optional)
            && block.block.blocks.is_empty()
            && !block.block.attributes.is_empty();
        if name.as_ref() == "timeouts" || is_only_read || block.block.deprecated.is_some() {
            continue;
        }
        blocks_text(text, name, block, object.get(name));
    }
}

/// What a configuration may set. An optional and computed `id` is an accident of old providers; deprecated arguments have others in
/// their place.
fn is_written(name: &str, attribute: &Attribute, is_top: bool) -> bool {
    let settable = attribute.required || attribute.optional;
    settable && attribute.deprecated.is_none() && !(is_top && name == "id" && attribute.computed)
}

fn attribute_text(attribute: &Attribute, value: Option<&Value>) -> String {
    match value {
        Some(value) if attribute.sensitive || attribute.write_only || value.marks_deep().is_sensitive() => "null # sensitive".to_owned(),
        // Providers of the old kind can't tell an empty text from none.
        Some(value) if attribute.optional && value.as_str() == Some("") => "null".to_owned(),
        Some(value) => value_text(value),
        None => "null".to_owned(),
    }
}

fn blocks_text(text: &mut String, name: &str, block: &NestedBlock, value: Option<&Value>) {
    let Some(value) = value.filter(|value| !value.is_null()) else { return };
    let mut write = |label: &str, object: &Value| {
        let _ = writeln!(text, "{name} {label}{{");
        body_text(text, &block.block, object, false);
        text.push_str("}\n");
    };
    match (block.nesting, value.fields(), value.elements()) {
        (Nesting::Map, Some(fields), _) => fields.iter().for_each(|(key, object)| write(&format!("{} ", quote(key)), object)),
        (_, _, Some(elements)) => elements.iter().for_each(|object| write("", object)),
        (_, Some(_), _) => write("", value),
        _ => {}
    }
}

/// A known value as an expression.
fn value_text(value: &Value) -> String {
    if value.is_null() || !value.is_known() {
        return "null".to_owned();
    }
    if let Some(elements) = value.elements() {
        return format!("[{}]", elements.iter().map(value_text).collect::<Vec<_>>().join(", "));
    }
    if let Some(fields) = value.fields() {
        let key = |name: &Arc<str>| if is_identifier(name) { name.to_string() } else { quote(name) };
        let lines: String = fields.iter().map(|(name, value)| format!("{} = {}\n", key(name), value_text(value))).collect();
        return if lines.is_empty() { "{}".to_owned() } else { format!("{{\n{lines}}}") };
    }
    match (value.as_str(), value.as_bool(), value.as_number()) {
        (Some(text), ..) => quote(text),
        (_, Some(flag), _) => flag.to_string(),
        (_, _, Some(number)) => number.to_string(),
        _ => "null".to_owned(),
    }
}

/// A string in quotes.
fn quote(text: &str) -> String {
    hcl_edit::expr::Expression::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use windlass_api::{Marks, Type};

    #[test]
    fn what_is_written_reads_back_the_same() {
        let schema = Schema::of_attributes([
            ("id", Attribute::computed(Type::String)),
            ("text", Attribute::optional(Type::String)),
            ("tags", Attribute::optional(Type::map(Type::String))),
            ("secret", Attribute::optional(Type::String)),
            ("list", Attribute::required(Type::list(Type::Number))),
            ("empty", Attribute::optional(Type::String)),
        ]);
        let object = Value::object_of([
            ("id", Value::string("i-1")),
            ("text", Value::string("a \"quoted\" ${text}\nof two lines %{if}")),
            ("tags", Value::map(Type::String, BTreeMap::from([("a b".into(), Value::string("1")), ("Name".into(), Value::string("x"))]))),
            ("secret", Value::string("hidden").with_marks(Marks::SENSITIVE)),
            ("list", Value::list(Type::Number, vec![Value::int(1), Value::int(-2)])),
            ("empty", Value::string("")),
        ]);
        let resource = crate::address::Resource { mode: crate::address::Mode::Managed, type_name: "t".into(), name: "n".into() };
        let generated = Generated { resource, id: "i-1".into(), object, schema: Arc::new(schema) };
        let text = resource_text(None, &generated);
        for part in [
            "# __generated__ by Windlass from \"i-1\"\n",
            "secret = null # sensitive\n",
            "empty  = null\n",
            "list   = [1, -2]\n",
            "\"a b\" = \"1\"\n",
        ] {
            assert!(text.contains(part), "{part:?} is not in\n{text}");
        }
        assert!(!text.contains("hidden") && !text.contains(" id "), "{text}");
        let (body, found) = parse_file(crate::diagnostic::SourceId(0), &text);
        assert!(found.is_empty(), "{found:?}");
        let inner = &body.blocks[0].body;
        let nothing = crate::lang::NothingInScope;
        let (value, _) = crate::lang::evaluate(&inner.attribute("text").unwrap().value, &nothing);
        assert_eq!(Some(&value), generated.object.get("text"));
    }
}
