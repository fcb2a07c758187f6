//! `aws_subnet`: a range of addresses in one zone of a VPC.

use super::ec2;
use crate::client::{Region, failure, missing};
use crate::resource::{
    Change, Draft, Fetch, Found, Known, Mapped, Next, ResourceType, Work, computed, describe, in_place, local, on_create,
};
use aws_sdk_ec2::types::{AttributeBooleanValue, HostnameType, ResourceType as Tagged, SubnetIpv6CidrBlockAssociation};
use windlass_api::{Error, Operation};

/// The type.
pub(crate) struct Subnet;

/// What `ModifySubnetAttribute` sets, one attribute a call, in this order: an outpost's pool goes with its switch.
const SWITCHES: [&str; 9] = [
    "assign_ipv6_address_on_creation",
    "enable_dns64",
    "enable_lni_at_device_index",
    "enable_resource_name_dns_a_record_on_launch",
    "enable_resource_name_dns_aaaa_record_on_launch",
    "map_customer_owned_ip_on_launch",
    "map_public_ip_on_launch",
    "private_dns_hostname_type_on_launch",
    "customer_owned_ipv4_pool",
];

#[async_trait::async_trait]
impl ResourceType for Subnet {
    fn name(&self) -> &'static str {
        "aws_subnet"
    }

    fn mapping(&self) -> Vec<Mapped> {
        computed("arn id ipv6_cidr_block_association_id owner_id")
            .chain(on_create(
                "availability_zone availability_zone_id cidr_block ipv4_ipam_pool_id ipv4_netmask_length ipv6_ipam_pool_id ipv6_native \
                 ipv6_netmask_length outpost_arn region vpc_id",
            ))
            .chain(in_place("AssociateSubnetCidrBlock", "ipv6_cidr_block"))
            .chain(in_place("ModifySubnetAttribute", &SWITCHES.join(" ")))
            .chain(in_place("CreateTags", "tags tags_all"))
            .chain(local("timeouts.create timeouts.delete"))
            .collect()
    }

    fn plan(&self, change: &mut Change<'_>) {
        // A range can be added and taken away in place; an IPv6-only subnet can't lose it.
        if change.changes("ipv6_cidr_block") {
            change.forget("ipv6_cidr_block_association_id");
            if change.planned.flag("ipv6_native") == Some(true) {
                change.replace("ipv6_cidr_block");
            }
        }
    }

    fn typical_seconds(&self, operation: Operation) -> f64 {
        if operation == Operation::Create { 3.0 } else { 1.0 }
    }

    async fn read(&self, region: &Region, objects: &[Known<'_>]) -> Vec<Result<Option<Draft>, Error>> {
        let ids: Vec<&str> = objects.iter().map(|known| known.id).collect();
        let answers = describe(&ids, |ids| async move {
            let answer = region.ec2.describe_subnets().set_subnet_ids(Some(ids)).send().await;
            let subnets = answer.map_err(|error| failure("ec2:DescribeSubnets", error))?.subnets.unwrap_or_default();
            Ok(subnets.into_iter().filter_map(|subnet| Some((subnet.subnet_id.clone()?, subnet))).collect())
        })
        .await;
        answers.into_iter().map(|answer| answer.map(|subnet| subnet.map(|subnet| draft(region, &subnet)))).collect()
    }

    async fn create(&self, region: &Region, work: &Work) -> Result<String, Error> {
        let planned = &work.planned;
        let answer = region
            .ec2
            .create_subnet()
            .set_vpc_id(planned.text("vpc_id"))
            .set_cidr_block(planned.text("cidr_block"))
            .set_availability_zone(planned.text("availability_zone"))
            .set_availability_zone_id(planned.text("availability_zone_id"))
            .set_ipv4_ipam_pool_id(planned.text("ipv4_ipam_pool_id"))
            .set_ipv4_netmask_length(planned.int("ipv4_netmask_length"))
            .set_ipv6_cidr_block(planned.text("ipv6_cidr_block"))
            .set_ipv6_ipam_pool_id(planned.text("ipv6_ipam_pool_id"))
            .set_ipv6_native(planned.flag("ipv6_native").filter(|native| *native))
            .set_ipv6_netmask_length(planned.int("ipv6_netmask_length"))
            .set_outpost_arn(planned.text("outpost_arn"))
            .set_tag_specifications(ec2::tag_specifications(Tagged::Subnet, work))
            .send()
            .await
            .map_err(|error| failure("ec2:CreateSubnet", error))?;
        answer.subnet.and_then(|subnet| subnet.subnet_id).ok_or_else(|| missing("ec2:CreateSubnet", "subnet id"))
    }

    async fn created(&self, region: &Region, work: &Work, id: &str, step: u32) -> Result<Next, Error> {
        if step == 0 {
            let subnet = one(region, id).await?;
            let is_ready = subnet.state.as_ref().is_some_and(|state| state.as_str() == "available");
            return Ok(if is_ready { Next::Step } else { Next::wait("pending") });
        }
        // A new subnet has every switch off and no value; setting that again would be a call for nothing.
        for name in SWITCHES {
            let is_wanted = match name {
                "enable_lni_at_device_index" => work.planned.int(name).is_some_and(|index| index > 0),
                "private_dns_hostname_type_on_launch" => work.planned.text(name).is_some(),
                "customer_owned_ipv4_pool" => false,
                _ => work.planned.flag(name) == Some(true),
            };
            if is_wanted {
                modify(region, work, id, name).await?;
            }
        }
        Ok(Next::Done)
    }

    async fn update(&self, region: &Region, work: &Work, id: &str, step: u32) -> Result<Next, Error> {
        match step {
            0 => {
                ec2::update_tags(region, work, id).await?;
                if !work.changes(&["ipv6_cidr_block"]) {
                    modify_changed(region, work, id).await?;
                    return Ok(Next::Done);
                }
                // Addresses can be assigned only while there is a range.
                if work.planned.flag("assign_ipv6_address_on_creation") != Some(true) && work.changes(&["assign_ipv6_address_on_creation"])
                {
                    modify(region, work, id, "assign_ipv6_address_on_creation").await?;
                }
                Ok(Next::Step)
            }
            1 => {
                let sets = one(region, id).await?.ipv6_cidr_block_association_set.unwrap_or_default();
                match sets.iter().find(|set| matches!(state_of(set), "associated" | "associating" | "disassociating")) {
                    None => Ok(Next::Step),
                    Some(set) if state_of(set) == "associated" => {
                        let call = region.ec2.disassociate_subnet_cidr_block().set_association_id(set.association_id.clone());
                        call.send().await.map_err(|error| failure("ec2:DisassociateSubnetCidrBlock", error))?;
                        Ok(Next::wait("disassociating"))
                    }
                    Some(set) => Ok(Next::wait(state_of(set))),
                }
            }
            2 => {
                if let Some(range) = work.planned.text("ipv6_cidr_block") {
                    let call = region.ec2.associate_subnet_cidr_block().subnet_id(id).ipv6_cidr_block(range);
                    call.send().await.map_err(|error| failure("ec2:AssociateSubnetCidrBlock", error))?;
                }
                Ok(Next::Step)
            }
            3 => {
                let sets = one(region, id).await?.ipv6_cidr_block_association_set.unwrap_or_default();
                let is_waiting = sets.iter().any(|set| state_of(set) == "associating");
                Ok(if is_waiting { Next::wait("associating") } else { Next::Step })
            }
            _ => {
                modify_changed(region, work, id).await?;
                Ok(Next::Done)
            }
        }
    }

    async fn delete(&self, region: &Region, _work: &Work, id: &str, _step: u32) -> Result<Next, Error> {
        match region.ec2.delete_subnet().subnet_id(id).send().await.map_err(|error| failure("ec2:DeleteSubnet", error)) {
            Ok(_) => Ok(Next::Done),
            Err(error) => Err(ec2::name_leftovers(region, "subnet-id", id, error).await),
        }
    }

    async fn find(&self, region: &Region, work: &Work) -> Result<Found, Error> {
        let answer = region.ec2.describe_subnets().filters(ec2::hidden_tag(work)).send().await;
        let subnets = answer.map_err(|error| failure("ec2:DescribeSubnets", error))?.subnets.unwrap_or_default();
        Ok(Found::Marked(subnets.into_iter().filter_map(|subnet| subnet.subnet_id).collect()))
    }
}

fn state_of(set: &SubnetIpv6CidrBlockAssociation) -> &str {
    set.ipv6_cidr_block_state.as_ref().and_then(|state| state.state.as_ref()).map_or("", |state| state.as_str())
}

async fn one(region: &Region, id: &str) -> Result<aws_sdk_ec2::types::Subnet, Error> {
    let answer = region.ec2.describe_subnets().subnet_ids(id).send().await.map_err(|error| failure("ec2:DescribeSubnets", error))?;
    answer.subnets.unwrap_or_default().into_iter().next().ok_or_else(|| ec2::gone("ec2:DescribeSubnets", id))
}

async fn modify_changed(region: &Region, work: &Work, id: &str) -> Result<(), Error> {
    for name in SWITCHES.into_iter().filter(|name| work.changes(&[name])) {
        modify(region, work, id, name).await?;
    }
    Ok(())
}

async fn modify(region: &Region, work: &Work, id: &str, name: &str) -> Result<(), Error> {
    let planned = &work.planned;
    let flag = Some(AttributeBooleanValue::builder().value(planned.flag(name).unwrap_or(false)).build());
    let call = region.ec2.modify_subnet_attribute().subnet_id(id);
    let call = match name {
        "assign_ipv6_address_on_creation" => call.set_assign_ipv6_address_on_creation(flag),
        "enable_dns64" => call.set_enable_dns64(flag),
        "enable_resource_name_dns_a_record_on_launch" => call.set_enable_resource_name_dns_a_record_on_launch(flag),
        "enable_resource_name_dns_aaaa_record_on_launch" => call.set_enable_resource_name_dns_aaaa_record_on_launch(flag),
        "map_public_ip_on_launch" => call.set_map_public_ip_on_launch(flag),
        "private_dns_hostname_type_on_launch" => {
            call.set_private_dns_hostname_type_on_launch(planned.text(name).map(|text| HostnameType::from(text.as_str())))
        }
        "enable_lni_at_device_index" => match planned.int(name).filter(|index| *index > 0) {
            Some(index) => call.enable_lni_at_device_index(index),
            None => call.disable_lni_at_device_index(AttributeBooleanValue::builder().value(true).build()),
        },
        _ => {
            let switch = AttributeBooleanValue::builder().value(planned.flag("map_customer_owned_ip_on_launch").unwrap_or(false)).build();
            call.map_customer_owned_ip_on_launch(switch).set_customer_owned_ipv4_pool(planned.text("customer_owned_ipv4_pool"))
        }
    };
    call.send().await.map(drop).map_err(|error| failure("ec2:ModifySubnetAttribute", error))
}

fn draft(region: &Region, subnet: &aws_sdk_ec2::types::Subnet) -> Draft {
    let owner = subnet.owner_id.as_deref().unwrap_or_default();
    let built = || region.arn("ec2", owner, &format!("subnet/{}", subnet.subnet_id.as_deref().unwrap_or_default()));
    let set = subnet.ipv6_cidr_block_association_set().iter().find(|set| matches!(state_of(set), "associated" | "associating"));
    let names = subnet.private_dns_name_options_on_launch.as_ref();
    let mut draft = Draft::new();
    draft
        .text("arn", Some(subnet.subnet_arn.clone().unwrap_or_else(built)))
        .flag("assign_ipv6_address_on_creation", subnet.assign_ipv6_address_on_creation.or(Some(false)))
        .text("availability_zone", subnet.availability_zone.as_deref())
        .text("availability_zone_id", subnet.availability_zone_id.as_deref())
        .text("cidr_block", Some(subnet.cidr_block.as_deref().unwrap_or_default()))
        .text("customer_owned_ipv4_pool", Some(subnet.customer_owned_ipv4_pool.as_deref().unwrap_or_default()))
        .flag("enable_dns64", subnet.enable_dns64.or(Some(false)))
        .int("enable_lni_at_device_index", subnet.enable_lni_at_device_index.or(Some(0)))
        .flag("enable_resource_name_dns_a_record_on_launch", names.and_then(|it| it.enable_resource_name_dns_a_record).or(Some(false)))
        .flag(
            "enable_resource_name_dns_aaaa_record_on_launch",
            names.and_then(|it| it.enable_resource_name_dns_aaaa_record).or(Some(false)),
        )
        .text("ipv6_cidr_block", Some(set.and_then(|set| set.ipv6_cidr_block.as_deref()).unwrap_or_default()))
        .text("ipv6_cidr_block_association_id", Some(set.and_then(|set| set.association_id.as_deref()).unwrap_or_default()))
        .flag("ipv6_native", subnet.ipv6_native.or(Some(false)))
        .flag("map_customer_owned_ip_on_launch", subnet.map_customer_owned_ip_on_launch.or(Some(false)))
        .flag("map_public_ip_on_launch", subnet.map_public_ip_on_launch.or(Some(false)))
        .text("outpost_arn", Some(subnet.outpost_arn.as_deref().unwrap_or_default()))
        .text("owner_id", Some(owner))
        .text(
            "private_dns_hostname_type_on_launch",
            Some(names.and_then(|it| it.hostname_type.as_ref()).map_or("ip-name", |kind| kind.as_str())),
        )
        .text("vpc_id", subnet.vpc_id.as_deref())
        .pairs("tags_all", ec2::tag_pairs(subnet.tags()));
    draft
}
