//! `aws_iam_role_policy_attachment`: a managed policy on a role. Its id is `role/arn`. One call reads all attachments of a role.

use super::iam;
use crate::client::{Region, failure};
use crate::resource::{Draft, Fetch, Found, Known, Mapped, Next, ResourceType, Work, computed, on_create, two_parts};
use std::collections::{BTreeMap, BTreeSet};
use windlass_api::{Error, ErrorKind, Value};

/// The type.
pub(crate) struct Attachment;

#[async_trait::async_trait]
impl ResourceType for Attachment {
    fn name(&self) -> &'static str {
        "aws_iam_role_policy_attachment"
    }

    fn mapping(&self) -> Vec<Mapped> {
        computed("id").chain(on_create("policy_arn role")).collect()
    }

    async fn import(&self, _region: &Region, id: &str) -> Result<Vec<(&'static str, String)>, Error> {
        let (role, arn) = two_parts(id, '/', "ROLENAME/POLICYARN")?;
        Ok(vec![("id", id.to_owned()), ("role", role.to_owned()), ("policy_arn", arn.to_owned())])
    }

    async fn read(&self, region: &Region, objects: &[Known<'_>]) -> Vec<Result<Option<Draft>, Error>> {
        let pairs: Vec<(String, String)> = objects.iter().map(pair_of).collect();
        let roles: BTreeSet<&str> = pairs.iter().map(|(role, _)| role.as_str()).collect();
        let answers = iam::side_by_side(roles.iter().map(|role| iam::attached(region, role)).collect()).await;
        let attached: BTreeMap<&str, Result<Vec<String>, Error>> = roles.into_iter().zip(answers).collect();
        let one = |(role, arn): &(String, String)| match &attached[role.as_str()] {
            Ok(arns) if arns.contains(arn) => Ok(Some(draft(role, arn))),
            Ok(_) => Ok(None),
            Err(error) if error.kind == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error.clone()),
        };
        pairs.iter().map(one).collect()
    }

    async fn create(&self, region: &Region, work: &Work) -> Result<String, Error> {
        let (role, arn) = planned(&work.planned)?;
        let answer = region.iam.attach_role_policy().role_name(&role).policy_arn(&arn).send().await;
        answer.map(|_| format!("{role}/{arn}")).map_err(|error| failure("iam:AttachRolePolicy", error))
    }

    async fn update(&self, _region: &Region, _work: &Work, _id: &str, _step: u32) -> Result<Next, Error> {
        Ok(Next::Done)
    }

    async fn delete(&self, region: &Region, work: &Work, _id: &str, _step: u32) -> Result<Next, Error> {
        let (role, arn) = planned(&work.prior)?;
        let answer = region.iam.detach_role_policy().role_name(role).policy_arn(arn).send().await;
        answer.map(|_| Next::Done).map_err(|error| failure("iam:DetachRolePolicy", error))
    }

    /// An attachment that is there is as good as ours: attaching again changes nothing.
    async fn find(&self, region: &Region, work: &Work) -> Result<Found, Error> {
        let (role, arn) = planned(&work.planned)?;
        let attached = iam::present(iam::attached(region, &role).await)?.unwrap_or_default();
        Ok(Found::Marked(attached.into_iter().filter(|other| *other == arn).map(|arn| format!("{role}/{arn}")).collect()))
    }
}

/// Role and policy of a known object: as its attributes say, else as its id does.
fn pair_of(known: &Known<'_>) -> (String, String) {
    planned(known.object).unwrap_or_else(|_| {
        let (role, arn) = known.id.split_once('/').unwrap_or((known.id, ""));
        (role.to_owned(), arn.to_owned())
    })
}

fn planned(object: &Value) -> Result<(String, String), Error> {
    let pair = object.text("role").zip(object.text("policy_arn"));
    pair.ok_or_else(|| Error::new(ErrorKind::Internal, "role or policy_arn of an attachment is not known"))
}

fn draft(role: &str, arn: &str) -> Draft {
    let mut draft = Draft::new();
    draft.text("role", Some(role)).text("policy_arn", Some(arn));
    draft
}
