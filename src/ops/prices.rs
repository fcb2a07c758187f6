//! The providers' catalogs as prices for a plan.

use super::Failed;
use crate::plan::{PriceKey, Prices, Purchase};
use crate::workload::Offers;
use windlass_api::Providers;

/// The prices of all machines in the providers' catalogs.
///
/// # Errors
/// A catalog can't be read.
pub(super) fn prices(providers: &Providers) -> Result<Prices, Failed> {
    let mut prices =
        Prices { as_of: providers.all().iter().find_map(|provider| Some(provider.catalog()?.as_of.into())), ..Prices::default() };
    for offer in Offers::of(providers)?.machines {
        for (purchase, usd) in [(Purchase::OnDemand, offer.on_demand_usd_hour), (Purchase::Spot, offer.spot_usd_hour)] {
            let Some(usd) = usd else { continue };
            let key =
                PriceKey { cloud: offer.cloud.clone(), region: offer.region.clone(), instance_type: offer.instance_type.clone(), purchase };
            prices.hourly_usd.insert(key, usd);
        }
    }
    Ok(prices)
}
