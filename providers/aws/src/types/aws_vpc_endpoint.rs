//! `aws_vpc_endpoint`: a private way to a service, by gateway or interface.

mod shape;

use super::ec2;
use crate::client::{Region, failure, missing};
use crate::resource::{
    Change, Draft, Fetch, Found, Known, Mapped, Next, ReadSlot, ResourceType, Role, Work, computed, describe, in_place, local, nested,
    on_create, same_json,
};
use aws_sdk_ec2::types::{
    DnsOptionsSpecification, IpAddressType, ResourceType as Tagged, SubnetConfiguration, VpcEndpoint as Live, VpcEndpointType,
};
use std::collections::HashMap;
use windlass_api::{Error, ErrorKind, Operation, Value};

/// The type.
pub(crate) struct VpcEndpoint;

#[async_trait::async_trait]
impl ResourceType for VpcEndpoint {
    fn name(&self) -> &'static str {
        "aws_vpc_endpoint"
    }

    fn mapping(&self) -> Vec<Mapped> {
        computed("arn cidr_blocks dns_entry id network_interface_ids owner_id prefix_list_id requester_managed state")
            .chain(on_create("region resource_configuration_arn service_name service_network_arn service_region vpc_endpoint_type vpc_id"))
            .chain(in_place(
                "ModifyVpcEndpoint",
                "ip_address_type policy private_dns_enabled route_table_ids security_group_ids subnet_ids",
            ))
            .chain(nested::<DnsOptionsSpecification>("dns_options", Role::InPlace("ModifyVpcEndpoint")))
            .chain(nested::<SubnetConfiguration>("subnet_configuration", Role::InPlace("ModifyVpcEndpoint")))
            .chain(in_place("AcceptVpcEndpointConnections", "auto_accept"))
            .chain(in_place("CreateTags", "tags tags_all"))
            .chain(local("timeouts.create timeouts.update timeouts.delete"))
            .collect()
    }

    fn typical_seconds(&self, operation: Operation) -> f64 {
        if operation == Operation::Create { 6.0 } else { 5.0 }
    }

    fn plan(&self, change: &mut Change<'_>) {
        // A document that says the same is the same.
        if change.changes("policy") && same_json(change.prior().and_then(|prior| prior.get_str("policy")), change.planned.get_str("policy"))
        {
            change.suppress("policy");
        }
        // Only interface endpoints can switch private DNS in place.
        if change.changes("private_dns_enabled") && change.planned.get_str("vpc_endpoint_type") != Some("Interface") {
            change.replace("private_dns_enabled");
        }
    }

    async fn read(&self, region: &Region, objects: &[Known<'_>]) -> Vec<Result<Option<Draft>, Error>> {
        let ids: Vec<&str> = objects.iter().map(|known| known.id).collect();
        let answers = describe(&ids, |ids| async move {
            let answer = region.ec2.describe_vpc_endpoints().set_vpc_endpoint_ids(Some(ids)).send().await;
            let endpoints = answer.map_err(|error| failure("ec2:DescribeVpcEndpoints", error))?.vpc_endpoints.unwrap_or_default();
            Ok(endpoints.into_iter().filter_map(|endpoint| Some((endpoint.vpc_endpoint_id.clone()?, endpoint))).collect())
        })
        .await;
        let endpoints = answers.iter().filter_map(|answer| answer.as_ref().ok()?.as_ref());
        let lists = match prefix_lists(region, endpoints).await {
            Ok(lists) => lists,
            Err(error) => return objects.iter().map(|_| Err(error.clone())).collect(),
        };
        let one = |(answer, known): (Result<Option<Live>, Error>, &Known<'_>)| {
            answer.map(|endpoint| {
                endpoint.filter(|endpoint| state_of(endpoint) != "deleted").map(|endpoint| draft(region, &endpoint, &lists, known))
            })
        };
        answers.into_iter().zip(objects).map(one).collect()
    }

    async fn create(&self, region: &Region, work: &Work) -> Result<String, Error> {
        let planned = &work.planned;
        let call = region
            .ec2
            .create_vpc_endpoint()
            .client_token(&work.token)
            .set_vpc_id(planned.text("vpc_id"))
            .set_vpc_endpoint_type(planned.text("vpc_endpoint_type").map(|text| VpcEndpointType::from(text.as_str())))
            .set_service_name(planned.text("service_name"))
            .set_service_region(planned.text("service_region"))
            .set_service_network_arn(planned.text("service_network_arn"))
            .set_resource_configuration_arn(planned.text("resource_configuration_arn"))
            .set_policy_document(planned.text("policy"))
            .set_private_dns_enabled(
                planned.flag("private_dns_enabled").filter(|enabled| *enabled || planned.get_str("vpc_endpoint_type") == Some("Interface")),
            )
            .set_ip_address_type(planned.text("ip_address_type").map(|text| IpAddressType::from(text.as_str())))
            .set_dns_options(shape::dns_options(planned))
            .set_route_table_ids(some(planned, "route_table_ids"))
            .set_security_group_ids(some(planned, "security_group_ids"))
            .set_subnet_ids(some(planned, "subnet_ids"))
            .set_subnet_configurations(shape::subnet_configurations(planned))
            .set_tag_specifications(ec2::tag_specifications(Tagged::VpcEndpoint, work));
        let answer = call.send().await.map_err(|error| failure("ec2:CreateVpcEndpoint", error))?;
        answer.vpc_endpoint.and_then(|endpoint| endpoint.vpc_endpoint_id).ok_or_else(|| missing("ec2:CreateVpcEndpoint", "endpoint id"))
    }

    async fn created(&self, region: &Region, work: &Work, id: &str, step: u32) -> Result<Next, Error> {
        if step == 0 {
            accept(region, work, id).await?;
            return Ok(Next::Step);
        }
        settled(region, id).await
    }

    async fn update(&self, region: &Region, work: &Work, id: &str, step: u32) -> Result<Next, Error> {
        if step > 0 {
            return settled(region, id).await;
        }
        ec2::update_tags(region, work, id).await?;
        if work.changes(&["auto_accept"]) {
            accept(region, work, id).await?;
        }
        let names = [
            "dns_options",
            "ip_address_type",
            "policy",
            "private_dns_enabled",
            "route_table_ids",
            "security_group_ids",
            "subnet_configuration",
            "subnet_ids",
        ];
        if work.changes(&names) {
            modify(region, work, id).await?;
        }
        Ok(Next::Step)
    }

    async fn delete(&self, region: &Region, _work: &Work, id: &str, step: u32) -> Result<Next, Error> {
        if step == 0 {
            let answer = region.ec2.delete_vpc_endpoints().vpc_endpoint_ids(id).send().await;
            let answer = answer.map_err(|error| failure("ec2:DeleteVpcEndpoints", error))?;
            let failed = answer.unsuccessful.unwrap_or_default().into_iter().filter_map(|item| item.error).next();
            return match failed {
                Some(error) => Err(ec2::item_error("ec2:DeleteVpcEndpoints", error.code, error.message)),
                None => Ok(Next::Step),
            };
        }
        match one(region, id).await {
            Ok(endpoint) if state_of(&endpoint) != "deleted" => Ok(Next::Wait { status: state_of(&endpoint), milliseconds: 2_000 }),
            Ok(_) => Ok(Next::Done),
            Err(error) if error.kind == ErrorKind::NotFound => Ok(Next::Done),
            Err(error) => Err(error),
        }
    }

    async fn find(&self, region: &Region, work: &Work) -> Result<Found, Error> {
        let answer = region.ec2.describe_vpc_endpoints().filters(ec2::hidden_tag(work)).send().await;
        let endpoints = answer.map_err(|error| failure("ec2:DescribeVpcEndpoints", error))?.vpc_endpoints.unwrap_or_default();
        Ok(Found::Marked(
            endpoints.into_iter().filter(|it| !state_of(it).starts_with("delet")).filter_map(|it| it.vpc_endpoint_id).collect(),
        ))
    }
}

fn some(planned: &Value, name: &str) -> Option<Vec<String>> {
    planned.texts(name).filter(|texts| !texts.is_empty())
}

/// The state in lower case: the API writes it both ways.
fn state_of(endpoint: &Live) -> String {
    endpoint.state.as_ref().map(|state| state.as_str().to_lowercase()).unwrap_or_default()
}

async fn one(region: &Region, id: &str) -> Result<Live, Error> {
    let answer = region.ec2.describe_vpc_endpoints().vpc_endpoint_ids(id).send().await;
    let endpoints = answer.map_err(|error| failure("ec2:DescribeVpcEndpoints", error))?.vpc_endpoints.unwrap_or_default();
    endpoints.into_iter().next().ok_or_else(|| ec2::gone("ec2:DescribeVpcEndpoints", id))
}

async fn settled(region: &Region, id: &str) -> Result<Next, Error> {
    let endpoint = one(region, id).await?;
    match state_of(&endpoint).as_str() {
        "available" | "pendingacceptance" | "" => Ok(Next::Done),
        "failed" | "rejected" | "expired" => {
            let reason = endpoint.last_error.and_then(|error| error.message).or(endpoint.failure_reason).unwrap_or_default();
            Err(Error::new(ErrorKind::Invalid, format!("the endpoint {id} has failed: {reason}")))
        }
        state => Ok(Next::wait(state)),
    }
}

/// Accepts the connection where the service is ours and waits for it.
async fn accept(region: &Region, work: &Work, id: &str) -> Result<(), Error> {
    if work.planned.flag("auto_accept") != Some(true) || state_of(&one(region, id).await?) != "pendingacceptance" {
        return Ok(());
    }
    let services = region.ec2.describe_vpc_endpoint_services().set_service_names(work.planned.text("service_name").map(|name| vec![name]));
    let services =
        services.send().await.map_err(|error| failure("ec2:DescribeVpcEndpointServices", error))?.service_details.unwrap_or_default();
    let service = services.into_iter().find_map(|service| service.service_id);
    let call = region.ec2.accept_vpc_endpoint_connections().set_service_id(service).vpc_endpoint_ids(id);
    call.send().await.map(drop).map_err(|error| failure("ec2:AcceptVpcEndpointConnections", error))
}

async fn modify(region: &Region, work: &Work, id: &str) -> Result<(), Error> {
    let planned = &work.planned;
    let parts = |name: &str| {
        let of = |value: &Value| value.texts(name).unwrap_or_default();
        let (before, wanted) = (of(&work.prior), of(planned));
        let known = planned.get(name).is_some_and(Value::is_wholly_known);
        let added: Vec<String> = wanted.iter().filter(|id| known && !before.contains(id)).cloned().collect();
        let removed: Vec<String> = before.iter().filter(|id| known && !wanted.contains(id)).cloned().collect();
        (Some(added).filter(|ids| !ids.is_empty()), Some(removed).filter(|ids| !ids.is_empty()))
    };
    let (tables, groups, subnets) = (parts("route_table_ids"), parts("security_group_ids"), parts("subnet_ids"));
    let changed = |name: &str| work.changes(&[name]);
    let policy = planned.text("policy").filter(|_| changed("policy"));
    let is_reset = changed("policy") && policy.is_none();
    let call = region
        .ec2
        .modify_vpc_endpoint()
        .vpc_endpoint_id(id)
        .set_add_route_table_ids(tables.0)
        .set_remove_route_table_ids(tables.1)
        .set_add_security_group_ids(groups.0)
        .set_remove_security_group_ids(groups.1)
        .set_add_subnet_ids(subnets.0)
        .set_remove_subnet_ids(subnets.1)
        .set_policy_document(policy)
        .set_reset_policy(is_reset.then_some(true))
        .set_private_dns_enabled(planned.flag("private_dns_enabled").filter(|_| changed("private_dns_enabled")))
        .set_ip_address_type(
            planned.text("ip_address_type").filter(|_| changed("ip_address_type")).map(|text| IpAddressType::from(text.as_str())),
        )
        .set_dns_options(shape::dns_options(planned).filter(|_| changed("dns_options")))
        .set_subnet_configurations(shape::subnet_configurations(planned).filter(|_| changed("subnet_configuration")));
    call.send().await.map(drop).map_err(|error| failure("ec2:ModifyVpcEndpoint", error))
}

/// Id and ranges of a service's prefix list.
type PrefixList = (String, Vec<String>);

/// The prefix lists of gateway endpoints, by service name, in one call.
async fn prefix_lists(region: &Region, endpoints: impl Iterator<Item = &Live>) -> Result<HashMap<String, PrefixList>, Error> {
    let gateways = endpoints.filter(|endpoint| endpoint.vpc_endpoint_type == Some(VpcEndpointType::Gateway));
    let names: std::collections::BTreeSet<String> = gateways.filter_map(|endpoint| endpoint.service_name.clone()).collect();
    if names.is_empty() {
        return Ok(HashMap::new());
    }
    let filter = aws_sdk_ec2::types::Filter::builder().name("prefix-list-name").set_values(Some(names.into_iter().collect())).build();
    let lists: Result<Vec<_>, _> = region.ec2.describe_prefix_lists().filters(filter).into_paginator().items().send().collect().await;
    let lists = lists.map_err(|error| failure("ec2:DescribePrefixLists", error))?;
    Ok(lists
        .into_iter()
        .filter_map(|list| Some((list.prefix_list_name?, (list.prefix_list_id?, list.cidrs.unwrap_or_default()))))
        .collect())
}

fn draft(region: &Region, endpoint: &Live, lists: &HashMap<String, PrefixList>, known: &Known<'_>) -> Draft {
    let owner = endpoint.owner_id.as_deref().unwrap_or_default();
    let list = endpoint.service_name.as_ref().and_then(|name| lists.get(name));
    let entries = endpoint.dns_entries().iter().map(|entry| {
        let mut draft = Draft::new();
        draft.text("dns_name", entry.dns_name.as_deref()).text("hosted_zone_id", entry.hosted_zone_id.as_deref());
        draft
    });
    let found = endpoint.policy_document.as_deref();
    let before = known.object.get_str("policy");
    let mut draft = Draft::new();
    draft
        .text("arn", Some(region.arn("ec2", owner, &format!("vpc-endpoint/{}", known.id))))
        .texts("cidr_blocks", list.map(|(_, ranges)| ranges.as_slice()).unwrap_or_default())
        .blocks("dns_entry", entries)
        .set("dns_options", endpoint.dns_options.load())
        .text("ip_address_type", Some(endpoint.ip_address_type.as_ref().map_or("", |kind| kind.as_str())))
        .texts("network_interface_ids", endpoint.network_interface_ids())
        .text("owner_id", Some(owner))
        .text("policy", if same_json(found, before) { before } else { found })
        .text("prefix_list_id", list.map(|(id, _)| id))
        .flag("private_dns_enabled", endpoint.private_dns_enabled.or(Some(false)))
        .flag("requester_managed", endpoint.requester_managed.or(Some(false)))
        .text("resource_configuration_arn", endpoint.resource_configuration_arn.as_deref())
        .texts("route_table_ids", endpoint.route_table_ids())
        .texts("security_group_ids", endpoint.groups().iter().filter_map(|group| group.group_id.as_deref()))
        .text("service_name", endpoint.service_name.as_deref())
        .text("service_network_arn", endpoint.service_network_arn.as_deref())
        .text("service_region", Some(endpoint.service_region.as_deref().unwrap_or(&region.name)))
        .text("state", Some(state_of(endpoint)))
        .texts("subnet_ids", endpoint.subnet_ids())
        .text("vpc_endpoint_type", endpoint.vpc_endpoint_type.as_ref().map(VpcEndpointType::as_str))
        .text("vpc_id", endpoint.vpc_id.as_deref())
        .pairs("tags_all", ec2::tag_pairs(endpoint.tags()));
    draft
}
