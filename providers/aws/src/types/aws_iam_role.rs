//! `aws_iam_role`: a role, and on request its inline and attached policies as a closed set.
//!
//! `inline_policy` and `managed_policy_arns` are read only while the configuration has managed them: otherwise every
//! `aws_iam_role_policy` beside the role would look like a change of it.

use super::iam;
use crate::client::{Region, failure};
use crate::policy::keep_equivalent;
use crate::resource::{
    Change, Draft, Fetch, Found, Known, Mapped, Naming, Next, ResourceType, Work, computed, in_place, local, on_create, unique_name,
};
use aws_sdk_iam::types::Role as SdkRole;
use std::collections::BTreeMap;
use windlass_api::{Availability, Error, ErrorKind, Operation, Value};

/// The type.
pub(crate) struct Role;

#[async_trait::async_trait]
impl ResourceType for Role {
    fn name(&self) -> &'static str {
        "aws_iam_role"
    }

    fn mapping(&self) -> Vec<Mapped> {
        computed("arn create_date id unique_id")
            .chain(on_create("name name_prefix path"))
            .chain(in_place("UpdateAssumeRolePolicy", "assume_role_policy"))
            .chain(in_place("UpdateRole", "description max_session_duration"))
            .chain(in_place("PutRolePermissionsBoundary", "permissions_boundary"))
            .chain(in_place("PutRolePolicy", "inline_policy.name inline_policy.policy"))
            .chain(in_place("AttachRolePolicy", "managed_policy_arns"))
            .chain(in_place("TagRole", "tags tags_all"))
            .chain(local("force_detach_policies"))
            .collect()
    }

    fn naming(&self) -> Naming {
        Naming::NameOrPrefix
    }

    fn plan(&self, change: &mut Change<'_>) {
        iam::suppress_same_document(change, "assume_role_policy");
    }

    async fn read(&self, region: &Region, objects: &[Known<'_>]) -> Vec<Result<Option<Draft>, Error>> {
        iam::side_by_side(objects.iter().map(|known| read_one(region, known)).collect()).await
    }

    async fn probe(&self, region: &Region, work: &Work) -> Result<Availability, Error> {
        let name = unique_name(work);
        let found = iam::present(get(region, &name).await)?;
        Ok(found.map_or(Availability::Free, |_| Availability::Taken { detail: format!("IAM role \"{name}\" exists") }))
    }

    async fn create(&self, region: &Region, work: &Work) -> Result<String, Error> {
        let planned = &work.planned;
        let name = unique_name(work);
        let answer = region
            .iam
            .create_role()
            .role_name(&name)
            .set_path(planned.text("path"))
            .set_assume_role_policy_document(planned.text("assume_role_policy"))
            .set_description(planned.text("description"))
            .set_max_session_duration(planned.int("max_session_duration"))
            .set_permissions_boundary(planned.text("permissions_boundary"))
            .set_tags(Some(iam::sdk_tags(work.tags())?))
            .send()
            .await;
        answer.map(|_| name).map_err(|error| principal_may_come(failure("iam:CreateRole", error)))
    }

    async fn created(&self, region: &Region, work: &Work, id: &str, _step: u32) -> Result<Next, Error> {
        put_inline(region, id, &inline_of(&work.planned), &BTreeMap::new()).await?;
        attach(region, id, &work.planned.texts("managed_policy_arns").unwrap_or_default(), &[]).await?;
        Ok(Next::Done)
    }

    async fn update(&self, region: &Region, work: &Work, id: &str, _step: u32) -> Result<Next, Error> {
        let planned = &work.planned;
        if work.changes(&["assume_role_policy"]) {
            let call = region.iam.update_assume_role_policy().role_name(id).set_policy_document(planned.text("assume_role_policy"));
            call.send().await.map_err(|error| principal_may_come(failure("iam:UpdateAssumeRolePolicy", error)))?;
        }
        if work.changes(&["description", "max_session_duration"]) {
            let call = region.iam.update_role().role_name(id).description(planned.text("description").unwrap_or_default());
            let call = call.set_max_session_duration(planned.int("max_session_duration"));
            call.send().await.map_err(|error| failure("iam:UpdateRole", error))?;
        }
        if work.changes(&["permissions_boundary"]) {
            set_boundary(region, id, planned.text("permissions_boundary")).await?;
        }
        if work.changes(&["inline_policy"]) {
            put_inline(region, id, &inline_of(planned), &inline_of(&work.prior)).await?;
        }
        if work.changes(&["managed_policy_arns"]) {
            let of = |object: &Value| object.texts("managed_policy_arns").unwrap_or_default();
            attach(region, id, &of(planned), &of(&work.prior)).await?;
        }
        let (set, removed) = iam::tag_changes(work)?;
        if !removed.is_empty() {
            let call = region.iam.untag_role().role_name(id).set_tag_keys(Some(removed));
            call.send().await.map_err(|error| failure("iam:UntagRole", error))?;
        }
        if !set.is_empty() {
            region.iam.tag_role().role_name(id).set_tags(Some(set)).send().await.map_err(|error| failure("iam:TagRole", error))?;
        }
        Ok(Next::Done)
    }

    async fn delete(&self, region: &Region, work: &Work, id: &str, _step: u32) -> Result<Next, Error> {
        leave_profiles(region, id).await?;
        let is_forced = work.prior.flag("force_detach_policies") == Some(true);
        let (inline, arns) = match is_forced {
            true => (inline_names(region, id).await?, iam::attached(region, id).await?),
            false => (inline_of(&work.prior).into_keys().collect(), work.prior.texts("managed_policy_arns").unwrap_or_default()),
        };
        for name in inline {
            let answer = region.iam.delete_role_policy().role_name(id).policy_name(name).send().await;
            iam::present(answer.map_err(|error| failure("iam:DeleteRolePolicy", error)))?;
        }
        attach(region, id, &[], &arns).await?;
        match region.iam.delete_role().role_name(id).send().await {
            Ok(_) => Ok(Next::Done),
            Err(error) => Err(held_by(region, id, failure("iam:DeleteRole", error)).await),
        }
    }

    async fn find(&self, region: &Region, work: &Work) -> Result<Found, Error> {
        let name = unique_name(work);
        let Some(role) = iam::present(get(region, &name).await)? else { return Ok(Found::Named(None)) };
        Ok(if iam::is_marked(role.tags(), work) { Found::Marked(vec![name]) } else { Found::Named(Some(name)) })
    }

    fn typical_seconds(&self, operation: Operation) -> f64 {
        if operation == Operation::Create { 2.0 } else { 1.0 }
    }
}

/// A principal that was just made is unknown to IAM for some seconds.
fn principal_may_come(error: Error) -> Error {
    let is_principal = error.code.as_deref() == Some("MalformedPolicyDocument") && error.message.contains("Invalid principal in policy");
    Error { kind: if is_principal { ErrorKind::Conflict } else { error.kind }, ..error }
}

async fn get(region: &Region, name: &str) -> Result<SdkRole, Error> {
    let answer = region.iam.get_role().role_name(name).send().await.map_err(|error| failure("iam:GetRole", error))?;
    answer.role.ok_or_else(|| crate::client::missing("iam:GetRole", "role"))
}

async fn read_one(region: &Region, known: &Known<'_>) -> Result<Option<Draft>, Error> {
    let Some(role) = iam::present(get(region, known.id).await)? else { return Ok(None) };
    let before = known.object.get_str("assume_role_policy");
    let trust = role.assume_role_policy_document().map(|text| keep_equivalent(iam::decoded(text), before));
    let mut draft = Draft::new();
    draft.text("id", Some(role.role_name())).text("name", Some(role.role_name())).text("arn", Some(role.arn()));
    draft.text("path", Some(role.path())).text("unique_id", Some(role.role_id())).text("create_date", Some(iam::date(role.create_date())));
    draft.text("assume_role_policy", trust).text("description", role.description());
    draft.int("max_session_duration", role.max_session_duration());
    let boundary = role.permissions_boundary().and_then(|boundary| boundary.permissions_boundary_arn());
    draft.text("permissions_boundary", boundary);
    iam::draft_tags(&mut draft, role.tags());
    let inline = inline_of(known.object);
    if !inline.is_empty() {
        draft.blocks("inline_policy", read_inline(region, known.id, &inline).await?);
    }
    if known.object.texts("managed_policy_arns").is_some_and(|arns| !arns.is_empty()) {
        draft.texts("managed_policy_arns", iam::attached(region, known.id).await?);
    }
    Ok(Some(draft))
}

/// Inline policies of an object by name. A block without a name says "none at all".
fn inline_of(object: &Value) -> BTreeMap<String, String> {
    object.blocks("inline_policy").iter().filter_map(|block| Some((block.text("name")?, block.text("policy")?))).collect()
}

async fn inline_names(region: &Region, role: &str) -> Result<Vec<String>, Error> {
    let names: Result<Vec<_>, _> = region.iam.list_role_policies().role_name(role).into_paginator().items().send().collect().await;
    names.map_err(|error| failure("iam:ListRolePolicies", error))
}

async fn read_inline(region: &Region, role: &str, before: &BTreeMap<String, String>) -> Result<Vec<Draft>, Error> {
    let mut drafts = Vec::new();
    for name in inline_names(region, role).await? {
        let answer = region.iam.get_role_policy().role_name(role).policy_name(&name).send().await;
        let answer = answer.map_err(|error| failure("iam:GetRolePolicy", error))?;
        let document = keep_equivalent(iam::decoded(answer.policy_document()), before.get(&name).map(String::as_str));
        let mut draft = Draft::new();
        draft.text("name", Some(name)).text("policy", Some(document));
        drafts.push(draft);
    }
    Ok(drafts)
}

async fn put_inline(
    region: &Region,
    role: &str,
    wanted: &BTreeMap<String, String>,
    before: &BTreeMap<String, String>,
) -> Result<(), Error> {
    for (name, document) in wanted.iter().filter(|(name, document)| before.get(*name) != Some(document)) {
        let call = region.iam.put_role_policy().role_name(role).policy_name(name).policy_document(document);
        call.send().await.map_err(|error| failure("iam:PutRolePolicy", error))?;
    }
    for name in before.keys().filter(|name| !wanted.contains_key(*name)) {
        let answer = region.iam.delete_role_policy().role_name(role).policy_name(name).send().await;
        iam::present(answer.map_err(|error| failure("iam:DeleteRolePolicy", error)))?;
    }
    Ok(())
}

async fn attach(region: &Region, role: &str, wanted: &[String], before: &[String]) -> Result<(), Error> {
    for arn in wanted.iter().filter(|arn| !before.contains(arn)) {
        let call = region.iam.attach_role_policy().role_name(role).policy_arn(arn);
        call.send().await.map_err(|error| failure("iam:AttachRolePolicy", error))?;
    }
    for arn in before.iter().filter(|arn| !wanted.contains(arn)) {
        let answer = region.iam.detach_role_policy().role_name(role).policy_arn(arn).send().await;
        iam::present(answer.map_err(|error| failure("iam:DetachRolePolicy", error)))?;
    }
    Ok(())
}

async fn set_boundary(region: &Region, role: &str, arn: Option<String>) -> Result<(), Error> {
    match arn {
        Some(arn) => {
            let call = region.iam.put_role_permissions_boundary().role_name(role).permissions_boundary(arn);
            call.send().await.map(drop).map_err(|error| failure("iam:PutRolePermissionsBoundary", error))
        }
        None => {
            let answer = region.iam.delete_role_permissions_boundary().role_name(role).send().await;
            iam::present(answer.map_err(|error| failure("iam:DeleteRolePermissionsBoundary", error))).map(drop)
        }
    }
}

/// Takes the role out of every instance profile, as Terraform's provider does.
async fn leave_profiles(region: &Region, role: &str) -> Result<(), Error> {
    let pages = region.iam.list_instance_profiles_for_role().role_name(role).into_paginator().items().send();
    let profiles: Result<Vec<_>, _> = pages.collect().await;
    for profile in profiles.map_err(|error| failure("iam:ListInstanceProfilesForRole", error))? {
        let call = region.iam.remove_role_from_instance_profile().role_name(role).instance_profile_name(profile.instance_profile_name());
        iam::present(call.send().await.map_err(|error| failure("iam:RemoveRoleFromInstanceProfile", error)))?;
    }
    Ok(())
}

/// A role that still has policies of others will not become free by waiting.
async fn held_by(region: &Region, role: &str, error: Error) -> Error {
    if error.code.as_deref() != Some("DeleteConflict") {
        return error;
    }
    let mut policies = inline_names(region, role).await.unwrap_or_default();
    policies.extend(iam::attached(region, role).await.unwrap_or_default());
    if policies.is_empty() {
        return error;
    }
    let hint = format!(
        "The role still has policies that this configuration does not manage: {}. Remove them, or set force_detach_policies = true.",
        policies.join(", ")
    );
    Error { kind: ErrorKind::Invalid, ..error }.with_hint(hint)
}
