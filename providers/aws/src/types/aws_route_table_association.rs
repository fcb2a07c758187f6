//! `aws_route_table_association`: which table a subnet or gateway uses.

use super::ec2;
use crate::client::{Region, failure, missing};
use crate::resource::{
    Change, Draft, Fetch, Found, Known, Mapped, Next, ResourceType, Work, computed, in_place, local, on_create, two_parts,
};
use aws_sdk_ec2::types::{Filter, RouteTableAssociation as Live};
use std::collections::HashMap;
use windlass_api::{Availability, Error, ErrorKind, Value};

/// The type.
pub(crate) struct RouteTableAssociation;

#[async_trait::async_trait]
impl ResourceType for RouteTableAssociation {
    fn name(&self) -> &'static str {
        "aws_route_table_association"
    }

    fn mapping(&self) -> Vec<Mapped> {
        computed("id")
            .chain(on_create("gateway_id region subnet_id"))
            .chain(in_place("ReplaceRouteTableAssociation", "route_table_id"))
            .chain(local("timeouts.create timeouts.update timeouts.delete"))
            .collect()
    }

    fn plan(&self, change: &mut Change<'_>) {
        // An association gets a new id with its new table.
        if change.changes("route_table_id") {
            change.forget("id");
        }
    }

    async fn import(&self, region: &Region, id: &str) -> Result<Vec<(&'static str, String)>, Error> {
        let (subject, table) = two_parts(id, '/', "SUBNETID/ROUTETABLEID or GATEWAYID/ROUTETABLEID")?;
        let name = if subject.starts_with("subnet-") { "subnet_id" } else { "gateway_id" };
        let live = of_subject(region, &Value::object_of([(name, Value::string(subject))])).await?;
        let live = live.filter(|live| live.route_table_id.as_deref() == Some(table));
        let association = live
            .and_then(|live| live.route_table_association_id)
            .ok_or_else(|| Error::new(ErrorKind::NotFound, format!("{subject} is not associated with route table {table}")))?;
        Ok(vec![("id", association), (name, subject.to_owned()), ("route_table_id", table.to_owned())])
    }

    async fn read(&self, region: &Region, objects: &[Known<'_>]) -> Vec<Result<Option<Draft>, Error>> {
        let ids: Vec<String> = objects.iter().map(|known| known.id.to_owned()).collect();
        let mut found = HashMap::new();
        for ids in ids.chunks(ec2::VALUES_PER_FILTER) {
            match by_ids(region, ids).await {
                Ok(live) => found.extend(live.into_iter().filter_map(|it| Some((it.route_table_association_id.clone()?, it)))),
                Err(error) => return objects.iter().map(|_| Err(error.clone())).collect(),
            }
        }
        let mut drafts = Vec::with_capacity(objects.len());
        for known in objects {
            drafts.push(match found.get(known.id).filter(|it| state_of(it) != "disassociated") {
                Some(live) => Ok(Some(draft(live))),
                // A change of table that was cut off has given the association another id.
                None => of_subject(region, known.object).await.map(|live| {
                    live.filter(|live| live.route_table_id != known.object.text("route_table_id")).map(|live| {
                        let mut draft = draft(&live);
                        draft.text("id", live.route_table_association_id.as_deref());
                        draft
                    })
                }),
            });
        }
        drafts
    }

    async fn probe(&self, region: &Region, work: &Work) -> Result<Availability, Error> {
        Ok(match of_subject(region, &work.planned).await? {
            Some(live) => {
                let subject = live.subnet_id.or(live.gateway_id).unwrap_or_default();
                let table = live.route_table_id.unwrap_or_default();
                Availability::Taken { detail: format!("{subject} is associated with route table {table} already") }
            }
            None => Availability::Free,
        })
    }

    async fn create(&self, region: &Region, work: &Work) -> Result<String, Error> {
        let planned = &work.planned;
        let call = region
            .ec2
            .associate_route_table()
            .set_route_table_id(planned.text("route_table_id"))
            .set_subnet_id(planned.text("subnet_id"))
            .set_gateway_id(planned.text("gateway_id"));
        let answer = call.send().await.map_err(|error| failure("ec2:AssociateRouteTable", error))?;
        answer.association_id.ok_or_else(|| missing("ec2:AssociateRouteTable", "association id"))
    }

    async fn created(&self, region: &Region, _work: &Work, id: &str, _step: u32) -> Result<Next, Error> {
        let live = by_ids(region, &[id.to_owned()]).await?.into_iter().next().ok_or_else(|| ec2::gone("ec2:DescribeRouteTables", id))?;
        Ok(if state_of(&live) == "associating" { Next::wait("associating") } else { Next::Done })
    }

    async fn update(&self, region: &Region, work: &Work, id: &str, step: u32) -> Result<Next, Error> {
        if step > 0 {
            return self.created(region, work, id, step).await;
        }
        let call = region.ec2.replace_route_table_association().association_id(id).set_route_table_id(work.planned.text("route_table_id"));
        let answer = call.send().await.map_err(|error| failure("ec2:ReplaceRouteTableAssociation", error))?;
        answer.new_association_id.map(Next::Renamed).ok_or_else(|| missing("ec2:ReplaceRouteTableAssociation", "association id"))
    }

    async fn delete(&self, region: &Region, _work: &Work, id: &str, _step: u32) -> Result<Next, Error> {
        let call = region.ec2.disassociate_route_table().association_id(id);
        call.send().await.map_err(|error| failure("ec2:DisassociateRouteTable", error))?;
        Ok(Next::Done)
    }

    async fn find(&self, region: &Region, work: &Work) -> Result<Found, Error> {
        let live = of_subject(region, &work.planned).await?;
        let live = live.filter(|live| live.route_table_id == work.planned.text("route_table_id"));
        Ok(Found::Named(live.and_then(|live| live.route_table_association_id)))
    }
}

fn state_of(live: &Live) -> &str {
    live.association_state.as_ref().and_then(|state| state.state.as_ref()).map_or("associated", |state| state.as_str())
}

async fn by_filter(region: &Region, filter: Filter) -> Result<Vec<Live>, Error> {
    let tables: Result<Vec<_>, _> = region.ec2.describe_route_tables().filters(filter).into_paginator().items().send().collect().await;
    let tables = tables.map_err(|error| failure("ec2:DescribeRouteTables", error))?;
    Ok(tables.into_iter().flat_map(|table| table.associations.unwrap_or_default()).collect())
}

async fn by_ids(region: &Region, ids: &[String]) -> Result<Vec<Live>, Error> {
    let filter = Filter::builder().name("association.route-table-association-id").set_values(Some(ids.to_vec())).build();
    let all = by_filter(region, filter).await?;
    Ok(all.into_iter().filter(|live| live.route_table_association_id.as_ref().is_some_and(|id| ids.contains(id))).collect())
}

/// The association that a subnet or gateway has now; each has one at most.
async fn of_subject(region: &Region, planned: &Value) -> Result<Option<Live>, Error> {
    let (name, id) = match (planned.text("subnet_id"), planned.text("gateway_id")) {
        (Some(id), _) => ("association.subnet-id", id),
        (None, Some(id)) => ("association.gateway-id", id),
        (None, None) => return Err(Error::new(ErrorKind::Invalid, "one of subnet_id, gateway_id must be set")),
    };
    let all = by_filter(region, ec2::filter(name, &id)).await?;
    let is_subject = |live: &Live| live.subnet_id.as_deref() == Some(&id) || live.gateway_id.as_deref() == Some(&id);
    Ok(all.into_iter().find(|live| is_subject(live) && state_of(live) != "disassociated"))
}

fn draft(live: &Live) -> Draft {
    let mut draft = Draft::new();
    draft
        .text("gateway_id", Some(live.gateway_id.as_deref().unwrap_or_default()))
        .text("route_table_id", live.route_table_id.as_deref())
        .text("subnet_id", Some(live.subnet_id.as_deref().unwrap_or_default()));
    draft
}
