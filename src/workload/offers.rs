//! What clouds offer, and at what price: a dated snapshot, handed in by the provider.

use crate::diagnostic::{Diagnostic, Diagnostics};
use std::sync::Arc;
use windlass_api::Providers;

/// Hours in a month, as clouds' price lists count them.
pub const HOURS_PER_MONTH: f64 = 730.0;

/// A machine type in a region.
#[derive(Clone, Debug, PartialEq)]
pub struct Offer {
    /// Provider name, such as `aws`.
    pub cloud: Arc<str>,
    /// Region.
    pub region: Arc<str>,
    /// Machine type.
    pub instance_type: Arc<str>,
    /// Model of its accelerators, such as `L4`.
    pub accelerator: Option<Arc<str>>,
    /// How many whole accelerators it has.
    pub accelerators: u32,
    /// Memory of each accelerator in GiB.
    pub accelerator_memory_gib: f64,
    /// Virtual processors.
    pub vcpus: u32,
    /// Memory in GiB.
    pub memory_gib: f64,
    /// Price on demand in US dollars an hour.
    pub on_demand_usd_hour: Option<f64>,
    /// Usual spot price in US dollars an hour.
    pub spot_usd_hour: Option<f64>,
}

/// The price of object storage.
#[derive(Clone, Debug, PartialEq)]
pub struct StorageOffer {
    /// Provider name.
    pub cloud: Arc<str>,
    /// Region.
    pub region: Arc<str>,
    /// US dollars for a GiB and month.
    pub usd_gib_month: f64,
}

/// A catalog.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Offers {
    /// Machine types.
    pub machines: Vec<Offer>,
    /// Object storage.
    pub storage: Vec<StorageOffer>,
}

impl Offers {
    /// The offers of all providers.
    ///
    /// # Errors
    /// A catalog can't be read.
    pub fn of(providers: &Providers) -> Result<Offers, Diagnostics> {
        let mut all = Offers::default();
        for (provider, catalog) in providers.all().iter().filter_map(|provider| Some((provider, provider.catalog()?))) {
            let read = Offers::read(catalog.machines, catalog.storage).map_err(|error| {
                let detail = format!("The catalog of provider {} can't be read: {error}.", provider.name());
                Diagnostics::from(Diagnostic::error("Broken catalog", detail))
            })?;
            all.machines.extend(read.machines);
            all.storage.extend(read.storage);
        }
        Ok(all)
    }

    /// Reads a catalog of comma-separated tables: machine types, and storage.
    ///
    /// # Errors
    /// What can't be read.
    pub fn read(machines: &[&str], storage: &str) -> Result<Offers, csv::Error> {
        let mut offers = Offers::default();
        for table in machines {
            let mut reader = csv::Reader::from_reader(table.as_bytes());
            let columns = Columns::of(reader.headers()?);
            for row in reader.records() {
                offers.machines.extend(columns.machine(&row?));
            }
        }
        let mut reader = csv::Reader::from_reader(storage.as_bytes());
        let columns = Columns::of(reader.headers()?);
        for row in reader.records() {
            offers.storage.extend(columns.storage(&row?));
        }
        Ok(offers)
    }

    /// Every accelerator model that some offer has, in order.
    pub fn accelerator_models(&self) -> Vec<&str> {
        let mut models: Vec<&str> = self.machines.iter().filter_map(|offer| offer.accelerator.as_deref()).collect();
        models.sort_unstable();
        models.dedup();
        models
    }

    /// Every region of a cloud, in order.
    pub fn regions(&self, cloud: &str) -> Vec<&str> {
        let mut regions: Vec<&str> = self.machines.iter().filter(|offer| &*offer.cloud == cloud).map(|offer| &*offer.region).collect();
        regions.sort_unstable();
        regions.dedup();
        regions
    }

    /// The price of storage in a region; where the catalog lacks the region, the dearest of the cloud.
    pub fn storage_usd_gib_month(&self, cloud: &str, region: &str) -> f64 {
        let of_cloud = || self.storage.iter().filter(|offer| &*offer.cloud == cloud);
        let exact = of_cloud().find(|offer| &*offer.region == region).map(|offer| offer.usd_gib_month);
        exact.unwrap_or_else(|| of_cloud().map(|offer| offer.usd_gib_month).fold(0.0, f64::max))
    }
}

/// Columns by name, so that a catalog may gain some.
struct Columns(Vec<String>);

impl Columns {
    fn of(header: &csv::StringRecord) -> Columns {
        Columns(header.iter().map(str::to_owned).collect())
    }

    fn get<'r>(&self, row: &'r csv::StringRecord, name: &str) -> &'r str {
        self.0.iter().position(|column| column == name).and_then(|position| row.get(position)).unwrap_or_default()
    }

    fn number(&self, row: &csv::StringRecord, name: &str) -> Option<f64> {
        self.get(row, name).parse().ok()
    }

    /// Rows without a price and machines with a part of an accelerator only are left out.
    fn machine(&self, row: &csv::StringRecord) -> Option<Offer> {
        let count = self.number(row, "accelerator_count").unwrap_or(0.0);
        let (on_demand, spot) = (self.number(row, "price_usd_hour"), self.number(row, "spot_price_usd_hour"));
        if count.fract() != 0.0 || (on_demand.is_none() && spot.is_none()) {
            return None;
        }
        let accelerator = self.get(row, "accelerator");
        Some(Offer {
            cloud: self.get(row, "cloud").into(),
            region: self.get(row, "region").into(),
            instance_type: self.get(row, "instance_type").into(),
            accelerator: (!accelerator.is_empty()).then(|| accelerator.into()),
            accelerators: count as u32,
            accelerator_memory_gib: self.number(row, "gpu_memory_gib").unwrap_or(0.0),
            vcpus: self.number(row, "vcpus")? as u32,
            memory_gib: self.number(row, "memory_gib")?,
            on_demand_usd_hour: on_demand,
            spot_usd_hour: spot,
        })
    }

    /// Only the standard class of object storage.
    fn storage(&self, row: &csv::StringRecord) -> Option<StorageOffer> {
        let is_standard = self.get(row, "service") == "S3" && self.get(row, "tier").starts_with("Standard (");
        is_standard.then_some(())?;
        Some(StorageOffer {
            cloud: self.get(row, "cloud").into(),
            region: self.get(row, "region").into(),
            usd_gib_month: self.number(row, "price_usd_gib_month")?,
        })
    }
}
