//! Planning: what the schema says, then what all AWS types share, then the type's own rules.

use super::{Fetch, Naming, ResourceType, Tags};
use crate::client::settings;
use windlass_api::value::Refinement;
use windlass_api::{Path, PlanRequest, PlanResponse, Problem, Schema, Type, Value};

/// A plan that a type's hook refines.
pub(crate) struct Change<'a> {
    /// What was asked.
    pub(crate) request: &'a PlanRequest<'a>,
    /// The object as planned so far.
    pub(crate) planned: Value,
    /// What forces a replacement so far.
    pub(crate) requires_replace: Vec<Path>,
    /// Findings so far.
    pub(crate) problems: Vec<Problem>,
}

impl Change<'_> {
    /// Whether the object is made, not changed.
    pub(crate) fn is_creation(&self) -> bool {
        self.request.prior.is_none()
    }

    /// The live object; `None` when it is to be made.
    pub(crate) fn prior(&self) -> Option<&Value> {
        self.request.prior
    }

    /// Whether a top-level attribute of a living object changes.
    pub(crate) fn changes(&self, name: &str) -> bool {
        self.request.prior.is_some_and(|prior| prior.get(name) != self.planned.get(name))
    }

    /// Whether the configuration sets an attribute; blocks count when there is one.
    pub(crate) fn is_set(&self, name: &str) -> bool {
        is_set(self.request.config, name)
    }

    /// Plans an attribute.
    pub(crate) fn set(&mut self, name: &str, value: Value) {
        self.planned = self.planned.with_field(name, value);
    }

    /// Plans a computed attribute anew: only apply can tell.
    pub(crate) fn forget(&mut self, name: &str) {
        if let Some(value) = self.planned.get(name) {
            let unknown = Value::unknown(value.ty().clone());
            self.set(name, unknown);
        }
    }

    /// Fills in a value where neither the configuration nor the prior object has one.
    pub(crate) fn default(&mut self, name: &str, value: Value) {
        if !self.is_set(name)
            && self.planned.get(name).is_none_or(|planned| planned.is_null() || (!planned.is_known() && self.is_creation()))
        {
            self.set(name, value);
        }
    }

    /// Demands a replacement because of an attribute.
    pub(crate) fn replace(&mut self, name: &str) {
        let path = Path::of(name);
        if !self.requires_replace.contains(&path) {
            self.requires_replace.push(path);
        }
    }

    /// Takes back a replacement that the schema demands.
    pub(crate) fn keep(&mut self, name: &str) {
        let path = Path::of(name);
        self.requires_replace.retain(|other| !other.starts_with(&path));
    }

    /// Treats a difference as none: the prior value stays.
    pub(crate) fn suppress(&mut self, name: &str) {
        if let Some(before) = self.request.prior.and_then(|prior| prior.get(name)).cloned() {
            self.set(name, before);
            self.keep(name);
        }
    }

    /// Reports an error.
    pub(crate) fn refuse(&mut self, name: &str, summary: &str, detail: impl Into<String>) {
        self.problems.push(Problem { path: Path::of(name), summary: summary.to_owned(), detail: detail.into(), is_warning: false });
    }
}

/// Whether a configuration sets an attribute or has a block of the type.
pub(crate) fn is_set(config: &Value, name: &str) -> bool {
    config.get(name).is_some_and(|value| !value.is_null() && value.elements().is_none_or(|parts| !parts.is_empty()))
}

/// Plans an object of an implemented type.
pub(crate) fn plan(resource: &dyn ResourceType, schema: &Schema, request: &PlanRequest<'_>) -> PlanResponse {
    let base = windlass_api::schema::default_plan(schema, request);
    let mut change = Change { request, planned: base.planned, requires_replace: base.requires_replace, problems: base.problems };
    plan_region(&mut change);
    plan_tags(&mut change, schema);
    if resource.naming() == Naming::NameOrPrefix {
        plan_name(&mut change);
    }
    resource.plan(&mut change);
    let is_same = request.prior.is_some_and(|prior| *prior == change.planned);
    let requires_replace = if is_same { Vec::new() } else { change.requires_replace };
    PlanResponse { planned: change.planned, requires_replace, problems: change.problems }
}

/// The provider's region where the resource names none.
fn plan_region(change: &mut Change<'_>) {
    if change.planned.get("region").is_none() || change.is_set("region") {
        return;
    }
    if let Some(region) = settings::region_of(change.request.provider_config) {
        change.set("region", region);
        if change.changes("region") && change.prior().is_some_and(|prior| prior.get_str("region").is_some()) {
            change.replace("region");
        }
    }
}

/// `tags_all` is the default tags under the object's own.
fn plan_tags(change: &mut Change<'_>, schema: &Schema) {
    if !schema.block.attributes.contains_key("tags_all") {
        return;
    }
    let own = change.planned.get("tags").cloned().unwrap_or(Value::null(Type::map(Type::String)));
    let defaults = settings::default_tags_of(change.request.provider_config);
    let all = match (defaults, own.is_wholly_known()) {
        (Some(mut all), true) => {
            all.extend(change.planned.pairs("tags"));
            text_map(&all)
        }
        _ => Value::unknown(Type::map(Type::String)),
    };
    change.set("tags_all", all);
}

/// A map of strings as a value.
pub(crate) fn text_map(pairs: &Tags) -> Value {
    Value::map(Type::String, pairs.iter().map(|(key, value)| (key.as_str().into(), Value::string(value))).collect())
}

/// A name that Terraform's provider would make up, and a prefix that follows from a configured name.
fn plan_name(change: &mut Change<'_>) {
    if change.is_set("name") {
        // A configured name has no prefix; the prior prefix, if any, belonged to the prior name.
        if change.is_creation() && change.planned.get("name_prefix").is_some_and(|prefix| !prefix.is_known()) {
            change.set("name_prefix", Value::string(""));
        }
        return;
    }
    if change.is_creation() || change.requires_replace.contains(&Path::of("name_prefix")) {
        let prefix = if change.is_set("name_prefix") { change.request.config.get_str("name_prefix") } else { Some("terraform-") };
        let refinement = Refinement { not_null: true, prefix: prefix.map(Into::into), ..Refinement::default() };
        change.set("name", Value::unknown_refined(Type::String, refinement));
        if !change.is_set("name_prefix") {
            change.set("name_prefix", Value::string("terraform-"));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::provider::Aws;
    use windlass_api::schema::proposed_new;
    use windlass_api::{Mode, Path, PlanRequest, PlanResponse, Provider as _, Type, Value};

    fn tags(pairs: &[(&str, &str)]) -> Value {
        Value::map(Type::String, pairs.iter().map(|(key, value)| ((*key).into(), Value::string(value))).collect())
    }

    /// Plans with a provider in `eu-west-1` that tags everything `team = "ml"`.
    fn plan(type_name: &str, set: &[(&str, Value)], prior: Option<&Value>) -> PlanResponse {
        let schema = Aws.schema(Mode::Managed, type_name).expect("a schema");
        let empty = schema.block.attributes.iter().map(|(name, attribute)| (name.clone(), Value::null(attribute.ty.clone())));
        let blocks = schema.block.blocks.iter().map(|(name, block)| {
            let ty = block.value_type();
            let empty = ty.element().filter(|_| matches!(ty, Type::List(_))).map(|element| Value::list(element.clone(), Vec::new()));
            (name.clone(), empty.unwrap_or(Value::null(ty.clone())))
        });
        let config = Value::object(empty.chain(blocks).collect());
        let config = set.iter().fold(config, |config, (name, value)| config.with_field(name, value.clone()));
        let block = Value::object_of([("tags", tags(&[("team", "ml")]))]);
        let provider_config = Value::object_of([("region", "eu-west-1".into()), ("default_tags", Value::tuple(vec![block]))]);
        let proposed = proposed_new(&schema.block, prior, &config);
        Aws.plan(&PlanRequest { type_name, prior, config: &config, proposed: &proposed, provider_config: &provider_config })
    }

    #[test]
    fn default_tags_and_the_region_stand_in_the_plan() {
        let planned = plan("aws_vpc", &[("cidr_block", "10.0.0.0/16".into()), ("tags", tags(&[("Name", "a")]))], None).planned;
        assert_eq!(planned.get("tags_all"), Some(&tags(&[("Name", "a"), ("team", "ml")])));
        assert_eq!(planned.get_str("region"), Some("eu-west-1"));
        assert_eq!(planned.get("id").map(Value::is_known), Some(false));
    }

    #[test]
    fn a_made_up_name_begins_with_its_prefix() {
        let planned = plan("aws_security_group", &[("name_prefix", "web-".into())], None).planned;
        let name = planned.get("name").expect("a name");
        match name.data() {
            windlass_api::Data::Unknown(Some(refinement)) => assert_eq!(refinement.prefix.as_deref(), Some("web-")),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn only_new_dedicated_tenancy_replaces_a_network() {
        let cidr = ("cidr_block", Value::string("10.0.0.0/16"));
        let shared = plan("aws_vpc", std::slice::from_ref(&cidr), None).planned.with_field("id", "vpc-1".into());
        let dedicated = shared.with_field("instance_tenancy", "dedicated".into());
        let imposed = plan("aws_vpc", &[cidr.clone(), ("instance_tenancy", "dedicated".into())], Some(&shared));
        assert_eq!(imposed.requires_replace, [Path::of("instance_tenancy")]);
        let lifted = plan("aws_vpc", &[cidr, ("instance_tenancy", "default".into())], Some(&dedicated));
        assert_eq!(lifted.requires_replace, []);
    }

    #[test]
    fn a_new_version_is_known_after_apply_only_when_the_template_changes() {
        let name = ("name", Value::string("web"));
        let prior = plan("aws_launch_template", std::slice::from_ref(&name), None).planned;
        let prior =
            prior.with_field("id", "lt-1".into()).with_field("latest_version", Value::int(1)).with_field("default_version", Value::int(1));
        let same = plan("aws_launch_template", std::slice::from_ref(&name), Some(&prior)).planned;
        assert_eq!(same.get("latest_version"), Some(&Value::int(1)));
        let changed = plan("aws_launch_template", &[name, ("image_id", "ami-2".into())], Some(&prior)).planned;
        assert_eq!(changed.get("latest_version").map(Value::is_known), Some(false));
        assert_eq!(changed.get("default_version"), Some(&Value::int(1)));
    }
}
