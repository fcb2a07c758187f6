//! What a plan costs while it runs: machines by the hour, on their own and in groups.
//!
//! A group counts with its least size, since more is not planned but grown; where the cloud may choose among machine types, the
//! dearest counts; a variant that costs more than the first choice is told beside it. Object storage has no fixed price an hour.

mod machines;
#[cfg(test)]
mod tests;

use super::{Change, Cost, CostAtWorst, CostLine, Plan};
use machines::{Machines, Templates};
use std::collections::BTreeMap;
use std::sync::Arc;
use windlass_api::Value;

/// How a machine is bought.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Purchase {
    /// At the list price.
    OnDemand,
    /// Spare capacity, at its usual price.
    Spot,
}

/// A machine type of a cloud's region, bought in one way.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PriceKey {
    /// Provider name, such as `aws`.
    pub cloud: Arc<str>,
    /// Region.
    pub region: Arc<str>,
    /// Machine type.
    pub instance_type: Arc<str>,
    /// How it is bought.
    pub purchase: Purchase,
}

/// What machines cost in US dollars an hour.
#[derive(Clone, Debug, Default)]
pub struct Prices {
    /// Date of the prices, such as `2026-07-20`.
    pub as_of: Option<Arc<str>>,
    /// Prices.
    pub hourly_usd: BTreeMap<PriceKey, f64>,
}

/// What the objects of a plan cost, before and after. Objects without a price are named in [`Cost::unpriced`].
pub fn cost(plan: &Plan, prices: &Prices) -> Cost {
    let templates = Templates::of(plan);
    let mut cost = Cost { prices_as_of: prices.as_of.clone(), ..Cost::default() };
    for change in plan.changes.iter().filter(|change| change.deposed.is_none()) {
        let region = region(plan, change);
        let counted = |value: &Value, after: bool| machines::of(change, value, &templates, after);
        let before = counted(&change.before, false);
        let after = std::iter::once(&change.after).chain(change.variants.iter().map(|variant| &variant.after));
        let after: Vec<Machines> = after.filter_map(|value| counted(value, true)).collect();
        if before.is_none() && after.is_empty() {
            continue;
        }
        let price = |machines: &Machines| priced(machines, cloud(change), &region, prices);
        let (before, after) = (before.as_ref().map(&price), after.iter().map(&price).collect::<Vec<Priced>>());
        for missing in before.iter().chain(&after).flat_map(|priced| &priced.missing) {
            let line = format!("{}: {missing}", change.address);
            if !cost.unpriced.contains(&line) {
                cost.unpriced.push(line);
            }
        }
        cost.lines.extend(line(change, before.as_ref(), &after));
    }
    cost
}

/// What is known of an object's cost; nothing of one that has no price at all.
fn line(change: &Change, before: Option<&Priced>, after: &[Priced]) -> Option<CostLine> {
    let first = after.first().or(before)?;
    if before.iter().copied().chain(after).all(|priced| !priced.is_known) {
        return None;
    }
    let after_hourly_usd = after.first().map_or(0.0, |priced| priced.hourly_usd);
    let dearest = after.iter().max_by(|one, two| one.hourly_usd.total_cmp(&two.hourly_usd));
    let dearer = dearest.filter(|dearest| dearest.hourly_usd > after_hourly_usd);
    Some(CostLine {
        address: change.address.clone(),
        what: first.what.clone(),
        before_hourly_usd: before.map_or(0.0, |priced| priced.hourly_usd),
        after_hourly_usd,
        at_worst: dearer.map(|dearest| CostAtWorst { what: dearest.what.clone(), hourly_usd: dearest.hourly_usd }),
    })
}

/// The provider's short name.
fn cloud(change: &Change) -> &str {
    change.provider.source.rsplit('/').next().unwrap_or_default()
}

fn region(plan: &Plan, change: &Change) -> String {
    let own = [&change.after, &change.before].into_iter().find_map(|value| value.get_str("region"));
    let pin = plan.providers.get(&change.provider);
    let configured = || pin.and_then(|pin| pin.config.get_str("region"));
    let account = || pin.and_then(|pin| pin.account.as_ref()?.region.as_deref());
    own.or_else(configured).or_else(account).unwrap_or_default().to_owned()
}

/// The price of machines, and of what there is none.
struct Priced {
    what: String,
    hourly_usd: f64,
    /// Whether there is a price of any part of it.
    is_known: bool,
    missing: Vec<String>,
}

fn priced(machines: &Machines, cloud: &str, region: &str, prices: &Prices) -> Priced {
    let mut result = Priced { what: String::new(), hourly_usd: 0.0, is_known: false, missing: Vec::new() };
    let mut parts = Vec::new();
    for (count, purchase) in [(machines.on_demand, Purchase::OnDemand), (machines.spot, Purchase::Spot)] {
        if count == 0 && (purchase == Purchase::Spot || machines.spot > 0) {
            continue;
        }
        let price = |instance_type: &Arc<str>| {
            let key = PriceKey { cloud: cloud.into(), region: region.into(), instance_type: instance_type.clone(), purchase };
            prices.hourly_usd.get(&key).map(|usd| (*usd, instance_type.clone()))
        };
        let known: Vec<(f64, Arc<str>)> = machines.types.iter().filter_map(price).collect();
        let how = if purchase == Purchase::Spot { "spot" } else { "on demand" };
        if count == 0 {
            // None run: that costs nothing, whatever one would cost.
            result.is_known = true;
            parts.push(format!("{count} × {} {how}", machines.types.first().map_or("?", |name| &**name)));
            continue;
        }
        for unpriced in machines.types.iter().filter(|name| known.iter().all(|(_, priced)| priced != *name)) {
            result.missing.push(format!("no price of {unpriced} {how} in {region} is known"));
        }
        if machines.types.is_empty() {
            result.missing.push("its machine type is not known yet".to_owned());
        }
        result.is_known |= !known.is_empty();
        let dearest = known.into_iter().max_by(|one, two| one.0.total_cmp(&two.0));
        let name = dearest.as_ref().map(|(_, name)| name.clone()).or_else(|| machines.types.first().cloned());
        parts.push(format!("{count} × {} {how}", name.as_deref().unwrap_or("?")));
        result.hourly_usd += dearest.map_or(0.0, |(usd, _)| usd) * count as f64;
    }
    result.what = parts.join(", ");
    result
}
