//! What AWS offers and at what price: the snapshot in `catalog/`, whose sources stand in `catalog/SOURCES.md`.

use windlass_api::Catalog;

/// The catalog.
pub(crate) fn catalog() -> Catalog {
    Catalog {
        machines: &[include_str!("../catalog/accelerated.csv"), include_str!("../catalog/general.csv")],
        storage: include_str!("../catalog/storage.csv"),
        as_of: "2025-04-05 to 2026-07-20",
    }
}
