//! `aws_s3_bucket_public_access_block`: what a bucket keeps from the public.

use super::{iam, s3};
use crate::client::{Region, failure};
use crate::resource::{Draft, Fetch, Found, Known, Mapped, Next, ResourceType, Work, computed, in_place, local, on_create};
use aws_sdk_s3::types::PublicAccessBlockConfiguration;
use windlass_api::{Error, Value};

/// The type.
pub(crate) struct PublicAccessBlock;

#[async_trait::async_trait]
impl ResourceType for PublicAccessBlock {
    fn name(&self) -> &'static str {
        "aws_s3_bucket_public_access_block"
    }

    fn mapping(&self) -> Vec<Mapped> {
        computed("id")
            .chain(on_create("bucket region"))
            .chain(in_place("PutPublicAccessBlock", "block_public_acls block_public_policy ignore_public_acls restrict_public_buckets"))
            .chain(local("skip_destroy"))
            .collect()
    }

    async fn read(&self, region: &Region, objects: &[Known<'_>]) -> Vec<Result<Option<Draft>, Error>> {
        iam::side_by_side(objects.iter().map(|known| read_one(region, known.id)).collect()).await
    }

    async fn create(&self, region: &Region, work: &Work) -> Result<String, Error> {
        let id = s3::setting_id(work)?;
        put(region, &id, &work.planned).await?;
        Ok(id)
    }

    async fn update(&self, region: &Region, work: &Work, id: &str, _step: u32) -> Result<Next, Error> {
        put(region, id, &work.planned).await?;
        Ok(Next::Done)
    }

    async fn delete(&self, region: &Region, work: &Work, id: &str, _step: u32) -> Result<Next, Error> {
        if work.prior.flag("skip_destroy") != Some(true) {
            let answer = region.s3.delete_public_access_block().bucket(id).send().await;
            answer.map_err(|error| failure("s3:DeletePublicAccessBlock", error))?;
        }
        Ok(Next::Done)
    }

    /// Setting it again changes nothing, so what has the wanted state is as good as ours.
    async fn find(&self, region: &Region, work: &Work) -> Result<Found, Error> {
        let id = s3::setting_id(work)?;
        let found = get(region, &id).await?;
        Ok(Found::Marked(if found == Some(configuration(&work.planned)) { vec![id] } else { Vec::new() }))
    }
}

fn configuration(object: &Value) -> PublicAccessBlockConfiguration {
    let flag = |name: &str| object.flag(name).unwrap_or(false);
    PublicAccessBlockConfiguration::builder()
        .block_public_acls(flag("block_public_acls"))
        .block_public_policy(flag("block_public_policy"))
        .ignore_public_acls(flag("ignore_public_acls"))
        .restrict_public_buckets(flag("restrict_public_buckets"))
        .build()
}

async fn get(region: &Region, bucket: &str) -> Result<Option<PublicAccessBlockConfiguration>, Error> {
    let answer = region.s3.get_public_access_block().bucket(bucket).send().await;
    let answer = iam::present(answer.map_err(|error| failure("s3:GetPublicAccessBlock", error)))?;
    Ok(answer.and_then(|answer| answer.public_access_block_configuration))
}

async fn put(region: &Region, bucket: &str, planned: &Value) -> Result<(), Error> {
    let call = region.s3.put_public_access_block().bucket(bucket).public_access_block_configuration(configuration(planned));
    call.send().await.map(drop).map_err(|error| failure("s3:PutPublicAccessBlock", error))
}

async fn read_one(region: &Region, id: &str) -> Result<Option<Draft>, Error> {
    let Some(found) = get(region, id).await? else { return Ok(None) };
    let mut draft = Draft::new();
    draft.text("bucket", Some(id));
    draft.flag("block_public_acls", Some(found.block_public_acls() == Some(true)));
    draft.flag("block_public_policy", Some(found.block_public_policy() == Some(true)));
    draft.flag("ignore_public_acls", Some(found.ignore_public_acls() == Some(true)));
    draft.flag("restrict_public_buckets", Some(found.restrict_public_buckets() == Some(true)));
    Ok(Some(draft))
}
