//! Blocks and SDK structures of an endpoint, field by field.

use crate::resource::{Write, enumeration, structure};
use aws_sdk_ec2::types::{DnsOptions, DnsOptionsSpecification, DnsRecordIpType, SubnetConfiguration};
use windlass_api::Value;

enumeration!(DnsRecordIpType);

structure!(
    DnsOptionsSpecification, DnsOptions;
    dns_record_ip_type, private_dns_only_for_inbound_resolver_endpoint, private_dns_preference, private_dns_specified_domains,
);
structure!(SubnetConfiguration; ipv4, ipv6, subnet_id);

pub(super) fn dns_options(planned: &Value) -> Option<DnsOptionsSpecification> {
    planned.get("dns_options").and_then(DnsOptionsSpecification::field)
}

pub(super) fn subnet_configurations(planned: &Value) -> Option<Vec<SubnetConfiguration>> {
    planned.get("subnet_configuration").and_then(Vec::<SubnetConfiguration>::field)
}
