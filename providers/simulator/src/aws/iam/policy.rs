//! Customer managed policies and their versions.

use super::document::{Kind, check};
use super::page::page;
use super::{Policy, Version, already_exists, arn, checked_name, checked_path, date, delete_conflict, limit, no_such, required, tags};
use crate::aws::error::AwsError;
use crate::aws::query::{Action, Call, Reply};
use crate::aws::xml::Xml;
use crate::message::percent_encode;
use crate::world::World;

/// Quota `PolicySize`.
const CHARACTERS: usize = 6144;
/// Versions that a policy may have at once.
const VERSIONS: usize = 5;

/// Where AWS's own policies stand. Any name is accepted there: the list of more than a thousand changes every week.
const AWS_MANAGED: &str = "arn:aws:iam::aws:policy/";

pub(super) fn action(name: &str) -> Option<Action> {
    Some(match name {
        "CreatePolicy" => create,
        "GetPolicy" => get,
        "ListPolicies" => list,
        "DeletePolicy" => delete,
        "CreatePolicyVersion" => create_version,
        "GetPolicyVersion" => get_version,
        "ListPolicyVersions" => list_versions,
        "SetDefaultPolicyVersion" => set_default,
        "DeletePolicyVersion" => delete_version,
        _ => return None,
    })
}

fn missing(arn: &str) -> AwsError {
    no_such(format!("Policy {arn} does not exist or is not attachable."))
}

/// Whether a policy of that ARN can be attached.
pub(super) fn exists(world: &World, arn: &str) -> bool {
    world.iam.policies.contains_key(arn) || arn.strip_prefix(AWS_MANAGED).is_some_and(|name| !name.is_empty())
}

fn attachments(world: &World, arn: &str) -> usize {
    world.iam.roles.values().filter(|role| role.attached.iter().any(|other| other == arn)).count()
}

fn seen<'a>(world: &'a World, call: &Call) -> Result<&'a Policy, AwsError> {
    let arn = required(call.params, "PolicyArn")?;
    let policy = world.iam.policies.get(arn).filter(|policy| !world.too_fresh(policy.created_ms));
    policy.ok_or_else(|| no_such(format!("Policy {arn} was not found.")))
}

fn named<'a>(world: &'a mut World, call: &Call) -> Result<&'a mut Policy, AwsError> {
    let arn = required(call.params, "PolicyArn")?;
    world.iam.policies.get_mut(arn).ok_or_else(|| missing(arn))
}

fn check_document(document: &str) -> Result<(), AwsError> {
    check(document, Kind::Identity)?;
    if document.chars().filter(|character| !character.is_whitespace()).count() > CHARACTERS {
        return Err(limit(format!("Cannot exceed quota for PolicySize: {CHARACTERS}")));
    }
    Ok(())
}

fn create(world: &mut World, call: &Call) -> Result<Reply, AwsError> {
    let name = checked_name(call.params, "PolicyName", 128)?;
    let path = checked_path(call.params)?;
    let document = required(call.params, "PolicyDocument")?.to_owned();
    check_document(&document)?;
    let tags = tags::parse(call.params)?;
    if world.iam.policies.values().any(|policy| policy.name.eq_ignore_ascii_case(&name)) {
        return Err(already_exists(format!("A policy called {name} already exists. Duplicate names are not allowed.")));
    }
    let policy = Policy {
        id: format!("ANPA{}", world.random.base32(17)),
        created_ms: world.now_ms,
        updated_ms: world.now_ms,
        description: call.params.owned("Description"),
        tags,
        versions: vec![Version { id: "v1".to_owned(), document, created_ms: world.now_ms }],
        default_version: "v1".to_owned(),
        next_version: 2,
        name,
        path,
    };
    let reply = Reply::write(|xml| {
        xml.node("Policy", |xml| write(xml, &policy, 0, true));
    });
    world.iam.policies.insert(policy.arn(), policy);
    reply
}

fn write(xml: &mut Xml, policy: &Policy, attached: usize, whole: bool) {
    xml.text("PolicyName", &policy.name).text("PolicyId", &policy.id).text("Arn", policy.arn()).text("Path", &policy.path);
    xml.text("DefaultVersionId", &policy.default_version).text("AttachmentCount", attached);
    xml.text("PermissionsBoundaryUsageCount", 0).text("IsAttachable", true);
    if whole {
        xml.optional("Description", policy.description.as_deref());
    }
    xml.text("CreateDate", date(policy.created_ms)).text("UpdateDate", date(policy.updated_ms));
    if whole {
        tags::write(xml, &policy.tags);
    }
}

fn get(world: &mut World, call: &Call) -> Result<Reply, AwsError> {
    let wanted = required(call.params, "PolicyArn")?;
    if let Some(name) = wanted.strip_prefix(AWS_MANAGED) {
        let attached = attachments(world, wanted);
        return Reply::write(|xml| {
            xml.node("Policy", |xml| write_aws_managed(xml, name, attached));
        });
    }
    let policy = seen(world, call)?;
    let attached = attachments(world, wanted);
    Reply::write(|xml| {
        xml.node("Policy", |xml| write(xml, policy, attached, true));
    })
}

fn write_aws_managed(xml: &mut Xml, rest: &str, attached: usize) {
    let (path, name) = rest.rsplit_once('/').map_or(("/".to_owned(), rest), |(path, name)| (format!("/{path}/"), name));
    xml.text("PolicyName", name).text("PolicyId", "ANPAI000000000000AWS1").text("Arn", format!("{AWS_MANAGED}{rest}")).text("Path", path);
    xml.text("DefaultVersionId", "v1").text("AttachmentCount", attached).text("IsAttachable", true);
    xml.text("CreateDate", "2015-02-06T18:40:00Z").text("UpdateDate", "2015-02-06T18:40:00Z");
}

fn list(world: &mut World, call: &Call) -> Result<Reply, AwsError> {
    let prefix = call.params.text("PathPrefix").unwrap_or("/");
    let only_attached = call.params.flag("OnlyAttached") == Some(true);
    let is_wanted = |policy: &&Policy| policy.path.starts_with(prefix) && !world.too_fresh(policy.created_ms);
    let mut policies: Vec<(&Policy, usize)> = Vec::new();
    if call.params.text("Scope") != Some("AWS") {
        policies.extend(world.iam.policies.values().filter(is_wanted).map(|policy| (policy, attachments(world, &policy.arn()))));
        policies.retain(|(_, attached)| !only_attached || *attached > 0);
    }
    let page = page(call.params, policies)?;
    Reply::write(|xml| {
        xml.members("Policies", &page.items, |xml, (policy, attached)| write(xml, policy, *attached, false));
        page.write_end(xml);
    })
}

fn delete(world: &mut World, call: &Call) -> Result<Reply, AwsError> {
    let policy = named(world, call)?;
    let wanted = arn("policy", &policy.path, &policy.name);
    let versions = policy.versions.len();
    if attachments(world, &wanted) > 0 {
        return Err(delete_conflict("Cannot delete a policy attached to entities."));
    }
    if versions > 1 {
        return Err(delete_conflict(
            "This policy has more than one version. Before you delete a policy, you must delete the policy's versions. The default version is deleted with the policy.",
        ));
    }
    world.iam.policies.remove(&wanted);
    Reply::bare()
}

fn create_version(world: &mut World, call: &Call) -> Result<Reply, AwsError> {
    let document = required(call.params, "PolicyDocument")?.to_owned();
    let (now_ms, is_default) = (world.now_ms, call.params.flag("SetAsDefault") == Some(true));
    let policy = named(world, call)?;
    check_document(&document)?;
    if policy.versions.len() >= VERSIONS {
        return Err(limit(
            "A managed policy can have up to 5 versions. Before you create a new version, you must delete an existing version.",
        ));
    }
    let id = format!("v{}", policy.next_version);
    policy.next_version += 1;
    policy.updated_ms = now_ms;
    if is_default {
        policy.default_version.clone_from(&id);
    }
    let version = Version { id, document, created_ms: now_ms };
    policy.versions.push(version.clone());
    Reply::write(|xml| {
        xml.node("PolicyVersion", |xml| write_version(xml, &version, is_default, false));
    })
}

fn write_version(xml: &mut Xml, version: &Version, is_default: bool, whole: bool) {
    if whole {
        xml.text("Document", percent_encode(&version.document, false));
    }
    xml.text("VersionId", &version.id).text("IsDefaultVersion", is_default).text("CreateDate", date(version.created_ms));
}

fn position(policy: &Policy, id: &str) -> Result<usize, AwsError> {
    let found = policy.versions.iter().position(|version| version.id == id);
    found.ok_or_else(|| no_such(format!("Policy {} version {id} does not exist or is not attachable.", policy.arn())))
}

fn get_version(world: &mut World, call: &Call) -> Result<Reply, AwsError> {
    let policy = seen(world, call)?;
    let version = &policy.versions[position(policy, required(call.params, "VersionId")?)?];
    Reply::write(|xml| {
        xml.node("PolicyVersion", |xml| write_version(xml, version, version.id == policy.default_version, true));
    })
}

fn list_versions(world: &mut World, call: &Call) -> Result<Reply, AwsError> {
    let policy = seen(world, call)?;
    let page = page(call.params, policy.versions.iter().rev().collect())?;
    Reply::write(|xml| {
        xml.members("Versions", &page.items, |xml, version| write_version(xml, version, version.id == policy.default_version, false));
        page.write_end(xml);
    })
}

fn set_default(world: &mut World, call: &Call) -> Result<Reply, AwsError> {
    let id = required(call.params, "VersionId")?.to_owned();
    let now_ms = world.now_ms;
    let policy = named(world, call)?;
    position(policy, &id)?;
    policy.default_version = id;
    policy.updated_ms = now_ms;
    Reply::bare()
}

fn delete_version(world: &mut World, call: &Call) -> Result<Reply, AwsError> {
    let id = required(call.params, "VersionId")?;
    let policy = named(world, call)?;
    let position = position(policy, id)?;
    if policy.default_version == id {
        return Err(delete_conflict("Cannot delete the default version of a policy."));
    }
    policy.versions.remove(position);
    Reply::bare()
}
