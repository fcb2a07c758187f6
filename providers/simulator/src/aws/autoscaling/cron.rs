//! Recurrences of scheduled actions: five cron fields in a time zone.

use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::aws::error::AwsError;

/// Which values each field allows.
struct Cron {
    minutes: Vec<i8>,
    hours: Vec<i8>,
    days: Vec<i8>,
    months: Vec<i8>,
    weekdays: Vec<i8>,
    any_day: bool,
    any_weekday: bool,
}

fn field(text: &str, low: i8, high: i8, names: &[&str]) -> Option<Vec<i8>> {
    let number = |text: &str| {
        let named = names.iter().position(|name| name.eq_ignore_ascii_case(text)).map(|index| index as i8 + low);
        named.or_else(|| text.parse().ok())
    };
    let mut values = Vec::new();
    for part in text.split(',') {
        let (range, step) = part.split_once('/').map_or((part, 1), |(range, step)| (range, step.parse().unwrap_or(0)));
        let (from, to) = match range.split_once('-') {
            _ if range == "*" => (low, high),
            Some((from, to)) => (number(from)?, number(to)?),
            None if part.contains('/') => (number(range)?, high),
            None => (number(range)?, number(range)?),
        };
        if step < 1 || from < low || to > high || from > to {
            return None;
        }
        values.extend((from..=to).step_by(step));
    }
    Some(values)
}

fn parse(text: &str) -> Option<Cron> {
    let fields: Vec<&str> = text.split_whitespace().collect();
    let [minutes, hours, days, months, weekdays] = fields[..] else { return None };
    let month_names = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    Some(Cron {
        minutes: field(minutes, 0, 59, &[])?,
        hours: field(hours, 0, 23, &[])?,
        days: field(days, 1, 31, &[])?,
        months: field(months, 1, 12, &month_names)?,
        weekdays: field(weekdays, 0, 7, &["sun", "mon", "tue", "wed", "thu", "fri", "sat"])?.into_iter().map(|day| day % 7).collect(),
        any_day: days == "*",
        any_weekday: weekdays == "*",
    })
}

impl Cron {
    /// By cron's rule a day counts if either field names it, once both are restricted.
    fn has_day(&self, date: Date) -> bool {
        let day = self.days.contains(&date.day());
        let weekday = self.weekdays.contains(&date.weekday().to_sunday_zero_offset());
        let either = if self.any_day || self.any_weekday { day && weekday } else { day || weekday };
        self.months.contains(&date.month()) && either
    }
}

/// The next time after `after_ms`. `None`: there is none in the next five years (31 February).
pub fn next(text: &str, zone: Option<&str>, after_ms: i64) -> Result<Option<i64>, AwsError> {
    let invalid = |what: &str| {
        AwsError::bad(
            "ValidationError",
            format!("Given {what} is not valid: {}", if what == "time zone" { zone.unwrap_or_default() } else { text }),
        )
    };
    let cron = parse(text).ok_or_else(|| invalid("recurrence string"))?;
    let zone = TimeZone::get(zone.unwrap_or("Etc/UTC")).map_err(|_| invalid("time zone"))?;
    let after = jiff::Timestamp::from_millisecond(after_ms).map_err(|_| invalid("recurrence string"))?;
    let mut date = after.to_zoned(zone.clone()).date();
    for _ in 0..5 * 366 {
        if cron.has_day(date) {
            for (hour, minute) in cron.hours.iter().flat_map(|hour| cron.minutes.iter().map(move |minute| (*hour, *minute))) {
                let at = date.at(hour, minute, 0, 0).to_zoned(zone.clone()).map(|at| at.timestamp().as_millisecond());
                if let Some(at) = at.ok().filter(|at| *at > after_ms) {
                    return Ok(Some(at));
                }
            }
        }
        let Ok(tomorrow) = date.tomorrow() else { break };
        date = tomorrow;
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::next;

    fn after(text: &str, zone: Option<&str>, from: &str) -> String {
        let from = from.parse::<jiff::Timestamp>().unwrap().as_millisecond();
        next(text, zone, from).unwrap().map(|ms| jiff::Timestamp::from_millisecond(ms).unwrap().to_string()).unwrap_or_default()
    }

    #[test]
    fn recurrences_follow_the_zone_and_its_summer_time() {
        // 2026-11-23 is a Monday; Shanghai is eight hours ahead.
        assert_eq!(after("0 8 * * 1-5", Some("Asia/Shanghai"), "2026-11-23T00:00:00Z"), "2026-11-24T00:00:00Z");
        assert_eq!(after("0 8 * * MON-FRI", None, "2026-11-27T09:00:00Z"), "2026-11-30T08:00:00Z");
        assert_eq!(after("30 9 * * *", Some("America/New_York"), "2026-03-07T15:00:00Z"), "2026-03-08T13:30:00Z");
        assert_eq!(after("0 0 13 * 5", None, "2026-11-10T00:00:00Z"), "2026-11-13T00:00:00Z");
        assert_eq!(after("*/20 * * * *", None, "2026-11-23T00:05:00Z"), "2026-11-23T00:20:00Z");
        assert_eq!(after("0 0 30 2 *", None, "2026-11-23T00:00:00Z"), "");
        assert!(next("0 25 * * *", None, 0).is_err() && next("0 1 * * *", Some("Mars/Base"), 0).is_err());
    }
}
