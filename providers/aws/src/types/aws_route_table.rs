//! `aws_route_table`: where packets of a VPC go; with inline routes.
//!
//! Without `route` in the configuration the table's routes belong to `aws_route`; with it, Windlass adds, replaces and deletes
//! by destination until the table has just those.

use super::ec2;
use super::routes::{self, Destination};
use crate::client::{Region, failure, missing};
use crate::resource::{Draft, Fetch, Found, Known, Mapped, Next, ResourceType, Work, computed, in_place, local, on_create};
use aws_sdk_ec2::types::{ResourceType as Tagged, Route, RouteOrigin, RouteTable as Table};
use std::collections::BTreeMap;
use windlass_api::{Error, ErrorKind, Value};

/// The type.
pub(crate) struct RouteTable;

#[async_trait::async_trait]
impl ResourceType for RouteTable {
    fn name(&self) -> &'static str {
        "aws_route_table"
    }

    fn mapping(&self) -> Vec<Mapped> {
        computed("arn id owner_id")
            .chain(on_create("region vpc_id"))
            .chain(in_place("CreateRoute", "route"))
            .chain(in_place("EnableVgwRoutePropagation", "propagating_vgws"))
            .chain(in_place("CreateTags", "tags tags_all"))
            .chain(local("timeouts.create timeouts.update timeouts.delete"))
            .collect()
    }

    async fn read(&self, region: &Region, objects: &[Known<'_>]) -> Vec<Result<Option<Draft>, Error>> {
        let ids: Vec<&str> = objects.iter().map(|known| known.id).collect();
        let answers = routes::tables(region, &ids).await;
        answers
            .into_iter()
            .zip(objects)
            .map(|(answer, known)| answer.map(|table| table.map(|table| draft(region, &table, known))))
            .collect()
    }

    async fn create(&self, region: &Region, work: &Work) -> Result<String, Error> {
        let call = region
            .ec2
            .create_route_table()
            .set_vpc_id(work.planned.text("vpc_id"))
            .client_token(&work.token)
            .set_tag_specifications(ec2::tag_specifications(Tagged::RouteTable, work));
        let answer = call.send().await.map_err(|error| failure("ec2:CreateRouteTable", error))?;
        answer.route_table.and_then(|table| table.route_table_id).ok_or_else(|| missing("ec2:CreateRouteTable", "route table id"))
    }

    async fn created(&self, region: &Region, work: &Work, id: &str, _step: u32) -> Result<Next, Error> {
        // After a crash some of the routes are there already.
        let live = live_routes(region, id).await?;
        apply_routes(region, id, &live, work).await?;
        propagate(region, id, &[], &work.planned.texts("propagating_vgws").unwrap_or_default()).await?;
        Ok(Next::Done)
    }

    async fn update(&self, region: &Region, work: &Work, id: &str, _step: u32) -> Result<Next, Error> {
        ec2::update_tags(region, work, id).await?;
        if work.changes(&["route"]) {
            let live = live_routes(region, id).await?;
            apply_routes(region, id, &live, work).await?;
        }
        if work.changes(&["propagating_vgws"]) {
            let gateways = |value: &Value| value.texts("propagating_vgws").unwrap_or_default();
            propagate(region, id, &gateways(&work.prior), &gateways(&work.planned)).await?;
        }
        Ok(Next::Done)
    }

    async fn delete(&self, region: &Region, _work: &Work, id: &str, step: u32) -> Result<Next, Error> {
        if step == 0 {
            let table = routes::tables(region, &[id]).await.into_iter().next().unwrap_or(Ok(None))?;
            let Some(table) = table else { return Ok(Next::Done) };
            for association in table.associations().iter().filter(|association| association.main != Some(true)) {
                let call = region.ec2.disassociate_route_table().set_association_id(association.route_table_association_id.clone());
                match call.send().await.map_err(|error| failure("ec2:DisassociateRouteTable", error)) {
                    Err(error) if error.kind != ErrorKind::NotFound => return Err(error),
                    _ => {}
                }
            }
            return Ok(Next::Step);
        }
        let call = region.ec2.delete_route_table().route_table_id(id);
        call.send().await.map_err(|error| failure("ec2:DeleteRouteTable", error))?;
        Ok(Next::Done)
    }

    async fn find(&self, region: &Region, work: &Work) -> Result<Found, Error> {
        let answer = region.ec2.describe_route_tables().filters(ec2::hidden_tag(work)).send().await;
        let tables = answer.map_err(|error| failure("ec2:DescribeRouteTables", error))?.route_tables.unwrap_or_default();
        Ok(Found::Marked(tables.into_iter().filter_map(|table| table.route_table_id).collect()))
    }
}

async fn live_routes(region: &Region, id: &str) -> Result<Vec<Route>, Error> {
    let table = routes::tables(region, &[id]).await.into_iter().next().unwrap_or(Ok(None))?;
    table.map(|table| table.routes.unwrap_or_default()).ok_or_else(|| ec2::gone("ec2:DescribeRouteTables", id))
}

/// Whether a route is one that `route` may hold: not of the table itself, not propagated, not an endpoint's.
fn is_inline(route: &Route) -> bool {
    route.gateway_id.as_deref() != Some("local")
        && !matches!(route.origin, Some(RouteOrigin::EnableVgwRoutePropagation))
        && !(route.destination_prefix_list_id.is_some() && route.gateway_id.as_deref().is_some_and(|id| id.starts_with("vpce-")))
}

async fn apply_routes(region: &Region, id: &str, live: &[Route], work: &Work) -> Result<(), Error> {
    if !work.planned.get("route").is_some_and(Value::is_known) {
        return Ok(());
    }
    let wanted: BTreeMap<Destination, &Value> =
        work.planned.blocks("route").iter().filter_map(|route| Some((Destination::of(route, "")?, route))).collect();
    let before: BTreeMap<Destination, &Value> =
        work.prior.blocks("route").iter().filter_map(|route| Some((Destination::of(route, "")?, route))).collect();
    for destination in live.iter().filter(|route| is_inline(route)).filter_map(Destination::of_route) {
        if !wanted.contains_key(&destination) {
            routes::delete(region, id, &destination).await?;
        }
    }
    for (destination, route) in wanted {
        let exists = live.iter().any(|live| Destination::of_route(live).as_ref() == Some(&destination));
        match (exists, routes::is_local(route)) {
            (true, true) => {}
            (true, false) if before.get(&destination) == Some(&route) => {}
            (true, false) => routes::replace(region, id, &destination, route).await?,
            (false, _) => routes::create(region, id, &destination, route).await?,
        }
    }
    Ok(())
}

async fn propagate(region: &Region, id: &str, before: &[String], wanted: &[String]) -> Result<(), Error> {
    for gateway in before.iter().filter(|gateway| !wanted.contains(gateway)) {
        let call = region.ec2.disable_vgw_route_propagation().route_table_id(id).gateway_id(gateway);
        call.send().await.map_err(|error| failure("ec2:DisableVgwRoutePropagation", error))?;
    }
    for gateway in wanted.iter().filter(|gateway| !before.contains(gateway)) {
        let call = region.ec2.enable_vgw_route_propagation().route_table_id(id).gateway_id(gateway);
        call.send().await.map_err(|error| failure("ec2:EnableVgwRoutePropagation", error))?;
    }
    Ok(())
}

fn draft(region: &Region, table: &Table, known: &Known<'_>) -> Draft {
    let owner = table.owner_id.as_deref().unwrap_or_default();
    let configured_local = |route: &&Route| {
        let destination = Destination::of_route(route);
        known.object.blocks("route").iter().any(|inline| routes::is_local(inline) && Destination::of(inline, "") == destination)
    };
    let configured = known.object.blocks("route");
    let inline = table.routes().iter().filter(|route| is_inline(route) || configured_local(route)).map(|route| {
        let found = Value::from(inline(route));
        // The form of the configuration stays where it says the same.
        configured.iter().find(|inline| routes::same_route(inline, &found)).cloned().unwrap_or(found)
    });
    let inline = Value::tuple(inline.collect());
    let mut draft = Draft::new();
    draft
        .text("arn", Some(region.arn("ec2", owner, &format!("route-table/{}", known.id))))
        .text("owner_id", Some(owner))
        .text("vpc_id", table.vpc_id.as_deref())
        .texts("propagating_vgws", table.propagating_vgws().iter().filter_map(|gateway| gateway.gateway_id.as_deref()))
        .set("route", inline)
        .pairs("tags_all", ec2::tag_pairs(table.tags()));
    draft
}

fn inline(route: &Route) -> Draft {
    let mut draft = Draft::new();
    draft
        .text("cidr_block", route.destination_cidr_block.as_deref())
        .text("ipv6_cidr_block", route.destination_ipv6_cidr_block.as_deref())
        .text("destination_prefix_list_id", route.destination_prefix_list_id.as_deref());
    routes::draft_targets(route, &mut draft, None);
    draft
}
