//! Managed types: one file (or folder) each, named after the type, and their one table.

mod aws_vpc;
mod ec2;

use crate::resource::ResourceType;

/// Every implemented type.
pub(crate) static TYPES: &[&dyn ResourceType] = &[&aws_vpc::Vpc];

/// An implemented type by name.
pub(crate) fn resource(name: &str) -> Option<&'static dyn ResourceType> {
    TYPES.iter().find(|resource| resource.name() == name).copied()
}
