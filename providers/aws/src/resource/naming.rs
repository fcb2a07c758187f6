//! How objects get their names.

use super::{Fetch, Work};

/// How a type's objects are named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Naming {
    /// The cloud gives an id; there is no name that could clash.
    ByCloud,
    /// `name` as configured, or `name_prefix` (or `terraform-`) and 26 characters that differ for each intent.
    NameOrPrefix,
}

/// What Terraform's provider puts before names that it makes up.
const DEFAULT_PREFIX: &str = "terraform-";

/// As many characters as Terraform's own suffix has.
const SUFFIX_CHARACTERS: usize = 26;

/// The name of a new object: as planned, or a prefix and part of the token. The same intent gives the same name, so a lost
/// answer can be looked up by it.
pub(crate) fn unique_name(work: &Work) -> String {
    work.planned.text("name").unwrap_or_else(|| {
        let prefix = work.planned.text("name_prefix").unwrap_or_else(|| DEFAULT_PREFIX.to_owned());
        let suffix: String = work.token.chars().take(SUFFIX_CHARACTERS).collect();
        format!("{prefix}{suffix}")
    })
}
