//! `aws_iam_policy`: a customer managed policy. A change of its document makes a new default version; the oldest goes when
//! there are five.

use super::iam;
use crate::client::{Region, failure, missing};
use crate::policy::keep_equivalent;
use crate::resource::{
    Change, Draft, Fetch, Found, Known, Mapped, Naming, Next, ResourceType, Work, computed, in_place, local, on_create, unique_name,
};
use aws_sdk_iam::types::{Policy as SdkPolicy, PolicyScopeType, PolicyVersion};
use windlass_api::{Availability, Error};

/// Versions that a policy may have at once.
const VERSIONS: usize = 5;

/// The type.
pub(crate) struct Policy;

#[async_trait::async_trait]
impl ResourceType for Policy {
    fn name(&self) -> &'static str {
        "aws_iam_policy"
    }

    fn mapping(&self) -> Vec<Mapped> {
        computed("arn attachment_count id policy_id")
            .chain(on_create("description name name_prefix path"))
            .chain(in_place("CreatePolicyVersion", "policy"))
            .chain(in_place("TagPolicy", "tags tags_all"))
            .chain(local("delay_after_policy_creation_in_ms"))
            .collect()
    }

    fn naming(&self) -> Naming {
        Naming::NameOrPrefix
    }

    fn plan(&self, change: &mut Change<'_>) {
        iam::suppress_same_document(change, "policy");
    }

    async fn read(&self, region: &Region, objects: &[Known<'_>]) -> Vec<Result<Option<Draft>, Error>> {
        iam::side_by_side(objects.iter().map(|known| read_one(region, known)).collect()).await
    }

    async fn probe(&self, region: &Region, work: &Work) -> Result<Availability, Error> {
        let name = unique_name(work);
        let found = by_name(region, &name).await?;
        Ok(found.map_or(Availability::Free, |_| Availability::Taken { detail: format!("IAM policy \"{name}\" exists") }))
    }

    async fn create(&self, region: &Region, work: &Work) -> Result<String, Error> {
        let planned = &work.planned;
        let answer = region
            .iam
            .create_policy()
            .policy_name(unique_name(work))
            .set_path(planned.text("path"))
            .set_description(planned.text("description"))
            .set_policy_document(planned.text("policy"))
            .set_tags(Some(iam::sdk_tags(work.tags())?))
            .send()
            .await
            .map_err(|error| failure("iam:CreatePolicy", error))?;
        answer.policy.and_then(|policy| policy.arn).ok_or_else(|| missing("iam:CreatePolicy", "policy ARN"))
    }

    async fn update(&self, region: &Region, work: &Work, id: &str, _step: u32) -> Result<Next, Error> {
        if work.changes(&["policy"]) {
            prune(region, id).await?;
            let call =
                region.iam.create_policy_version().policy_arn(id).set_policy_document(work.planned.text("policy")).set_as_default(true);
            call.send().await.map_err(|error| failure("iam:CreatePolicyVersion", error))?;
        }
        let (set, removed) = iam::tag_changes(work)?;
        if !removed.is_empty() {
            let call = region.iam.untag_policy().policy_arn(id).set_tag_keys(Some(removed));
            call.send().await.map_err(|error| failure("iam:UntagPolicy", error))?;
        }
        if !set.is_empty() {
            region.iam.tag_policy().policy_arn(id).set_tags(Some(set)).send().await.map_err(|error| failure("iam:TagPolicy", error))?;
        }
        Ok(Next::Done)
    }

    async fn delete(&self, region: &Region, _work: &Work, id: &str, _step: u32) -> Result<Next, Error> {
        for version in versions(region, id).await?.iter().filter(|version| !version.is_default_version()) {
            delete_version(region, id, version).await?;
        }
        let answer = region.iam.delete_policy().policy_arn(id).send().await;
        answer.map(|_| Next::Done).map_err(|error| failure("iam:DeletePolicy", error))
    }

    async fn find(&self, region: &Region, work: &Work) -> Result<Found, Error> {
        let Some(arn) = by_name(region, &unique_name(work)).await? else { return Ok(Found::Named(None)) };
        let policy = get(region, &arn).await?;
        Ok(if iam::is_marked(policy.tags(), work) { Found::Marked(vec![arn]) } else { Found::Named(Some(arn)) })
    }
}

async fn get(region: &Region, arn: &str) -> Result<SdkPolicy, Error> {
    let answer = region.iam.get_policy().policy_arn(arn).send().await.map_err(|error| failure("iam:GetPolicy", error))?;
    answer.policy.ok_or_else(|| missing("iam:GetPolicy", "policy"))
}

/// The ARN of the account's own policy of a name. Names are unique over all paths.
async fn by_name(region: &Region, name: &str) -> Result<Option<String>, Error> {
    let mut pages = region.iam.list_policies().scope(PolicyScopeType::Local).into_paginator().page_size(1000).items().send();
    while let Some(policy) = pages.next().await {
        let policy = policy.map_err(|error| failure("iam:ListPolicies", error))?;
        if policy.policy_name() == Some(name) {
            return Ok(policy.arn);
        }
    }
    Ok(None)
}

async fn read_one(region: &Region, known: &Known<'_>) -> Result<Option<Draft>, Error> {
    let Some(policy) = iam::present(get(region, known.id).await)? else { return Ok(None) };
    let version = region.iam.get_policy_version().policy_arn(known.id).set_version_id(policy.default_version_id.clone()).send().await;
    let version = version.map_err(|error| failure("iam:GetPolicyVersion", error))?.policy_version;
    let document = version.and_then(|version| version.document);
    let before = known.object.get_str("policy");
    let mut draft = Draft::new();
    draft.text("id", policy.arn()).text("arn", policy.arn()).text("name", policy.policy_name()).text("path", policy.path());
    draft
        .text("policy_id", policy.policy_id())
        .text("description", policy.description())
        .int("attachment_count", policy.attachment_count());
    draft.text("policy", document.map(|text| keep_equivalent(iam::decoded(&text), before)));
    iam::draft_tags(&mut draft, policy.tags());
    Ok(Some(draft))
}

async fn versions(region: &Region, arn: &str) -> Result<Vec<PolicyVersion>, Error> {
    let versions: Result<Vec<_>, _> = region.iam.list_policy_versions().policy_arn(arn).into_paginator().items().send().collect().await;
    versions.map_err(|error| failure("iam:ListPolicyVersions", error))
}

async fn delete_version(region: &Region, arn: &str, version: &PolicyVersion) -> Result<(), Error> {
    let call = region.iam.delete_policy_version().policy_arn(arn).set_version_id(version.version_id.clone());
    iam::present(call.send().await.map_err(|error| failure("iam:DeletePolicyVersion", error))).map(drop)
}

/// Makes room for a version: the oldest that is not the default goes.
async fn prune(region: &Region, arn: &str) -> Result<(), Error> {
    let mut all = versions(region, arn).await?;
    if all.len() < VERSIONS {
        return Ok(());
    }
    all.retain(|version| !version.is_default_version());
    let number =
        |version: &PolicyVersion| version.version_id().and_then(|id| id.strip_prefix('v')?.parse::<u64>().ok()).unwrap_or_default();
    match all.iter().min_by_key(|version| number(version)) {
        Some(oldest) => delete_version(region, arn, oldest).await,
        None => Ok(()),
    }
}
