//! Bringing groups to their desired capacity: launches spread over zones, other zones where one is sold out, replacement, scaling in.

use std::collections::{BTreeMap, BTreeSet, HashSet, VecDeque};

use super::group::{Activity, Group, Member, wake};
use super::{Event, region};
use crate::aws::ec2;
use crate::aws::ec2::launch::Launch;
use crate::aws::error::AwsError;
use crate::aws::query::Node;
use crate::clock::timestamp;
use crate::world::{self, World};

/// From a launch to `InService`; longer than EC2's pending.
const IN_SERVICE_MILLISECONDS: i64 = 5_000;
/// How long a group waits after a launch that no zone took.
const RETRY_MILLISECONDS: i64 = 60_000;
const ACTIVITIES_MAX: usize = 200;

fn suspended(group: &Group, process: &str) -> bool {
    group.suspended.contains_key(process)
}

/// Moves a group one step on.
pub fn reconcile(world: &mut World, name: &str, group_name: &str) {
    let now_ms = world.now_ms;
    let Some(group) = region(world, name).groups.get_mut(group_name) else { return };
    if group.wakes_ms.is_none_or(|wakes_ms| wakes_ms > now_ms) {
        return;
    }
    group.wakes_ms = None;
    let mut group = group.clone();
    replace_unhealthy(world, name, &mut group);
    let missing = group.desired - group.members.len() as i64;
    let mut failed = false;
    if missing > 0 && !suspended(&group, "Launch") && !group.deleting {
        failed = !grow(world, name, &mut group, missing as usize);
    } else if missing < 0 && !suspended(&group, "Terminate") {
        shrink(world, name, &mut group, -missing as usize);
    }
    let gone = group.deleting && group.members.is_empty();
    let found = region(world, name);
    if gone {
        found.groups.remove(group_name);
        return;
    }
    found.groups.insert(group_name.to_owned(), group);
    if failed {
        wake(world, name, group_name, RETRY_MILLISECONDS);
    }
}

fn replace_unhealthy(world: &mut World, name: &str, group: &mut Group) {
    if suspended(group, "ReplaceUnhealthy") && !group.deleting {
        return;
    }
    let instances = &ec2::region(world, name).instances;
    let alive = |member: &Member| {
        let state = instances.get(&member.id).map(|instance| instance.state);
        member.healthy && matches!(state, Some(ec2::instance::State::Pending | ec2::instance::State::Running))
    };
    let (keep, lost): (Vec<Member>, Vec<Member>) = group.members.drain(..).partition(alive);
    group.members = keep;
    if !lost.is_empty() {
        ec2::instance::shut_down(world, name, lost.iter().map(|member| member.id.clone()).collect());
    }
    for member in lost {
        let cause = format!(
            "At {} an instance was taken out of service in response to an EC2 health check indicating it has been terminated or stopped.",
            timestamp(world.now_ms)
        );
        record(world, group, format!("Terminating EC2 instance: {}", member.id), cause, None, &member.zone);
    }
}

fn record(world: &mut World, group: &mut Group, description: String, cause: String, error: Option<&AwsError>, zone: &str) {
    let id = world.random.uuid();
    let details = serde_json::json!({ "Subnet ID": group.subnets.first(), "Availability Zone": zone }).to_string();
    let status = if error.is_some() { "Failed" } else { "Successful" };
    let message = error.map(|error| format!("{} Launching EC2 instance failed.", error.message));
    group.activities.truncate(ACTIVITIES_MAX - 1);
    group.activities.insert(
        0,
        Activity { id, description, cause, status: status.to_owned(), message, details, start_ms: world.now_ms, end_ms: world.now_ms },
    );
}

/// The types to try in order: overrides of the mixed instances policy, else the template's own.
fn types(group: &Group) -> Vec<Node> {
    let overrides = group.settings.list("MixedInstancesPolicy.LaunchTemplate.Overrides");
    if overrides.is_empty() { vec![Node::default()] } else { overrides.into_iter().cloned().collect() }
}

/// What of a group's members a launch is decided by, kept beside them so that a launch costs the same in a large group.
struct Tally {
    by_zone: BTreeMap<String, usize>,
    on_demand: i64,
}

impl Tally {
    fn of(group: &Group) -> Tally {
        let mut tally = Tally { by_zone: BTreeMap::new(), on_demand: 0 };
        group.members.iter().for_each(|member| tally.add(member));
        tally
    }

    fn add(&mut self, member: &Member) {
        *self.by_zone.entry(member.zone.clone()).or_default() += 1;
        self.on_demand += i64::from(!member.spot);
    }

    fn fill(&self, zone: &str) -> usize {
        self.by_zone.get(zone).copied().unwrap_or(0)
    }
}

/// Whether the next instance is to be a spot instance, by the distribution of the mixed instances policy.
fn next_is_spot(group: &Group, on_demand: i64) -> bool {
    let Some(distribution) = group.settings.child("MixedInstancesPolicy.InstancesDistribution") else { return false };
    let number = |name: &str, default: i64| distribution.number(name).ok().flatten().unwrap_or(default);
    let base = number("OnDemandBaseCapacity", 0);
    if on_demand < base {
        return false;
    }
    let above = group.members.len() as i64 - base + 1;
    (on_demand - base) * 100 >= number("OnDemandPercentageAboveBaseCapacity", 100) * above
}

/// Launches `missing` members one by one, each into the zone with the fewest that takes it. Answers whether all came up.
fn grow(world: &mut World, name: &str, group: &mut Group, missing: usize) -> bool {
    let mut started = Vec::new();
    let mut refused: Vec<String> = Vec::new();
    let mut all = true;
    let mut tally = Tally::of(group);
    for _ in 0..missing {
        let mut zones = group.zones.clone();
        zones.retain(|zone| !refused.contains(zone));
        zones.sort_by_key(|zone| tally.fill(zone));
        let mut launched = false;
        for zone in zones {
            match launch_one(world, name, group, &tally, &zone) {
                Ok(member) => {
                    let cause = format!(
                        "At {} an instance was started in response to a difference between desired and actual capacity, increasing the capacity from {} to {}.",
                        timestamp(world.now_ms),
                        group.members.len(),
                        group.desired
                    );
                    record(world, group, format!("Launching a new EC2 instance: {}", member.id), cause, None, &zone);
                    started.push(member.id.clone());
                    tally.add(&member);
                    group.members.push(member);
                    launched = true;
                    break;
                }
                Err(error) => {
                    // One report a zone and round; further launches of this round go to the others at once.
                    let cause = format!(
                        "At {} an instance was started in response to a difference between desired and actual capacity.",
                        timestamp(world.now_ms)
                    );
                    record(
                        world,
                        group,
                        "Launching a new EC2 instance.  Status Reason: ".to_owned() + &error.message,
                        cause,
                        Some(&error),
                        &zone,
                    );
                    refused.push(zone);
                }
            }
        }
        if !launched {
            all = false;
            break;
        }
    }
    if !started.is_empty() {
        let event = Event::InService { group: group.name.clone(), ids: started };
        world.schedule(world.now_ms + IN_SERVICE_MILLISECONDS, world::Event::AutoScaling { region: name.to_owned(), event });
    }
    all
}

fn launch_one(world: &mut World, name: &str, group: &Group, tally: &Tally, zone: &str) -> Result<Member, AwsError> {
    let reference = group.template().cloned().unwrap_or_default();
    let found = ec2::region(world, name);
    let template = ec2::launch_template::find(found, &reference)?;
    let (version, body) = template.version(reference.text("Version"))?;
    let identity = (template.id.clone(), template.name.clone(), version);
    let base = body.data.clone();
    let subnet = group.subnets.iter().find(|id| found.subnets.get(*id).is_some_and(|subnet| subnet.zone == zone)).cloned();
    let spot = next_is_spot(group, tally.on_demand) || base.text("InstanceMarketOptions.MarketType") == Some("spot");
    let mut extra_tags: ec2::Tags =
        group.tags.iter().filter(|(_, (_, propagate))| *propagate).map(|(key, (value, _))| (key.clone(), value.clone())).collect();
    extra_tags.insert("aws:autoscaling:groupName".to_owned(), group.name.clone());
    let mut last = None;
    for choice in types(group) {
        let mut specification = base.clone();
        if let Some(instance_type) = choice.text("InstanceType") {
            specification.insert("InstanceType", instance_type);
        }
        if spot {
            specification.insert("InstanceMarketOptions.MarketType", "spot");
        }
        if subnet.is_none() {
            specification.insert("Placement.AvailabilityZone", zone);
        }
        let launch = Launch {
            specification: &specification,
            min: 1,
            max: 1,
            subnet: subnet.as_deref(),
            token: None,
            extra_tags: extra_tags.clone(),
        };
        match ec2::launch::launch(world, name, &launch) {
            Ok(ids) => {
                let instance_type = specification.text("InstanceType").unwrap_or_default().to_owned();
                let protected = group.settings.flag("NewInstancesProtectedFromScaleIn") == Some(true);
                let id = ids.into_iter().next().unwrap_or_default();
                return Ok(Member {
                    id,
                    instance_type,
                    zone: zone.to_owned(),
                    lifecycle: "Pending".to_owned(),
                    healthy: true,
                    protected,
                    spot,
                    template: identity,
                });
            }
            Err(error) => last = Some(error),
        }
    }
    Err(last.unwrap_or_else(|| AwsError::bad("ValidationError", "The group names no instance type")))
}

/// Takes members from the fullest zone first; in it the oldest, or the newest by `NewestInstance`.
fn shrink(world: &mut World, name: &str, group: &mut Group, extra: usize) {
    let newest = group.settings.texts("TerminationPolicies").first().is_some_and(|policy| policy == "NewestInstance");
    let mut tally = Tally::of(group);
    // Those that may go, by zone, in the order in which they go; each with its rank among all.
    let mut free: BTreeMap<String, VecDeque<(usize, usize)>> = BTreeMap::new();
    for (index, member) in group.members.iter().enumerate().filter(|(_, member)| !member.protected || group.deleting) {
        let queue = free.entry(member.zone.clone()).or_default();
        match newest {
            true => queue.push_front((index, index)),
            false => queue.push_back((usize::MAX - index, index)),
        }
    }
    let mut chosen = BTreeSet::new();
    let mut gone = Vec::new();
    for _ in 0..extra {
        let heads = free.iter().filter_map(|(zone, queue)| Some(((tally.fill(zone), queue.front()?.0), zone.clone())));
        let Some((_, zone)) = heads.max() else { break };
        let Some((_, index)) = free.get_mut(&zone).and_then(VecDeque::pop_front) else { break };
        *tally.by_zone.entry(zone.clone()).or_default() -= 1;
        chosen.insert(index);
        let id = group.members[index].id.clone();
        let cause = format!("At {} instance {id} was selected for termination.", timestamp(world.now_ms));
        record(world, group, format!("Terminating EC2 instance: {id}"), cause, None, &zone);
        gone.push(id);
    }
    let mut index = 0..;
    group.members.retain(|_| index.next().is_none_or(|index| !chosen.contains(&index)));
    if !gone.is_empty() {
        ec2::instance::shut_down(world, name, gone);
    }
}

pub fn in_service(world: &mut World, name: &str, group: &str, ids: &[String]) {
    if let Some(group) = region(world, name).groups.get_mut(group) {
        let ids: HashSet<&String> = ids.iter().collect();
        for member in group.members.iter_mut().filter(|member| ids.contains(&member.id)) {
            "InService".clone_into(&mut member.lifecycle);
        }
    }
}

/// EC2 says that instances have stopped or ended: their groups look again.
pub fn instances_gone(world: &mut World, name: &str, ids: &[String]) {
    let tags = &ec2::region(world, name).tags;
    let mut groups: Vec<String> = ids.iter().filter_map(|id| tags.get(id)?.get("aws:autoscaling:groupName").cloned()).collect();
    groups.dedup();
    for group in groups {
        wake(world, name, &group, 1_000);
    }
}
