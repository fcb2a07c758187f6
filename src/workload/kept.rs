//! The choice of an earlier run: read from the state, or rebuilt from what stands beside it.

use super::choice::{Choice, ChosenMachine, ServiceChoice};
use super::offers::Offers;
use super::placement::{price, storage_usd_hour};
use super::shape::Shape;
use crate::address::{Instance, InstanceKey, Mode, ModuleInstance, Resource};
use crate::diagnostic::Diagnostic;
use std::collections::BTreeMap;
use std::sync::Arc;
use windlass_api::Value;

/// The attributes of an instance as the state holds them.
pub type Recorded<'a> = &'a dyn Fn(&Instance) -> Option<Value>;

/// The choice that the state holds for a workload.
pub(super) fn kept(shape: &Shape, recorded: Recorded<'_>) -> Option<Choice> {
    let of = |type_name: &str, name: &str| recorded(&address(&shape.name, type_name, name, None));
    if let Some(placement) = of("windlass_placement", "workload") {
        return Choice::from_json(placement.get_str("choice")?);
    }
    rebuilt(shape, recorded)
}

/// The choice as the launch templates and groups that were made from it tell it.
fn rebuilt(shape: &Shape, recorded: Recorded<'_>) -> Option<Choice> {
    let of = |type_name: &str, name: &str| recorded(&address(&shape.name, type_name, name, None));
    let mut services = BTreeMap::new();
    let mut region = None;
    for service in &shape.services {
        let (template, group) = (of("aws_launch_template", &service.name)?, of("aws_autoscaling_group", &service.name)?);
        let zones = group.get("availability_zones")?.elements()?.iter().filter_map(|zone| zone.as_str().map(Arc::from));
        let mut zones: Vec<Arc<str>> = zones.collect();
        zones.sort();
        region = region.or_else(|| zones.first().map(|zone| Arc::from(zone.trim_end_matches(char::is_alphabetic))));
        let device = template
            .get("block_device_mappings")
            .and_then(|devices| devices.elements()?.first()?.get_str("device_name").map(str::to_owned));
        let machine = ChosenMachine {
            instance_type: template.get_str("instance_type")?.into(),
            accelerators: None,
            usd_hour: 0.0,
            on_demand_usd_hour: 0.0,
            zones: (!zones.is_empty()).then_some(zones)?,
        };
        let image = template.get_str("image_id")?.to_owned();
        services.insert(service.name.clone(), ServiceChoice { machines: vec![machine], image, root_device: device? });
    }
    Some(Choice { demand: Choice::demand_of(shape), region: region?, services })
}

/// The address of a resource in a workload's module.
pub(super) fn address(workload: &str, type_name: &str, name: &str, key: Option<InstanceKey>) -> Instance {
    Instance {
        module: ModuleInstance::default().child(workload, None),
        resource: Resource { mode: Mode::Managed, type_name: type_name.into(), name: name.into() },
        key,
    }
}

/// A warning when prices have risen over the budget since the choice was made.
pub(super) fn price_rise(shape: &Shape, choice: &Choice, offers: &Offers) -> Option<Diagnostic> {
    let budget = shape.placement.budget_usd_hour?;
    let mut total = storage_usd_hour(shape, &choice.region, offers);
    for service in &shape.services {
        let machine = choice.services.get(&service.name)?.machines.first()?;
        let offer = offers.machines.iter().find(|offer| offer.region == choice.region && offer.instance_type == machine.instance_type)?;
        let usd_hour = price(service.purchase, offer)?;
        total += service.usd_hour_at_most(usd_hour, offer.on_demand_usd_hour.unwrap_or(usd_hour));
    }
    (total > budget).then(|| {
        let detail = format!(
            "Workload {:?} stays where it is, in {}, but by today's catalog it costs up to ${total:.4} an hour, over its budget of ${budget:.4}.",
            &*shape.name, choice.region
        );
        Diagnostic::warning("Over the budget", detail).at(shape.placement.budget_range.unwrap_or(shape.range))
    })
}
