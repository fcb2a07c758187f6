//! The cost of a plan, an hour and a month, and the placements that decide it.

use super::style::{Ink, Style};
use crate::plan::{Cost, CostLine, PlacementNote};

/// Hours in a month as price lists count them (365 × 24 / 12).
const HOURS_A_MONTH: f64 = 730.0;

/// The lines under a plan's summary; empty when nothing costs anything.
pub fn render(cost: &Cost, style: Style) -> String {
    if cost.lines.is_empty() && cost.unpriced.is_empty() {
        return String::new();
    }
    let mut text = format!("\n{} {}\n", style.paint(Ink::Bold, "Cost:"), total(cost));
    for line in &cost.lines {
        text += &row(line);
    }
    for missing in &cost.unpriced {
        text += &format!("  {missing}\n");
    }
    if let Some(date) = &cost.prices_as_of {
        text += &style.paint(
            Ink::Faint,
            &format!("  list prices as of {date}, while the least that is declared runs; traffic and requests are not counted\n"),
        );
    }
    text
}

fn total(cost: &Cost) -> String {
    if cost.lines.is_empty() {
        return "not known".to_owned();
    }
    let sum = |of: fn(&CostLine) -> f64| cost.lines.iter().map(of).sum::<f64>();
    let (before, after) = (sum(|line| line.before_hourly_usd), sum(|line| line.after_hourly_usd));
    let worst = sum(|line| line.at_worst.as_ref().map_or(line.after_hourly_usd, |worst| worst.hourly_usd));
    let change = match after - before {
        0.0 => String::new(),
        difference => format!(" ({}{})", if difference < 0.0 { "-" } else { "+" }, per_hour(difference.abs())),
    };
    let at_least = if cost.unpriced.is_empty() { "" } else { "at least " };
    let at_worst = if worst > after { format!("; at worst {}, {}", per_hour(worst), per_month(worst)) } else { String::new() };
    format!("{at_least}{}, {}{change}{at_worst}", per_hour(after), per_month(after))
}

fn row(line: &CostLine) -> String {
    let now = match line.before_hourly_usd == line.after_hourly_usd {
        true => per_hour(line.after_hourly_usd),
        false => format!("{} -> {}", per_hour(line.before_hourly_usd), per_hour(line.after_hourly_usd)),
    };
    let worst = line.at_worst.as_ref();
    let worst = worst.map_or(String::new(), |worst| format!("; at worst {}, {}", worst.what, per_hour(worst.hourly_usd)));
    format!("  {}: {}, {now}{worst}\n", line.address, line.what)
}

/// How workloads were placed, and why not elsewhere.
pub fn placements(notes: &[PlacementNote], style: Style) -> String {
    let mut text = String::new();
    for note in notes {
        text += &format!("\n{} {}: {}\n", style.paint(Ink::Bold, "Placement of workload"), note.workload, note.chosen);
        text.extend(note.lost.iter().map(|lost| format!("  not {lost}\n")));
    }
    text
}

fn per_hour(usd: f64) -> String {
    format!("${usd:.2} an hour")
}

fn per_month(usd: f64) -> String {
    format!("${:.2} a month", usd * HOURS_A_MONTH)
}
