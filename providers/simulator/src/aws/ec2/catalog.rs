//! Regions, zones and instance types: what the sandbox's AWS offers. Constant data, read once.

use std::collections::BTreeMap;
use std::sync::LazyLock;

/// An instance type and where it can be had.
pub struct InstanceType {
    pub name: &'static str,
    pub vcpus: u64,
    pub memory_mib: u64,
    pub architecture: &'static str,
    pub accelerator: &'static str,
    pub accelerators: u64,
    pub accelerator_memory_mib: u64,
    pub network_gbps: &'static str,
    pub efa: bool,
    regions: Vec<&'static str>,
    zone_ids: Vec<&'static str>,
}

/// A region and its zones.
pub struct Place {
    pub name: &'static str,
    zone_id_prefix: &'static str,
    letters: &'static str,
}

fn rows(text: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    text.lines().filter(|line| !line.starts_with('#')).skip(1).map(|line| line.split(',').collect())
}

static PLACES: LazyLock<BTreeMap<&'static str, Place>> = LazyLock::new(|| {
    let read =
        |row: Vec<&'static str>| Some((*row.first()?, Place { name: row.first()?, zone_id_prefix: row.get(1)?, letters: row.get(2)? }));
    rows(include_str!("../../../data/regions.csv")).filter_map(read).collect()
});

static TYPES: LazyLock<BTreeMap<&'static str, InstanceType>> = LazyLock::new(|| {
    let number = |text: &str| text.parse().unwrap_or(0);
    let read = |row: Vec<&'static str>| {
        let [name, vcpus, memory, architecture, accelerator, accelerators, accelerator_memory, network_gbps, efa, regions, zones] = row[..]
        else {
            return None;
        };
        let found = InstanceType {
            name,
            vcpus: number(vcpus),
            memory_mib: number(memory),
            architecture,
            accelerator,
            accelerators: number(accelerators),
            accelerator_memory_mib: number(accelerator_memory),
            network_gbps,
            efa: efa == "1",
            regions: regions.split(' ').collect(),
            zone_ids: zones.split(' ').filter(|zone| !zone.is_empty()).collect(),
        };
        Some((name, found))
    };
    rows(include_str!("../../../data/instance_types.csv")).filter_map(read).collect()
});

pub fn places() -> impl Iterator<Item = &'static Place> {
    PLACES.values()
}

pub fn place(name: &str) -> Option<&'static Place> {
    PLACES.get(name)
}

pub fn types() -> impl Iterator<Item = &'static InstanceType> {
    TYPES.values()
}

pub fn instance_type(name: &str) -> Option<&'static InstanceType> {
    TYPES.get(name)
}

impl Place {
    /// Zone names with their ids: `us-east-1a`, `use1-az1`.
    pub fn zones(&self) -> Vec<(String, String)> {
        let id = |(index, letter)| (format!("{}{letter}", self.name), format!("{}-az{}", self.zone_id_prefix, index + 1));
        self.letters.chars().enumerate().map(id).collect()
    }
}

/// The name of a zone given by name or id, if the region has it.
pub fn zone_name(region: &str, zone: &str) -> Option<String> {
    place(region)?.zones().into_iter().find(|(name, id)| name == zone || id == zone).map(|(name, _)| name)
}

/// The id of a zone.
pub fn zone_id(region: &str, zone: &str) -> String {
    place(region).and_then(|place| place.zones().into_iter().find(|(name, _)| name == zone)).map(|(_, id)| id).unwrap_or_default()
}

impl InstanceType {
    pub fn offered_in_region(&self, region: &str) -> bool {
        self.regions.contains(&"*") || self.regions.contains(&region)
    }

    /// Whether a zone offers the type. Where the data knows zones, they count. Else common types are everywhere, and an accelerated family is
    /// missing in one zone of each region with more than two, chosen by its name: as at AWS, where no family is in every zone.
    pub fn offered_in_zone(&self, region: &str, zone: &str) -> bool {
        let Some(place) = place(region).filter(|_| self.offered_in_region(region)) else { return false };
        let zones = place.zones();
        let Some(index) = zones.iter().position(|(name, _)| name == zone) else { return false };
        let known: Vec<&&str> = self.zone_ids.iter().filter(|id| id.starts_with(&format!("{}-", place.zone_id_prefix))).collect();
        if !known.is_empty() {
            return known.iter().any(|id| **id == zones[index].1);
        }
        if self.accelerator.is_empty() || zones.len() < 3 {
            return true;
        }
        let family = self.name.split('.').next().unwrap_or_default();
        let seed = crc32fast::hash(format!("{region}/{family}").as_bytes()) as usize;
        seed % zones.len() != index
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_read_and_no_family_is_everywhere() {
        let lines = include_str!("../../../data/instance_types.csv").lines().count() - 2;
        assert_eq!(types().count(), lines);
        let zones = |name: &str| {
            let found = instance_type(name).unwrap();
            place("us-west-2").unwrap().zones().into_iter().filter(|(zone, _)| found.offered_in_zone("us-west-2", zone)).count()
        };
        assert_eq!((zones("m6i.large"), zones("g6.xlarge")), (4, 3));
    }
}
