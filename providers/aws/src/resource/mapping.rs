//! Which attribute goes into which call.

use super::Write;

/// Where the value of an attribute comes from and goes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// The cloud decides it; it is only read.
    Computed,
    /// Part of the creating call; a change replaces the object.
    OnCreate,
    /// Set by this call, also on a living object.
    InPlace(&'static str),
    /// Steers Windlass itself; no call carries it.
    Local,
    /// Not implemented: refused by name when it is set.
    Refused,
}

/// An attribute, or an attribute of a nested block as `block.attribute`, and its role.
#[derive(Clone, Debug)]
pub(crate) struct Mapped {
    /// The path, without indices.
    pub(crate) path: String,
    /// Its role.
    pub(crate) role: Role,
}

fn all(paths: &str, role: Role) -> impl Iterator<Item = Mapped> {
    paths.split_whitespace().map(move |path| Mapped { path: path.to_owned(), role })
}

/// Attributes that the cloud decides, separated by spaces.
pub(crate) fn computed(paths: &str) -> impl Iterator<Item = Mapped> {
    all(paths, Role::Computed)
}

/// Attributes of the creating call.
pub(crate) fn on_create(paths: &str) -> impl Iterator<Item = Mapped> {
    all(paths, Role::OnCreate)
}

/// Attributes that `call` sets, also on a living object.
pub(crate) fn in_place(call: &'static str, paths: &str) -> impl Iterator<Item = Mapped> {
    all(paths, Role::InPlace(call))
}

/// Attributes that steer Windlass itself.
pub(crate) fn local(paths: &str) -> impl Iterator<Item = Mapped> {
    all(paths, Role::Local)
}

/// Attributes that are refused by name; at most five a type.
pub(crate) fn refused(paths: &str) -> impl Iterator<Item = Mapped> {
    all(paths, Role::Refused)
}

/// A path one name deeper; the empty path stands for the object itself.
pub(crate) fn below(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

/// All that a structure maps, below a block.
pub(crate) fn nested<T: Write>(block: &str, role: Role) -> impl Iterator<Item = Mapped> {
    let mut paths = Vec::new();
    T::paths(block, &mut paths);
    paths.into_iter().map(move |path| Mapped { path, role })
}
