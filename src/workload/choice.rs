//! The choice as it is kept: in the state, as the `choice` of the workload's `windlass_placement`.

use super::placement::{Architecture, Candidate, Site, architecture};
use super::shape::Shape;
use serde_json::{Map, Value as Json, json};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Everything that was chosen for a workload.
#[derive(Clone, Debug, PartialEq)]
pub struct Choice {
    /// The demand that it answers.
    pub demand: String,
    /// The region.
    pub region: Arc<str>,
    /// By service.
    pub services: BTreeMap<Arc<str>, ServiceChoice>,
}

/// What was chosen for a service.
#[derive(Clone, Debug, PartialEq)]
pub struct ServiceChoice {
    /// Machine types in order of preference, each with its zones. Never empty.
    pub machines: Vec<ChosenMachine>,
    /// The image.
    pub image: String,
    /// Name of the image's root device.
    pub root_device: String,
}

/// A machine type and where it is.
#[derive(Clone, Debug, PartialEq)]
pub struct ChosenMachine {
    /// The type.
    pub instance_type: Arc<str>,
    /// Accelerators, such as `L4:1`.
    pub accelerators: Option<Arc<str>>,
    /// Price when it was chosen, as it is paid for.
    pub usd_hour: f64,
    /// Price on demand then.
    pub on_demand_usd_hour: f64,
    /// Zones that offer it, in order. Never empty.
    pub zones: Vec<Arc<str>>,
}

impl Choice {
    /// The choice of a site whose zones and images are known.
    pub fn of(
        shape: &Shape,
        site: &Site,
        zones: &BTreeMap<Arc<str>, Vec<Arc<str>>>,
        images: &BTreeMap<Arc<str>, (String, String)>,
    ) -> Option<Choice> {
        let mut services = BTreeMap::new();
        for (service, candidates) in shape.services.iter().zip(&site.candidates) {
            let (image, root_device) = images.get(&service.name)?.clone();
            let machine = |candidate: &Candidate| {
                Some(ChosenMachine {
                    instance_type: candidate.instance_type.clone(),
                    accelerators: candidate.accelerators.clone(),
                    usd_hour: candidate.usd_hour,
                    on_demand_usd_hour: candidate.on_demand_usd_hour,
                    zones: zones.get(&candidate.instance_type)?.clone(),
                })
            };
            let machines = candidates.iter().map(machine).collect::<Option<Vec<_>>>()?;
            services.insert(service.name.clone(), ServiceChoice { machines, image, root_device });
        }
        Some(Choice { demand: digest(&shape.demand()), region: site.region.clone(), services })
    }

    /// What stands for a shape's demand in a choice.
    pub fn demand_of(shape: &Shape) -> String {
        digest(&shape.demand())
    }

    /// Whether it answers a shape's demand, within the budget by the prices that it was made by: then it is kept, whatever prices
    /// have become.
    pub fn answers(&self, shape: &Shape, storage_usd_hour: f64) -> bool {
        let cost = shape.services.iter().map(|service| {
            let machine = self.services.get(&service.name)?.machines.first()?;
            Some(service.usd_hour_at_most(machine.usd_hour, machine.on_demand_usd_hour))
        });
        let Some(cost) = cost.sum::<Option<f64>>() else { return false };
        self.demand == digest(&shape.demand()) && shape.placement.budget_usd_hour.is_none_or(|budget| cost + storage_usd_hour <= budget)
    }

    /// Where, and each service on what, in one line.
    pub fn described(&self) -> String {
        let services = self.services.iter().filter_map(|(name, service)| {
            let first = service.machines.first()?;
            let accelerators = first.accelerators.as_ref().map_or(String::new(), |accelerators| format!(" ({accelerators})"));
            Some(format!(", {name} on {}{accelerators} at ${:.4} an hour each", first.instance_type, first.usd_hour))
        });
        format!("{}{}", self.region, services.collect::<String>())
    }

    /// As JSON, with keys in order.
    pub fn to_json(&self) -> String {
        let services: Map<String, Json> = self
            .services
            .iter()
            .map(|(name, service)| {
                let machines: Vec<Json> = service
                    .machines
                    .iter()
                    .map(|machine| {
                        let zones: Vec<&str> = machine.zones.iter().map(|zone| &**zone).collect();
                        json!({
                            "type": &*machine.instance_type, "accelerators": machine.accelerators.as_deref(),
                            "usd_hour": machine.usd_hour,
                            "on_demand_usd_hour": machine.on_demand_usd_hour, "zones": zones,
                        })
                    })
                    .collect();
                (name.to_string(), json!({ "image": service.image, "root_device": service.root_device, "machines": machines }))
            })
            .collect();
        json!({ "version": 1, "cloud": "aws", "region": &*self.region, "demand": self.demand, "services": services }).to_string()
    }

    /// Reads what [`Choice::to_json`] wrote.
    pub fn from_json(text: &str) -> Option<Choice> {
        let json: Json = serde_json::from_str(text).ok()?;
        (json.get("version")?.as_u64()? == 1).then_some(())?;
        let mut services = BTreeMap::new();
        for (name, service) in json.get("services")?.as_object()? {
            let mut machines = Vec::new();
            for machine in service.get("machines")?.as_array()? {
                let zones: Option<Vec<Arc<str>>> =
                    machine.get("zones")?.as_array()?.iter().map(|zone| zone.as_str().map(Arc::from)).collect();
                machines.push(ChosenMachine {
                    instance_type: machine.get("type")?.as_str()?.into(),
                    accelerators: machine.get("accelerators").and_then(Json::as_str).map(Arc::from),
                    usd_hour: machine.get("usd_hour")?.as_f64()?,
                    on_demand_usd_hour: machine.get("on_demand_usd_hour")?.as_f64()?,
                    zones: zones.filter(|zones| !zones.is_empty())?,
                });
            }
            (!machines.is_empty()).then_some(())?;
            let (image, root_device) = (service.get("image")?.as_str()?.to_owned(), service.get("root_device")?.as_str()?.to_owned());
            services.insert(Arc::from(name.as_str()), ServiceChoice { machines, image, root_device });
        }
        Some(Choice { demand: json.get("demand")?.as_str()?.to_owned(), region: json.get("region")?.as_str()?.into(), services })
    }
}

impl ServiceChoice {
    /// The instruction set of its machines.
    pub fn architecture(&self) -> Architecture {
        architecture(&self.machines[0].instance_type)
    }
}

fn digest(demand: &str) -> String {
    use sha2::{Digest, Sha256};
    Sha256::digest(demand.as_bytes()).iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}
