//! What all EC2 types share: tags and filters.

use crate::client::{Region, failure};
use crate::resource::{HIDDEN_TAG, Work, is_hidden};
use aws_sdk_ec2::types::{Filter, ResourceType as Tagged, Tag, TagSpecification};
use windlass_api::{Error, ErrorKind};

/// How many values EC2 takes in one filter.
pub(crate) const VALUES_PER_FILTER: usize = 200;

/// The tags of a creation, the hidden one among them.
pub(crate) fn tag_specifications(tagged: Tagged, work: &Work) -> Option<Vec<TagSpecification>> {
    let tags = work.tags().into_iter().map(|(key, value)| Tag::builder().key(key).value(value).build());
    Some(vec![TagSpecification::builder().resource_type(tagged).set_tags(Some(tags.collect())).build()])
}

/// Tags as pairs.
pub(crate) fn tag_pairs(tags: &[Tag]) -> impl Iterator<Item = (&str, &str)> {
    tags.iter().map(|tag| (tag.key().unwrap_or_default(), tag.value().unwrap_or_default()))
}

/// The filter that finds what an intent made.
pub(crate) fn hidden_tag(work: &Work) -> Filter {
    Filter::builder().name(format!("tag:{HIDDEN_TAG}")).values(&work.tag).build()
}

/// A filter by one value.
pub(crate) fn filter(name: &str, value: &str) -> Filter {
    Filter::builder().name(name).values(value).build()
}

/// Brings the tags of an object from what they were to what is planned.
///
/// # Errors
/// Those of `ec2:DeleteTags` and `ec2:CreateTags`.
pub(crate) async fn update_tags(region: &Region, work: &Work, id: &str) -> Result<(), Error> {
    let (set, removed) = work.tag_changes();
    let removed: Vec<Tag> = removed.into_iter().filter(|key| !is_hidden(key)).map(|key| Tag::builder().key(key).build()).collect();
    if !removed.is_empty() {
        let call = region.ec2.delete_tags().resources(id).set_tags(Some(removed));
        call.send().await.map_err(|error| failure("ec2:DeleteTags", error))?;
    }
    if !set.is_empty() {
        let tags = set.into_iter().map(|(key, value)| Tag::builder().key(key).value(value).build()).collect();
        let call = region.ec2.create_tags().resources(id).set_tags(Some(tags));
        call.send().await.map_err(|error| failure("ec2:CreateTags", error))?;
    }
    Ok(())
}

/// The error of an object that an answer left out.
pub(crate) fn gone(operation: &str, id: &str) -> Error {
    Error { operation: Some(operation.to_owned()), ..Error::new(ErrorKind::NotFound, format!("{id} does not exist")) }
}

/// Says which network interfaces hold on to a subnet or security group that can't be deleted yet.
pub(crate) async fn name_leftovers(region: &Region, filter_name: &str, id: &str, error: Error) -> Error {
    if error.kind != ErrorKind::Conflict {
        return error;
    }
    let answer = region.ec2.describe_network_interfaces().filters(filter(filter_name, id)).send().await;
    let interfaces = answer.ok().and_then(|answer| answer.network_interfaces).unwrap_or_default();
    let names = interfaces.iter().map(|interface| {
        let (id, what) = (interface.network_interface_id().unwrap_or_default(), interface.description().unwrap_or_default());
        if what.is_empty() { id.to_owned() } else { format!("{id} ({what})") }
    });
    match names.take(5).collect::<Vec<_>>().join(", ") {
        names if names.is_empty() => error,
        names => Error { message: format!("{} Network interfaces left: {names}.", error.message), ..error },
    }
}

/// The error of one item of a call that else succeeded.
pub(crate) fn item_error(operation: &str, code: Option<String>, message: Option<String>) -> Error {
    crate::client::described(operation, code, message.unwrap_or_default())
}
