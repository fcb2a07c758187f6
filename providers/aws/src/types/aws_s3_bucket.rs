//! `aws_s3_bucket`: a bucket. Its settings are types of their own; the old arguments inside the bucket are refused with the
//! name of that type.

use super::{iam, s3};
use crate::client::{Region, failure};
use crate::data::aws_partition::dns_suffix;
use crate::resource::{
    Change, Draft, Fetch, Found, HIDDEN_TAG, Known, Mapped, Next, ResourceType, Work, computed, in_place, is_hidden, is_set, local,
    on_create, refused,
};
use aws_sdk_s3::types::{BucketLocationConstraint, CreateBucketConfiguration, Delete, ObjectIdentifier};
use windlass_api::{Availability, Error, ErrorKind, Operation, Path, Problem, Value};

/// The type.
pub(crate) struct Bucket;

/// Deprecated arguments, and the type that each became.
const MOVED: &[(&str, &str)] = &[
    ("acceleration_status", "aws_s3_bucket_accelerate_configuration"),
    ("acl", "aws_s3_bucket_acl"),
    ("cors_rule", "aws_s3_bucket_cors_configuration"),
    ("grant", "aws_s3_bucket_acl"),
    ("lifecycle_rule", "aws_s3_bucket_lifecycle_configuration"),
    ("logging", "aws_s3_bucket_logging"),
    ("object_lock_configuration", "aws_s3_bucket_object_lock_configuration"),
    ("policy", "aws_s3_bucket_policy"),
    ("replication_configuration", "aws_s3_bucket_replication_configuration"),
    ("request_payer", "aws_s3_bucket_request_payment_configuration"),
    ("server_side_encryption_configuration", "aws_s3_bucket_server_side_encryption_configuration"),
    ("versioning", "aws_s3_bucket_versioning"),
    ("website", "aws_s3_bucket_website_configuration"),
];

#[async_trait::async_trait]
impl ResourceType for Bucket {
    fn name(&self) -> &'static str {
        "aws_s3_bucket"
    }

    fn mapping(&self) -> Vec<Mapped> {
        let read =
            computed("arn bucket_domain_name bucket_region bucket_regional_domain_name hosted_zone_id id website_domain website_endpoint");
        read.chain(on_create("bucket bucket_prefix object_lock_enabled region"))
            .chain(in_place("PutBucketTagging", "tags tags_all"))
            .chain(local("force_destroy timeouts.create timeouts.delete timeouts.read timeouts.update"))
            .chain(refused("bucket_namespace"))
            .chain(moved())
            .collect()
    }

    fn typical_seconds(&self, operation: Operation) -> f64 {
        if operation == Operation::Create { 3.0 } else { 1.5 }
    }

    fn validate(&self, config: &Value, problems: &mut Vec<Problem>) {
        for (name, successor) in MOVED.iter().filter(|(name, _)| is_set(config, name)) {
            problems.push(Problem {
                path: Path::of(name),
                summary: "Attribute not implemented".to_owned(),
                detail: format!(
                    "The argument \"{name}\" of aws_s3_bucket is deprecated and not implemented. Use a resource of type {successor}."
                ),
                is_warning: false,
            });
        }
    }

    fn plan(&self, change: &mut Change<'_>) {
        if !change.is_creation() {
            return;
        }
        if !change.is_set("bucket") {
            change.default("bucket_prefix", "terraform-".into());
        }
        change.default("object_lock_enabled", false.into());
    }

    async fn read(&self, region: &Region, objects: &[Known<'_>]) -> Vec<Result<Option<Draft>, Error>> {
        iam::side_by_side(objects.iter().map(|known| read_one(region, known.id)).collect()).await
    }

    async fn probe(&self, region: &Region, work: &Work) -> Result<Availability, Error> {
        let name = s3::bucket_name(work);
        match s3::exists(region, &name).await {
            Ok(false) => Ok(Availability::Free),
            // A bucket of somebody else, or one in another region, answers with an error and has the name all the same.
            Ok(true) => Ok(taken(&name)),
            Err(error)
                if matches!(error.kind, ErrorKind::Denied | ErrorKind::Invalid | ErrorKind::Internal) && error.request_id.is_some() =>
            {
                Ok(taken(&name))
            }
            Err(error) => Err(error),
        }
    }

    async fn create(&self, region: &Region, work: &Work) -> Result<String, Error> {
        let name = s3::bucket_name(work);
        // The home of S3 must not be named, every other region must.
        let configuration = (region.name != "us-east-1").then(|| {
            CreateBucketConfiguration::builder().location_constraint(BucketLocationConstraint::from(region.name.as_str())).build()
        });
        let call = region.s3.create_bucket().bucket(&name).set_create_bucket_configuration(configuration);
        let call = call.set_object_lock_enabled_for_bucket(work.planned.flag("object_lock_enabled").filter(|wanted| *wanted));
        call.send().await.map(|_| name).map_err(|error| failure("s3:CreateBucket", error))
    }

    async fn created(&self, region: &Region, work: &Work, id: &str, _step: u32) -> Result<Next, Error> {
        s3::put_tags(region, id, work.tags()).await?;
        Ok(Next::Done)
    }

    async fn update(&self, region: &Region, work: &Work, id: &str, _step: u32) -> Result<Next, Error> {
        let (set, removed) = work.tag_changes();
        if !set.is_empty() || !removed.is_empty() {
            // S3 replaces all tags at once, so the hidden ones must come along; those of AWS can't.
            let mut tags = s3::tags(region, id).await?;
            tags.retain(|key, _| key == HIDDEN_TAG || (!key.starts_with("aws:") && (is_hidden(key) || !removed.contains(key))));
            tags.extend(set);
            s3::put_tags(region, id, tags).await?;
        }
        Ok(Next::Done)
    }

    async fn delete(&self, region: &Region, work: &Work, id: &str, _step: u32) -> Result<Next, Error> {
        let is_forced = work.prior.flag("force_destroy") == Some(true);
        if is_forced && empty_one_page(region, id).await? {
            return Ok(Next::Step);
        }
        let answer = region.s3.delete_bucket().bucket(id).send().await;
        answer.map(|_| Next::Done).map_err(|error| {
            let error = failure("s3:DeleteBucket", error);
            match error.code.as_deref() {
                Some("BucketNotEmpty") if !is_forced => Error { kind: ErrorKind::Invalid, ..error }
                    .with_hint("Empty the bucket, or set force_destroy = true and apply before you destroy."),
                _ => error,
            }
        })
    }

    async fn find(&self, region: &Region, work: &Work) -> Result<Found, Error> {
        let name = s3::bucket_name(work);
        if !s3::exists(region, &name).await? {
            return Ok(Found::Named(None));
        }
        let tags = s3::tags(region, &name).await?;
        let is_ours = tags.get(HIDDEN_TAG) == Some(&work.tag);
        Ok(if is_ours { Found::Marked(vec![name]) } else { Found::Named(Some(name)) })
    }
}

/// The attributes of the old arguments: they are never set, so they are never sent.
fn moved() -> Vec<Mapped> {
    let schema = crate::schema::pack().schema(windlass_api::Mode::Managed, "aws_s3_bucket").unwrap_or_default();
    let mut paths = Vec::new();
    for (name, _) in MOVED {
        match schema.block.blocks.get(*name) {
            Some(nested) => leaves(&nested.block, name, &mut paths),
            None => paths.push((*name).to_owned()),
        }
    }
    computed(&paths.join(" ")).collect()
}

fn leaves(block: &windlass_api::BlockSchema, prefix: &str, paths: &mut Vec<String>) {
    paths.extend(block.attributes.keys().map(|name| format!("{prefix}.{name}")));
    for (name, nested) in &block.blocks {
        leaves(&nested.block, &format!("{prefix}.{name}"), paths);
    }
}

fn taken(name: &str) -> Availability {
    Availability::Taken { detail: format!("S3 bucket \"{name}\" exists; bucket names are shared by all accounts") }
}

async fn read_one(region: &Region, name: &str) -> Result<Option<Draft>, Error> {
    if !s3::exists(region, name).await? {
        return Ok(None);
    }
    let mut draft = Draft::new();
    let suffix = dns_suffix(region.partition);
    draft.text("id", Some(name)).text("bucket", Some(name)).text("arn", Some(format!("arn:{}:s3:::{name}", region.partition)));
    draft.text("bucket_domain_name", Some(format!("{name}.s3.{suffix}")));
    draft.text("bucket_regional_domain_name", Some(format!("{name}.s3.{}.{suffix}", region.name)));
    draft.text("bucket_region", Some(&region.name)).text("hosted_zone_id", hosted_zone(&region.name));
    draft.flag("object_lock_enabled", Some(is_locked(region, name).await?));
    draft.pairs("tags_all", s3::tags(region, name).await?);
    Ok(Some(draft))
}

async fn is_locked(region: &Region, name: &str) -> Result<bool, Error> {
    let answer = region
        .s3
        .get_object_lock_configuration()
        .bucket(name)
        .send()
        .await
        .map_err(|error| failure("s3:GetObjectLockConfiguration", error));
    match answer {
        Ok(answer) => Ok(answer.object_lock_configuration().and_then(|lock| lock.object_lock_enabled()).is_some()),
        Err(error) if error.code.as_deref() == Some("ObjectLockConfigurationNotFoundError") => Ok(false),
        Err(error) => Err(error),
    }
}

/// Deletes up to a thousand versions and delete markers; whether there was one.
async fn empty_one_page(region: &Region, name: &str) -> Result<bool, Error> {
    let page = region.s3.list_object_versions().bucket(name).send().await.map_err(|error| failure("s3:ListObjectVersions", error))?;
    let versions = page.versions().iter().map(|version| (version.key(), version.version_id()));
    let markers = page.delete_markers().iter().map(|marker| (marker.key(), marker.version_id()));
    let objects: Result<Vec<ObjectIdentifier>, _> = versions
        .chain(markers)
        .map(|(key, version)| ObjectIdentifier::builder().key(key.unwrap_or_default()).set_version_id(version.map(str::to_owned)).build())
        .collect();
    let objects = objects.map_err(iam::unbuilt)?;
    if objects.is_empty() {
        return Ok(false);
    }
    let delete = Delete::builder().set_objects(Some(objects)).quiet(true).build().map_err(iam::unbuilt)?;
    let answer = region.s3.delete_objects().bucket(name).delete(delete).send().await.map_err(|error| failure("s3:DeleteObjects", error))?;
    match answer.errors().first() {
        None => Ok(true),
        Some(first) => {
            let message = format!("{} can't be deleted: {}", first.key().unwrap_or_default(), first.message().unwrap_or_default());
            let error = Error::new(ErrorKind::Denied, message);
            Err(Error { code: first.code().map(str::to_owned), operation: Some("s3:DeleteObjects".to_owned()), ..error })
        }
    }
}

/// The Route 53 zone of a region's S3 website endpoint. Source: AWS General Reference, "Amazon S3 website endpoints".
fn hosted_zone(region: &str) -> Option<&'static str> {
    Some(match region {
        "us-east-1" => "Z3AQBSTGFYJSTF",
        "us-east-2" => "Z2O1EMRO9K5GLX",
        "us-west-1" => "Z2F56UZL2M1ACD",
        "us-west-2" => "Z3BJ6K6RIION7M",
        "af-south-1" => "Z83WF9RJE8B12",
        "ap-east-1" => "ZNB98KWMFR0R6",
        "ap-northeast-1" => "Z2M4EHUR26P7ZW",
        "ap-northeast-2" => "Z3W03O7B5YMIYP",
        "ap-northeast-3" => "Z2YQB5RD63NC85",
        "ap-south-1" => "Z11RGJOFQNVJUP",
        "ap-southeast-1" => "Z3O0J2DXBE1FTB",
        "ap-southeast-2" => "Z1WCIGYICN2BYD",
        "ca-central-1" => "Z1QDHH18159H29",
        "eu-central-1" => "Z21DNDUVLTQW6Q",
        "eu-north-1" => "Z3BAZG2TWCNX0D",
        "eu-west-1" => "Z1BKCTXD74EZPE",
        "eu-west-2" => "Z3GKZC51ZF0DB4",
        "eu-west-3" => "Z3R1K369G5AVDG",
        "sa-east-1" => "Z7KQH4QJS55SO",
        _ => return None,
    })
}
