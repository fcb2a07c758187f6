//! All functions by name.

use super::signature::Function;
use super::{
    assume, bases, collection, combine, conversion, digest, encoding, file, format, network, number, regular, rsa, set, string, template,
    terraform_provider, text_encoding, time, yaml,
};
use std::collections::BTreeMap;
use std::sync::LazyLock;

static FUNCTIONS: LazyLock<BTreeMap<&'static str, &'static Function>> = LazyLock::new(|| {
    let tables = [
        assume::FUNCTIONS,
        assume::RETIRED,
        bases::FUNCTIONS,
        collection::FUNCTIONS,
        combine::FUNCTIONS,
        conversion::FUNCTIONS,
        digest::FUNCTIONS,
        encoding::FUNCTIONS,
        file::FUNCTIONS,
        format::FUNCTIONS,
        network::FUNCTIONS,
        number::FUNCTIONS,
        regular::FUNCTIONS,
        rsa::FUNCTIONS,
        set::FUNCTIONS,
        string::FUNCTIONS,
        template::FUNCTIONS,
        text_encoding::FUNCTIONS,
        time::FUNCTIONS,
        yaml::FUNCTIONS,
    ];
    tables.into_iter().flatten().map(|function| (function.name, function)).collect()
});

/// The function of a name.
pub(in crate::lang) fn find(name: &str) -> Option<&'static Function> {
    FUNCTIONS.get(name).copied()
}

/// The function of a provider that needs no configuration.
pub(in crate::lang) fn of_provider(source: &str, name: &str) -> Option<&'static Function> {
    terraform_provider::FUNCTIONS.iter().find(|function| source == terraform_provider::SOURCE && function.name == name)
}

/// All functions but `try`, `can` and `convert`, which are no ordinary ones.
pub(in crate::lang) fn all() -> impl Iterator<Item = &'static Function> {
    FUNCTIONS.values().copied()
}

/// All names, for "did you mean".
pub(in crate::lang) fn names() -> impl Iterator<Item = &'static str> {
    FUNCTIONS.keys().copied().chain(["try", "can", "convert"])
}
