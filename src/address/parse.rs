//! Reading addresses as users type them and state files hold them.

use super::{ConfigResource, Instance, InstanceKey, Mode, ModuleInstance, Resource};
use std::sync::Arc;

/// Why a text is no address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not a resource address: {reason}")]
pub struct AddressError {
    /// The text.
    pub text: String,
    /// Why.
    pub reason: &'static str,
}

/// Escapes a key as in an HCL string.
pub(super) fn escape(key: &str) -> String {
    key.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n").replace("${", "$${").replace("%{", "%%{")
}

/// Parses an instance address such as `module.a["x"].data.aws_ami.this[0]`.
pub fn parse_instance(text: &str) -> Result<Instance, AddressError> {
    let fail = |reason| AddressError { text: text.to_owned(), reason };
    let steps = split(text).map_err(fail)?;
    let mut steps = steps.into_iter().peekable();
    let mut module = ModuleInstance::default();
    while steps.peek().is_some_and(|(name, key)| &**name == "module" && key.is_none()) {
        steps.next();
        let (name, key) = steps.next().ok_or_else(|| fail("a module name must follow \"module\""))?;
        module.0.push((name, key));
    }
    let mut mode = Mode::Managed;
    for (word, other) in [("data", Mode::Data), ("ephemeral", Mode::Ephemeral)] {
        if mode == Mode::Managed && steps.peek().is_some_and(|(name, _)| &**name == word) {
            steps.next();
            mode = other;
        }
    }
    let (type_name, None) = steps.next().ok_or_else(|| fail("a resource type is missing"))? else {
        return Err(fail("an index must follow the resource's name, not its type"));
    };
    let (name, key) = steps.next().ok_or_else(|| fail("a resource name must follow the type, as in aws_vpc.main"))?;
    match steps.next() {
        None => Ok(Instance { module, resource: Resource { mode, type_name, name }, key }),
        Some(_) => Err(fail("it goes on after the resource's name")),
    }
}

/// Parses a config address such as `module.a.aws_vpc.main`; instance keys are refused.
pub fn parse_resource(text: &str) -> Result<ConfigResource, AddressError> {
    let instance = parse_instance(text)?;
    match instance.key.is_none() && instance.module.0.iter().all(|(_, key)| key.is_none()) {
        true => Ok(instance.config()),
        false => Err(AddressError { text: text.to_owned(), reason: "no index is allowed here" }),
    }
}

pub(super) type Steps = Vec<(Arc<str>, Option<InstanceKey>)>;

/// Splits at dots outside of brackets.
pub(super) fn split(text: &str) -> Result<Steps, &'static str> {
    let mut steps = Vec::new();
    let mut rest = text;
    loop {
        let end = rest.find(['.', '[']).unwrap_or(rest.len());
        let name = &rest[..end];
        if name.is_empty() {
            return Err("a name is empty");
        }
        if !name.chars().all(|character| character.is_alphanumeric() || character == '_' || character == '-') {
            return Err("a name holds a character that names can't have");
        }
        rest = &rest[end..];
        let mut key = None;
        if let Some(inside) = rest.strip_prefix('[') {
            let (parsed, after) = parse_key(inside)?;
            key = Some(parsed);
            rest = after;
        }
        steps.push((Arc::from(name), key));
        match rest.strip_prefix('.') {
            Some(after) => rest = after,
            None if rest.is_empty() => return Ok(steps),
            None => return Err("a dot is missing"),
        }
    }
}

/// Parses `0]…` or `"key"]…`; returns what follows the bracket.
fn parse_key(text: &str) -> Result<(InstanceKey, &str), &'static str> {
    let Some(quoted) = text.strip_prefix('"') else {
        let (digits, after) = text.split_once(']').ok_or("a bracket is not closed")?;
        let index = digits.parse().map_err(|_| "an index must be a whole number or a quoted key")?;
        return Ok((InstanceKey::Int(index), after));
    };
    let mut key = String::new();
    let mut characters = quoted.char_indices();
    while let Some((position, character)) = characters.next() {
        match character {
            '"' => {
                let after = quoted[position + 1..].strip_prefix(']').ok_or("a bracket is not closed")?;
                let key = key.replace("$${", "${").replace("%%{", "%{");
                return Ok((InstanceKey::String(key.into()), after));
            }
            '\\' => match characters.next().map(|(_, escaped)| escaped) {
                Some('n') => key.push('\n'),
                Some(escaped) => key.push(escaped),
                None => return Err("a quote is not closed"),
            },
            _ => key.push(character),
        }
    }
    Err("a quote is not closed")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_print_as_they_were_read() {
        for text in ["aws_vpc.main", "module.a[\"x.y\"].module.b[3].data.aws_ami.this[0]", "a.b[\"q\\\"${\"]"] {
            let parsed = parse_instance(text).unwrap();
            assert_eq!(parse_instance(&parsed.to_string()).unwrap(), parsed);
        }
    }

    #[test]
    fn broken_addresses_say_why() {
        for text in ["", "aws_vpc", "aws_vpc[0].a", "a.b.c", "a.b[", "a.b[x]", "a.b[\"x]", "a..b", "module.a"] {
            assert!(parse_instance(text).is_err(), "{text}");
        }
        assert!(parse_resource("a.b[0]").is_err());
    }
}
