//! `aws_s3_bucket_server_side_encryption_configuration`: how a bucket encrypts. Every bucket does; deleting the setting brings
//! SSE-S3 back.

use super::{iam, s3};
use crate::client::{Region, failure};
use crate::resource::{Change, Draft, Fetch, Found, Known, Mapped, Next, ResourceType, Work, computed, in_place, on_create, refused};
use aws_sdk_s3::types::{ServerSideEncryption, ServerSideEncryptionByDefault, ServerSideEncryptionConfiguration, ServerSideEncryptionRule};
use windlass_api::{Error, Value};

/// The block inside a rule.
const DEFAULT: &str = "apply_server_side_encryption_by_default";

/// The type.
pub(crate) struct BucketEncryption;

#[async_trait::async_trait]
impl ResourceType for BucketEncryption {
    fn name(&self) -> &'static str {
        "aws_s3_bucket_server_side_encryption_configuration"
    }

    fn mapping(&self) -> Vec<Mapped> {
        let rule = "rule.bucket_key_enabled rule.apply_server_side_encryption_by_default.kms_master_key_id \
                    rule.apply_server_side_encryption_by_default.sse_algorithm";
        computed("id")
            .chain(on_create("bucket expected_bucket_owner region"))
            .chain(in_place("PutBucketEncryption", rule))
            .chain(refused("rule.blocked_encryption_types"))
            .collect()
    }

    fn plan(&self, change: &mut Change<'_>) {
        s3::plan_owner(change);
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

    async fn delete(&self, region: &Region, _work: &Work, id: &str, _step: u32) -> Result<Next, Error> {
        let (bucket, owner) = s3::parts(id);
        let answer = region.s3.delete_bucket_encryption().bucket(bucket).set_expected_bucket_owner(owner).send().await;
        answer.map(|_| Next::Done).map_err(|error| failure("s3:DeleteBucketEncryption", error))
    }

    /// Setting it again changes nothing, so what has the wanted algorithm and key is as good as ours.
    async fn find(&self, region: &Region, work: &Work) -> Result<Found, Error> {
        let id = s3::setting_id(work)?;
        let wanted: Vec<_> = rules(&work.planned)?.into_iter().map(|rule| rule.apply_server_side_encryption_by_default).collect();
        let found: Vec<_> =
            get(region, &id).await?.unwrap_or_default().into_iter().map(|rule| rule.apply_server_side_encryption_by_default).collect();
        Ok(Found::Marked(if found == wanted { vec![id] } else { Vec::new() }))
    }
}

fn rules(object: &Value) -> Result<Vec<ServerSideEncryptionRule>, Error> {
    object
        .blocks("rule")
        .iter()
        .map(|rule| {
            let default = rule.block(DEFAULT).and_then(|block| Some((block.text("sse_algorithm")?, block.text("kms_master_key_id"))));
            let default = default.map(|(algorithm, key)| {
                let builder = ServerSideEncryptionByDefault::builder().sse_algorithm(ServerSideEncryption::from(algorithm.as_str()));
                builder.set_kms_master_key_id(key).build().map_err(iam::unbuilt)
            });
            let builder = ServerSideEncryptionRule::builder().set_apply_server_side_encryption_by_default(default.transpose()?);
            Ok(builder.set_bucket_key_enabled(rule.flag("bucket_key_enabled")).build())
        })
        .collect()
}

async fn get(region: &Region, id: &str) -> Result<Option<Vec<ServerSideEncryptionRule>>, Error> {
    let (bucket, owner) = s3::parts(id);
    let answer = region.s3.get_bucket_encryption().bucket(bucket).set_expected_bucket_owner(owner).send().await;
    match answer.map_err(|error| failure("s3:GetBucketEncryption", error)) {
        Ok(answer) => Ok(answer.server_side_encryption_configuration.map(|configuration| configuration.rules)),
        Err(error) if error.code.as_deref() == Some("ServerSideEncryptionConfigurationNotFoundError") => Ok(None),
        Err(error) => iam::present(Err(error)),
    }
}

async fn put(region: &Region, id: &str, planned: &Value) -> Result<(), Error> {
    let (bucket, owner) = s3::parts(id);
    let configuration = ServerSideEncryptionConfiguration::builder().set_rules(Some(rules(planned)?)).build().map_err(iam::unbuilt)?;
    let call = region
        .s3
        .put_bucket_encryption()
        .bucket(bucket)
        .set_expected_bucket_owner(owner)
        .server_side_encryption_configuration(configuration);
    call.send().await.map(drop).map_err(|error| failure("s3:PutBucketEncryption", error))
}

async fn read_one(region: &Region, id: &str) -> Result<Option<Draft>, Error> {
    let Some(rules) = get(region, id).await? else { return Ok(None) };
    let blocks = rules.iter().map(|rule| {
        let mut block = Draft::new();
        block.flag("bucket_key_enabled", Some(rule.bucket_key_enabled() == Some(true)));
        if let Some(default) = rule.apply_server_side_encryption_by_default() {
            let mut inner = Draft::new();
            inner.text("sse_algorithm", Some(default.sse_algorithm().as_str()));
            inner.text("kms_master_key_id", Some(default.kms_master_key_id().unwrap_or_default()));
            block.blocks(DEFAULT, [inner]);
        }
        block
    });
    let mut draft = s3::setting_draft(id);
    draft.blocks("rule", blocks);
    Ok(Some(draft))
}
