//! `aws_security_group`: a firewall around interfaces; with inline rules.
//!
//! As in Terraform, the rule that lets everything out, which AWS adds to a new group, is taken away unless it is configured.
//! Inline rules are compared by what they let through, so that the cloud may group them as it likes.

mod rules;

use super::ec2;
use crate::client::{Region, failure, missing};
use crate::resource::{
    Draft, Fetch, Found, Known, Mapped, Naming, Next, ResourceType, Work, computed, describe, in_place, local, on_create, unique_name,
};
use aws_sdk_ec2::types::{IpPermission, ResourceType as Tagged, SecurityGroup as Live};
use rules::Direction;
use windlass_api::{Availability, Error, ErrorKind, Value};

/// The type.
pub(crate) struct SecurityGroup;

#[async_trait::async_trait]
impl ResourceType for SecurityGroup {
    fn name(&self) -> &'static str {
        "aws_security_group"
    }

    fn mapping(&self) -> Vec<Mapped> {
        computed("arn id owner_id")
            .chain(on_create("description name name_prefix region vpc_id"))
            .chain(in_place("AuthorizeSecurityGroupIngress", "ingress"))
            .chain(in_place("AuthorizeSecurityGroupEgress", "egress"))
            .chain(in_place("CreateTags", "tags tags_all"))
            .chain(local("revoke_rules_on_delete timeouts.create timeouts.delete"))
            .collect()
    }

    fn naming(&self) -> Naming {
        Naming::NameOrPrefix
    }

    async fn read(&self, region: &Region, objects: &[Known<'_>]) -> Vec<Result<Option<Draft>, Error>> {
        let ids: Vec<&str> = objects.iter().map(|known| known.id).collect();
        let answers = groups(region, &ids).await;
        answers
            .into_iter()
            .zip(objects)
            .map(|(answer, known)| answer.map(|group| group.map(|group| draft(region, &group, known))))
            .collect()
    }

    async fn probe(&self, region: &Region, work: &Work) -> Result<Availability, Error> {
        Ok(match by_name(region, work).await? {
            Some(group) => {
                let (name, id) = (group.group_name.unwrap_or_default(), group.group_id.unwrap_or_default());
                Availability::Taken { detail: format!("security group \"{name}\" exists in the VPC already ({id})") }
            }
            None => Availability::Free,
        })
    }

    async fn create(&self, region: &Region, work: &Work) -> Result<String, Error> {
        let call = region
            .ec2
            .create_security_group()
            .group_name(unique_name(work))
            .set_description(work.planned.text("description"))
            .set_vpc_id(work.planned.text("vpc_id"))
            .set_tag_specifications(ec2::tag_specifications(Tagged::SecurityGroup, work));
        let answer = call.send().await.map_err(|error| failure("ec2:CreateSecurityGroup", error))?;
        answer.group_id.ok_or_else(|| missing("ec2:CreateSecurityGroup", "group id"))
    }

    async fn created(&self, region: &Region, work: &Work, id: &str, _step: u32) -> Result<Next, Error> {
        let group = one(region, id).await?;
        // Without "egress" in the configuration nothing may leave: rules come from other resources.
        rules::apply(region, &group, Direction::Egress, work.planned.blocks("egress")).await?;
        rules::apply(region, &group, Direction::Ingress, work.planned.blocks("ingress")).await?;
        Ok(Next::Done)
    }

    async fn update(&self, region: &Region, work: &Work, id: &str, _step: u32) -> Result<Next, Error> {
        ec2::update_tags(region, work, id).await?;
        for (name, direction) in [("egress", Direction::Egress), ("ingress", Direction::Ingress)] {
            if work.changes(&[name]) && work.planned.get(name).is_some_and(Value::is_known) {
                let group = one(region, id).await?;
                rules::apply(region, &group, direction, work.planned.blocks(name)).await?;
            }
        }
        Ok(Next::Done)
    }

    async fn delete(&self, region: &Region, work: &Work, id: &str, step: u32) -> Result<Next, Error> {
        if step == 0 && work.prior.flag("revoke_rules_on_delete") == Some(true) {
            let group = one(region, id).await?;
            rules::apply(region, &group, Direction::Egress, &[]).await?;
            rules::apply(region, &group, Direction::Ingress, &[]).await?;
            return Ok(Next::Step);
        }
        match region.ec2.delete_security_group().group_id(id).send().await.map_err(|error| failure("ec2:DeleteSecurityGroup", error)) {
            Ok(_) => Ok(Next::Done),
            Err(error) => Err(ec2::name_leftovers(region, "group-id", id, error).await),
        }
    }

    async fn find(&self, region: &Region, work: &Work) -> Result<Found, Error> {
        let answer = region.ec2.describe_security_groups().filters(ec2::hidden_tag(work)).send().await;
        let groups = answer.map_err(|error| failure("ec2:DescribeSecurityGroups", error))?.security_groups.unwrap_or_default();
        Ok(Found::Marked(groups.into_iter().filter_map(|group| group.group_id).collect()))
    }
}

async fn groups(region: &Region, ids: &[&str]) -> Vec<Result<Option<Live>, Error>> {
    describe(ids, |ids| async move {
        let answer = region.ec2.describe_security_groups().set_group_ids(Some(ids)).send().await;
        let groups = answer.map_err(|error| failure("ec2:DescribeSecurityGroups", error))?.security_groups.unwrap_or_default();
        Ok(groups.into_iter().filter_map(|group| Some((group.group_id.clone()?, group))).collect())
    })
    .await
}

async fn one(region: &Region, id: &str) -> Result<Live, Error> {
    let group = groups(region, &[id]).await.into_iter().next().unwrap_or(Ok(None))?;
    group.ok_or_else(|| ec2::gone("ec2:DescribeSecurityGroups", id))
}

async fn by_name(region: &Region, work: &Work) -> Result<Option<Live>, Error> {
    let mut call = region.ec2.describe_security_groups().filters(ec2::filter("group-name", &unique_name(work)));
    if let Some(vpc) = work.planned.text("vpc_id") {
        call = call.filters(ec2::filter("vpc-id", &vpc));
    }
    match call.send().await.map_err(|error| failure("ec2:DescribeSecurityGroups", error)) {
        Ok(answer) => Ok(answer.security_groups.unwrap_or_default().into_iter().next()),
        Err(error) if error.kind == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn draft(region: &Region, group: &Live, known: &Known<'_>) -> Draft {
    let owner = group.owner_id.as_deref().unwrap_or_default();
    let built = || region.arn("ec2", owner, &format!("security-group/{}", known.id));
    let name = group.group_name.as_deref().unwrap_or_default();
    let inline = |name: &str, live: &[IpPermission]| rules::draft(live, known.object.blocks(name), owner, known.id);
    let mut draft = Draft::new();
    draft
        .text("arn", Some(group.security_group_arn.clone().unwrap_or_else(built)))
        .text("description", group.description.as_deref())
        .set("egress", inline("egress", group.ip_permissions_egress()))
        .set("ingress", inline("ingress", group.ip_permissions()))
        .text("name", Some(name))
        .text("owner_id", Some(owner))
        .text("vpc_id", group.vpc_id.as_deref())
        .pairs("tags_all", ec2::tag_pairs(group.tags()));
    draft
}
