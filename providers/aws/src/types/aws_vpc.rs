//! `aws_vpc`: a virtual private cloud.
//!
//! Its DNS switches are attributes of their own, one call each; its main route table, default security group and default
//! network ACL are found by look-ups, one for all objects of a read.

use super::ec2;
use crate::client::{Region, failure, missing};
use crate::resource::{Change, Draft, Fetch, Found, Known, Mapped, Next, ResourceType, Work, computed, describe, in_place, on_create};
use aws_sdk_ec2::types::{AttributeBooleanValue, Filter, ResourceType as Tagged, Tenancy, VpcIpv6CidrBlockAssociation, VpcTenancy};
use std::collections::HashMap;
use windlass_api::{Error, ErrorKind, Operation, Value};

/// The type.
pub(crate) struct Vpc;

/// How long a new VPC may show no sign of its IPv6 range; AWS takes a few seconds.
const IPV6_SECONDS: u64 = 60;

#[async_trait::async_trait]
impl ResourceType for Vpc {
    fn name(&self) -> &'static str {
        "aws_vpc"
    }

    fn mapping(&self) -> Vec<Mapped> {
        let read = computed(
            "arn default_network_acl_id default_route_table_id default_security_group_id dhcp_options_id id ipv6_association_id \
             main_route_table_id owner_id",
        );
        read.chain(on_create("cidr_block ipv4_ipam_pool_id ipv4_netmask_length region"))
            .chain(in_place("ModifyVpcAttribute", "enable_dns_hostnames enable_dns_support enable_network_address_usage_metrics"))
            .chain(in_place("ModifyVpcTenancy", "instance_tenancy"))
            .chain(in_place(
                "AssociateVpcCidrBlock",
                "assign_generated_ipv6_cidr_block ipv6_cidr_block ipv6_cidr_block_network_border_group ipv6_ipam_pool_id ipv6_netmask_length",
            ))
            .chain(in_place("CreateTags", "tags tags_all"))
            .collect()
    }

    fn typical_seconds(&self, operation: Operation) -> f64 {
        if operation == Operation::Delete { 1.0 } else { 12.0 }
    }

    fn plan(&self, change: &mut Change<'_>) {
        // AWS can only lift dedicated tenancy of a living VPC, not impose it.
        if change.changes("instance_tenancy") && change.planned.get_str("instance_tenancy") != Some("default") {
            change.replace("instance_tenancy");
        }
        if ["assign_generated_ipv6_cidr_block", "ipv6_cidr_block", "ipv6_ipam_pool_id", "ipv6_netmask_length"]
            .iter()
            .any(|name| change.changes(name))
        {
            change.forget("ipv6_association_id");
            if !change.is_set("ipv6_cidr_block") {
                change.forget("ipv6_cidr_block");
            }
        }
    }

    async fn read(&self, region: &Region, objects: &[Known<'_>]) -> Vec<Result<Option<Draft>, Error>> {
        let ids: Vec<&str> = objects.iter().map(|known| known.id).collect();
        let answers = describe(&ids, |ids| async move {
            let answer =
                region.ec2.describe_vpcs().set_vpc_ids(Some(ids)).send().await.map_err(|error| failure("ec2:DescribeVpcs", error))?;
            Ok(answer.vpcs.unwrap_or_default().into_iter().filter_map(|vpc| Some((vpc.vpc_id.clone()?, vpc))).collect())
        })
        .await;
        let parts = match Parts::of(region, &ids).await {
            Ok(parts) => parts,
            Err(error) => return objects.iter().map(|_| Err(error.clone())).collect(),
        };
        let mut drafts = Vec::with_capacity(objects.len());
        for (known, answer) in objects.iter().zip(answers) {
            drafts.push(match answer {
                Ok(Some(vpc)) => draft(region, &vpc, &parts, known).await.map(Some),
                Ok(None) => Ok(None),
                Err(error) => Err(error),
            });
        }
        drafts
    }

    async fn create(&self, region: &Region, work: &Work) -> Result<String, Error> {
        let planned = &work.planned;
        let answer = region
            .ec2
            .create_vpc()
            .set_cidr_block(planned.text("cidr_block"))
            .set_instance_tenancy(planned.text("instance_tenancy").map(|text| Tenancy::from(text.as_str())))
            .set_ipv4_ipam_pool_id(planned.text("ipv4_ipam_pool_id"))
            .set_ipv4_netmask_length(planned.int("ipv4_netmask_length"))
            .set_amazon_provided_ipv6_cidr_block(planned.flag("assign_generated_ipv6_cidr_block").filter(|wanted| *wanted))
            .set_ipv6_cidr_block(planned.text("ipv6_cidr_block"))
            .set_ipv6_cidr_block_network_border_group(planned.text("ipv6_cidr_block_network_border_group"))
            .set_ipv6_ipam_pool_id(planned.text("ipv6_ipam_pool_id"))
            .set_ipv6_netmask_length(planned.int("ipv6_netmask_length"))
            .set_tag_specifications(ec2::tag_specifications(Tagged::Vpc, work))
            .send()
            .await
            .map_err(|error| failure("ec2:CreateVpc", error))?;
        answer.vpc.and_then(|vpc| vpc.vpc_id).ok_or_else(|| missing("ec2:CreateVpc", "VPC id"))
    }

    async fn created(&self, region: &Region, work: &Work, id: &str, step: u32) -> Result<Next, Error> {
        match step {
            0 => {
                let vpc = one(region, id).await?;
                let is_ready = vpc.state.as_ref().is_some_and(|state| state.as_str() == "available");
                let sets = vpc.ipv6_cidr_block_association_set.unwrap_or_default();
                let lacks_ipv6 = ipv6_is_wanted(&work.planned) && !sets.iter().any(|set| state_of(set) == "associated");
                if lacks_ipv6 && sets.is_empty() && work.progress.waited_seconds() > IPV6_SECONDS {
                    let message = format!("{id} has been given no IPv6 range after {IPV6_SECONDS} seconds");
                    return Err(Error::new(ErrorKind::Transient, message));
                }
                if !is_ready || lacks_ipv6 {
                    return Ok(Next::wait("pending"));
                }
                Ok(Next::Step)
            }
            _ => {
                // A new VPC has DNS support on and the other two off.
                let differs = |name: &str, usual: bool| work.planned.flag(name).filter(|wanted| *wanted != usual);
                modify(region, id, "enable_dns_support", differs("enable_dns_support", true)).await?;
                modify(region, id, "enable_dns_hostnames", differs("enable_dns_hostnames", false)).await?;
                let metrics = differs("enable_network_address_usage_metrics", false);
                modify(region, id, "enable_network_address_usage_metrics", metrics).await?;
                Ok(Next::Done)
            }
        }
    }

    async fn update(&self, region: &Region, work: &Work, id: &str, step: u32) -> Result<Next, Error> {
        const SWITCHES: [&str; 3] = ["enable_dns_support", "enable_dns_hostnames", "enable_network_address_usage_metrics"];
        match step {
            0 => {
                for name in SWITCHES.into_iter().filter(|name| work.changes(&[name])) {
                    modify(region, id, name, work.planned.flag(name)).await?;
                }
                if work.changes(&["instance_tenancy"]) {
                    let call = region.ec2.modify_vpc_tenancy().vpc_id(id).instance_tenancy(VpcTenancy::Default);
                    call.send().await.map_err(|error| failure("ec2:ModifyVpcTenancy", error))?;
                }
                ec2::update_tags(region, work, id).await?;
                let names = ["assign_generated_ipv6_cidr_block", "ipv6_cidr_block", "ipv6_ipam_pool_id", "ipv6_netmask_length"];
                Ok(if work.changes(&names) { Next::Step } else { Next::Done })
            }
            1 => dissociate_ipv6(region, id).await,
            2 if ipv6_is_wanted(&work.planned) => associate_ipv6(region, work, id).await,
            3 => {
                let sets = one(region, id).await?.ipv6_cidr_block_association_set.unwrap_or_default();
                let is_ready = sets.iter().any(|set| state_of(set) == "associated");
                Ok(if is_ready { Next::Done } else { Next::wait("associating") })
            }
            _ => Ok(Next::Done),
        }
    }

    async fn delete(&self, region: &Region, _work: &Work, id: &str, _step: u32) -> Result<Next, Error> {
        region.ec2.delete_vpc().vpc_id(id).send().await.map_err(|error| failure("ec2:DeleteVpc", error))?;
        Ok(Next::Done)
    }

    async fn find(&self, region: &Region, work: &Work) -> Result<Found, Error> {
        let answer = region.ec2.describe_vpcs().filters(ec2::hidden_tag(work)).send().await;
        let vpcs = answer.map_err(|error| failure("ec2:DescribeVpcs", error))?.vpcs.unwrap_or_default();
        Ok(Found::Marked(vpcs.into_iter().filter_map(|vpc| vpc.vpc_id).collect()))
    }
}

fn ipv6_is_wanted(planned: &Value) -> bool {
    planned.flag("assign_generated_ipv6_cidr_block") == Some(true) || planned.text("ipv6_ipam_pool_id").is_some()
}

fn state_of(set: &VpcIpv6CidrBlockAssociation) -> &str {
    set.ipv6_cidr_block_state.as_ref().and_then(|state| state.state.as_ref()).map_or("", |state| state.as_str())
}

async fn one(region: &Region, id: &str) -> Result<aws_sdk_ec2::types::Vpc, Error> {
    let answer = region.ec2.describe_vpcs().vpc_ids(id).send().await.map_err(|error| failure("ec2:DescribeVpcs", error))?;
    answer.vpcs.unwrap_or_default().into_iter().next().ok_or_else(|| ec2::gone("ec2:DescribeVpcs", id))
}

/// `ModifyVpcAttribute` takes one attribute a call.
async fn modify(region: &Region, id: &str, name: &str, wanted: Option<bool>) -> Result<(), Error> {
    let Some(wanted) = wanted else { return Ok(()) };
    let value = AttributeBooleanValue::builder().value(wanted).build();
    let call = region.ec2.modify_vpc_attribute().vpc_id(id);
    let call = match name {
        "enable_dns_support" => call.enable_dns_support(value),
        "enable_dns_hostnames" => call.enable_dns_hostnames(value),
        _ => call.enable_network_address_usage_metrics(value),
    };
    call.send().await.map(drop).map_err(|error| failure("ec2:ModifyVpcAttribute", error))
}

async fn dissociate_ipv6(region: &Region, id: &str) -> Result<Next, Error> {
    let sets = one(region, id).await?.ipv6_cidr_block_association_set.unwrap_or_default();
    let Some(set) = sets.into_iter().find(|set| !matches!(state_of(set), "disassociated" | "")) else { return Ok(Next::Step) };
    if state_of(&set) == "associated" {
        let call = region.ec2.disassociate_vpc_cidr_block().set_association_id(set.association_id);
        call.send().await.map_err(|error| failure("ec2:DisassociateVpcCidrBlock", error))?;
    }
    Ok(Next::wait("disassociating"))
}

async fn associate_ipv6(region: &Region, work: &Work, id: &str) -> Result<Next, Error> {
    let planned = &work.planned;
    let call = region
        .ec2
        .associate_vpc_cidr_block()
        .vpc_id(id)
        .set_amazon_provided_ipv6_cidr_block(planned.flag("assign_generated_ipv6_cidr_block").filter(|wanted| *wanted))
        .set_ipv6_cidr_block(planned.text("ipv6_cidr_block"))
        .set_ipv6_cidr_block_network_border_group(planned.text("ipv6_cidr_block_network_border_group"))
        .set_ipv6_ipam_pool_id(planned.text("ipv6_ipam_pool_id"))
        .set_ipv6_netmask_length(planned.int("ipv6_netmask_length"));
    call.send().await.map_err(|error| failure("ec2:AssociateVpcCidrBlock", error))?;
    Ok(Next::Step)
}

/// What hangs on VPCs, by VPC: one look-up each for all objects of a read.
struct Parts {
    main_route_tables: HashMap<String, String>,
    security_groups: HashMap<String, String>,
    network_acls: HashMap<String, String>,
}

impl Parts {
    async fn of(region: &Region, ids: &[&str]) -> Result<Parts, Error> {
        let mut parts = Parts { main_route_tables: HashMap::new(), security_groups: HashMap::new(), network_acls: HashMap::new() };
        for ids in ids.chunks(ec2::VALUES_PER_FILTER) {
            let vpcs = || Filter::builder().name("vpc-id").set_values(Some(ids.iter().map(|id| (*id).to_owned()).collect())).build();
            parts.look_up(region, vpcs).await?;
        }
        Ok(parts)
    }

    async fn look_up(&mut self, region: &Region, vpcs: impl Fn() -> Filter) -> Result<(), Error> {
        let filter = |name: &str, value: &str| Filter::builder().name(name).values(value).build();
        let call = region.ec2.describe_route_tables().filters(vpcs()).filters(filter("association.main", "true"));
        let tables: Result<Vec<_>, _> = call.into_paginator().items().send().collect().await;
        let tables = tables.map_err(|error| failure("ec2:DescribeRouteTables", error))?;
        self.main_route_tables.extend(tables.into_iter().filter_map(|table| Some((table.vpc_id?, table.route_table_id?))));
        let call = region.ec2.describe_security_groups().filters(vpcs()).filters(filter("group-name", "default"));
        let groups: Result<Vec<_>, _> = call.into_paginator().items().send().collect().await;
        let groups = groups.map_err(|error| failure("ec2:DescribeSecurityGroups", error))?;
        self.security_groups.extend(groups.into_iter().filter_map(|group| Some((group.vpc_id?, group.group_id?))));
        let call = region.ec2.describe_network_acls().filters(vpcs()).filters(filter("default", "true"));
        let acls: Result<Vec<_>, _> = call.into_paginator().items().send().collect().await;
        let acls = acls.map_err(|error| failure("ec2:DescribeNetworkAcls", error))?;
        self.network_acls.extend(acls.into_iter().filter_map(|acl| Some((acl.vpc_id?, acl.network_acl_id?))));
        Ok(())
    }
}

async fn draft(region: &Region, vpc: &aws_sdk_ec2::types::Vpc, parts: &Parts, known: &Known<'_>) -> Result<Draft, Error> {
    let (id, owner) = (known.id, vpc.owner_id.as_deref().unwrap_or_default());
    let mut draft = Draft::new();
    draft
        .text("arn", Some(region.arn("ec2", owner, &format!("vpc/{id}"))))
        .text("cidr_block", vpc.cidr_block.as_deref())
        .text("dhcp_options_id", vpc.dhcp_options_id.as_deref())
        .text("instance_tenancy", vpc.instance_tenancy.as_ref().map(Tenancy::as_str))
        .text("owner_id", Some(owner))
        .text("main_route_table_id", parts.main_route_tables.get(id))
        .text("default_route_table_id", known.object.text("default_route_table_id").as_ref().or(parts.main_route_tables.get(id)))
        .text("default_security_group_id", parts.security_groups.get(id))
        .text("default_network_acl_id", parts.network_acls.get(id))
        .pairs("tags_all", ec2::tag_pairs(vpc.tags()));
    for name in ["enable_dns_support", "enable_dns_hostnames", "enable_network_address_usage_metrics"] {
        draft.flag(name, attribute(region, id, name).await?);
    }
    let sets = vpc.ipv6_cidr_block_association_set();
    let set = sets.iter().find(|set| matches!(state_of(set), "associated" | "associating"));
    let is_generated = set.is_some_and(|set| set.ipv6_pool.as_deref() == Some("Amazon"));
    draft
        .flag("assign_generated_ipv6_cidr_block", Some(is_generated))
        .text("ipv6_association_id", Some(set.and_then(|set| set.association_id.as_deref()).unwrap_or_default()))
        .text("ipv6_cidr_block", Some(set.and_then(|set| set.ipv6_cidr_block.as_deref()).unwrap_or_default()))
        .text("ipv6_cidr_block_network_border_group", Some(set.and_then(|set| set.network_border_group.as_deref()).unwrap_or_default()))
        .text(
            "ipv6_ipam_pool_id",
            set.filter(|_| !is_generated).and_then(|set| set.ipv6_pool.as_deref()).filter(|pool| pool.starts_with("ipam-pool-")),
        );
    Ok(draft)
}

/// `DescribeVpcAttribute` answers for one attribute of one VPC.
async fn attribute(region: &Region, id: &str, name: &str) -> Result<Option<bool>, Error> {
    use aws_sdk_ec2::types::VpcAttributeName as Name;
    let wanted = match name {
        "enable_dns_support" => Name::EnableDnsSupport,
        "enable_dns_hostnames" => Name::EnableDnsHostnames,
        _ => Name::EnableNetworkAddressUsageMetrics,
    };
    let call = region.ec2.describe_vpc_attribute().vpc_id(id).attribute(wanted);
    let answer = call.send().await.map_err(|error| failure("ec2:DescribeVpcAttribute", error))?;
    let value = answer.enable_dns_support.or(answer.enable_dns_hostnames).or(answer.enable_network_address_usage_metrics);
    Ok(value.and_then(|value| value.value))
}
