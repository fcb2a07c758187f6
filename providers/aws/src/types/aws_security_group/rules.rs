//! Inline rules as sets of atoms: one protocol, one port range, one source, one description each.

use super::super::security_group_rules::{protocol, split_group};
use crate::client::{Region, failure};
use crate::resource::{Draft, Fetch};
use aws_sdk_ec2::types::{IpPermission, IpRange, Ipv6Range, PrefixListId, SecurityGroup, UserIdGroupPair};
use std::collections::{BTreeMap, BTreeSet};
use windlass_api::{Error, Value};

/// Which way traffic goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Direction {
    Ingress,
    Egress,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Source {
    Ipv4(String),
    Ipv6(String),
    PrefixList(String),
    Group(String),
    Itself,
}

/// Protocol, from port, to port, description.
type Head = (String, i32, i32, String);

type Atom = (Head, Source);

fn head_of(rule: &Value) -> Head {
    let protocol = protocol(&rule.text("protocol").unwrap_or_default());
    let is_all = protocol == "-1";
    let port = |name: &str| if is_all { 0 } else { rule.int(name).unwrap_or(0) };
    (protocol, port("from_port"), port("to_port"), rule.text("description").unwrap_or_default())
}

fn atoms_of(rule: &Value) -> Vec<Atom> {
    let texts = |name: &str| rule.texts(name).unwrap_or_default().into_iter();
    let sources = texts("cidr_blocks")
        .map(Source::Ipv4)
        .chain(texts("ipv6_cidr_blocks").map(Source::Ipv6))
        .chain(texts("prefix_list_ids").map(Source::PrefixList))
        .chain(texts("security_groups").map(Source::Group))
        .chain(rule.flag("self").filter(|itself| *itself).map(|_| Source::Itself));
    let head = head_of(rule);
    sources.map(|source| (head.clone(), source)).collect()
}

fn live_atoms(permissions: &[IpPermission], owner: &str, group: &str) -> Vec<Atom> {
    let mut atoms = Vec::new();
    for permission in permissions {
        let protocol = permission.ip_protocol.clone().unwrap_or_default();
        let is_all = protocol == "-1";
        let port = |port: Option<i32>| if is_all { 0 } else { port.unwrap_or(0) };
        let (from, to) = (port(permission.from_port), port(permission.to_port));
        let head = |description: Option<&str>| (protocol.clone(), from, to, description.unwrap_or_default().to_owned());
        let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
        atoms.extend(permission.ip_ranges().iter().map(|range| (head(range.description()), Source::Ipv4(text(range.cidr_ip())))));
        atoms.extend(permission.ipv6_ranges().iter().map(|range| (head(range.description()), Source::Ipv6(text(range.cidr_ipv6())))));
        atoms.extend(
            permission.prefix_list_ids().iter().map(|list| (head(list.description()), Source::PrefixList(text(list.prefix_list_id())))),
        );
        atoms.extend(permission.user_id_group_pairs().iter().map(|pair| {
            let id = pair.group_id().or(pair.group_name()).unwrap_or_default();
            let foreign = pair.user_id().filter(|account| !owner.is_empty() && *account != owner);
            let source = match foreign {
                _ if id == group => Source::Itself,
                Some(account) => Source::Group(format!("{account}/{id}")),
                None => Source::Group(id.to_owned()),
            };
            (head(pair.description()), source)
        }));
    }
    atoms
}

fn permission_of(head: &Head, sources: &[&Source], group: &str) -> IpPermission {
    let (protocol, from, to, description) = head;
    let description = Some(description.clone()).filter(|text| !text.is_empty());
    let mut permission = IpPermission::builder().ip_protocol(protocol);
    if protocol != "-1" {
        permission = permission.from_port(*from).to_port(*to);
    }
    for source in sources {
        permission = match source {
            Source::Ipv4(range) => permission.ip_ranges(IpRange::builder().cidr_ip(range).set_description(description.clone()).build()),
            Source::Ipv6(range) => {
                permission.ipv6_ranges(Ipv6Range::builder().cidr_ipv6(range).set_description(description.clone()).build())
            }
            Source::PrefixList(id) => {
                permission.prefix_list_ids(PrefixListId::builder().prefix_list_id(id).set_description(description.clone()).build())
            }
            Source::Group(_) | Source::Itself => {
                let (account, id) = match source {
                    Source::Group(text) => split_group(text),
                    _ => (None, group.to_owned()),
                };
                let pair = UserIdGroupPair::builder().group_id(id).set_user_id(account).set_description(description.clone());
                permission.user_id_group_pairs(pair.build())
            }
        };
    }
    permission.build()
}

fn permissions(atoms: &BTreeSet<&Atom>, group: &str) -> Vec<IpPermission> {
    let mut by_head: BTreeMap<&Head, Vec<&Source>> = BTreeMap::new();
    for (head, source) in atoms {
        by_head.entry(head).or_default().push(source);
    }
    by_head.into_iter().map(|(head, sources)| permission_of(head, &sources, group)).collect()
}

/// Brings a group's rules of one direction to those wanted: takes away first, then adds.
///
/// # Errors
/// Those of the Revoke and Authorize calls.
pub(super) async fn apply(region: &Region, group: &SecurityGroup, direction: Direction, wanted: &[Value]) -> Result<(), Error> {
    let (owner, permitted) = match direction {
        Direction::Ingress => (group.owner_id(), group.ip_permissions()),
        Direction::Egress => (group.owner_id(), group.ip_permissions_egress()),
    };
    let group = group.group_id().unwrap_or_default();
    let live = live_atoms(permitted, owner.unwrap_or_default(), group);
    let wanted: Vec<Atom> = wanted.iter().flat_map(atoms_of).map(|(head, source)| (head, itself(source, group))).collect();
    let (live, wanted): (BTreeSet<&Atom>, BTreeSet<&Atom>) = (live.iter().collect(), wanted.iter().collect());
    let surplus = permissions(&live.difference(&wanted).copied().collect(), group);
    let lacking = permissions(&wanted.difference(&live).copied().collect(), group);
    if !surplus.is_empty() {
        if direction == Direction::Ingress {
            let call = region.ec2.revoke_security_group_ingress().group_id(group).set_ip_permissions(Some(surplus));
            call.send().await.map_err(|error| failure("ec2:RevokeSecurityGroupIngress", error))?;
        } else {
            let call = region.ec2.revoke_security_group_egress().group_id(group).set_ip_permissions(Some(surplus));
            call.send().await.map_err(|error| failure("ec2:RevokeSecurityGroupEgress", error))?;
        }
    }
    if !lacking.is_empty() {
        if direction == Direction::Ingress {
            let call = region.ec2.authorize_security_group_ingress().group_id(group).set_ip_permissions(Some(lacking));
            call.send().await.map_err(|error| failure("ec2:AuthorizeSecurityGroupIngress", error))?;
        } else {
            let call = region.ec2.authorize_security_group_egress().group_id(group).set_ip_permissions(Some(lacking));
            call.send().await.map_err(|error| failure("ec2:AuthorizeSecurityGroupEgress", error))?;
        }
    }
    Ok(())
}

fn itself(source: Source, group: &str) -> Source {
    match source {
        Source::Group(id) if id == group => Source::Itself,
        other => other,
    }
}

/// The inline rules as the configuration groups them where the cloud still has all of their parts; what is left is grouped by
/// protocol, ports and description.
pub(super) fn draft(live: &[IpPermission], configured: &[Value], owner: &str, group: &str) -> Value {
    let mut left: BTreeSet<Atom> = live_atoms(live, owner, group).into_iter().collect();
    let mut rules = Vec::new();
    for rule in configured {
        let atoms: Vec<Atom> = atoms_of(rule).into_iter().map(|(head, source)| (head, itself(source, group))).collect();
        if !atoms.is_empty() && atoms.iter().all(|atom| left.contains(atom)) {
            atoms.iter().for_each(|atom| {
                left.remove(atom);
            });
            rules.push(rule.clone());
        }
    }
    let mut by_head: BTreeMap<Head, Vec<Source>> = BTreeMap::new();
    for (head, source) in left {
        by_head.entry(head).or_default().push(source);
    }
    rules.extend(by_head.iter().map(|(head, sources)| rule_of(head, sources)));
    Value::tuple(rules)
}

fn rule_of((protocol, from, to, description): &Head, sources: &[Source]) -> Value {
    let of = |select: fn(&Source) -> Option<&String>| sources.iter().filter_map(select).collect::<Vec<_>>();
    let mut draft = Draft::new();
    draft
        .texts("cidr_blocks", of(|source| if let Source::Ipv4(text) = source { Some(text) } else { None }))
        .text("description", Some(description))
        .int("from_port", Some(*from))
        .texts("ipv6_cidr_blocks", of(|source| if let Source::Ipv6(text) = source { Some(text) } else { None }))
        .texts("prefix_list_ids", of(|source| if let Source::PrefixList(text) = source { Some(text) } else { None }))
        .text("protocol", Some(protocol))
        .texts("security_groups", of(|source| if let Source::Group(text) = source { Some(text) } else { None }))
        .flag("self", Some(sources.contains(&Source::Itself)))
        .int("to_port", Some(*to));
    draft.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use windlass_api::Type;

    fn rule(ports: (i64, i64), ranges: &[&str]) -> Value {
        Value::object_of([
            ("protocol", "tcp".into()),
            ("from_port", ports.0.into()),
            ("to_port", ports.1.into()),
            ("cidr_blocks", Value::list(Type::String, ranges.iter().map(Value::string).collect())),
            ("self", false.into()),
        ])
    }

    fn live(port: i32, ranges: &[&str]) -> IpPermission {
        let ranges = ranges.iter().map(|range| IpRange::builder().cidr_ip(*range).build()).collect();
        IpPermission::builder().ip_protocol("tcp").from_port(port).to_port(port).set_ip_ranges(Some(ranges)).build()
    }

    #[test]
    fn rules_that_the_cloud_merged_come_back_as_configured() {
        let configured = [rule((80, 80), &["10.0.0.0/8"]), rule((80, 80), &["192.168.0.0/16"])];
        let found = draft(&[live(80, &["192.168.0.0/16", "10.0.0.0/8"])], &configured, "1", "sg-1");
        assert_eq!(found, Value::tuple(configured.to_vec()));
    }

    #[test]
    fn a_foreign_rule_shows() {
        let found = draft(&[live(22, &["0.0.0.0/0"])], &[], "1", "sg-1");
        let rules = found.elements().expect("rules");
        assert_eq!(rules[0].int("from_port"), Some(22));
        assert_eq!(rules[0].texts("cidr_blocks"), Some(vec!["0.0.0.0/0".to_owned()]));
    }
}
