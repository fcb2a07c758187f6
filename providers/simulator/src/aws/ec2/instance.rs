//! Instances and their states over time.

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use super::describe::{Filters, maybe, not_found, one, select};
use super::launch::{self, Launch};
use super::region::{Event, Region, region};
use super::tags::{self, Tags};
use super::{catalog, token};
use crate::aws::error::AwsError;
use crate::aws::query::{Call, Reply};
use crate::aws::xml::Xml;
use crate::aws::{ACCOUNT, autoscaling};
use crate::clock::timestamp;
use crate::world::{self, World};

const STOP_MILLISECONDS: i64 = 3_000;
/// Terminated instances stay visible for so long, as at AWS.
const FORGET_MILLISECONDS: i64 = 3_600_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum State {
    Pending,
    Running,
    ShuttingDown,
    Terminated,
    Stopping,
    Stopped,
}

impl State {
    pub fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Running => "running",
            Self::ShuttingDown => "shutting-down",
            Self::Terminated => "terminated",
            Self::Stopping => "stopping",
            Self::Stopped => "stopped",
        }
    }

    fn code(self) -> u8 {
        match self {
            Self::Pending => 0,
            Self::Running => 16,
            Self::ShuttingDown => 32,
            Self::Terminated => 48,
            Self::Stopping => 64,
            Self::Stopped => 80,
        }
    }
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Instance {
    pub id: String,
    pub reservation: String,
    pub index: u64,
    pub instance_type: String,
    pub architecture: String,
    pub image: String,
    pub zone: String,
    pub subnet: String,
    pub vpc: String,
    pub groups: Vec<String>,
    pub interface: String,
    pub private_address: String,
    pub public_address: Option<String>,
    pub spot: bool,
    pub profile: Option<String>,
    pub key: Option<String>,
    pub user_data: Option<String>,
    pub monitoring: bool,
    pub token: Option<String>,
    pub protected: bool,
    pub state: State,
    /// Why it ended: code and message.
    pub reason: Option<(String, String)>,
    pub launched_ms: i64,
}

fn write_state(xml: &mut Xml, tag: &str, state: State) {
    xml.node(tag, |xml| {
        xml.text("code", state.code()).text("name", state.name());
    });
}

fn write(xml: &mut Xml, region: &Region, instance: &Instance) {
    xml.text("instanceId", &instance.id).text("imageId", &instance.image);
    write_state(xml, "instanceState", instance.state);
    xml.text("privateDnsName", format!("ip-{}.ec2.internal", instance.private_address.replace('.', "-")));
    xml.text("instanceType", &instance.instance_type)
        .text("launchTime", timestamp(instance.launched_ms))
        .text("amiLaunchIndex", instance.index);
    xml.optional("keyName", instance.key.as_ref()).optional("clientToken", instance.token.as_ref());
    xml.node("placement", |xml| {
        xml.text("availabilityZone", &instance.zone).text("tenancy", "default");
    });
    xml.node("monitoring", |xml| {
        xml.text("state", if instance.monitoring { "enabled" } else { "disabled" });
    });
    xml.text("architecture", &instance.architecture)
        .text("rootDeviceType", "ebs")
        .text("rootDeviceName", "/dev/xvda")
        .text("virtualizationType", "hvm");
    if instance.spot {
        xml.text("instanceLifecycle", "spot");
    }
    if let Some((code, message)) = &instance.reason {
        xml.text("reason", message);
        xml.node("stateReason", |xml| {
            xml.text("code", code).text("message", message);
        });
    }
    if let Some(profile) = &instance.profile {
        let arn = if profile.starts_with("arn:") { profile.clone() } else { format!("arn:aws:iam::{ACCOUNT}:instance-profile/{profile}") };
        xml.node("iamInstanceProfile", |xml| {
            xml.text("arn", arn);
        });
    }
    if instance.state != State::Terminated {
        xml.text("privateIpAddress", &instance.private_address).optional("ipAddress", instance.public_address.as_ref());
        xml.text("subnetId", &instance.subnet).text("vpcId", &instance.vpc);
        write_groups(xml, region, &instance.groups);
        xml.items("networkInterfaceSet", [()], |xml, ()| write_interface(xml, region, instance));
    }
    xml.text("ebsOptimized", false).text("sourceDestCheck", true);
    xml.items("blockDeviceMapping", [(); 0], |_, ()| ());
    tags::write(xml, region.tags.get(&instance.id));
}

fn write_groups(xml: &mut Xml, region: &Region, groups: &[String]) {
    xml.items("groupSet", groups, |xml, id| {
        xml.text("groupId", id).optional("groupName", region.groups.get(id).map(|group| &group.name));
    });
}

fn write_interface(xml: &mut Xml, region: &Region, instance: &Instance) {
    xml.text("networkInterfaceId", &instance.interface)
        .text("subnetId", &instance.subnet)
        .text("vpcId", &instance.vpc)
        .text("ownerId", ACCOUNT);
    xml.text("status", "in-use")
        .text("privateIpAddress", &instance.private_address)
        .text("sourceDestCheck", true)
        .text("interfaceType", "interface");
    xml.text("availabilityZone", &instance.zone);
    write_groups(xml, region, &instance.groups);
    xml.node("attachment", |xml| {
        xml.text("attachmentId", instance.interface.replacen("eni-", "eni-attach-", 1)).text("deviceIndex", 0).text("status", "attached");
        xml.text("instanceId", &instance.id).text("instanceOwnerId", ACCOUNT).text("deleteOnTermination", true);
        xml.text("attachTime", timestamp(instance.launched_ms));
    });
}

fn write_reservation(xml: &mut Xml, region: &Region, id: &str, instances: &[&Instance]) {
    xml.text("reservationId", id).text("ownerId", ACCOUNT);
    xml.items("groupSet", [(); 0], |_, ()| ());
    xml.items("instancesSet", instances, |xml, instance| write(xml, region, instance));
}

pub fn run(world: &mut World, call: &Call) -> Result<Reply, AwsError> {
    let min = call.params.number("MinCount")?.ok_or_else(|| AwsError::missing("MinCount"))?;
    let max = call.params.number("MaxCount")?.ok_or_else(|| AwsError::missing("MaxCount"))?;
    if min < 1 || max < min {
        return Err(AwsError::invalid_value(format!("Invalid value for MinCount: {min}. It must be between 1 and MaxCount ({max}).")));
    }
    let asked = call.params.fingerprint(&["ClientToken"]);
    if let Some(made) = token::made_before(region(world, call.region), call, &asked)? {
        return reserved(region(world, call.region), &made).map(|reply| reply.repeated(true));
    }
    let specification = launch::resolve(region(world, call.region), call.params)?;
    let wanted = Launch {
        specification: &specification,
        min: min as u64,
        max: max as u64,
        subnet: None,
        token: call.params.text("ClientToken"),
        extra_tags: Tags::new(),
    };
    if call.dry_run() {
        launch::verify(world, call.region, &wanted)?;
        call.may_proceed()?;
    }
    let made = launch::launch(world, call.region, &wanted)?;
    let region = region(world, call.region);
    token::remember(region, call, asked, made.clone());
    reserved(region, &made)
}

fn reserved(region: &Region, ids: &[String]) -> Result<Reply, AwsError> {
    let instances: Vec<&Instance> = ids.iter().filter_map(|id| region.instances.get(id)).collect();
    let reservation = instances.first().map(|instance| instance.reservation.clone()).unwrap_or_default();
    Reply::write(|xml| write_reservation(xml, region, &reservation, &instances))
}

pub fn describe(world: &mut World, call: &Call) -> Result<Reply, AwsError> {
    let filters = Filters::parse(call.params)?;
    region(world, call.region);
    let world = &*world;
    let region = &world.ec2[call.region];
    let pass = |id: &str, instance: &Instance| filters.pass(region.tags.get(id), |name| filter_value(instance, name));
    let noun = ("InstanceId", "InvalidInstanceID.NotFound", "instance");
    let page = select(call.params, &region.instances, noun, pass, |instance| world.too_fresh(instance.launched_ms))?;
    let mut reservations: IndexMap<&str, Vec<&Instance>> = IndexMap::new();
    for instance in page.ids.iter().filter_map(|id| region.instances.get(id)) {
        reservations.entry(&instance.reservation).or_default().push(instance);
    }
    Reply::write(|xml| {
        xml.items("reservationSet", &reservations, |xml, (id, instances)| write_reservation(xml, region, id, instances));
        xml.optional("nextToken", page.next);
    })
}

fn filter_value(instance: &Instance, name: &str) -> Option<Vec<String>> {
    match name {
        "instance-id" => one(&instance.id),
        "instance-type" => one(&instance.instance_type),
        "instance-state-name" => one(instance.state.name()),
        "instance-state-code" => one(instance.state.code()),
        "instance-lifecycle" => maybe(instance.spot.then_some("spot")),
        "client-token" => maybe(instance.token.as_ref()),
        "image-id" => one(&instance.image),
        "vpc-id" | "network-interface.vpc-id" => one(&instance.vpc),
        "subnet-id" | "network-interface.subnet-id" => one(&instance.subnet),
        "availability-zone" => one(&instance.zone),
        "reservation-id" => one(&instance.reservation),
        "private-ip-address" => one(&instance.private_address),
        "ip-address" => maybe(instance.public_address.as_ref()),
        "key-name" => maybe(instance.key.as_ref()),
        "instance.group-id" | "network-interface.group-id" => Some(instance.groups.clone()),
        "iam-instance-profile.arn" => maybe(instance.profile.as_ref()),
        _ => None,
    }
}

pub fn describe_interfaces(world: &mut World, call: &Call) -> Result<Reply, AwsError> {
    let filters = Filters::parse(call.params)?;
    let wanted = call.params.texts("NetworkInterfaceId");
    let region = region(world, call.region);
    let mut found = Vec::new();
    for instance in region.instances.values().filter(|instance| instance.state != State::Terminated) {
        let passes = filters.pass(region.tags.get(&instance.interface), |name| match name {
            "network-interface-id" => one(&instance.interface),
            "vpc-id" => one(&instance.vpc),
            "subnet-id" => one(&instance.subnet),
            "group-id" => Some(instance.groups.clone()),
            "attachment.instance-id" => one(&instance.id),
            "status" => one("in-use"),
            "availability-zone" => one(&instance.zone),
            "private-ip-address" | "addresses.private-ip-address" => one(&instance.private_address),
            "attachment.status" => one("attached"),
            "description" | "requester-id" | "interface-type" | "attachment.attachment-id" => maybe(None::<String>),
            _ => None,
        })?;
        if passes && (wanted.is_empty() || wanted.contains(&instance.interface)) {
            found.push(instance);
        }
    }
    Reply::write(|xml| {
        xml.items("networkInterfaceSet", found, |xml, instance| write_interface(xml, region, instance));
    })
}

/// Sets the state of instances and answers what each had before.
fn change(world: &mut World, call: &Call, allowed: fn(State) -> Option<State>, after: fn(Vec<String>) -> Event) -> Result<Reply, AwsError> {
    let ids = call.params.texts("InstanceId");
    let found = region(world, call.region);
    let absent: Vec<&str> = ids.iter().filter(|id| !found.instances.contains_key(*id)).map(String::as_str).collect();
    if !absent.is_empty() {
        return Err(not_found("InvalidInstanceID.NotFound", "instance", &absent));
    }
    if ids.is_empty() {
        return Err(AwsError::missing("instanceId"));
    }
    for id in &ids {
        let instance = &found.instances[id];
        if call.action == "TerminateInstances" && instance.protected {
            let message =
                format!("The instance '{id}' may not be terminated. Modify its 'disableApiTermination' instance attribute and try again.");
            return Err(AwsError::bad("OperationNotPermitted", message));
        }
        if allowed(instance.state).is_none() {
            let message = format!(
                "The instance '{id}' is not in a state from which it can be {}.",
                if call.action == "StartInstances" { "started" } else { "stopped" }
            );
            return Err(AwsError::bad("IncorrectInstanceState", message));
        }
    }
    call.may_proceed()?;
    let mut changes = Vec::new();
    for id in &ids {
        if let Some(instance) = found.instances.get_mut(id) {
            let before = instance.state;
            instance.state = allowed(before).unwrap_or(before);
            if call.action == "TerminateInstances" {
                instance.reason =
                    Some(("Client.UserInitiatedShutdown".to_owned(), "Client.UserInitiatedShutdown: User initiated shutdown".to_owned()));
            }
            changes.push((id.clone(), before, instance.state));
        }
    }
    let event = world::Event::Ec2 { region: call.region.to_owned(), event: after(ids) };
    world.schedule(world.now_ms + STOP_MILLISECONDS, event);
    Reply::write(|xml| {
        xml.items("instancesSet", changes, |xml, (id, before, now)| {
            xml.text("instanceId", id);
            write_state(xml, "currentState", now);
            write_state(xml, "previousState", before);
        });
    })
}

pub fn terminate(world: &mut World, call: &Call) -> Result<Reply, AwsError> {
    let next = |state| Some(if state == State::Terminated { state } else { State::ShuttingDown });
    change(world, call, next, Event::Terminated)
}

pub fn stop(world: &mut World, call: &Call) -> Result<Reply, AwsError> {
    change(
        world,
        call,
        |state| {
            matches!(state, State::Running | State::Stopping | State::Stopped).then_some(if state == State::Stopped {
                state
            } else {
                State::Stopping
            })
        },
        Event::Stopped,
    )
}

pub fn start(world: &mut World, call: &Call) -> Result<Reply, AwsError> {
    change(
        world,
        call,
        |state| {
            matches!(state, State::Stopped | State::Running | State::Pending).then_some(if state == State::Stopped {
                State::Pending
            } else {
                state
            })
        },
        Event::Running,
    )
}

/// Begins to terminate instances, for Auto Scaling.
pub fn shut_down(world: &mut World, name: &str, ids: Vec<String>) {
    let region = region(world, name);
    for id in &ids {
        if let Some(instance) = region.instances.get_mut(id).filter(|instance| instance.state != State::Terminated) {
            instance.state = State::ShuttingDown;
            instance.reason =
                Some(("Client.UserInitiatedShutdown".to_owned(), "Client.UserInitiatedShutdown: User initiated shutdown".to_owned()));
        }
    }
    let event = world::Event::Ec2 { region: name.to_owned(), event: Event::Terminated(ids) };
    world.schedule(world.now_ms + STOP_MILLISECONDS, event);
}

pub fn handle_event(world: &mut World, name: &str, event: Event) {
    let now_ms = world.now_ms;
    let region = region(world, name);
    let mut set = |ids: &[String], from: State, to: State| {
        for id in ids {
            if let Some(instance) = region.instances.get_mut(id).filter(|instance| instance.state == from) {
                instance.state = to;
            }
        }
    };
    match event {
        Event::Running(ids) => set(&ids, State::Pending, State::Running),
        Event::Stopped(ids) => {
            set(&ids, State::Stopping, State::Stopped);
            autoscaling::instances_gone(world, name, &ids);
        }
        Event::Terminated(ids) => {
            set(&ids, State::ShuttingDown, State::Terminated);
            for id in &ids {
                if let Some(instance) = region.instances.get(id)
                    && let Some(subnet) = region.subnets.get_mut(&instance.subnet)
                {
                    subnet.give_back(&instance.private_address);
                }
            }
            autoscaling::instances_gone(world, name, &ids);
            world.schedule(now_ms + FORGET_MILLISECONDS, world::Event::Ec2 { region: name.to_owned(), event: Event::Forgotten(ids) });
        }
        Event::Forgotten(ids) => {
            for id in ids {
                region.instances.remove(&id);
                region.tags.remove(&id);
            }
        }
    }
}

pub fn describe_attribute(world: &mut World, call: &Call) -> Result<Reply, AwsError> {
    let id = call.params.require("InstanceId")?;
    let attribute = call.params.require("Attribute")?;
    let instance =
        region(world, call.region).instances.get(id).cloned().ok_or_else(|| not_found("InvalidInstanceID.NotFound", "instance", &[id]))?;
    let value = match attribute {
        "userData" => instance.user_data,
        "instanceType" => Some(instance.instance_type),
        "disableApiTermination" => Some(instance.protected.to_string()),
        "instanceInitiatedShutdownBehavior" => Some("stop".to_owned()),
        "sourceDestCheck" => Some("true".to_owned()),
        "disableApiStop" | "ebsOptimized" => Some("false".to_owned()),
        _ => return Err(AwsError::invalid_value(format!("Value ({attribute}) for parameter attribute is invalid. Unknown attribute."))),
    };
    Reply::write(|xml| {
        xml.text("instanceId", id);
        xml.node(attribute, |xml| {
            xml.optional("value", value);
        });
    })
}

/// Whether a type exists in the catalog, for groups that name types.
pub fn type_exists(region: &str, name: &str) -> bool {
    catalog::instance_type(name).is_some_and(|found| found.offered_in_region(region))
}
