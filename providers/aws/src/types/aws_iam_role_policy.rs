//! `aws_iam_role_policy`: one inline policy of a role. Its id is `role:name`.

use super::iam;
use crate::client::{Region, failure};
use crate::policy::keep_equivalent;
use crate::resource::{
    Change, Draft, Fetch, Found, Known, Mapped, Naming, Next, ResourceType, Work, computed, in_place, on_create, two_parts, unique_name,
};
use windlass_api::{Availability, Error, ErrorKind};

/// The type.
pub(crate) struct RolePolicy;

#[async_trait::async_trait]
impl ResourceType for RolePolicy {
    fn name(&self) -> &'static str {
        "aws_iam_role_policy"
    }

    fn mapping(&self) -> Vec<Mapped> {
        computed("id").chain(on_create("name name_prefix role")).chain(in_place("PutRolePolicy", "policy")).collect()
    }

    fn naming(&self) -> Naming {
        Naming::NameOrPrefix
    }

    fn plan(&self, change: &mut Change<'_>) {
        iam::suppress_same_document(change, "policy");
    }

    async fn import(&self, _region: &Region, id: &str) -> Result<Vec<(&'static str, String)>, Error> {
        let (role, name) = two_parts(id, ':', "ROLENAME:POLICYNAME")?;
        Ok(vec![("id", id.to_owned()), ("role", role.to_owned()), ("name", name.to_owned())])
    }

    async fn read(&self, region: &Region, objects: &[Known<'_>]) -> Vec<Result<Option<Draft>, Error>> {
        iam::side_by_side(objects.iter().map(|known| read_one(region, known)).collect()).await
    }

    async fn probe(&self, region: &Region, work: &Work) -> Result<Availability, Error> {
        let (role, name) = (role_of(work)?, unique_name(work));
        let found = document(region, &role, &name).await?;
        Ok(found
            .map_or(Availability::Free, |_| Availability::Taken { detail: format!("IAM role \"{role}\" has an inline policy \"{name}\"") }))
    }

    async fn create(&self, region: &Region, work: &Work) -> Result<String, Error> {
        let (role, name) = (role_of(work)?, unique_name(work));
        put(region, &role, &name, work).await?;
        Ok(format!("{role}:{name}"))
    }

    async fn update(&self, region: &Region, work: &Work, id: &str, _step: u32) -> Result<Next, Error> {
        let (role, name) = parts(id)?;
        put(region, role, name, work).await?;
        Ok(Next::Done)
    }

    async fn delete(&self, region: &Region, _work: &Work, id: &str, _step: u32) -> Result<Next, Error> {
        let (role, name) = parts(id)?;
        let answer = region.iam.delete_role_policy().role_name(role).policy_name(name).send().await;
        answer.map(|_| Next::Done).map_err(|error| failure("iam:DeleteRolePolicy", error))
    }

    async fn find(&self, region: &Region, work: &Work) -> Result<Found, Error> {
        let (role, name) = (role_of(work)?, unique_name(work));
        Ok(Found::Named(document(region, &role, &name).await?.map(|_| format!("{role}:{name}"))))
    }
}

fn role_of(work: &Work) -> Result<String, Error> {
    work.planned.text("role").ok_or_else(|| Error::new(ErrorKind::Internal, "the role of an inline policy is not known"))
}

/// Role and name of an id. Neither holds a colon.
fn parts(id: &str) -> Result<(&str, &str), Error> {
    id.split_once(':').ok_or_else(|| Error::new(ErrorKind::Invalid, format!("\"{id}\" is no id of an inline policy: it is role:name")))
}

async fn put(region: &Region, role: &str, name: &str, work: &Work) -> Result<(), Error> {
    let call = region.iam.put_role_policy().role_name(role).policy_name(name).set_policy_document(work.planned.text("policy"));
    call.send().await.map(drop).map_err(|error| failure("iam:PutRolePolicy", error))
}

async fn document(region: &Region, role: &str, name: &str) -> Result<Option<String>, Error> {
    let answer = region.iam.get_role_policy().role_name(role).policy_name(name).send().await;
    let answer = iam::present(answer.map_err(|error| failure("iam:GetRolePolicy", error)))?;
    Ok(answer.map(|answer| iam::decoded(answer.policy_document())))
}

async fn read_one(region: &Region, known: &Known<'_>) -> Result<Option<Draft>, Error> {
    let (role, name) = parts(known.id)?;
    let Some(document) = document(region, role, name).await? else { return Ok(None) };
    let mut draft = Draft::new();
    draft.text("role", Some(role)).text("name", Some(name));
    draft.text("policy", Some(keep_equivalent(document, known.object.get_str("policy"))));
    Ok(Some(draft))
}
