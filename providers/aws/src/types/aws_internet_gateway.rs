//! `aws_internet_gateway`: a VPC's way to the internet.

use super::ec2;
use crate::client::{Region, failure, missing};
use crate::resource::{Draft, Fetch, Found, Known, Mapped, Next, ResourceType, Work, computed, describe, in_place, local, on_create};
use aws_sdk_ec2::types::ResourceType as Tagged;
use windlass_api::{Error, ErrorKind};

/// The type.
pub(crate) struct InternetGateway;

#[async_trait::async_trait]
impl ResourceType for InternetGateway {
    fn name(&self) -> &'static str {
        "aws_internet_gateway"
    }

    fn mapping(&self) -> Vec<Mapped> {
        computed("arn id owner_id")
            .chain(on_create("region"))
            .chain(in_place("AttachInternetGateway", "vpc_id"))
            .chain(in_place("CreateTags", "tags tags_all"))
            .chain(local("timeouts.create timeouts.update timeouts.delete"))
            .collect()
    }

    async fn read(&self, region: &Region, objects: &[Known<'_>]) -> Vec<Result<Option<Draft>, Error>> {
        let ids: Vec<&str> = objects.iter().map(|known| known.id).collect();
        let answers = describe(&ids, |ids| async move {
            let answer = region.ec2.describe_internet_gateways().set_internet_gateway_ids(Some(ids)).send().await;
            let gateways = answer.map_err(|error| failure("ec2:DescribeInternetGateways", error))?.internet_gateways.unwrap_or_default();
            Ok(gateways.into_iter().filter_map(|gateway| Some((gateway.internet_gateway_id.clone()?, gateway))).collect())
        })
        .await;
        answers.into_iter().map(|answer| answer.map(|gateway| gateway.map(|gateway| draft(region, &gateway)))).collect()
    }

    async fn create(&self, region: &Region, work: &Work) -> Result<String, Error> {
        let call = region.ec2.create_internet_gateway().set_tag_specifications(ec2::tag_specifications(Tagged::InternetGateway, work));
        let answer = call.send().await.map_err(|error| failure("ec2:CreateInternetGateway", error))?;
        let id = answer.internet_gateway.and_then(|gateway| gateway.internet_gateway_id);
        id.ok_or_else(|| missing("ec2:CreateInternetGateway", "internet gateway id"))
    }

    async fn created(&self, region: &Region, work: &Work, id: &str, step: u32) -> Result<Next, Error> {
        let Some(vpc) = work.planned.text("vpc_id") else { return Ok(Next::Done) };
        if step == 0 { attach(region, id, &vpc).await } else { attached(region, id).await }
    }

    async fn update(&self, region: &Region, work: &Work, id: &str, step: u32) -> Result<Next, Error> {
        if step == 0 {
            ec2::update_tags(region, work, id).await?;
            return Ok(if work.changes(&["vpc_id"]) { Next::Step } else { Next::Done });
        }
        match (step, work.prior.text("vpc_id"), work.planned.text("vpc_id")) {
            (1, Some(vpc), _) => detach(region, id, &vpc).await,
            (2, _, Some(vpc)) => attach(region, id, &vpc).await,
            (3, _, Some(_)) => attached(region, id).await,
            (3.., _, _) => Ok(Next::Done),
            _ => Ok(Next::Step),
        }
    }

    async fn delete(&self, region: &Region, work: &Work, id: &str, step: u32) -> Result<Next, Error> {
        if let (0, Some(vpc)) = (step, work.prior.text("vpc_id")) {
            return detach(region, id, &vpc).await;
        }
        let call = region.ec2.delete_internet_gateway().internet_gateway_id(id);
        call.send().await.map_err(|error| failure("ec2:DeleteInternetGateway", error))?;
        Ok(Next::Done)
    }

    async fn find(&self, region: &Region, work: &Work) -> Result<Found, Error> {
        let answer = region.ec2.describe_internet_gateways().filters(ec2::hidden_tag(work)).send().await;
        let gateways = answer.map_err(|error| failure("ec2:DescribeInternetGateways", error))?.internet_gateways.unwrap_or_default();
        Ok(Found::Marked(gateways.into_iter().filter_map(|gateway| gateway.internet_gateway_id).collect()))
    }
}

async fn attach(region: &Region, id: &str, vpc: &str) -> Result<Next, Error> {
    let call = region.ec2.attach_internet_gateway().internet_gateway_id(id).vpc_id(vpc);
    match call.send().await.map_err(|error| failure("ec2:AttachInternetGateway", error)) {
        Err(error) if error.code.as_deref() != Some("Resource.AlreadyAssociated") => Err(error),
        _ => Ok(Next::Step),
    }
}

/// Detaches; a gateway that is not attached any more is as wanted.
async fn detach(region: &Region, id: &str, vpc: &str) -> Result<Next, Error> {
    let call = region.ec2.detach_internet_gateway().internet_gateway_id(id).vpc_id(vpc);
    match call.send().await.map_err(|error| failure("ec2:DetachInternetGateway", error)) {
        Err(error) if error.code.as_deref() == Some("Gateway.NotAttached") => Ok(Next::Step),
        // Public addresses in the VPC go only when what bears them goes.
        Err(error) if error.kind == ErrorKind::Conflict => Ok(Next::wait(format!("waiting for what uses it: {}", error.message))),
        Err(error) => Err(error),
        Ok(_) => Ok(Next::Step),
    }
}

async fn attached(region: &Region, id: &str) -> Result<Next, Error> {
    let answer = region.ec2.describe_internet_gateways().internet_gateway_ids(id).send().await;
    let gateways = answer.map_err(|error| failure("ec2:DescribeInternetGateways", error))?.internet_gateways.unwrap_or_default();
    let gateway = gateways.into_iter().next().ok_or_else(|| ec2::gone("ec2:DescribeInternetGateways", id))?;
    let attachment = gateway.attachments.unwrap_or_default().into_iter().next();
    let state = attachment.and_then(|attachment| attachment.state).map_or_else(String::new, |state| state.as_str().to_owned());
    // Internet gateways say "available" where the model has "attached".
    Ok(if matches!(state.as_str(), "available" | "attached") { Next::Done } else { Next::wait("attaching") })
}

fn draft(region: &Region, gateway: &aws_sdk_ec2::types::InternetGateway) -> Draft {
    let owner = gateway.owner_id.as_deref().unwrap_or_default();
    let id = gateway.internet_gateway_id.as_deref().unwrap_or_default();
    let vpc = gateway.attachments().first().and_then(|attachment| attachment.vpc_id.as_deref());
    let mut draft = Draft::new();
    draft
        .text("arn", Some(region.arn("ec2", owner, &format!("internet-gateway/{id}"))))
        .text("owner_id", Some(owner))
        .text("vpc_id", Some(vpc.unwrap_or_default()))
        .pairs("tags_all", ec2::tag_pairs(gateway.tags()));
    draft
}
