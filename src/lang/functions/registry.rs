//! All functions by name.

use super::signature::Function;
use super::{bases, collection, combine, conversion, digest, encoding, file, format, network, number, regular, set, string, time};
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// Functions of Terraform's that are not written yet: refused by name, never taken for typing mistakes.
pub(in crate::lang) const NOT_YET: &[&str] =
    &["matchkeys", "rsadecrypt", "templatestring", "textdecodebase64", "textencodebase64", "yamldecode", "yamlencode"];

static FUNCTIONS: LazyLock<BTreeMap<&'static str, &'static Function>> = LazyLock::new(|| {
    let tables = [
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
        set::FUNCTIONS,
        string::FUNCTIONS,
        time::FUNCTIONS,
    ];
    tables.into_iter().flatten().map(|function| (function.name, function)).collect()
});

/// The function of a name.
pub(in crate::lang) fn find(name: &str) -> Option<&'static Function> {
    FUNCTIONS.get(name).copied()
}

/// All names, for "did you mean".
pub(in crate::lang) fn names() -> impl Iterator<Item = &'static str> {
    FUNCTIONS.keys().copied().chain(["try", "can"])
}
