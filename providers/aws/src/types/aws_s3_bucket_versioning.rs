//! `aws_s3_bucket_versioning`: whether a bucket keeps versions. S3 can suspend it, not undo it.

use super::{iam, s3};
use crate::client::{Region, failure};
use crate::resource::{Change, Draft, Fetch, Found, Known, Mapped, Next, ResourceType, Work, computed, in_place, on_create, refused};
use aws_sdk_s3::types::{BucketVersioningStatus, MfaDelete, VersioningConfiguration};
use windlass_api::{Error, Value};

/// The type.
pub(crate) struct BucketVersioning;

#[async_trait::async_trait]
impl ResourceType for BucketVersioning {
    fn name(&self) -> &'static str {
        "aws_s3_bucket_versioning"
    }

    fn mapping(&self) -> Vec<Mapped> {
        computed("id")
            .chain(on_create("bucket expected_bucket_owner region"))
            .chain(in_place("PutBucketVersioning", "versioning_configuration.mfa_delete versioning_configuration.status"))
            // The one-time code of a device is of no use in a plan that is applied later.
            .chain(refused("mfa"))
            .collect()
    }

    fn plan(&self, change: &mut Change<'_>) {
        s3::plan_owner(change);
        if change.prior().is_some_and(|prior| matches!(status(prior).as_deref(), Some("Enabled" | "Suspended")))
            && status(&change.planned).as_deref() == Some("Disabled")
        {
            let detail = "Versioning of a bucket can't be disabled any more once it was enabled. Use \"Suspended\".";
            change.refuse("versioning_configuration", "Versioning can't be disabled", detail);
        }
    }

    async fn read(&self, region: &Region, objects: &[Known<'_>]) -> Vec<Result<Option<Draft>, Error>> {
        iam::side_by_side(objects.iter().map(|known| read_one(region, known.id)).collect()).await
    }

    async fn create(&self, region: &Region, work: &Work) -> Result<String, Error> {
        let id = s3::setting_id(work)?;
        put(region, &id, status(&work.planned), mfa_delete(&work.planned)).await?;
        Ok(id)
    }

    async fn update(&self, region: &Region, work: &Work, id: &str, _step: u32) -> Result<Next, Error> {
        put(region, id, status(&work.planned), mfa_delete(&work.planned)).await?;
        Ok(Next::Done)
    }

    async fn delete(&self, region: &Region, work: &Work, id: &str, _step: u32) -> Result<Next, Error> {
        if status(&work.prior).as_deref() == Some("Disabled") {
            return Ok(Next::Done);
        }
        match put(region, id, Some("Suspended".to_owned()), None).await {
            // A bucket with object lock keeps its versions for good.
            Err(error) if error.code.as_deref() == Some("InvalidBucketState") => Ok(Next::Done),
            other => other.map(|()| Next::Done),
        }
    }

    /// Setting it again changes nothing, so what has the wanted state is as good as ours.
    async fn find(&self, region: &Region, work: &Work) -> Result<Found, Error> {
        let id = s3::setting_id(work)?;
        let found = get(region, &id).await?;
        Ok(Found::Marked(if found == status(&work.planned) { vec![id] } else { Vec::new() }))
    }
}

fn status(object: &Value) -> Option<String> {
    object.block("versioning_configuration")?.text("status")
}

fn mfa_delete(object: &Value) -> Option<MfaDelete> {
    object.block("versioning_configuration")?.text("mfa_delete").map(|text| MfaDelete::from(text.as_str()))
}

/// `Enabled`, `Suspended` or `Disabled`; `None` without the bucket.
async fn get(region: &Region, id: &str) -> Result<Option<String>, Error> {
    let (bucket, owner) = s3::parts(id);
    let answer = region.s3.get_bucket_versioning().bucket(bucket).set_expected_bucket_owner(owner).send().await;
    let answer = iam::present(answer.map_err(|error| failure("s3:GetBucketVersioning", error)))?;
    Ok(answer.map(|answer| answer.status.map_or("Disabled".to_owned(), |status| status.as_str().to_owned())))
}

async fn read_one(region: &Region, id: &str) -> Result<Option<Draft>, Error> {
    let Some(status) = get(region, id).await? else { return Ok(None) };
    let mut block = Draft::new();
    block.text("status", Some(status)).text("mfa_delete", Some(""));
    let mut draft = s3::setting_draft(id);
    draft.blocks("versioning_configuration", [block]);
    Ok(Some(draft))
}

async fn put(region: &Region, id: &str, status: Option<String>, mfa_delete: Option<MfaDelete>) -> Result<(), Error> {
    let Some(status) = status.filter(|status| status != "Disabled") else { return Ok(()) };
    let (bucket, owner) = s3::parts(id);
    let configuration =
        VersioningConfiguration::builder().status(BucketVersioningStatus::from(status.as_str())).set_mfa_delete(mfa_delete).build();
    let call = region.s3.put_bucket_versioning().bucket(bucket).set_expected_bucket_owner(owner).versioning_configuration(configuration);
    call.send().await.map(drop).map_err(|error| failure("s3:PutBucketVersioning", error))
}
