//! What `-target`, `-exclude` and `-replace` name.

use super::parse::{parse_instance, split};
use super::{Instance, InstanceKey, Mode, ModuleInstance, ModulePath, Resource};
use std::fmt;

/// A module, a resource or an instance, as a flag names it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TargetAddress {
    /// Everything in a module and below it; without a key at the last step, in all instances of it.
    Module(ModuleInstance),
    /// All instances of a resource in one module instance.
    Resource(ModuleInstance, Resource),
    /// One instance.
    Instance(Instance),
}

/// Words that begin references to something that is no resource.
const RESERVED: [&str; 10] = ["arg", "count", "each", "lazy", "local", "path", "self", "template", "terraform", "var"];
const NO_RESOURCE: &str = "Resource specification must include a resource type and name.";

impl TargetAddress {
    /// Reads `module.a["x"]`, `aws_vpc.main`, `data.aws_ami.this[0]`; `workload.a` is the module that the workload stands for, and a
    /// leading `resource.` names a resource whose type is a word of the language.
    ///
    /// # Errors
    /// Why the text names none of these, as a sentence.
    pub fn parse(text: &str) -> Result<TargetAddress, String> {
        let aliased = text.strip_prefix("workload.").map(|rest| format!("module.{rest}"));
        let text = aliased.as_deref().unwrap_or(text);
        if text.is_empty() {
            return Err("Must begin with a name.".to_owned());
        }
        let steps = split(text).map_err(sentence)?;
        let mut module = ModuleInstance::default();
        let mut rest = &steps[..];
        while let [(word, None), after @ ..] = rest
            && &**word == "module"
        {
            let Some((step, after)) = after.split_first() else {
                return Err("Prefix \"module.\" must be followed by a module name.".to_owned());
            };
            module.0.push(step.clone());
            rest = after;
        }
        if rest.is_empty() {
            return Ok(TargetAddress::Module(module));
        }
        let (mode, rest) = match rest {
            [(word, None), after @ ..] if &**word == "data" => (Mode::Data, after),
            [(word, None), after @ ..] if &**word == "ephemeral" => (Mode::Ephemeral, after),
            [(word, None), after @ ..] if &**word == "resource" => (Mode::Managed, after),
            [(word, _), ..] if RESERVED.contains(&&**word) => {
                return Err(format!(
                    "The keyword {:?} is reserved and cannot be used to target a resource address. If you are targeting a resource type that \
                     uses a reserved keyword, please prefix your address with \"resource.\".",
                    &**word
                ));
            }
            _ => (Mode::Managed, rest),
        };
        match rest {
            [(type_name, None), (name, key)] => {
                let resource = Resource { mode, type_name: type_name.clone(), name: name.clone() };
                Ok(match key {
                    None => TargetAddress::Resource(module, resource),
                    Some(_) => TargetAddress::Instance(Instance { module, resource, key: key.clone() }),
                })
            }
            [_, _, ..] => Err("Unexpected extra operators after address.".to_owned()),
            _ => Err(NO_RESOURCE.to_owned()),
        }
    }

    /// Whether an instance is named.
    pub fn covers(&self, instance: &Instance) -> bool {
        match self {
            TargetAddress::Module(module) => covers_module(module, &instance.module),
            TargetAddress::Resource(module, resource) => *module == instance.module && *resource == instance.resource,
            TargetAddress::Instance(named) => named == instance,
        }
    }

    /// Whether any instance of a resource may be named: keys are not looked at.
    pub fn touches(&self, path: &ModulePath, resource: &Resource) -> bool {
        let is_path = |module: &ModuleInstance| module.0.iter().map(|(name, _)| name).eq(&path.0);
        match self {
            TargetAddress::Module(module) => {
                module.0.len() <= path.0.len() && module.0.iter().zip(&path.0).all(|((name, _), step)| name == step)
            }
            TargetAddress::Resource(module, named) => named == resource && is_path(module),
            TargetAddress::Instance(named) => named.resource == *resource && is_path(&named.module),
        }
    }

    /// Whether no key stands in it, so that it means all instances of what it names.
    pub fn is_whole(&self) -> bool {
        let has_keys = |module: &ModuleInstance| module.0.iter().any(|(_, key)| key.is_some());
        match self {
            TargetAddress::Module(module) | TargetAddress::Resource(module, _) => !has_keys(module),
            TargetAddress::Instance(named) => named.key.is_none() && !has_keys(&named.module),
        }
    }
}

/// Whether a module instance lies in another one or is it.
fn covers_module(outer: &ModuleInstance, inner: &ModuleInstance) -> bool {
    let Some((last, before)) = outer.0.split_last() else { return true };
    let step = inner.0.get(before.len());
    inner.0.starts_with(before) && step.is_some_and(|step| step.0 == last.0 && (last.1.is_none() || step.1 == last.1))
}

fn sentence(reason: &'static str) -> String {
    match reason {
        "an index must be a whole number or a quoted key" => {
            "Index brackets must contain either a literal number or a literal string.".to_owned()
        }
        "a bracket is not closed" => "Index key must be followed by a closing bracket.".to_owned(),
        _ => format!("{}{}.", reason[..1].to_uppercase(), &reason[1..]),
    }
}

/// Reads the address of a managed resource's instance, for `-replace`.
///
/// # Errors
/// Why the text names no such instance, as a sentence.
pub fn parse_replaced(text: &str) -> Result<Instance, String> {
    let instance = match TargetAddress::parse(text)? {
        TargetAddress::Module(_) => {
            let detail =
                "A resource instance address is required here. The module path must be followed by a resource instance specification.";
            return Err(detail.to_owned());
        }
        TargetAddress::Resource(module, resource) => Instance { module, resource, key: None::<InstanceKey> },
        TargetAddress::Instance(instance) => instance,
    };
    match instance.resource.mode {
        Mode::Managed => Ok(instance),
        Mode::Data | Mode::Ephemeral => Err("Only managed resources can be used with the -replace=... option.".to_owned()),
    }
}

/// Reads what [`fmt::Display`] wrote.
impl std::str::FromStr for TargetAddress {
    type Err = String;

    fn from_str(text: &str) -> Result<TargetAddress, String> {
        // What is no instance and no reserved word has been read from text before.
        match parse_instance(text) {
            Ok(Instance { module, resource, key: None }) => Ok(TargetAddress::Resource(module, resource)),
            Ok(instance) => Ok(TargetAddress::Instance(instance)),
            Err(_) => TargetAddress::parse(text),
        }
    }
}

impl fmt::Display for TargetAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TargetAddress::Module(module) => write!(f, "{module}"),
            TargetAddress::Resource(module, resource) if module.is_root() => write!(f, "{resource}"),
            TargetAddress::Resource(module, resource) => write!(f, "{module}.{resource}"),
            TargetAddress::Instance(instance) => write!(f, "{instance}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn covers(target: &str, instance: &str) -> bool {
        TargetAddress::parse(target).unwrap().covers(&parse_instance(instance).unwrap())
    }

    #[test]
    fn a_target_covers_what_lies_in_it() {
        assert!(covers("a.b", "a.b[0]") && covers("a.b", "a.b") && covers("a.b[0]", "a.b[0]"));
        assert!(!covers("a.b[0]", "a.b[1]") && !covers("a.b", "data.a.b") && !covers("a.b", "module.m.a.b"));
        assert!(covers("module.m", "module.m[\"k\"].a.b") && covers("module.m", "module.m.module.n[0].a.b"));
        assert!(covers("module.m[0]", "module.m[0].module.n.a.b") && !covers("module.m[0]", "module.m[1].a.b"));
        assert!(covers("workload.m", "module.m.a.b") && covers("resource.path.b", "path.b"));
        // As in Terraform, only the last step stands for all instances.
        assert!(!covers("module.m.a.b", "module.m[0].a.b") && !covers("module.m.module.n", "module.m[0].module.n.a.b"));
    }

    #[test]
    fn what_names_nothing_says_why() {
        for text in ["", "a", "module", "module.m.a", "local.x", "a.b.c", "a.b[", "a.b[x]", "data.a", "a[0].b"] {
            assert!(TargetAddress::parse(text).is_err(), "{text}");
        }
        assert!(parse_replaced("module.m").is_err() && parse_replaced("data.a.b").is_err());
    }

    #[test]
    fn targets_print_as_they_were_read() {
        for text in ["a.b", "a.b[0]", "module.m", "module.m[\"x.y\"].data.a.b", "path.b"] {
            let target: TargetAddress = text.parse().unwrap_or_else(|_| TargetAddress::parse(&format!("resource.{text}")).unwrap());
            assert_eq!(target.to_string().parse::<TargetAddress>().unwrap(), target);
        }
    }
}
