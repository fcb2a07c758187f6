//! What faults there are and how they are written.

use serde::{Deserialize, Serialize};

use crate::random::Random;

/// The sort of trouble.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    Throttle,
    Latency,
    Capacity,
    Quota,
    Consistency,
    Denied,
    Expired,
    Internal,
    Unavailable,
    CutBefore,
    CutAfter,
    Truncate,
}

const KINDS: [(&str, Kind); 12] = [
    ("throttle", Kind::Throttle),
    ("latency", Kind::Latency),
    ("capacity", Kind::Capacity),
    ("quota", Kind::Quota),
    ("consistency", Kind::Consistency),
    ("denied", Kind::Denied),
    ("expired", Kind::Expired),
    ("internal", Kind::Internal),
    ("unavailable", Kind::Unavailable),
    ("cut-before", Kind::CutBefore),
    ("cut-after", Kind::CutAfter),
    ("truncate", Kind::Truncate),
];

/// One fault with its conditions and what it has done so far.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Fault {
    pub id: u64,
    pub kind: Kind,
    /// As it was written.
    pub text: String,
    pub service: Option<String>,
    pub action: Option<String>,
    pub region: Option<String>,
    pub zone: Option<String>,
    pub instance_type: Option<String>,
    pub purchase: Option<String>,
    /// The family letter of a quota, such as `g` for g4dn, g5 and g6.
    pub family: Option<String>,
    pub vcpus: Option<u64>,
    pub milliseconds: Option<u64>,
    pub rate: Option<f64>,
    pub burst: Option<f64>,
    pub probability: Option<f64>,
    pub after: u64,
    pub count: Option<u64>,
    pub mutating: bool,
    pub random: Random,
    /// Matching calls so far.
    pub seen: u64,
    /// Calls that it struck.
    pub fired: u64,
    /// Throttle: calls left in the bucket, and when it was last filled.
    pub tokens: f64,
    pub filled_ms: i64,
}

/// All faults in force.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Faults {
    pub next_id: u64,
    pub list: Vec<Fault>,
}

impl Fault {
    /// Reads `name key=value …`.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut words = text.split_whitespace();
        let name = words.next().unwrap_or_default();
        let kind = KINDS.iter().find(|(known, _)| *known == name).map(|(_, kind)| *kind).ok_or_else(|| {
            let names: Vec<&str> = KINDS.iter().map(|(name, _)| *name).collect();
            format!("{name:?} is no fault. Faults are: {}.", names.join(", "))
        })?;
        let mut fault = Self::of(kind, text);
        for word in words {
            let (key, value) = word.split_once('=').ok_or_else(|| format!("{word:?} must be written key=value."))?;
            fault.set(key, value)?;
        }
        fault.check()?;
        fault.tokens = fault.burst.unwrap_or(fault.rate.unwrap_or(1.0)).max(1.0);
        Ok(fault)
    }

    /// Reads a JSON object: `{"name": "capacity", "zone": "us-east-1a"}`.
    pub fn from_json(value: &serde_json::Value) -> Result<Self, String> {
        if let Some(text) = value.as_str() {
            return Self::parse(text);
        }
        let object = value.as_object().ok_or("A fault is a text or an object.")?;
        let name = object.get("name").and_then(|name| name.as_str()).ok_or("A fault needs a name.")?;
        let words = object.iter().filter(|(key, _)| *key != "name").map(|(key, value)| {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            format!(" {key}={text}")
        });
        Self::parse(&format!("{name}{}", words.collect::<String>()))
    }

    fn of(kind: Kind, text: &str) -> Self {
        Self {
            id: 0,
            kind,
            text: text.to_owned(),
            service: None,
            action: None,
            region: None,
            zone: None,
            instance_type: None,
            purchase: None,
            family: None,
            vcpus: None,
            milliseconds: None,
            rate: None,
            burst: None,
            probability: None,
            after: 0,
            count: None,
            mutating: false,
            random: Random::new(1),
            seen: 0,
            fired: 0,
            tokens: 0.0,
            filled_ms: 0,
        }
    }

    fn set(&mut self, key: &str, value: &str) -> Result<(), String> {
        let whole = || value.parse::<u64>().map_err(|_| format!("{key}={value}: a whole number is expected."));
        let real =
            || value.parse::<f64>().ok().filter(|number| *number >= 0.0).ok_or_else(|| format!("{key}={value}: a number is expected."));
        match key {
            "service" => self.service = Some(value.to_owned()),
            "action" => self.action = Some(value.to_owned()),
            "region" => self.region = Some(value.to_owned()),
            "zone" => self.zone = Some(value.to_owned()),
            "type" | "instance_type" => self.instance_type = Some(value.to_owned()),
            "purchase" => self.purchase = Some(value.to_owned()),
            "family" => self.family = Some(value.to_lowercase()),
            "vcpus" => self.vcpus = Some(whole()?),
            "milliseconds" => self.milliseconds = Some(whole()?),
            "seconds" => self.milliseconds = Some((real()? * 1000.0) as u64),
            "rate" => self.rate = Some(real()?),
            "burst" => self.burst = Some(real()?),
            "probability" => self.probability = Some(real()?.min(1.0)),
            "seed" => self.random = Random::new(whole()?),
            "after" => self.after = whole()?,
            "count" => self.count = Some(whole()?),
            "mutating" => self.mutating = value == "true",
            _ => return Err(format!("A fault has no key {key:?}.")),
        }
        Ok(())
    }

    fn check(&self) -> Result<(), String> {
        let need = match self.kind {
            Kind::Throttle if self.rate.is_none() && self.count.is_none() && self.probability.is_none() => "rate, count or probability",
            Kind::Latency if self.milliseconds.is_none() => "milliseconds",
            Kind::Consistency if self.milliseconds.is_none() => "seconds",
            Kind::Quota if self.vcpus.is_none() => "vcpus",
            _ => return Ok(()),
        };
        Err(format!("The fault {:?} needs {need}.", self.text))
    }
}

impl Faults {
    /// Adds a fault and answers its id.
    pub fn add(&mut self, mut fault: Fault) -> u64 {
        self.next_id += 1;
        fault.id = self.next_id;
        self.list.push(fault);
        self.next_id
    }

    /// Takes back one fault, or all without an id. Answers how many.
    pub fn clear(&mut self, id: Option<u64>) -> usize {
        let before = self.list.len();
        self.list.retain(|fault| id.is_some_and(|id| fault.id != id));
        before - self.list.len()
    }

    /// Whether a type is sold out in a zone.
    pub fn sold_out(&self, zone: &str, instance_type: &str, spot: bool) -> bool {
        let purchase = if spot { "spot" } else { "on-demand" };
        self.list.iter().filter(|fault| fault.kind == Kind::Capacity).any(|fault| {
            matches(fault.zone.as_deref(), zone)
                && matches(fault.instance_type.as_deref(), instance_type)
                && matches(fault.purchase.as_deref(), purchase)
        })
    }

    /// The smallest vCPU quota of a type's family in a region.
    pub fn vcpu_quota(&self, region: &str, instance_type: &str) -> Option<u64> {
        let quotas = self.list.iter().filter(|fault| fault.kind == Kind::Quota);
        quotas
            .filter(|fault| {
                matches(fault.region.as_deref(), region)
                    && fault.family.as_ref().is_none_or(|family| instance_type.starts_with(family.as_str()))
            })
            .filter_map(|fault| fault.vcpus)
            .min()
    }

    /// The families whose instances count against the same quota as this type.
    pub fn quota_family(&self, instance_type: &str) -> Option<String> {
        let mut families = self.list.iter().filter(|fault| fault.kind == Kind::Quota).filter_map(|fault| fault.family.clone());
        families.find(|family| instance_type.starts_with(family.as_str()))
    }

    /// How long reads don't show fresh objects.
    pub fn consistency_ms(&self) -> Option<i64> {
        self.list
            .iter()
            .filter(|fault| fault.kind == Kind::Consistency)
            .filter_map(|fault| fault.milliseconds)
            .max()
            .map(|window| window as i64)
    }
}

/// A condition left out matches; `*` stands for any text.
pub(super) fn matches(pattern: Option<&str>, text: &str) -> bool {
    pattern.is_none_or(|pattern| wildcard(pattern, text))
}

/// Matches `*` (any text) and `?` (one character), in linear time but for one point of return.
pub fn wildcard(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    let (mut at, mut index) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while index < text.len() {
        if at < pattern.len() && pattern[at] == '*' {
            star = Some((at, index));
            at += 1;
        } else if at < pattern.len() && (pattern[at] == '?' || pattern[at] == text[index]) {
            at += 1;
            index += 1;
        } else if let Some((star_at, star_index)) = star {
            star = Some((star_at, star_index + 1));
            at = star_at + 1;
            index = star_index + 1;
        } else {
            return false;
        }
    }
    pattern[at..].iter().all(|character| *character == '*')
}
