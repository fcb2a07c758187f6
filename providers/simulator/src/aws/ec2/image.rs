//! Machine images: Amazon Linux, Ubuntu and AWS's deep-learning images, each in several dates.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::describe::{Filters, one, select};
use crate::aws::error::AwsError;
use crate::aws::query::{Call, Reply};
use crate::world::World;

const AMAZON: &str = "137112412989";
const DEEP_LEARNING: &str = "898082745236";
const CANONICAL: &str = "099720109477";

/// Owner, alias, architecture, name before and after the date, root device, root size in GiB.
type Family = (&'static str, Option<&'static str>, &'static str, &'static str, &'static str, &'static str, u32);

const FAMILIES: [Family; 10] = [
    (AMAZON, Some("amazon"), "x86_64", "al2023-ami-2023.9.", ".0-kernel-6.1-x86_64", "/dev/xvda", 8),
    (AMAZON, Some("amazon"), "arm64", "al2023-ami-2023.9.", ".0-kernel-6.1-arm64", "/dev/xvda", 8),
    (AMAZON, Some("amazon"), "x86_64", "amzn2-ami-hvm-2.0.", ".0-x86_64-gp2", "/dev/xvda", 8),
    (CANONICAL, None, "x86_64", "ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-amd64-server-", "", "/dev/sda1", 8),
    (CANONICAL, None, "x86_64", "ubuntu/images/hvm-ssd/ubuntu-jammy-22.04-amd64-server-", "", "/dev/sda1", 8),
    (CANONICAL, None, "arm64", "ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-arm64-server-", "", "/dev/sda1", 8),
    (DEEP_LEARNING, Some("amazon"), "x86_64", "Deep Learning Base OSS Nvidia Driver GPU AMI (Ubuntu 22.04) ", "", "/dev/sda1", 75),
    (DEEP_LEARNING, Some("amazon"), "x86_64", "Deep Learning Base OSS Nvidia Driver GPU AMI (Amazon Linux 2023) ", "", "/dev/xvda", 75),
    (DEEP_LEARNING, Some("amazon"), "x86_64", "Deep Learning OSS Nvidia Driver AMI GPU PyTorch 2.8 (Ubuntu 24.04) ", "", "/dev/sda1", 75),
    (DEEP_LEARNING, Some("amazon"), "arm64", "Deep Learning ARM64 Base OSS Nvidia Driver GPU AMI (Ubuntu 22.04) ", "", "/dev/sda1", 75),
];

const DATES: [&str; 4] = ["20250715", "20251118", "20260422", "20261014"];

pub struct Image {
    pub id: String,
    pub name: String,
    pub owner: &'static str,
    alias: Option<&'static str>,
    pub architecture: &'static str,
    created: String,
    root_device: &'static str,
    root_size: u32,
}

/// Every image by region. Ids differ by region, as at AWS, and follow from region and name.
static IMAGES: LazyLock<BTreeMap<&'static str, BTreeMap<String, Image>>> = LazyLock::new(|| {
    let of_region = |place: &'static super::catalog::Place| {
        let all = FAMILIES.iter().flat_map(|family| DATES.iter().map(move |date| image(place.name, family, date)));
        (place.name, all.map(|image| (image.id.clone(), image)).collect())
    };
    super::catalog::places().map(of_region).collect()
});

fn image(region: &str, (owner, alias, architecture, before, after, root_device, root_size): &Family, date: &str) -> Image {
    let name = format!("{before}{date}{after}");
    let mut random = crate::random::Random::new(u64::from(crc32fast::hash(format!("{region}/{name}").as_bytes())));
    let created = format!("{}-{}-{}T06:00:00.000Z", &date[..4], &date[4..6], &date[6..]);
    Image { id: random.id("ami"), name, owner, alias: *alias, architecture, created, root_device, root_size: *root_size }
}

pub fn find(region: &str, id: &str) -> Result<&'static Image, AwsError> {
    if !id.starts_with("ami-") {
        return Err(AwsError::bad("InvalidAMIID.Malformed", format!("Invalid id: \"{id}\" (expecting \"ami-...\")")));
    }
    let absent = || AwsError::bad("InvalidAMIID.NotFound", format!("The image id '[{id}]' does not exist"));
    IMAGES.get(region).and_then(|images| images.get(id)).ok_or_else(absent)
}

pub fn describe(_world: &mut World, call: &Call) -> Result<Reply, AwsError> {
    let filters = Filters::parse(call.params)?;
    let owners = call.params.texts("Owner");
    for id in call.params.texts("ImageId") {
        find(call.region, &id)?;
    }
    let none = BTreeMap::new();
    let images = IMAGES.get(call.region).unwrap_or(&none);
    let pass = |id: &str, image: &Image| {
        let owned = owners.is_empty() || owners.iter().any(|owner| owner == image.owner || image.alias == Some(owner.as_str()));
        let passes = filters.pass(None, |name| match name {
            "image-id" => one(id),
            "name" => one(&image.name),
            "description" => one(&image.name),
            "architecture" => one(image.architecture),
            "state" => one("available"),
            "owner-id" => one(image.owner),
            "owner-alias" => super::describe::maybe(image.alias),
            "virtualization-type" => one("hvm"),
            "root-device-type" => one("ebs"),
            "root-device-name" => one(image.root_device),
            "image-type" => one("machine"),
            "is-public" => one(true),
            "ena-support" => one(true),
            "hypervisor" => one("xen"),
            "creation-date" => one(&image.created),
            "block-device-mapping.volume-type" => one("gp3"),
            _ => None,
        })?;
        Ok(owned && passes)
    };
    let page = select(call.params, images, ("ImageId", "InvalidAMIID.NotFound", "image"), pass, |_| false)?;
    Reply::write(|xml| {
        xml.items("imagesSet", page.ids.iter().filter_map(|id| images.get(id)), |xml, image| {
            xml.text("imageId", &image.id)
                .text("imageLocation", format!("{}/{}", image.alias.unwrap_or(image.owner), image.name))
                .text("imageState", "available");
            xml.text("imageOwnerId", image.owner)
                .optional("imageOwnerAlias", image.alias)
                .text("creationDate", &image.created)
                .text("isPublic", true);
            xml.text("architecture", image.architecture)
                .text("imageType", "machine")
                .text("name", &image.name)
                .text("description", &image.name);
            xml.text("rootDeviceType", "ebs")
                .text("rootDeviceName", image.root_device)
                .text("virtualizationType", "hvm")
                .text("hypervisor", "xen");
            xml.text("enaSupport", true)
                .text("platformDetails", "Linux/UNIX")
                .text("usageOperation", "RunInstances")
                .text("sriovNetSupport", "simple");
            xml.items("blockDeviceMapping", [()], |xml, ()| {
                xml.text("deviceName", image.root_device);
                xml.node("ebs", |xml| {
                    xml.text("deleteOnTermination", true)
                        .text("snapshotId", image.id.replacen("ami-", "snap-", 1))
                        .text("volumeSize", image.root_size);
                    xml.text("volumeType", "gp3").text("encrypted", false).text("iops", 3000).text("throughput", 125);
                });
            });
        });
        xml.optional("nextToken", page.next);
    })
}
