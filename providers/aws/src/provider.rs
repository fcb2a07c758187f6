//! The pure half: schemas, validation and planning. No network, no clock, no environment.

use crate::resource::{self, Mapped, Role};
use crate::schema::pack;
use crate::{client, data, types};
use std::sync::Arc;
use windlass_api::{
    Catalog, Client, Environment, Error, Mode, Operation, Path, PlanRequest, PlanResponse, Problem, Provider, Schema, Value,
};

/// The version of hashicorp/aws whose schemas these are.
const VERSION: &str = "6.47.0";

/// The ephemeral resources of hashicorp/aws: none can be opened yet.
const EPHEMERAL_TYPES: [&str; 8] = [
    "aws_cognito_identity_openid_token_for_developer_identity",
    "aws_ecr_authorization_token",
    "aws_eks_cluster_auth",
    "aws_kms_secrets",
    "aws_lambda_invocation",
    "aws_secretsmanager_random_password",
    "aws_secretsmanager_secret_version",
    "aws_ssm_parameter",
];

/// The AWS provider.
pub(crate) struct Aws;

#[async_trait::async_trait]
impl Provider for Aws {
    fn name(&self) -> &str {
        "aws"
    }

    fn source(&self) -> &str {
        "registry.terraform.io/hashicorp/aws"
    }

    fn version(&self) -> &str {
        VERSION
    }

    fn configuration_schema(&self) -> Arc<Schema> {
        pack().configuration("aws").unwrap_or_default()
    }

    fn schema(&self, mode: Mode, type_name: &str) -> Option<Arc<Schema>> {
        pack().schema(mode, type_name)
    }

    fn type_names(&self, mode: Mode) -> Vec<Arc<str>> {
        pack().type_names(mode).cloned().collect()
    }

    fn refused_types(&self, mode: Mode) -> &[&str] {
        if mode == Mode::Ephemeral { &EPHEMERAL_TYPES } else { &[] }
    }

    fn catalog(&self) -> Option<Catalog> {
        Some(crate::catalog::catalog())
    }

    fn is_implemented(&self, mode: Mode, type_name: &str) -> bool {
        match mode {
            Mode::Managed => types::resource(type_name).is_some(),
            Mode::Data => data::source(type_name).is_some(),
            Mode::Ephemeral => false,
        }
    }

    fn validate(&self, mode: Mode, type_name: &str, config: &Value) -> Vec<Problem> {
        let mut problems = Vec::new();
        match mode {
            Mode::Managed => {
                if let Some(resource) = types::resource(type_name) {
                    let mapping = resource.mapping();
                    let refused = mapping.iter().filter(|mapped| mapped.role == Role::Refused).map(|Mapped { path, .. }| path.as_str());
                    refused.for_each(|path| refuse(type_name, path, config, &mut problems));
                    resource.validate(config, &mut problems);
                }
            }
            Mode::Data => {
                if let Some(source) = data::source(type_name) {
                    source.refused().iter().for_each(|path| refuse(type_name, path, config, &mut problems));
                }
            }
            Mode::Ephemeral => {}
        }
        problems
    }

    fn plan(&self, request: &PlanRequest<'_>) -> PlanResponse {
        match (types::resource(request.type_name), pack().schema(Mode::Managed, request.type_name)) {
            (Some(resource), Some(schema)) => resource::plan(resource, &schema, request),
            (_, Some(schema)) => windlass_api::schema::default_plan(&schema, request),
            (_, None) => PlanResponse { planned: request.proposed.clone(), requires_replace: Vec::new(), problems: Vec::new() },
        }
    }

    fn typical_seconds(&self, type_name: &str, operation: Operation) -> f64 {
        types::resource(type_name).map_or(1.0, |resource| resource.typical_seconds(operation))
    }

    async fn configure(&self, config: &Value, environment: &Environment) -> Result<Arc<dyn Client>, Error> {
        Ok(Arc::new(client::configure(config, environment).await?))
    }
}

/// A problem for each place where a configuration sets what is not implemented.
fn refuse(type_name: &str, path: &str, config: &Value, problems: &mut Vec<Problem>) {
    let mut found = Vec::new();
    collect(config, path, Path::root(), &mut found);
    problems.extend(found.into_iter().map(|place| Problem {
        path: place,
        summary: "Attribute not implemented".to_owned(),
        detail: format!("Windlass does not implement \"{path}\" of {type_name} yet. Remove it to go on."),
        is_warning: false,
    }));
}

fn collect(value: &Value, path: &str, place: Path, found: &mut Vec<Path>) {
    let (name, rest) = path.split_once('.').map_or((path, None), |(name, rest)| (name, Some(rest)));
    if !resource::is_set(value, name) {
        return;
    }
    let place = place.attribute(name);
    match (rest, value.get(name)) {
        (Some(rest), Some(blocks)) => {
            for (position, block) in blocks.elements().unwrap_or_default().iter().enumerate() {
                collect(block, rest, place.index(position), found);
            }
        }
        _ => found.push(place),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use windlass_api::BlockSchema;

    /// The paths of attributes, and of blocks as a whole.
    fn paths(block: &BlockSchema, prefix: &str, attributes: &mut BTreeSet<String>, blocks: &mut BTreeSet<String>) {
        attributes.extend(block.attributes.keys().map(|name| format!("{prefix}{name}")));
        for (name, nested) in &block.blocks {
            blocks.insert(format!("{prefix}{name}"));
            paths(&nested.block, &format!("{prefix}{name}."), attributes, blocks);
        }
    }

    /// Every attribute of every implemented type is mapped, once, or among the few that are refused.
    #[test]
    fn every_attribute_is_mapped() {
        for resource in types::TYPES {
            let schema = pack().schema(Mode::Managed, resource.name()).expect("a schema");
            let (mut wanted, mut blocks) = (BTreeSet::new(), BTreeSet::new());
            paths(&schema.block, "", &mut wanted, &mut blocks);
            let mapping = resource.mapping();
            let mapped: BTreeSet<String> = mapping.iter().map(|mapped| mapped.path.clone()).collect();
            assert_eq!(mapped.len(), mapping.len(), "{}: an attribute is mapped twice", resource.name());
            let missing: Vec<_> = wanted.difference(&mapped).collect();
            let unknown: Vec<_> = mapped.difference(&wanted).filter(|path| !blocks.contains(*path)).collect();
            assert!(missing.is_empty() && unknown.is_empty(), "{}: not mapped {missing:?}, not in the schema {unknown:?}", resource.name());
            let refused = mapping.iter().filter(|mapped| mapped.role == Role::Refused).count();
            assert!(refused <= 5, "{}: {refused} attributes are refused", resource.name());
        }
    }
}
