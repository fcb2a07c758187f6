//! `aws_ami`: a machine image by owner, name and filters.

use super::{DataSource, filters};
use crate::client::{Region, failure};
use crate::resource::{Draft, Fetch};
use aws_sdk_ec2::types::{BlockDeviceMapping, Image};
use regex_lite::Regex;
use windlass_api::{Error, ErrorKind, Value};

/// The data source.
pub(crate) struct Ami;

#[async_trait::async_trait]
impl DataSource for Ami {
    fn name(&self) -> &'static str {
        "aws_ami"
    }

    async fn read(&self, region: &Region, config: &Value) -> Result<Draft, Error> {
        let pattern = config.text("name_regex").map(|text| Regex::new(&text));
        let pattern =
            pattern.transpose().map_err(|error| Error::new(ErrorKind::Invalid, format!("name_regex is no regular expression: {error}")))?;
        let call = region
            .ec2
            .describe_images()
            .set_filters(filters(config))
            .set_owners(config.texts("owners"))
            .set_executable_users(config.texts("executable_users"))
            .set_include_deprecated(config.flag("include_deprecated"));
        let images: Result<Vec<_>, _> = call.into_paginator().items().send().collect().await;
        let mut images = images.map_err(|error| failure("ec2:DescribeImages", error))?;
        images.retain(|image| pattern.as_ref().is_none_or(|pattern| image.name().is_some_and(|name| pattern.is_match(name))));
        // Ties of the same second break by id, so that two plans agree.
        images.sort_by(|one, other| (&other.creation_date, &other.image_id).cmp(&(&one.creation_date, &one.image_id)));
        if images.len() > 1 && config.flag("most_recent") != Some(true) {
            let message = "Your query returned more than one result. Please try a more specific search criteria, or set `most_recent` attribute to true.";
            return Err(Error::new(ErrorKind::Invalid, message));
        }
        let image = images.into_iter().next().ok_or_else(|| {
            Error::new(ErrorKind::NotFound, "Your query returned no results. Please change your search criteria and try again.")
        })?;
        Ok(draft(region, &image))
    }
}

fn draft(region: &Region, image: &Image) -> Draft {
    let id = image.image_id().unwrap_or_default();
    let root = image.block_device_mappings().iter().find(|device| device.device_name() == image.root_device_name());
    let codes = image.product_codes().iter().map(|code| {
        let mut draft = Draft::new();
        draft.text("product_code_id", code.product_code_id()).text("product_code_type", code.product_code_type().map(|kind| kind.as_str()));
        draft
    });
    let reason = image.state_reason().into_iter().flat_map(|reason| [("code", reason.code()), ("message", reason.message())]);
    let mut draft = Draft::new();
    draft
        .text("architecture", image.architecture().map(|it| it.as_str()))
        .text("arn", Some(region.arn("ec2", "", &format!("image/{id}"))))
        .blocks("block_device_mappings", image.block_device_mappings().iter().map(device))
        .text("boot_mode", Some(image.boot_mode().map_or("", |it| it.as_str())))
        .text("creation_date", image.creation_date())
        .text("deprecation_time", Some(image.deprecation_time().unwrap_or_default()))
        .text("description", Some(image.description().unwrap_or_default()))
        .flag("ena_support", Some(image.ena_support().unwrap_or(false)))
        .text("hypervisor", image.hypervisor().map(|it| it.as_str()))
        .text("id", Some(id))
        .text("image_id", Some(id))
        .text("image_location", image.image_location())
        .text("image_owner_alias", Some(image.image_owner_alias().unwrap_or_default()))
        .text("image_type", image.image_type().map(|it| it.as_str()))
        .text("imds_support", Some(image.imds_support().map_or("", |it| it.as_str())))
        .text("kernel_id", Some(image.kernel_id().unwrap_or_default()))
        .text("last_launched_time", Some(image.last_launched_time().unwrap_or_default()))
        .text("name", image.name())
        .text("owner_id", image.owner_id())
        .text("platform", Some(image.platform().map_or("", |it| it.as_str())))
        .text("platform_details", Some(image.platform_details().unwrap_or_default()))
        .blocks("product_codes", codes)
        .flag("public", Some(image.public().unwrap_or(false)))
        .text("ramdisk_id", Some(image.ramdisk_id().unwrap_or_default()))
        .text("root_device_name", Some(image.root_device_name().unwrap_or_default()))
        .text("root_device_type", image.root_device_type().map(|it| it.as_str()))
        .text("root_snapshot_id", Some(root.and_then(|root| root.ebs()?.snapshot_id()).unwrap_or_default()))
        .text("sriov_net_support", Some(image.sriov_net_support().unwrap_or_default()))
        .text("state", image.state().map(|it| it.as_str()))
        .pairs("state_reason", reason.map(|(name, value)| (name, value.unwrap_or("UNSET"))))
        .pairs("tags", image.tags().iter().map(|tag| (tag.key().unwrap_or_default(), tag.value().unwrap_or_default())))
        .text("tpm_support", Some(image.tpm_support().map_or("", |it| it.as_str())))
        .text("usage_operation", Some(image.usage_operation().unwrap_or_default()))
        .text("virtualization_type", image.virtualization_type().map(|it| it.as_str()));
    draft
}

fn device(device: &BlockDeviceMapping) -> Draft {
    let ebs = device.ebs().into_iter().flat_map(|ebs| {
        let flag = |flag: Option<bool>| flag.unwrap_or(false).to_string();
        let number = |number: Option<i32>| number.unwrap_or(0).to_string();
        [
            ("delete_on_termination", flag(ebs.delete_on_termination())),
            ("encrypted", flag(ebs.encrypted())),
            ("iops", number(ebs.iops())),
            ("snapshot_id", ebs.snapshot_id().unwrap_or_default().to_owned()),
            ("throughput", number(ebs.throughput())),
            ("volume_initialization_rate", number(ebs.volume_initialization_rate())),
            ("volume_size", number(ebs.volume_size())),
            ("volume_type", ebs.volume_type().map_or("", |kind| kind.as_str()).to_owned()),
        ]
    });
    let mut draft = Draft::new();
    draft
        .text("device_name", Some(device.device_name().unwrap_or_default()))
        .pairs("ebs", ebs)
        .text("no_device", Some(device.no_device().unwrap_or_default()))
        .text("virtual_name", Some(device.virtual_name().unwrap_or_default()));
    draft
}
