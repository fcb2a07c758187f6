//! `aws_vpc_security_group_ingress_rule` and `_egress_rule`: one rule of a security group, an object of its own.

use super::ec2;
use crate::client::{Region, failure, missing};
use crate::resource::{Change, Draft, Fetch, Found, Known, Mapped, Next, ResourceType, Work, computed, describe, in_place, on_create};
use aws_sdk_ec2::types::{
    IpPermission, IpRange, Ipv6Range, PrefixListId, ResourceType as Tagged, SecurityGroupRule, SecurityGroupRuleRequest,
    SecurityGroupRuleUpdate, UserIdGroupPair,
};
use windlass_api::{Error, Problem, Value};

/// The types: one direction each.
pub(crate) struct Rule {
    /// Whether it lets traffic in.
    pub(crate) is_ingress: bool,
}

#[async_trait::async_trait]
impl ResourceType for Rule {
    fn name(&self) -> &'static str {
        if self.is_ingress { "aws_vpc_security_group_ingress_rule" } else { "aws_vpc_security_group_egress_rule" }
    }

    fn mapping(&self) -> Vec<Mapped> {
        computed("arn id security_group_rule_id")
            .chain(on_create("region security_group_id"))
            .chain(in_place(
                "ModifySecurityGroupRules",
                "cidr_ipv4 cidr_ipv6 description from_port ip_protocol prefix_list_id referenced_security_group_id to_port",
            ))
            .chain(in_place("CreateTags", "tags tags_all"))
            .collect()
    }

    fn validate(&self, config: &Value, problems: &mut Vec<Problem>) {
        let sources = ["cidr_ipv4", "cidr_ipv6", "prefix_list_id", "referenced_security_group_id"];
        let set = sources.iter().filter(|name| crate::resource::is_set(config, name)).count();
        if set != 1 && config.fields().is_some() {
            let detail = format!("Exactly one of {} must be set; {set} are.", sources.join(", "));
            problems.push(Problem {
                path: windlass_api::Path::root(),
                summary: "Invalid rule source".to_owned(),
                detail,
                is_warning: false,
            });
        }
    }

    fn plan(&self, change: &mut Change<'_>) {
        // "-1" and "all", "6" and "tcp" are the same to the cloud.
        let normal = |value: Option<&Value>| value.and_then(Value::as_str).map(protocol);
        if change.prior().is_some_and(|prior| normal(prior.get("ip_protocol")) == normal(change.planned.get("ip_protocol"))) {
            change.suppress("ip_protocol");
        }
    }

    async fn read(&self, region: &Region, objects: &[Known<'_>]) -> Vec<Result<Option<Draft>, Error>> {
        let ids: Vec<&str> = objects.iter().map(|known| known.id).collect();
        let answers = describe(&ids, |ids| async move {
            let answer = region.ec2.describe_security_group_rules().set_security_group_rule_ids(Some(ids)).send().await;
            let rules = answer.map_err(|error| failure("ec2:DescribeSecurityGroupRules", error))?.security_group_rules.unwrap_or_default();
            Ok(rules.into_iter().filter_map(|rule| Some((rule.security_group_rule_id.clone()?, rule))).collect())
        })
        .await;
        let of = |rule: SecurityGroupRule, known: &Known<'_>| draft(region, &rule, known);
        answers.into_iter().zip(objects).map(|(answer, known)| answer.map(|rule| rule.map(|rule| of(rule, known)))).collect()
    }

    async fn create(&self, region: &Region, work: &Work) -> Result<String, Error> {
        let (planned, tags) = (&work.planned, ec2::tag_specifications(Tagged::SecurityGroupRule, work));
        let (group, permission) = (planned.text("security_group_id"), permission(planned));
        let rules = if self.is_ingress {
            let call =
                region.ec2.authorize_security_group_ingress().set_group_id(group).ip_permissions(permission).set_tag_specifications(tags);
            let answer = call.send().await.map_err(|error| failure("ec2:AuthorizeSecurityGroupIngress", error))?;
            answer.security_group_rules
        } else {
            let call =
                region.ec2.authorize_security_group_egress().set_group_id(group).ip_permissions(permission).set_tag_specifications(tags);
            let answer = call.send().await.map_err(|error| failure("ec2:AuthorizeSecurityGroupEgress", error))?;
            answer.security_group_rules
        };
        let id = rules.unwrap_or_default().into_iter().find_map(|rule| rule.security_group_rule_id);
        id.ok_or_else(|| missing("ec2:AuthorizeSecurityGroup", "security group rule id"))
    }

    async fn update(&self, region: &Region, work: &Work, id: &str, _step: u32) -> Result<Next, Error> {
        ec2::update_tags(region, work, id).await?;
        let names = [
            "cidr_ipv4",
            "cidr_ipv6",
            "description",
            "from_port",
            "ip_protocol",
            "prefix_list_id",
            "referenced_security_group_id",
            "to_port",
        ];
        if work.changes(&names) {
            let planned = &work.planned;
            let (from, to) = ports(planned);
            let request = SecurityGroupRuleRequest::builder()
                .set_cidr_ipv4(planned.text("cidr_ipv4"))
                .set_cidr_ipv6(planned.text("cidr_ipv6"))
                .set_description(planned.text("description"))
                .set_from_port(from)
                .set_to_port(to)
                .set_ip_protocol(planned.text("ip_protocol").map(|text| protocol(&text)))
                .set_prefix_list_id(planned.text("prefix_list_id"))
                .set_referenced_group_id(planned.text("referenced_security_group_id").map(|text| split_group(&text).1))
                .build();
            let update = SecurityGroupRuleUpdate::builder().security_group_rule_id(id).security_group_rule(request).build();
            let call =
                region.ec2.modify_security_group_rules().set_group_id(planned.text("security_group_id")).security_group_rules(update);
            call.send().await.map_err(|error| failure("ec2:ModifySecurityGroupRules", error))?;
        }
        Ok(Next::Done)
    }

    async fn delete(&self, region: &Region, work: &Work, id: &str, _step: u32) -> Result<Next, Error> {
        let group = work.prior.text("security_group_id");
        if self.is_ingress {
            let call = region.ec2.revoke_security_group_ingress().set_group_id(group).security_group_rule_ids(id);
            call.send().await.map_err(|error| failure("ec2:RevokeSecurityGroupIngress", error))?;
        } else {
            let call = region.ec2.revoke_security_group_egress().set_group_id(group).security_group_rule_ids(id);
            call.send().await.map_err(|error| failure("ec2:RevokeSecurityGroupEgress", error))?;
        }
        Ok(Next::Done)
    }

    async fn find(&self, region: &Region, work: &Work) -> Result<Found, Error> {
        let answer = region.ec2.describe_security_group_rules().filters(ec2::hidden_tag(work)).send().await;
        let rules = answer.map_err(|error| failure("ec2:DescribeSecurityGroupRules", error))?.security_group_rules.unwrap_or_default();
        Ok(Found::Marked(rules.into_iter().filter_map(|rule| rule.security_group_rule_id).collect()))
    }
}

/// A protocol as EC2 says it.
pub(super) fn protocol(text: &str) -> String {
    match text.to_lowercase().as_str() {
        "all" => "-1".to_owned(),
        "1" => "icmp".to_owned(),
        "6" => "tcp".to_owned(),
        "17" => "udp".to_owned(),
        "58" => "icmpv6".to_owned(),
        other => other.to_owned(),
    }
}

/// EC2 wants no ports for all protocols.
fn ports(planned: &Value) -> (Option<i32>, Option<i32>) {
    match planned.text("ip_protocol").map(|text| protocol(&text)).as_deref() {
        Some("-1") => (None, None),
        _ => (planned.int("from_port"), planned.int("to_port")),
    }
}

/// `account/sg-…` or `sg-…`.
pub(super) fn split_group(text: &str) -> (Option<String>, String) {
    match text.split_once('/') {
        Some((account, group)) => (Some(account.to_owned()), group.to_owned()),
        None => (None, text.to_owned()),
    }
}

fn permission(planned: &Value) -> IpPermission {
    let description = planned.text("description");
    let (from, to) = ports(planned);
    let mut permission = IpPermission::builder()
        .set_ip_protocol(planned.text("ip_protocol").map(|text| protocol(&text)))
        .set_from_port(from)
        .set_to_port(to);
    if let Some(range) = planned.text("cidr_ipv4") {
        permission = permission.ip_ranges(IpRange::builder().cidr_ip(range).set_description(description.clone()).build());
    }
    if let Some(range) = planned.text("cidr_ipv6") {
        permission = permission.ipv6_ranges(Ipv6Range::builder().cidr_ipv6(range).set_description(description.clone()).build());
    }
    if let Some(list) = planned.text("prefix_list_id") {
        permission = permission.prefix_list_ids(PrefixListId::builder().prefix_list_id(list).set_description(description.clone()).build());
    }
    if let Some(group) = planned.text("referenced_security_group_id") {
        let (account, group) = split_group(&group);
        let pair = UserIdGroupPair::builder().group_id(group).set_user_id(account).set_description(description);
        permission = permission.user_id_group_pairs(pair.build());
    }
    permission.build()
}

fn draft(region: &Region, rule: &SecurityGroupRule, known: &Known<'_>) -> Draft {
    let owner = rule.group_owner_id.as_deref().unwrap_or_default();
    let is_all = rule.ip_protocol.as_deref() == Some("-1");
    // -1 stands for no port, unless it was said.
    let port = |name: &str, found: Option<i32>| match known.object.int(name) {
        None if is_all => None,
        Some(before) if is_all => Some(before),
        _ => found,
    };
    let group = rule.referenced_group_info.as_ref().and_then(|group| {
        let id = group.group_id.clone()?;
        let foreign = group.user_id.as_deref().filter(|account| !owner.is_empty() && *account != owner);
        Some(foreign.map_or(id.clone(), |account| format!("{account}/{id}")))
    });
    let before = known.object.text("ip_protocol");
    let found = rule.ip_protocol.clone();
    let is_same = before.as_deref().map(protocol) == found.as_deref().map(protocol);
    let mut draft = Draft::new();
    draft
        .text("arn", Some(region.arn("ec2", owner, &format!("security-group-rule/{}", known.id))))
        .text("cidr_ipv4", rule.cidr_ipv4.as_deref())
        .text("cidr_ipv6", rule.cidr_ipv6.as_deref())
        .text("description", rule.description.as_deref())
        .int("from_port", port("from_port", rule.from_port))
        .text("ip_protocol", if is_same { before } else { found })
        .text("prefix_list_id", rule.prefix_list_id.as_deref())
        .text("referenced_security_group_id", group)
        .text("security_group_id", rule.group_id.as_deref())
        .text("security_group_rule_id", Some(known.id))
        .int("to_port", port("to_port", rule.to_port))
        .pairs("tags_all", ec2::tag_pairs(rule.tags()));
    draft
}
