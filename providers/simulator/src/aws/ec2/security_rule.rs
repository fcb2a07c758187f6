//! Rules of security groups: the `IpPermissions` form and the rules with ids are two views of the same.

use serde::{Deserialize, Serialize};

use super::describe::{Filters, not_found, one, select};
use super::region::{Region, region};
use super::security_group::absent;
use super::tags;
use super::vpc::parse_block;
use crate::aws::ACCOUNT;
use crate::aws::error::AwsError;
use crate::aws::query::{Call, Node, Reply};
use crate::aws::xml::Xml;
use crate::random::Random;
use crate::world::World;

const RULES_PER_DIRECTION_MAX: usize = 60;

/// Where a rule lets packets from, or to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Peer {
    Ipv4(String),
    Ipv6(String),
    PrefixList(String),
    Group(String),
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Rule {
    pub id: String,
    pub group: String,
    pub egress: bool,
    /// `tcp`, `udp`, `icmp`, `icmpv6`, a number, or `-1` for all.
    pub protocol: String,
    pub from: i64,
    pub to: i64,
    pub peer: Peer,
    pub description: Option<String>,
}

impl Rule {
    pub fn everything_out(group: &str) -> Self {
        let peer = Peer::Ipv4("0.0.0.0/0".to_owned());
        Self {
            id: String::new(),
            group: group.to_owned(),
            egress: true,
            protocol: "-1".to_owned(),
            from: -1,
            to: -1,
            peer,
            description: None,
        }
    }

    pub fn from_itself(group: &str) -> Self {
        Self { egress: false, peer: Peer::Group(group.to_owned()), ..Self::everything_out(group) }
    }

    pub fn peer_group(&self) -> Option<&str> {
        match &self.peer {
            Peer::Group(group) => Some(group),
            _ => None,
        }
    }

    fn same(&self, other: &Self) -> bool {
        (self.egress, &self.protocol, self.from, self.to, &self.peer) == (other.egress, &other.protocol, other.from, other.to, &other.peer)
    }
}

/// Adds a rule to its group and answers its id.
pub fn insert(region: &mut Region, random: &mut Random, mut rule: Rule) -> String {
    let id = random.id("sgr");
    rule.id.clone_from(&id);
    if let Some(group) = region.groups.get_mut(&rule.group) {
        group.rules.push(id.clone());
        region.rules.insert(id.clone(), rule);
    }
    id
}

/// The text of a peer, if it is of one kind.
type PeerText = fn(&Peer) -> Option<&String>;

/// Writes rules as `IpPermissions`: one item for each protocol and ports, with its peers by kind.
pub fn write_permissions(xml: &mut Xml, element: &str, rules: &[&Rule]) {
    let mut ports: Vec<(&str, i64, i64)> = Vec::new();
    for rule in rules {
        let key = (rule.protocol.as_str(), rule.from, rule.to);
        if !ports.contains(&key) {
            ports.push(key);
        }
    }
    xml.items(element, ports, |xml, (protocol, from, to)| {
        let alike = || rules.iter().filter(move |rule| rule.protocol == protocol && rule.from == from && rule.to == to);
        xml.text("ipProtocol", protocol);
        if protocol != "-1" {
            xml.text("fromPort", from).text("toPort", to);
        }
        let kinds: [(&str, &str, PeerText); 4] = [
            ("groups", "groupId", |peer| if let Peer::Group(id) = peer { Some(id) } else { None }),
            ("ipRanges", "cidrIp", |peer| if let Peer::Ipv4(cidr) = peer { Some(cidr) } else { None }),
            ("ipv6Ranges", "cidrIpv6", |peer| if let Peer::Ipv6(cidr) = peer { Some(cidr) } else { None }),
            ("prefixListIds", "prefixListId", |peer| if let Peer::PrefixList(id) = peer { Some(id) } else { None }),
        ];
        for (list, tag, of) in kinds {
            xml.items(list, alike().filter_map(|rule| Some((of(&rule.peer)?, rule))), |xml, (value, rule)| {
                if list == "groups" {
                    xml.text("userId", ACCOUNT);
                }
                xml.text(tag, value).optional("description", rule.description.as_ref());
            });
        }
    });
}

fn write(xml: &mut Xml, region: &Region, rule: &Rule) {
    xml.text("securityGroupRuleId", &rule.id).text("groupId", &rule.group).text("groupOwnerId", ACCOUNT).text("isEgress", rule.egress);
    xml.text("ipProtocol", &rule.protocol).text("fromPort", rule.from).text("toPort", rule.to);
    match &rule.peer {
        Peer::Ipv4(cidr) => xml.text("cidrIpv4", cidr),
        Peer::Ipv6(cidr) => xml.text("cidrIpv6", cidr),
        Peer::PrefixList(id) => xml.text("prefixListId", id),
        Peer::Group(id) => xml.node("referencedGroupInfo", |xml| {
            xml.text("groupId", id).text("userId", ACCOUNT);
        }),
    };
    xml.optional("description", rule.description.as_ref());
    xml.text("securityGroupRuleArn", format!("arn:aws:ec2:{}:{ACCOUNT}:security-group-rule/{}", region.name, rule.id));
    tags::write(xml, region.tags.get(&rule.id));
}

fn protocol(text: &str) -> Result<String, AwsError> {
    let name = match text.to_lowercase().as_str() {
        "6" | "tcp" => "tcp",
        "17" | "udp" => "udp",
        "1" | "icmp" => "icmp",
        "58" | "icmpv6" => "icmpv6",
        "-1" | "all" => "-1",
        number if number.parse::<u8>().is_ok() => return Ok(number.to_owned()),
        other => return Err(AwsError::invalid_value(format!("Invalid value '{other}' for IP protocol. Unknown protocol."))),
    };
    Ok(name.to_owned())
}

fn ports(node: &Node, protocol: &str) -> Result<(i64, i64), AwsError> {
    let (from, to) = (node.number("FromPort")?, node.number("ToPort")?);
    if !matches!(protocol, "tcp" | "udp" | "icmp" | "icmpv6") {
        return Ok((-1, -1));
    }
    let (Some(from), Some(to)) = (from, to) else {
        return Err(AwsError::invalid_value(format!(
            "Invalid value 'Must specify both from and to ports with {}.' for portRange.",
            protocol.to_uppercase()
        )));
    };
    if matches!(protocol, "tcp" | "udp") && (!(0..=65535).contains(&from) || !(from..=65535).contains(&to)) {
        return Err(AwsError::invalid_value(format!("Invalid TCP/UDP port range ({from}:{to})")));
    }
    Ok((from, to))
}

/// The rules of an authorize or revoke call: `IpPermissions`, or the parameters of a single one.
fn permissions(params: &Node, group: &str, egress: bool) -> Result<Vec<Rule>, AwsError> {
    let listed = params.list("IpPermissions");
    let nodes = if listed.is_empty() { vec![params] } else { listed };
    let mut rules = Vec::new();
    for node in nodes {
        let protocol = protocol(node.require("IpProtocol")?)?;
        let (from, to) = ports(node, &protocol)?;
        let mut add = |peer: Peer, description: Option<String>| {
            rules.push(Rule {
                id: String::new(),
                group: group.to_owned(),
                egress,
                protocol: protocol.clone(),
                from,
                to,
                peer,
                description,
            });
        };
        if let Some(cidr) = node.text("CidrIp") {
            add(Peer::Ipv4(parse_block(cidr, "cidrIp")?.to_string()), None);
        }
        for range in node.list("IpRanges") {
            add(Peer::Ipv4(parse_block(range.require("CidrIp")?, "cidrIp")?.to_string()), range.owned("Description"));
        }
        for range in node.list("Ipv6Ranges") {
            add(Peer::Ipv6(block6(range.require("CidrIpv6")?)?), range.owned("Description"));
        }
        for list in node.list("PrefixListIds") {
            add(Peer::PrefixList(list.require("PrefixListId")?.to_owned()), list.owned("Description"));
        }
        for pair in node.list("Groups") {
            add(Peer::Group(pair.require("GroupId")?.to_owned()), pair.owned("Description"));
        }
    }
    if rules.is_empty() {
        return Err(AwsError::missing("ipPermissions"));
    }
    Ok(rules)
}

fn block6(text: &str) -> Result<String, AwsError> {
    let block: ipnet::Ipv6Net = text.parse().map_err(|_| AwsError::invalid_value(format!("CIDR block {text} is malformed")))?;
    Ok(block.trunc().to_string())
}

fn describe_peer(rule: &Rule) -> String {
    let peer = match &rule.peer {
        Peer::Ipv4(text) | Peer::Ipv6(text) | Peer::PrefixList(text) | Peer::Group(text) => text,
    };
    let ports = if rule.protocol == "-1" {
        "ALL".to_owned()
    } else {
        format!("{}, from port: {}, to port: {}", rule.protocol.to_uppercase(), rule.from, rule.to)
    };
    format!("peer: {peer}, {ports}, ALLOW")
}

pub fn authorize_ingress(world: &mut World, call: &Call) -> Result<Reply, AwsError> {
    authorize(world, call, false)
}

pub fn authorize_egress(world: &mut World, call: &Call) -> Result<Reply, AwsError> {
    authorize(world, call, true)
}

fn authorize(world: &mut World, call: &Call, egress: bool) -> Result<Reply, AwsError> {
    let id = call.params.require("GroupId")?;
    let found = region(world, call.region);
    let group = found.groups.get(id).ok_or_else(|| absent(id))?;
    let rules = permissions(call.params, id, egress)?;
    let tags = tags::specified(call.params, "TagSpecification", "security-group-rule")?;
    let existing: Vec<&Rule> = group.rules.iter().filter_map(|rule| found.rules.get(rule)).collect();
    for rule in &rules {
        if let Some(peer) = rule.peer_group()
            && !found.groups.contains_key(peer)
        {
            return Err(absent(peer));
        }
        if existing.iter().any(|have| have.same(rule)) {
            let message = format!("the specified rule \"{}\" already exists", describe_peer(rule));
            return Err(AwsError::bad("InvalidPermission.Duplicate", message));
        }
    }
    if existing.iter().filter(|rule| rule.egress == egress).count() + rules.len() > RULES_PER_DIRECTION_MAX {
        return Err(AwsError::bad(
            "RulesPerSecurityGroupLimitExceeded",
            "The maximum number of rules per security group has been reached.",
        ));
    }
    call.may_proceed()?;
    let World { ec2, random, .. } = world;
    let Some(region) = ec2.get_mut(call.region) else { return Reply::done() };
    let made: Vec<String> = rules.into_iter().map(|rule| insert(region, random, rule)).collect();
    for rule in &made {
        region.tags.insert(rule.clone(), tags.clone());
    }
    Reply::write(|xml| {
        xml.text("return", true);
        xml.items("securityGroupRuleSet", made.iter().filter_map(|rule| region.rules.get(rule)), |xml, rule| write(xml, region, rule));
    })
}

pub fn revoke_ingress(world: &mut World, call: &Call) -> Result<Reply, AwsError> {
    revoke(world, call, false)
}

pub fn revoke_egress(world: &mut World, call: &Call) -> Result<Reply, AwsError> {
    revoke(world, call, true)
}

fn revoke(world: &mut World, call: &Call, egress: bool) -> Result<Reply, AwsError> {
    let id = call.params.require("GroupId")?;
    let region = region(world, call.region);
    let group = region.groups.get(id).ok_or_else(|| absent(id))?;
    let mut gone = call.params.texts("SecurityGroupRuleId");
    for rule in &gone {
        if !group.rules.contains(rule) || region.rules.get(rule).is_none_or(|rule| rule.egress != egress) {
            return Err(AwsError::bad(
                "InvalidSecurityGroupRuleId.NotFound",
                format!("The security group rule ID '{rule}' does not exist"),
            ));
        }
    }
    if gone.is_empty() {
        for rule in permissions(call.params, id, egress)? {
            let found = group.rules.iter().find(|have| region.rules.get(*have).is_some_and(|have| have.same(&rule)));
            let missing = || AwsError::bad("InvalidPermission.NotFound", "The specified rule does not exist in this security group.");
            gone.push(found.ok_or_else(missing)?.clone());
        }
    }
    call.may_proceed()?;
    if let Some(group) = region.groups.get_mut(id) {
        group.rules.retain(|rule| !gone.contains(rule));
    }
    for rule in gone {
        region.rules.remove(&rule);
        region.tags.remove(&rule);
    }
    Reply::done()
}

/// Replaces rules in place: `SecurityGroupRule.N.SecurityGroupRule.…`.
pub fn modify(world: &mut World, call: &Call) -> Result<Reply, AwsError> {
    let id = call.params.require("GroupId")?;
    let region = region(world, call.region);
    let group = region.groups.get(id).ok_or_else(|| absent(id))?;
    let mut changed = Vec::new();
    for update in call.params.list("SecurityGroupRule") {
        let rule_id = update.require("SecurityGroupRuleId")?;
        let old = region.rules.get(rule_id).filter(|rule| group.rules.contains(&rule.id));
        let old = old.ok_or_else(|| {
            AwsError::bad("InvalidSecurityGroupRuleId.NotFound", format!("The security group rule ID '{rule_id}' does not exist"))
        })?;
        let node = update.child("SecurityGroupRule").ok_or_else(|| AwsError::missing("SecurityGroupRule"))?;
        let protocol = protocol(node.require("IpProtocol")?)?;
        let (from, to) = ports(node, &protocol)?;
        let peers = [
            node.text("CidrIpv4").map(|cidr| Ok(Peer::Ipv4(parse_block(cidr, "cidrIpv4")?.to_string()))),
            node.text("CidrIpv6").map(|cidr| Ok(Peer::Ipv6(block6(cidr)?))),
            node.text("PrefixListId").map(|list| Ok(Peer::PrefixList(list.to_owned()))),
            node.text("ReferencedGroupId").map(|group| Ok(Peer::Group(group.to_owned()))),
        ];
        let peer = peers.into_iter().flatten().next().ok_or_else(|| AwsError::missing("CidrIpv4"))??;
        changed.push(Rule {
            id: rule_id.to_owned(),
            group: id.to_owned(),
            egress: old.egress,
            protocol,
            from,
            to,
            peer,
            description: node.owned("Description"),
        });
    }
    for rule in &changed {
        if group.rules.iter().filter(|have| **have != rule.id).any(|have| region.rules.get(have).is_some_and(|have| have.same(rule))) {
            return Err(AwsError::bad(
                "InvalidPermission.Duplicate",
                format!("the specified rule \"{}\" already exists", describe_peer(rule)),
            ));
        }
    }
    call.may_proceed()?;
    for rule in changed {
        region.rules.insert(rule.id.clone(), rule);
    }
    Reply::done()
}

pub fn describe(world: &mut World, call: &Call) -> Result<Reply, AwsError> {
    let filters = Filters::parse(call.params)?;
    let region = region(world, call.region);
    let pass = |id: &str, rule: &Rule| {
        filters.pass(region.tags.get(id), |name| match name {
            "group-id" => one(&rule.group),
            "security-group-rule-id" => one(id),
            _ => None,
        })
    };
    let page = select(
        call.params,
        &region.rules,
        ("SecurityGroupRuleId", "InvalidSecurityGroupRuleId.NotFound", "security group rule"),
        pass,
        |_| false,
    )
    .map_err(|error| {
        if error.code.ends_with("NotFound") {
            not_found(
                &error.code,
                "security group rule",
                &call.params.texts("SecurityGroupRuleId").iter().map(String::as_str).collect::<Vec<_>>(),
            )
        } else {
            error
        }
    })?;
    Reply::write(|xml| {
        xml.items("securityGroupRuleSet", &page.ids, |xml, id| write(xml, region, &region.rules[id]));
        xml.optional("nextToken", page.next);
    })
}
