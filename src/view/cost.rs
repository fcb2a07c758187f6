//! The cost of a plan, an hour and a month.

use super::style::{Ink, Style};
use crate::plan::{Cost, CostLine};

/// Hours in a month as price lists count them (365 × 24 / 12).
const HOURS_A_MONTH: f64 = 730.0;

/// The lines under a plan's summary; empty when nothing has a price.
pub fn render(cost: &Cost, style: Style) -> String {
    if cost.lines.is_empty() && cost.unpriced.is_empty() {
        return String::new();
    }
    let before: f64 = cost.lines.iter().map(|line| line.before_hourly_usd).sum();
    let after: f64 = cost.lines.iter().map(|line| line.after_hourly_usd).sum();
    let change = match after - before {
        0.0 => String::new(),
        difference => format!(" ({}{})", if difference < 0.0 { "-" } else { "+" }, per_hour(difference.abs())),
    };
    let mut text = format!("\n{} {}, {}{change}\n", style.paint(Ink::Bold, "Cost:"), per_hour(after), per_month(after));
    for line in &cost.lines {
        text += &row(line);
    }
    for address in &cost.unpriced {
        text += &format!("  {address}: no price is known\n");
    }
    if let Some(date) = &cost.prices_as_of {
        text += &style.paint(
            Ink::Faint,
            &format!("  list prices as of {date}, while the least that is declared runs; traffic and requests are not counted\n"),
        );
    }
    text
}

fn row(line: &CostLine) -> String {
    match line.before_hourly_usd == line.after_hourly_usd {
        true => format!("  {}: {}, {}\n", line.address, line.what, per_hour(line.after_hourly_usd)),
        false => {
            format!("  {}: {}, {} -> {}\n", line.address, line.what, per_hour(line.before_hourly_usd), per_hour(line.after_hourly_usd))
        }
    }
}

fn per_hour(usd: f64) -> String {
    format!("${usd:.2} an hour")
}

fn per_month(usd: f64) -> String {
    format!("${:.2} a month", usd * HOURS_A_MONTH)
}
