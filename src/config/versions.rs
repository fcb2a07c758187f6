//! Versions and constraints on them, as in `required_version`.

use std::cmp::Ordering;
use std::fmt;

/// The release of Terraform whose language, formats and behaviour Windlass follows.
pub const COMPATIBLE_WITH: &str = "1.11.4";

/// A version by the rules of semantic versioning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    numbers: [u64; 3],
    prerelease: Vec<Identifier>,
}

/// A dot-separated part of a prerelease.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Identifier {
    Number(u64),
    Word(String),
}

/// Conditions joined by commas, all of which must hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Constraint {
    conditions: Vec<Condition>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Condition {
    operator: Operator,
    version: Version,
    /// How many of the three numbers were written.
    written: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operator {
    Equal,
    NotEqual,
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
    Pessimistic,
}

/// Whether a version meets a constraint; `None` if either can't be read.
pub fn allows(constraint: &str, version: &str) -> Option<bool> {
    Some(Constraint::parse(constraint)?.allows(&Version::parse(version)?))
}

impl Version {
    /// Reads a version; missing numbers are 0.
    pub fn parse(text: &str) -> Option<Version> {
        read(text).map(|(version, _)| version)
    }

    /// Whether it comes before a release, such as `1.0.0-beta1`.
    pub fn is_prerelease(&self) -> bool {
        !self.prerelease.is_empty()
    }
}

fn read(text: &str) -> Option<(Version, usize)> {
    let text = text.trim();
    let text = text.strip_prefix('v').unwrap_or(text);
    let text = text.split_once('+').map_or(text, |(version, _build)| version);
    let (core, prerelease) = match text.split_once('-') {
        Some((core, prerelease)) => (core, Some(prerelease)),
        None => (text, None),
    };
    let mut numbers = [0; 3];
    let mut written = 0;
    for part in core.split('.') {
        *numbers.get_mut(written)? = part.bytes().all(|byte| byte.is_ascii_digit()).then(|| part.parse().ok())??;
        written += 1;
    }
    let mut identifiers = Vec::new();
    for part in prerelease.into_iter().flat_map(|prerelease| prerelease.split('.')) {
        if part.is_empty() || !part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') {
            return None;
        }
        identifiers.push(part.parse().map_or_else(|_| Identifier::Word(part.to_owned()), Identifier::Number));
    }
    Some((Version { numbers, prerelease: identifiers }, written))
}

impl Constraint {
    /// Reads conditions joined by commas: `>= 1.2, < 2.0`, `~> 1.2`, `1.2.3`.
    pub fn parse(text: &str) -> Option<Constraint> {
        let conditions = text.split(',').map(Condition::parse).collect::<Option<_>>()?;
        Some(Constraint { conditions })
    }

    /// The conditions in order of their versions, each once, as Terraform writes them: `>= 5.0.0, ~> 6.1`.
    pub fn canonical(&self) -> String {
        let mut conditions: Vec<&Condition> = self.conditions.iter().collect();
        conditions.sort_by(|one, other| one.version.cmp(&other.version));
        conditions.dedup();
        conditions.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
    }

    /// Whether a version meets all conditions. A prerelease is met only by a condition that names it exactly.
    pub fn allows(&self, version: &Version) -> bool {
        let named = |condition: &Condition| condition.operator == Operator::Equal && condition.version == *version;
        if !version.prerelease.is_empty() && !self.conditions.iter().any(named) {
            return false;
        }
        self.conditions.iter().all(|condition| condition.allows(version))
    }
}

impl Condition {
    fn parse(text: &str) -> Option<Condition> {
        let text = text.trim();
        let (operator, rest) = [
            ("!=", Operator::NotEqual),
            (">=", Operator::GreaterOrEqual),
            ("<=", Operator::LessOrEqual),
            ("~>", Operator::Pessimistic),
            ("=", Operator::Equal),
            (">", Operator::Greater),
            ("<", Operator::Less),
        ]
        .into_iter()
        .find_map(|(sign, operator)| text.strip_prefix(sign).map(|rest| (operator, rest)))
        .unwrap_or((Operator::Equal, text));
        let (version, written) = read(rest)?;
        Some(Condition { operator, version, written })
    }

    fn allows(&self, version: &Version) -> bool {
        match self.operator {
            Operator::Equal => *version == self.version,
            Operator::NotEqual => *version != self.version,
            Operator::Greater => *version > self.version,
            Operator::GreaterOrEqual => *version >= self.version,
            Operator::Less => *version < self.version,
            Operator::LessOrEqual => *version <= self.version,
            Operator::Pessimistic => {
                // All written numbers but the last are fixed; `~> 1` fixes none.
                let fixed = self.written.saturating_sub(1);
                *version >= self.version && version.numbers[..fixed] == self.version.numbers[..fixed]
            }
        }
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [major, minor, _] = self.version.numbers;
        let sign = match self.operator {
            Operator::Pessimistic if self.written < 3 => return write!(f, "~> {major}.{minor}"),
            Operator::Pessimistic => "~> ",
            Operator::Equal => "",
            Operator::NotEqual => "!= ",
            Operator::Greater => "> ",
            Operator::GreaterOrEqual => ">= ",
            Operator::Less => "< ",
            Operator::LessOrEqual => "<= ",
        };
        write!(f, "{sign}{}", self.version)
    }
}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Version) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Version {
    fn cmp(&self, other: &Version) -> Ordering {
        // A release comes after its prereleases.
        let prerelease = match (self.prerelease.is_empty(), other.prerelease.is_empty()) {
            (true, true) => Ordering::Equal,
            (true, false) => Ordering::Greater,
            (false, true) => Ordering::Less,
            (false, false) => self.prerelease.cmp(&other.prerelease),
        };
        self.numbers.cmp(&other.numbers).then(prerelease)
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [major, minor, patch] = self.numbers;
        write!(f, "{major}.{minor}.{patch}")?;
        for (position, identifier) in self.prerelease.iter().enumerate() {
            f.write_str(if position == 0 { "-" } else { "." })?;
            match identifier {
                Identifier::Number(number) => write!(f, "{number}")?,
                Identifier::Word(word) => f.write_str(word)?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{Constraint, allows};

    #[test]
    fn constraints_have_one_form() {
        for (written, expected) in [
            ("< 7, >= 5", ">= 5.0.0, < 7.0.0"),
            ("= 6", "6.0.0"),
            ("6.0.0-beta", "6.0.0-beta"),
            ("~> 6", "~> 6.0"),
            ("~> 6.1.2", "~> 6.1.2"),
            ("> 5, > 5, < 8", "> 5.0.0, < 8.0.0"),
            ("!= 6.0.1, >= 5.0, != 5.5.0", ">= 5.0.0, != 5.5.0, != 6.0.1"),
        ] {
            assert_eq!(Constraint::parse(written).unwrap().canonical(), expected);
        }
    }

    #[test]
    fn constraints() {
        for (constraint, version, expected) in [
            (">= 1.2, < 2.0", "1.11.4", Some(true)),
            (">= 1.2, < 2.0", "2.0.0", Some(false)),
            ("~> 1.2", "1.11.4", Some(true)),
            ("~> 1.2.0", "1.11.4", Some(false)),
            ("~> 1.11.0", "1.11.4", Some(true)),
            ("~> 1", "5.0.0", Some(true)),
            ("1.11.4", "1.11.4", Some(true)),
            ("= 1.11", "1.11.0", Some(true)),
            ("!= 1.11.4", "1.11.4", Some(false)),
            ("> 1.11.4", "1.11.4", Some(false)),
            (">= 1.0.0", "1.1.0-beta1", Some(false)),
            ("1.1.0-beta1", "1.1.0-beta1", Some(true)),
            (">= 5, < x", "5.0.0", None),
            ("", "5.0.0", None),
            ("1.2.3.4", "5.0.0", None),
        ] {
            assert_eq!(allows(constraint, version), expected, "{constraint} {version}");
        }
    }
}
