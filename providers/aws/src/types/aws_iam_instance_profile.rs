//! `aws_iam_instance_profile`: how an instance gets a role.

use super::iam;
use crate::client::{Region, failure, missing};
use crate::resource::{Draft, Fetch, Found, Known, Mapped, Naming, Next, ResourceType, Work, computed, in_place, on_create, unique_name};
use aws_sdk_iam::types::InstanceProfile as SdkProfile;
use windlass_api::{Availability, Error, ErrorKind, Operation};

/// The type.
pub(crate) struct InstanceProfile;

#[async_trait::async_trait]
impl ResourceType for InstanceProfile {
    fn name(&self) -> &'static str {
        "aws_iam_instance_profile"
    }

    fn mapping(&self) -> Vec<Mapped> {
        computed("arn create_date id unique_id")
            .chain(on_create("name name_prefix path"))
            .chain(in_place("AddRoleToInstanceProfile", "role"))
            .chain(in_place("TagInstanceProfile", "tags tags_all"))
            .collect()
    }

    fn naming(&self) -> Naming {
        Naming::NameOrPrefix
    }

    fn typical_seconds(&self, operation: Operation) -> f64 {
        if operation == Operation::Create { 7.0 } else { 1.0 }
    }

    async fn read(&self, region: &Region, objects: &[Known<'_>]) -> Vec<Result<Option<Draft>, Error>> {
        iam::side_by_side(objects.iter().map(|known| read_one(region, known)).collect()).await
    }

    async fn probe(&self, region: &Region, work: &Work) -> Result<Availability, Error> {
        let name = unique_name(work);
        let found = iam::present(get(region, &name).await)?;
        Ok(found.map_or(Availability::Free, |_| Availability::Taken { detail: format!("IAM instance profile \"{name}\" exists") }))
    }

    async fn create(&self, region: &Region, work: &Work) -> Result<String, Error> {
        let name = unique_name(work);
        let call = region.iam.create_instance_profile().instance_profile_name(&name).set_path(work.planned.text("path"));
        let answer = call.set_tags(Some(iam::sdk_tags(work.tags())?)).send().await;
        answer.map(|_| name).map_err(|error| failure("iam:CreateInstanceProfile", error))
    }

    async fn created(&self, region: &Region, work: &Work, id: &str, _step: u32) -> Result<Next, Error> {
        set_role(region, id, work.planned.text("role")).await?;
        Ok(Next::Done)
    }

    async fn update(&self, region: &Region, work: &Work, id: &str, _step: u32) -> Result<Next, Error> {
        if work.changes(&["role"]) {
            set_role(region, id, work.planned.text("role")).await?;
        }
        let (set, removed) = iam::tag_changes(work)?;
        if !removed.is_empty() {
            let call = region.iam.untag_instance_profile().instance_profile_name(id).set_tag_keys(Some(removed));
            call.send().await.map_err(|error| failure("iam:UntagInstanceProfile", error))?;
        }
        if !set.is_empty() {
            let call = region.iam.tag_instance_profile().instance_profile_name(id).set_tags(Some(set));
            call.send().await.map_err(|error| failure("iam:TagInstanceProfile", error))?;
        }
        Ok(Next::Done)
    }

    async fn delete(&self, region: &Region, _work: &Work, id: &str, _step: u32) -> Result<Next, Error> {
        set_role(region, id, None).await?;
        let answer = region.iam.delete_instance_profile().instance_profile_name(id).send().await;
        answer.map(|_| Next::Done).map_err(|error| failure("iam:DeleteInstanceProfile", error))
    }

    async fn find(&self, region: &Region, work: &Work) -> Result<Found, Error> {
        let name = unique_name(work);
        let Some(profile) = iam::present(get(region, &name).await)? else { return Ok(Found::Named(None)) };
        Ok(if iam::is_marked(profile.tags(), work) { Found::Marked(vec![name]) } else { Found::Named(Some(name)) })
    }
}

async fn get(region: &Region, name: &str) -> Result<SdkProfile, Error> {
    let answer = region.iam.get_instance_profile().instance_profile_name(name).send().await;
    let answer = answer.map_err(|error| failure("iam:GetInstanceProfile", error))?;
    answer.instance_profile.ok_or_else(|| missing("iam:GetInstanceProfile", "instance profile"))
}

async fn read_one(region: &Region, known: &Known<'_>) -> Result<Option<Draft>, Error> {
    let Some(profile) = iam::present(get(region, known.id).await)? else { return Ok(None) };
    let mut draft = Draft::new();
    draft.text("id", Some(profile.instance_profile_name())).text("name", Some(profile.instance_profile_name()));
    draft.text("arn", Some(profile.arn())).text("path", Some(profile.path())).text("unique_id", Some(profile.instance_profile_id()));
    draft.text("create_date", Some(iam::date(profile.create_date())));
    draft.text("role", profile.roles().first().map(|role| role.role_name()));
    iam::draft_tags(&mut draft, profile.tags());
    Ok(Some(draft))
}

/// Gives the profile this role and no other; a profile has one at most.
async fn set_role(region: &Region, name: &str, wanted: Option<String>) -> Result<(), Error> {
    let profile = get(region, name).await?;
    let has = profile.roles().first().map(|role| role.role_name().to_owned());
    if has == wanted {
        return Ok(());
    }
    if let Some(role) = has {
        let call = region.iam.remove_role_from_instance_profile().instance_profile_name(name).role_name(role);
        iam::present(call.send().await.map_err(|error| failure("iam:RemoveRoleFromInstanceProfile", error)))?;
    }
    let Some(role) = wanted else { return Ok(()) };
    let answer = region.iam.add_role_to_instance_profile().instance_profile_name(name).role_name(role).send().await;
    answer.map(drop).map_err(|error| {
        let error = failure("iam:AddRoleToInstanceProfile", error);
        // A role just made is unknown here for some seconds.
        let is_fresh = error.code.as_deref() == Some("InvalidParameterValue") && error.message.contains("Invalid IAM role");
        Error { kind: if is_fresh { ErrorKind::NotFound } else { error.kind }, ..error }
    })
}
