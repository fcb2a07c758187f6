//! What placement asks of the cloud: where machine types are offered, and which image is the newest.

use super::placement::Architecture;
use super::render::quote;
use super::shape::{Framework, Machine, Service};
use crate::config::ProviderBlock;
use std::collections::BTreeMap;
use std::sync::Arc;
use windlass_api::Value;

/// A data source to be read for placement.
#[derive(Clone, Debug)]
pub struct Question {
    /// The provider configuration to read it with.
    pub provider: ProviderBlock,
    /// The data source's type.
    pub type_name: &'static str,
    /// Its configuration, as HCL.
    pub query: String,
}

/// The answer to a [`Question`].
#[derive(Clone, Debug)]
pub enum Reply {
    /// Not read yet.
    Pending,
    /// The data source's result.
    Value(Value),
    /// It could not be read: why. The message for the user has been given.
    Failed,
}

/// In which zones of a region machine types are offered.
pub(super) fn zones(provider: &ProviderBlock, types: &[Arc<str>]) -> Question {
    let values: Vec<String> = types.iter().map(|name| quote(name)).collect();
    let query =
        format!("location_type = \"availability-zone\"\nfilter {{\n  name   = \"instance-type\"\n  values = [{}]\n}}\n", values.join(", "));
    Question { provider: provider.clone(), type_name: "aws_ec2_instance_type_offerings", query }
}

/// Zones by machine type, both in order.
pub(super) fn read_zones(value: &Value) -> BTreeMap<Arc<str>, Vec<Arc<str>>> {
    let texts = |name: &str| -> Vec<Arc<str>> {
        let elements = value.get(name).and_then(|list| list.elements()).unwrap_or_default();
        elements.iter().filter_map(|element| element.as_str().map(Arc::from)).collect()
    };
    let mut zones: BTreeMap<Arc<str>, Vec<Arc<str>>> = BTreeMap::new();
    for (machine, zone) in texts("instance_types").into_iter().zip(texts("locations")) {
        zones.entry(machine).or_default().push(zone);
    }
    zones.values_mut().for_each(|zones| {
        zones.sort();
        zones.dedup();
    });
    zones
}

/// The newest image of a kind.
pub(super) fn image(provider: &ProviderBlock, service: &Service, architecture: Architecture) -> Question {
    let (pattern, name) = (image_pattern(service, architecture), architecture_name(architecture));
    let query = format!(
        "most_recent = true\nowners      = [\"amazon\"]\nfilter {{\n  name   = \"name\"\n  values = [{}]\n}}\nfilter {{\n  name   = \
         \"architecture\"\n  values = [{}]\n}}\n",
        quote(pattern),
        quote(name)
    );
    Question { provider: provider.clone(), type_name: "aws_ami", query }
}

/// Id and root device.
pub(super) fn read_image(value: &Value) -> Option<(String, String)> {
    let id = value.get_str("id")?.to_owned();
    let root = value.get_str("root_device_name").filter(|name| !name.is_empty()).unwrap_or("/dev/sda1");
    Some((id, root.to_owned()))
}

fn architecture_name(architecture: Architecture) -> &'static str {
    match architecture {
        Architecture::X86 => "x86_64",
        Architecture::Arm => "arm64",
    }
}

/// Names that Amazon gives its images.
fn image_pattern(service: &Service, architecture: Architecture) -> &'static str {
    if service.machines.contains(&Machine::Processors) {
        return "al2023-ami-2023.*-kernel-6.1-x86_64";
    }
    match (service.framework, architecture) {
        (Framework::PyTorch, Architecture::X86) => "Deep Learning OSS Nvidia Driver AMI GPU PyTorch * (Ubuntu 24.04) *",
        (Framework::PyTorch, Architecture::Arm) => "Deep Learning ARM64 AMI OSS Nvidia Driver GPU PyTorch * (Ubuntu *) *",
        (_, Architecture::X86) => "Deep Learning Base OSS Nvidia Driver GPU AMI (Ubuntu 22.04) *",
        (_, Architecture::Arm) => "Deep Learning ARM64 Base OSS Nvidia Driver GPU AMI (Ubuntu 22.04) *",
    }
}
