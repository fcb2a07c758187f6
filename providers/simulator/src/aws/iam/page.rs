//! Lists in pages: `MaxItems` and `Marker`.

use super::validation;
use crate::aws::error::AwsError;
use crate::aws::query::Node;
use crate::aws::xml::Xml;

/// IAM's own default.
const DEFAULT_ITEMS: usize = 100;

/// One page of a list, and the marker of the next.
pub(super) struct Page<T> {
    pub(super) items: Vec<T>,
    marker: Option<String>,
}

/// The page that a request asks for. The marker is the position of its first item.
pub(super) fn page<T>(params: &Node, all: Vec<T>) -> Result<Page<T>, AwsError> {
    let most = match params.number("MaxItems")? {
        Some(number @ 1..=1000) => number as usize,
        Some(_) => {
            return Err(validation(
                "1 validation error detected: Value at 'maxItems' failed to satisfy constraint: Member must be between 1 and 1000",
            ));
        }
        None => DEFAULT_ITEMS,
    };
    let start: usize = match params.text("Marker") {
        Some(marker) => marker.parse().map_err(|_| validation("Invalid Marker."))?,
        None => 0,
    };
    let total = all.len();
    let items: Vec<T> = all.into_iter().skip(start).take(most).collect();
    let end = start + items.len();
    Ok(Page { items, marker: (end < total).then(|| end.to_string()) })
}

impl<T> Page<T> {
    /// `IsTruncated` and `Marker`.
    pub(super) fn write_end(&self, xml: &mut Xml) {
        xml.text("IsTruncated", self.marker.is_some());
        xml.optional("Marker", self.marker.as_deref());
    }
}
