//! Regions, zones, instance types and offerings.

use super::catalog::{self, InstanceType};
use super::describe::{Filters, maybe, one};
use crate::aws::error::AwsError;
use crate::aws::query::{Call, Reply};
use crate::aws::xml::Xml;
use crate::world::World;

pub fn describe_regions(_world: &mut World, call: &Call) -> Result<Reply, AwsError> {
    let filters = Filters::parse(call.params)?;
    let names = call.params.texts("RegionName");
    if let Some(unknown) = names.iter().find(|name| catalog::place(name).is_none()) {
        return Err(AwsError::invalid_value(format!("Invalid region name: {unknown}")));
    }
    let mut found = Vec::new();
    for place in catalog::places() {
        let endpoint = format!("ec2.{}.amazonaws.com", place.name);
        let passes = filters.pass(None, |name| match name {
            "region-name" => one(place.name),
            "endpoint" => one(&endpoint),
            "opt-in-status" => one("opt-in-not-required"),
            _ => None,
        })?;
        if passes && (names.is_empty() || names.iter().any(|name| name == place.name)) {
            found.push((place.name, endpoint));
        }
    }
    Reply::write(|xml| {
        xml.items("regionInfo", found, |xml, (name, endpoint)| {
            xml.text("regionName", name).text("regionEndpoint", endpoint).text("optInStatus", "opt-in-not-required");
        });
    })
}

pub fn describe_zones(_world: &mut World, call: &Call) -> Result<Reply, AwsError> {
    let filters = Filters::parse(call.params)?;
    let mut names = call.params.texts("ZoneName");
    names.extend(call.params.texts("ZoneId"));
    let zones = catalog::place(call.region).map(catalog::Place::zones).unwrap_or_default();
    if let Some(unknown) = names.iter().find(|wanted| !zones.iter().any(|(name, id)| name == *wanted || id == *wanted)) {
        return Err(AwsError::invalid_value(format!("Invalid availability zone: [{unknown}]")));
    }
    let mut found = Vec::new();
    for (name, id) in zones {
        let passes = filters.pass(None, |filter| match filter {
            "zone-name" => one(&name),
            "zone-id" => one(&id),
            "region-name" => one(call.region),
            "state" => one("available"),
            "zone-type" => one("availability-zone"),
            "opt-in-status" => one("opt-in-not-required"),
            "group-name" | "group-long-name" => one(format!("{}-zg-1", call.region)),
            "message" | "parent-zone-id" | "parent-zone-name" => maybe(None::<String>),
            _ => None,
        })?;
        if passes && (names.is_empty() || names.contains(&name) || names.contains(&id)) {
            found.push((name, id));
        }
    }
    Reply::write(|xml| {
        xml.items("availabilityZoneInfo", found, |xml, (name, id)| {
            xml.text("zoneName", name).text("zoneId", id).text("zoneState", "available").text("regionName", call.region);
            xml.text("zoneType", "availability-zone").text("optInStatus", "opt-in-not-required");
            xml.text("groupName", format!("{}-zg-1", call.region)).text("networkBorderGroup", call.region);
            xml.items("messageSet", [(); 0], |_, ()| ());
        });
    })
}

/// A page of a list that is made anew each time: the token is the number of items before it.
fn page<T>(call: &Call, all: Vec<T>) -> Result<(Vec<T>, Option<String>), AwsError> {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    let limit = super::describe::limit(call.params)?;
    let start: usize = super::describe::token(call.params)?.and_then(|text| text.parse().ok()).unwrap_or(0);
    let end = start.saturating_add(limit);
    let next = (end < all.len()).then(|| URL_SAFE_NO_PAD.encode(end.to_string()));
    Ok((all.into_iter().skip(start).take(limit).collect(), next))
}

pub fn describe_offerings(_world: &mut World, call: &Call) -> Result<Reply, AwsError> {
    let filters = Filters::parse(call.params)?;
    let location_type = call.params.text("LocationType").unwrap_or("region");
    let zones = catalog::place(call.region).map(catalog::Place::zones).unwrap_or_default();
    let mut found = Vec::new();
    for offered in catalog::types().filter(|offered| offered.offered_in_region(call.region)) {
        let locations: Vec<String> = match location_type {
            "region" => vec![call.region.to_owned()],
            "availability-zone" => {
                zones.iter().filter(|(name, _)| offered.offered_in_zone(call.region, name)).map(|(name, _)| name.clone()).collect()
            }
            "availability-zone-id" => {
                zones.iter().filter(|(name, _)| offered.offered_in_zone(call.region, name)).map(|(_, id)| id.clone()).collect()
            }
            other => {
                return Err(AwsError::invalid_value(format!(
                    "Value ({other}) for parameter locationType is invalid. Valid values are region, availability-zone, availability-zone-id, outpost."
                )));
            }
        };
        for location in locations {
            let value = |name: &str| match name {
                "instance-type" => one(offered.name),
                "location" => one(&location),
                _ => None,
            };
            if filters.pass(None, value)? {
                found.push((offered.name, location));
            }
        }
    }
    let (found, next) = page(call, found)?;
    Reply::write(|xml| {
        xml.items("instanceTypeOfferingSet", found, |xml, (name, location)| {
            xml.text("instanceType", name).text("locationType", location_type).text("location", location);
        });
        xml.optional("nextToken", next);
    })
}

fn write_type(xml: &mut Xml, found: &InstanceType) {
    xml.text("instanceType", found.name)
        .text("currentGeneration", true)
        .text("freeTierEligible", found.name == "t3.micro")
        .text("hypervisor", "nitro");
    xml.texts("supportedUsageClasses", "item", ["on-demand", "spot"]).texts("supportedRootDeviceTypes", "item", ["ebs"]);
    xml.texts("supportedVirtualizationTypes", "item", ["hvm"]).text("bareMetal", found.name.contains("metal"));
    xml.text("burstablePerformanceSupported", found.name.starts_with('t') && !found.name.starts_with("trn"));
    xml.node("processorInfo", |xml| {
        xml.texts("supportedArchitectures", "item", [found.architecture]);
    });
    xml.node("vCpuInfo", |xml| {
        xml.text("defaultVCpus", found.vcpus)
            .text("defaultCores", (found.vcpus / 2).max(1))
            .text("defaultThreadsPerCore", if found.vcpus > 1 { 2 } else { 1 });
    });
    xml.node("memoryInfo", |xml| {
        xml.text("sizeInMiB", found.memory_mib);
    });
    xml.node("networkInfo", |xml| {
        xml.text("networkPerformance", format!("{} Gigabit", if found.network_gbps.is_empty() { "10" } else { found.network_gbps }));
        xml.text("maximumNetworkInterfaces", 4).text("enaSupport", "required").text("efaSupported", found.efa);
    });
    if !found.accelerator.is_empty() && found.accelerator_memory_mib > 0 {
        xml.node("gpuInfo", |xml| {
            xml.items("gpus", [()], |xml, ()| {
                xml.text("name", found.accelerator).text("manufacturer", "NVIDIA").text("count", found.accelerators);
                xml.node("memoryInfo", |xml| {
                    xml.text("sizeInMiB", found.accelerator_memory_mib);
                });
            });
            xml.text("totalGpuMemoryInMiB", found.accelerator_memory_mib * found.accelerators.max(1));
        });
    }
}

pub fn describe_types(_world: &mut World, call: &Call) -> Result<Reply, AwsError> {
    let filters = Filters::parse(call.params)?;
    let names = call.params.texts("InstanceType");
    let unknown: Vec<&str> = names.iter().map(String::as_str).filter(|name| !super::instance::type_exists(call.region, name)).collect();
    if !unknown.is_empty() {
        return Err(AwsError::bad(
            "InvalidInstanceType",
            format!("The following supplied instance types do not exist: [{}]", unknown.join(", ")),
        ));
    }
    let mut found = Vec::new();
    for offered in catalog::types().filter(|offered| offered.offered_in_region(call.region)) {
        let passes = filters.pass(None, |name| match name {
            "instance-type" => one(offered.name),
            "vcpu-info.default-vcpus" => one(offered.vcpus),
            "memory-info.size-in-mib" => one(offered.memory_mib),
            "processor-info.supported-architecture" => one(offered.architecture),
            "current-generation" => one(true),
            "supported-usage-class" => Some(vec!["on-demand".to_owned(), "spot".to_owned()]),
            "network-info.efa-supported" => one(offered.efa),
            "bare-metal" => one(offered.name.contains("metal")),
            _ => None,
        })?;
        if passes && (names.is_empty() || names.iter().any(|name| name == offered.name)) {
            found.push(offered);
        }
    }
    let (found, next) = page(call, found)?;
    Reply::write(|xml| {
        xml.items("instanceTypeSet", found, write_type);
        xml.optional("nextToken", next);
    })
}

pub fn describe_account_attributes(_world: &mut World, call: &Call) -> Result<Reply, AwsError> {
    let wanted = call.params.texts("AttributeName");
    let all =
        [("supported-platforms", "VPC"), ("default-vpc", "none"), ("max-instances", "20"), ("vpc-max-security-groups-per-interface", "5")];
    Reply::write(|xml| {
        xml.items(
            "accountAttributeSet",
            all.iter().filter(|(name, _)| wanted.is_empty() || wanted.iter().any(|wanted| wanted == name)),
            |xml, (name, value)| {
                xml.text("attributeName", name);
                xml.items("attributeValueSet", [value], |xml, value| {
                    xml.text("attributeValue", value);
                });
            },
        );
    })
}
