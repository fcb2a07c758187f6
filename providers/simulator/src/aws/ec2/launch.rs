//! Launching instances: the checks that `RunInstances` and Auto Scaling share.

use super::instance::{Instance, State};
use super::region::{Event, Region, region};
use super::tags::{self, Tags};
use super::{catalog, image, launch_template};
use crate::aws::error::AwsError;
use crate::aws::iam;
use crate::aws::query::Node;
use crate::world::{self, World};

/// How long an instance is pending, milliseconds.
const BOOT_MILLISECONDS: i64 = 3_000;

/// What to launch. The specification has the names of `RunInstances`, its template laid under it.
pub struct Launch<'a> {
    pub specification: &'a Node,
    /// All or nothing below this.
    pub min: u64,
    pub max: u64,
    pub subnet: Option<&'a str>,
    pub token: Option<&'a str>,
    pub extra_tags: Tags,
}

/// The specification with the launch template that it names laid under it.
pub fn resolve(region: &Region, params: &Node) -> Result<Node, AwsError> {
    let Some(reference) = params.child("LaunchTemplate") else { return Ok(params.clone()) };
    let template = launch_template::find(region, reference)?;
    let (_, version) = template.version(reference.text("Version"))?;
    let mut merged = version.data.clone();
    merged.overlay(params);
    Ok(merged)
}

struct Place {
    subnet: String,
    vpc: String,
    zone: String,
    public: bool,
    groups: Vec<String>,
}

fn place(region: &Region, launch: &Launch) -> Result<Place, AwsError> {
    let specification = launch.specification;
    let interface = specification.list("NetworkInterface").into_iter().next();
    let named = launch.subnet.or_else(|| specification.text("SubnetId")).or_else(|| interface?.text("SubnetId"));
    let zone = specification.text("Placement.AvailabilityZone");
    let subnet = match named {
        Some(id) => region.subnets.get(id).ok_or_else(|| super::describe::not_found("InvalidSubnetID.NotFound", "subnet", &[id]))?,
        None => region
            .subnets
            .values()
            .find(|subnet| subnet.default_for_zone && zone.is_none_or(|zone| subnet.zone == zone))
            .ok_or_else(|| AwsError::bad("MissingInput", "No subnets found for the default VPC. Please specify a subnet."))?,
    };
    if zone.is_some_and(|zone| zone != subnet.zone) {
        return Err(AwsError::invalid_value("The availability zone of the subnet differs from the one requested"));
    }
    let mut groups = interface.map(|interface| interface.texts("SecurityGroupId")).unwrap_or_default();
    groups.extend(specification.texts("SecurityGroupId"));
    if groups.is_empty() {
        groups
            .extend(region.groups.values().find(|group| group.vpc == subnet.vpc && group.name == "default").map(|group| group.id.clone()));
    }
    for id in &groups {
        let group = region.groups.get(id).ok_or_else(|| super::security_group::absent(id))?;
        if group.vpc != subnet.vpc {
            return Err(AwsError::bad(
                "InvalidParameter",
                format!("Security group {id} and subnet {} belong to different networks.", subnet.id),
            ));
        }
    }
    let public = interface.and_then(|interface| interface.flag("AssociatePublicIpAddress")).unwrap_or(subnet.public_ip_on_launch);
    Ok(Place { subnet: subnet.id.clone(), vpc: subnet.vpc.clone(), zone: subnet.zone.clone(), public, groups })
}

/// AWS's words for a type that a zone has none of.
pub fn sold_out(region: &str, zone: &str, instance_type: &str) -> AwsError {
    let others: Vec<String> = catalog::place(region)
        .map(catalog::Place::zones)
        .unwrap_or_default()
        .into_iter()
        .map(|(name, _)| name)
        .filter(|name| name != zone && catalog::instance_type(instance_type).is_some_and(|found| found.offered_in_zone(region, name)))
        .collect();
    let message = format!(
        "We currently do not have sufficient {instance_type} capacity in the Availability Zone you requested ({zone}). Our system will be working on provisioning additional capacity. You can currently get {instance_type} capacity by not specifying an Availability Zone in your request or choosing {}.",
        others.join(", ")
    );
    AwsError::new(500, "InsufficientInstanceCapacity", message)
}

fn check(world: &mut World, name: &str, launch: &Launch) -> Result<(Place, &'static catalog::InstanceType, String), AwsError> {
    let specification = launch.specification;
    let type_name = specification.text("InstanceType").unwrap_or("m1.small");
    let image_id = specification.text("ImageId").ok_or_else(|| AwsError::missing("ImageId"))?;
    let place = place(region(world, name), launch)?;
    let found = catalog::instance_type(type_name).filter(|found| found.offered_in_region(name));
    let found = found.ok_or_else(|| AwsError::invalid_value(format!("Invalid value '{type_name}' for InstanceType.")))?;
    let image = image::find(name, image_id)?;
    if image.architecture != found.architecture {
        let message = format!(
            "The architecture '{}' of the specified instance type does not match the architecture '{}' of the specified AMI.",
            found.architecture, image.architecture
        );
        return Err(AwsError::invalid_value(message));
    }
    if !found.offered_in_zone(name, &place.zone) {
        let message =
            format!("Your requested instance type ({type_name}) is not supported in your requested Availability Zone ({}).", place.zone);
        return Err(AwsError::bad("Unsupported", message));
    }
    let profile =
        specification.text("IamInstanceProfile.Arn").or_else(|| specification.text("IamInstanceProfile.Name")).unwrap_or_default();
    if !profile.is_empty() && !iam::instance_profile_exists(world, profile) {
        let parameter = if profile.starts_with("arn:") { "iamInstanceProfile.arn" } else { "iamInstanceProfile.name" };
        return Err(AwsError::invalid_value(format!(
            "Value ({profile}) for parameter {parameter} is invalid. Invalid IAM Instance Profile name"
        )));
    }
    let spot = specification.text("InstanceMarketOptions.MarketType") == Some("spot");
    if world.faults.sold_out(&place.zone, type_name, spot) {
        return Err(sold_out(name, &place.zone, type_name));
    }
    Ok((place, found, profile.to_owned()))
}

fn check_quota(world: &mut World, name: &str, found: &catalog::InstanceType, count: u64) -> Result<(), AwsError> {
    let Some(quota) = world.faults.vcpu_quota(name, found.name) else { return Ok(()) };
    let family = world.faults.quota_family(found.name).unwrap_or_default();
    let used: u64 = region(world, name)
        .instances
        .values()
        .filter(|instance| matches!(instance.state, State::Pending | State::Running) && instance.instance_type.starts_with(&family))
        .filter_map(|instance| catalog::instance_type(&instance.instance_type))
        .map(|found| found.vcpus)
        .sum();
    if used + count * found.vcpus > quota {
        let message = format!(
            "You have requested more vCPU capacity than your current vCPU limit of {quota} allows for the instance bucket that the specified instance type belongs to. Please visit http://aws.amazon.com/contact-us/ec2-request to request an adjustment to this limit."
        );
        return Err(AwsError::bad("VcpuLimitExceeded", message));
    }
    Ok(())
}

/// Whether a launch would go through.
pub fn verify(world: &mut World, name: &str, launch: &Launch) -> Result<(), AwsError> {
    let (_, found, _) = check(world, name, launch)?;
    check_quota(world, name, found, launch.min)
}

/// Launches and answers the ids, or launches nothing.
pub fn launch(world: &mut World, name: &str, launch: &Launch) -> Result<Vec<String>, AwsError> {
    let (place, found, profile) = check(world, name, launch)?;
    check_quota(world, name, found, launch.min)?;
    let available = region(world, name).subnets.get(&place.subnet).map_or(0, super::subnet::Subnet::available);
    if u64::from(available) < launch.min {
        let message =
            format!("There are not enough free addresses in subnet '{}' to satisfy the requested number of instances.", place.subnet);
        return Err(AwsError::bad("InsufficientFreeAddressesInSubnet", message));
    }
    let specification = launch.specification;
    let mut own_tags = tags::specified(specification, "TagSpecification", "instance")?;
    own_tags.extend(launch.extra_tags.clone());
    let reservation = world.random.id("r");
    let now_ms = world.now_ms;
    let mut ids = Vec::new();
    for index in 0..launch.max.min(u64::from(available)) {
        let id = world.random.id("i");
        let interface = world.random.id("eni");
        let public_host = world.random.word();
        let region = region(world, name);
        let Some(address) = region.take_address(&place.subnet) else { break };
        let instance = Instance {
            id: id.clone(),
            reservation: reservation.clone(),
            index,
            instance_type: found.name.to_owned(),
            architecture: found.architecture.to_owned(),
            image: specification.owned("ImageId").unwrap_or_default(),
            zone: place.zone.clone(),
            subnet: place.subnet.clone(),
            vpc: place.vpc.clone(),
            groups: place.groups.clone(),
            interface,
            private_address: address,
            public_address: place
                .public
                .then(|| format!("3.{}.{}.{}", public_host as u8, (public_host >> 8) as u8, ((public_host >> 16) as u8).max(1))),
            spot: specification.text("InstanceMarketOptions.MarketType") == Some("spot"),
            profile: (!profile.is_empty()).then(|| profile.clone()),
            key: specification.owned("KeyName"),
            user_data: specification.owned("UserData"),
            monitoring: specification.flag("Monitoring.Enabled").unwrap_or(false),
            token: launch.token.map(str::to_owned),
            protected: specification.flag("DisableApiTermination").unwrap_or(false),
            state: State::Pending,
            reason: None,
            launched_ms: now_ms,
        };
        region.tags.insert(id.clone(), own_tags.clone());
        region.instances.insert(id.clone(), instance);
        ids.push(id);
    }
    let event = Event::Running(ids.clone());
    world.schedule(now_ms + BOOT_MILLISECONDS, world::Event::Ec2 { region: name.to_owned(), event });
    Ok(ids)
}
