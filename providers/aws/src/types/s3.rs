//! What all S3 types share: bucket names, tags, ids of the settings of a bucket.

use super::iam::{present, unbuilt};
use crate::client::{Region, failure};
use crate::resource::{Change, Draft, Fetch, Tags, Work};
use aws_sdk_s3::types::{Tag, Tagging};
use windlass_api::{Error, ErrorKind};

/// As many characters as Terraform's own suffix has.
const SUFFIX_CHARACTERS: usize = 26;

/// The name of a new bucket: as planned, or a prefix and part of the token.
pub(crate) fn bucket_name(work: &Work) -> String {
    work.planned.text("bucket").unwrap_or_else(|| {
        let prefix = work.planned.text("bucket_prefix").unwrap_or_else(|| "terraform-".to_owned());
        format!("{prefix}{}", work.token.chars().take(SUFFIX_CHARACTERS).collect::<String>())
    })
}

/// The tags of a bucket; none is an error of its own in S3.
pub(crate) async fn tags(region: &Region, bucket: &str) -> Result<Tags, Error> {
    let answer = region.s3.get_bucket_tagging().bucket(bucket).send().await.map_err(|error| failure("s3:GetBucketTagging", error));
    match answer {
        Ok(answer) => Ok(answer.tag_set.into_iter().map(|tag| (tag.key, tag.value)).collect()),
        Err(error) if error.code.as_deref() == Some("NoSuchTagSet") => Ok(Tags::new()),
        Err(error) => Err(error),
    }
}

/// Replaces all tags of a bucket.
pub(crate) async fn put_tags(region: &Region, bucket: &str, tags: Tags) -> Result<(), Error> {
    let tags: Result<Vec<Tag>, _> = tags.into_iter().map(|(key, value)| Tag::builder().key(key).value(value).build()).collect();
    let tagging = Tagging::builder().set_tag_set(Some(tags.map_err(unbuilt)?)).build().map_err(unbuilt)?;
    let answer = region.s3.put_bucket_tagging().bucket(bucket).tagging(tagging).send().await;
    answer.map(drop).map_err(|error| failure("s3:PutBucketTagging", error))
}

/// Whether a bucket exists.
pub(crate) async fn exists(region: &Region, bucket: &str) -> Result<bool, Error> {
    let answer = region.s3.head_bucket().bucket(bucket).send().await.map_err(|error| failure("s3:HeadBucket", error));
    Ok(present(answer)?.is_some())
}

/// The id of a setting of a bucket: the bucket, and the owner where one is named.
pub(crate) fn setting_id(work: &Work) -> Result<String, Error> {
    let bucket = work.planned.text("bucket").ok_or_else(|| Error::new(ErrorKind::Internal, "the bucket is not known"))?;
    Ok(match work.planned.text("expected_bucket_owner") {
        Some(owner) => format!("{bucket},{owner}"),
        None => bucket,
    })
}

/// Bucket and owner of such an id.
pub(crate) fn parts(id: &str) -> (&str, Option<String>) {
    id.split_once(',').map_or((id, None), |(bucket, owner)| (bucket, Some(owner.to_owned())))
}

/// A draft with what such an id says.
pub(crate) fn setting_draft(id: &str) -> Draft {
    let (bucket, owner) = parts(id);
    let mut draft = Draft::new();
    draft.text("bucket", Some(bucket)).text("expected_bucket_owner", owner);
    draft
}

/// A change of the owner replaces the setting; setting it for the first time, as after an import, does not.
pub(crate) fn plan_owner(change: &mut Change<'_>) {
    let had = change.prior().and_then(|prior| prior.get_str("expected_bucket_owner")).is_some_and(|owner| !owner.is_empty());
    if had && change.changes("expected_bucket_owner") {
        change.replace("expected_bucket_owner");
    }
}
