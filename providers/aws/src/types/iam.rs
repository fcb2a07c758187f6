//! What all IAM types share: tags, documents in URL encoding, reads side by side.

use crate::client::failure;
use crate::policy::same_meaning;
use crate::resource::{Change, Draft, Tags, Work, is_hidden};
use aws_sdk_iam::types::Tag;
use aws_smithy_types::DateTime;
use aws_smithy_types::error::operation::BuildError;
use futures::StreamExt as _;
use std::future::Future;
use windlass_api::{Error, ErrorKind};

/// How many reads are under way at once. IAM has no call that reads many objects of a kind by name.
const READS_AT_ONCE: usize = 16;

/// Runs reads side by side and keeps their order.
pub(crate) async fn side_by_side<T, F: Future<Output = T>>(reads: Vec<F>) -> Vec<T> {
    futures::stream::iter(reads).buffered(READS_AT_ONCE).collect().await
}

/// The error of a request that the SDK refuses to build.
pub(crate) fn unbuilt(error: BuildError) -> Error {
    Error::new(ErrorKind::Invalid, error.to_string())
}

/// Tags as the SDK wants them.
pub(crate) fn sdk_tags(tags: Tags) -> Result<Vec<Tag>, Error> {
    tags.into_iter().map(|(key, value)| Tag::builder().key(key).value(value).build().map_err(unbuilt)).collect()
}

/// Sets `tags_all`, the hidden tag included.
pub(crate) fn draft_tags(draft: &mut Draft, tags: &[Tag]) {
    draft.pairs("tags_all", tags.iter().map(|tag| (tag.key(), tag.value())));
}

/// Whether an object bears the mark of an intent.
pub(crate) fn is_marked(tags: &[Tag], work: &Work) -> bool {
    tags.iter().any(|tag| tag.key() == crate::resource::HIDDEN_TAG && tag.value() == work.tag)
}

/// Tags to set and keys to remove, without what is hidden.
pub(crate) fn tag_changes(work: &Work) -> Result<(Vec<Tag>, Vec<String>), Error> {
    let (set, removed) = work.tag_changes();
    Ok((sdk_tags(set)?, removed.into_iter().filter(|key| !is_hidden(key)).collect()))
}

/// A document as IAM answers it: percent-encoded.
pub(crate) fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        let code = tail.get(..2).and_then(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok());
        match (first, code) {
            (b'%', Some(byte)) => {
                bytes.push(byte);
                rest = &tail[2..];
            }
            _ => {
                bytes.push(first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// `2026-11-23T20:00:00Z`.
pub(crate) fn date(time: &DateTime) -> String {
    time.fmt(aws_smithy_types::date_time::Format::DateTime).unwrap_or_default()
}

/// Treats a document that says the same as the one before as no difference.
pub(crate) fn suppress_same_document(change: &mut Change<'_>, name: &str) {
    let before = change.prior().and_then(|prior| prior.get_str(name)).map(str::to_owned);
    let planned = change.planned.get_str(name).map(str::to_owned);
    if let (Some(before), Some(planned)) = (before, planned)
        && before != planned
        && same_meaning(&before, &planned)
    {
        change.suppress(name);
    }
}

/// `Some` answer, `None` for what does not exist.
pub(crate) fn present<T>(answer: Result<T, Error>) -> Result<Option<T>, Error> {
    match answer {
        Ok(found) => Ok(Some(found)),
        Err(error) if error.kind == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// The attached managed policies of a role, by ARN.
pub(crate) async fn attached(region: &crate::client::Region, role: &str) -> Result<Vec<String>, Error> {
    let pages = region.iam.list_attached_role_policies().role_name(role).into_paginator().items().send();
    let policies: Result<Vec<_>, _> = pages.collect().await;
    let policies = policies.map_err(|error| failure("iam:ListAttachedRolePolicies", error))?;
    Ok(policies.into_iter().filter_map(|policy| policy.policy_arn).collect())
}

#[cfg(test)]
mod tests {
    #[test]
    fn documents_come_percent_encoded() {
        assert_eq!(super::decoded("%7B%22a%22%3A%22100%25%22%7D+%C3%A9%2"), "{\"a\":\"100%\"}+é%2");
    }
}
