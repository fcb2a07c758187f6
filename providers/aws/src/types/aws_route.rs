//! `aws_route`: one route of a table, known by its destination.

use super::ec2;
use super::routes::{self, Destination, TARGETS};
use crate::client::Region;
use crate::resource::{
    Change, Draft, Fetch, Found, Known, Mapped, Next, ResourceType, Work, computed, in_place, local, on_create, two_parts,
};
use aws_sdk_ec2::types::Route as Live;
use std::collections::BTreeSet;
use windlass_api::{Availability, Error, ErrorKind, Value};

/// The type.
pub(crate) struct Route;

#[async_trait::async_trait]
impl ResourceType for Route {
    fn name(&self) -> &'static str {
        "aws_route"
    }

    fn mapping(&self) -> Vec<Mapped> {
        computed("id instance_id instance_owner_id origin state")
            .chain(on_create("destination_cidr_block destination_ipv6_cidr_block destination_prefix_list_id region route_table_id"))
            .chain(in_place("ReplaceRoute", &TARGETS.join(" ")))
            .chain(local("timeouts.create timeouts.update timeouts.delete"))
            .collect()
    }

    fn plan(&self, change: &mut Change<'_>) {
        let lower = |value: Option<&Value>| value.and_then(Value::as_str).map(str::to_lowercase);
        let name = "destination_ipv6_cidr_block";
        if change.prior().is_some_and(|prior| lower(prior.get(name)) == lower(change.planned.get(name))) {
            change.suppress(name);
        }
        let moved = TARGETS.iter().any(|name| change.changes(name));
        if moved {
            ["instance_id", "instance_owner_id", "origin", "state"].into_iter().for_each(|name| change.forget(name));
            if !change.is_set("network_interface_id") {
                change.forget("network_interface_id");
            }
        }
    }

    async fn import(&self, _region: &Region, id: &str) -> Result<Vec<(&'static str, String)>, Error> {
        let (table, destination) = two_parts(id, '_', "ROUTETABLEID_DESTINATION")?;
        let (name, found) = match destination {
            list if list.starts_with("pl-") => ("destination_prefix_list_id", Destination::PrefixList(list.to_owned())),
            range if range.contains(':') => ("destination_ipv6_cidr_block", Destination::Ipv6(range.to_lowercase())),
            range => ("destination_cidr_block", Destination::Ipv4(range.to_owned())),
        };
        Ok(vec![("id", id_of(table, &found)), ("route_table_id", table.to_owned()), (name, destination.to_owned())])
    }

    async fn read(&self, region: &Region, objects: &[Known<'_>]) -> Vec<Result<Option<Draft>, Error>> {
        let of = |known: &Known<'_>| known.object.text("route_table_id").unwrap_or_default();
        let ids: BTreeSet<String> = objects.iter().map(of).collect();
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        let tables: std::collections::BTreeMap<&str, _> = ids.iter().copied().zip(routes::tables(region, &ids).await).collect();
        let one = |known: &Known<'_>| {
            let table = match tables.get(of(known).as_str()) {
                Some(Ok(Some(table))) => table,
                Some(Err(error)) => return Err(error.clone()),
                _ => return Ok(None),
            };
            let wanted = Destination::of(known.object, "destination_");
            Ok(table.routes().iter().find(|route| wanted.is_some() && Destination::of_route(route) == wanted).map(draft))
        };
        objects.iter().map(one).collect()
    }

    async fn probe(&self, region: &Region, work: &Work) -> Result<Availability, Error> {
        Ok(match live(region, &work.planned).await? {
            // Terraform's provider takes over the route that came with the table.
            Some(route) if route.gateway_id.as_deref() != Some("local") => {
                let (table, destination) =
                    (work.planned.text("route_table_id").unwrap_or_default(), Destination::of(&work.planned, "destination_"));
                let destination = destination.as_ref().map_or("", Destination::text).to_owned();
                Availability::Taken { detail: format!("Route in Route Table ({table}) with destination ({destination}) already exists") }
            }
            _ => Availability::Free,
        })
    }

    async fn create(&self, region: &Region, work: &Work) -> Result<String, Error> {
        let planned = &work.planned;
        let (table, destination) = key(planned)?;
        if routes::is_local(planned) {
            routes::replace(region, &table, &destination, planned).await?;
        } else {
            routes::create(region, &table, &destination, planned).await?;
        }
        Ok(id_of(&table, &destination))
    }

    async fn created(&self, region: &Region, work: &Work, id: &str, _step: u32) -> Result<Next, Error> {
        match live(region, &work.planned).await? {
            Some(_) => Ok(Next::Done),
            None => Err(ec2::gone("ec2:DescribeRouteTables", id)),
        }
    }

    async fn update(&self, region: &Region, work: &Work, _id: &str, _step: u32) -> Result<Next, Error> {
        if work.changes(&TARGETS) {
            let (table, destination) = key(&work.planned)?;
            routes::replace(region, &table, &destination, &work.planned).await?;
        }
        Ok(Next::Done)
    }

    async fn delete(&self, region: &Region, work: &Work, _id: &str, _step: u32) -> Result<Next, Error> {
        if routes::is_local(&work.prior) {
            return Ok(Next::Done);
        }
        let (table, destination) = key(&work.prior)?;
        routes::delete(region, &table, &destination).await?;
        Ok(Next::Done)
    }

    async fn find(&self, region: &Region, work: &Work) -> Result<Found, Error> {
        let (table, destination) = key(&work.planned)?;
        let found = live(region, &work.planned).await?.filter(|route| route.gateway_id.as_deref() != Some("local"));
        Ok(Found::Named(found.map(|_| id_of(&table, &destination))))
    }
}

fn key(value: &Value) -> Result<(String, Destination), Error> {
    let destination = Destination::of(value, "destination_");
    value.text("route_table_id").zip(destination).ok_or_else(|| {
        Error::new(ErrorKind::Invalid, "one of destination_cidr_block, destination_ipv6_cidr_block, destination_prefix_list_id must be set")
    })
}

async fn live(region: &Region, value: &Value) -> Result<Option<Live>, Error> {
    let (table, destination) = key(value)?;
    let table = routes::tables(region, &[table.as_str()]).await.into_iter().next().unwrap_or(Ok(None))?;
    let routes = table.and_then(|table| table.routes).unwrap_or_default();
    Ok(routes.into_iter().find(|route| Destination::of_route(route).as_ref() == Some(&destination)))
}

/// The id that Terraform's provider makes: `r-`, the table, and a checksum of the destination.
fn id_of(table: &str, destination: &Destination) -> String {
    format!("r-{table}{}", checksum(destination.text()))
}

/// CRC-32 (IEEE), as the SDK of Terraform's providers hashes strings.
fn checksum(text: &str) -> u32 {
    let step =
        |sum: u32, byte: u8| (0..8).fold(sum ^ u32::from(byte), |sum, _| if sum & 1 == 1 { (sum >> 1) ^ 0xedb8_8320 } else { sum >> 1 });
    !text.bytes().fold(u32::MAX, step)
}

fn draft(route: &Live) -> Draft {
    let mut draft = Draft::new();
    draft
        .text("destination_cidr_block", Some(route.destination_cidr_block.as_deref().unwrap_or_default()))
        .text("destination_ipv6_cidr_block", Some(route.destination_ipv6_cidr_block.as_deref().unwrap_or_default()))
        .text("destination_prefix_list_id", Some(route.destination_prefix_list_id.as_deref().unwrap_or_default()))
        .text("instance_id", Some(route.instance_id.as_deref().unwrap_or_default()))
        .text("instance_owner_id", Some(route.instance_owner_id.as_deref().unwrap_or_default()))
        .text("origin", route.origin.as_ref().map(|origin| origin.as_str()))
        .text("state", route.state.as_ref().map(|state| state.as_str()));
    routes::draft_targets(route, &mut draft, Some(""));
    draft
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_those_of_terraform() {
        assert_eq!(id_of("rtb-1", &Destination::Ipv4("0.0.0.0/0".into())), "r-rtb-11080289494");
    }
}
