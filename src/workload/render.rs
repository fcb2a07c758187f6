//! Shape + choice → the text of an ordinary module.
//!
//! Text rather than a tree, so that a saved plan, messages and `eject` all show the same thing. What Terraform's language has no
//! words for stands in `windlass` blocks, which [`super::assemble`] takes out: variants, and live values that are no drift.

use super::choice::Choice;
use super::render_service::service;
use super::shape::{Shape, Storage};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Source of the provider that keeps placements; its own, so that Terraform refuses the state.
pub(super) const PLACEMENT_SOURCE: &str = "registry.windlass.dev/windlass/windlass";

/// The type of the object that keeps a workload's choice.
pub(super) const PLACEMENT_TYPE: &str = "windlass_placement";

/// The module of a workload.
///
/// `provider_alias` is that of the provider configuration for the chosen region; `None` for the default one.
pub fn render(shape: &Shape, choice: &Choice, provider_alias: Option<&str>) -> String {
    let mut text = header(shape, choice, provider_alias);
    if !shape.services.is_empty() {
        text.push_str(&network(shape, choice));
    }
    for storage in &shape.storages {
        text.push_str(&bucket(&shape.name, storage));
    }
    for wanted in &shape.services {
        text.push_str(&service(shape, wanted, choice));
    }
    text
}

/// A string in quotes.
pub(super) fn quote(text: &str) -> String {
    hcl_edit::expr::Expression::from(text).to_string()
}

fn header(shape: &Shape, choice: &Choice, provider_alias: Option<&str>) -> String {
    let (name, region) = (&shape.name, quote(&choice.region));
    let zones = all_zones(choice);
    let subnets: Vec<String> =
        zones.iter().map(|zone| format!("    {} = \"10.0.{}.0/20\"\n", quote(zone), 16 * zone_number(zone))).collect();
    format!(
        "# Workload {name:?} as placed: resources of the aws provider.\n\
         terraform {{\n  required_providers {{\n    aws = {{\n      source = \"hashicorp/aws\"\n    }}\n    windlass = {{\n      source = {source}\n    }}\n  }}\n}}\n\n\
         variable \"tags\" {{\n  type    = map(string)\n  default = {{}}\n}}\n\n\
         locals {{\n  region = {region}\n  provider_alias = {alias}\n  zones = {{\n{subnets}  }}\n}}\n\n\
         # What was chosen, and why it stays.\n\
         resource \"windlass_placement\" \"workload\" {{\n  workload  = {workload}\n  component = \"workload\"\n  choice    = {choice}\n}}\n\n\
         data \"aws_caller_identity\" \"current\" {{}}\n\n",
        source = quote(PLACEMENT_SOURCE),
        subnets = subnets.concat(),
        alias = provider_alias.map_or_else(|| "null".to_owned(), quote),
        workload = quote(name),
        choice = quote(&choice.to_json()),
    )
}

/// Zones of all machine types of all services, in order.
fn all_zones(choice: &Choice) -> BTreeSet<Arc<str>> {
    let machines = choice.services.values().flat_map(|service| &service.machines);
    machines.flat_map(|machine| machine.zones.iter().cloned()).collect()
}

/// A zone's number follows from its letter, so that a zone that comes or goes moves no other's addresses.
fn zone_number(zone: &str) -> u32 {
    zone.chars().next_back().map_or(0, |letter| (u32::from(letter).wrapping_sub(u32::from('a'))) % 16)
}

/// The module of a workload that has nothing to be destroyed: only its outputs, so that references to it stay what they are.
pub fn render_absent(shape: &Shape) -> String {
    let storages = shape.storages.iter().map(|storage| (&storage.name, "bucket = null"));
    let services = shape.services.iter().map(|service| (&service.name, "endpoint = null\n    group_name = null"));
    storages.chain(services).map(|(name, nulls)| format!("output \"{name}\" {{\n  value = {{\n    {nulls}\n  }}\n}}\n\n")).collect()
}

fn network(shape: &Shape, choice: &Choice) -> String {
    let (name, region) = (quote(&shape.name), &choice.region);
    format!(
        r#"resource "aws_vpc" "this" {{
  cidr_block           = "10.0.0.0/16"
  enable_dns_support   = true
  enable_dns_hostnames = true
  tags                 = merge(var.tags, {{ Name = {name} }})
  depends_on           = [windlass_placement.workload]
}}

resource "aws_subnet" "zone" {{
  for_each                = local.zones
  vpc_id                  = aws_vpc.this.id
  availability_zone       = each.key
  cidr_block              = each.value
  map_public_ip_on_launch = true
  tags                    = merge(var.tags, {{ Name = {name} }})
}}

resource "aws_internet_gateway" "this" {{
  vpc_id = aws_vpc.this.id
  tags   = merge(var.tags, {{ Name = {name} }})
}}

resource "aws_route_table" "this" {{
  vpc_id = aws_vpc.this.id
  tags   = merge(var.tags, {{ Name = {name} }})
}}

resource "aws_route" "internet" {{
  route_table_id         = aws_route_table.this.id
  destination_cidr_block = "0.0.0.0/0"
  gateway_id             = aws_internet_gateway.this.id
}}

resource "aws_route_table_association" "zone" {{
  for_each       = local.zones
  subnet_id      = aws_subnet.zone[each.key].id
  route_table_id = aws_route_table.this.id
}}

resource "aws_vpc_endpoint" "s3" {{
  vpc_id            = aws_vpc.this.id
  service_name      = "com.amazonaws.{region}.s3"
  vpc_endpoint_type = "Gateway"
  route_table_ids   = [aws_route_table.this.id]
  tags              = merge(var.tags, {{ Name = {name} }})
}}

# Closed: nothing may come in.
resource "aws_security_group" "closed" {{
  name        = {group}
  description = "Machines of a workload: outgoing traffic only"
  vpc_id      = aws_vpc.this.id
  tags        = merge(var.tags, {{ Name = {name} }})
}}

resource "aws_vpc_security_group_egress_rule" "all" {{
  security_group_id = aws_security_group.closed.id
  ip_protocol       = "-1"
  cidr_ipv4         = "0.0.0.0/0"
}}

"#,
        group = quote(&format!("windlass-{}", shape.name)),
    )
}

fn bucket(workload: &str, storage: &Storage) -> String {
    let (label, name) = (&storage.name, bucket_prefix(workload, &storage.name));
    format!(
        r#"resource "aws_s3_bucket" "{label}" {{
  # The account and region make the name one of its kind in the world.
  bucket        = "{name}-${{data.aws_caller_identity.current.account_id}}-${{local.region}}"
  force_destroy = {force}
  tags          = merge(var.tags, {{ Name = {title} }})
  depends_on    = [windlass_placement.workload]
}}

resource "aws_s3_bucket_versioning" "{label}" {{
  bucket = aws_s3_bucket.{label}.id
  versioning_configuration {{
    status = "Enabled"
  }}
}}

resource "aws_s3_bucket_server_side_encryption_configuration" "{label}" {{
  bucket = aws_s3_bucket.{label}.id
  rule {{
    apply_server_side_encryption_by_default {{
      sse_algorithm = "AES256"
    }}
  }}
}}

resource "aws_s3_bucket_public_access_block" "{label}" {{
  bucket                  = aws_s3_bucket.{label}.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}}

output "{label}" {{
  value = {{
    bucket = aws_s3_bucket.{label}.bucket
  }}
}}

"#,
        force = storage.force_destroy,
        title = quote(&format!("{workload}/{label}")),
    )
}

/// A bucket's name has at most 63 characters, of which account, region and dashes take up to 28.
fn bucket_prefix(workload: &str, storage: &str) -> String {
    let plain = format!("{workload}-{storage}").to_lowercase().replace('_', "-");
    let plain: String = plain.chars().filter(|character| character.is_ascii_alphanumeric() || *character == '-').collect();
    if plain.len() <= 34 {
        return plain;
    }
    use sha2::{Digest, Sha256};
    let digest: String = Sha256::digest(plain.as_bytes()).iter().take(4).map(|byte| format!("{byte:02x}")).collect();
    format!("{}-{digest}", &plain[..25])
}

#[cfg(test)]
mod tests {
    use super::{bucket_prefix, quote, zone_number};

    #[test]
    fn names_fit_what_aws_allows() {
        assert_eq!(bucket_prefix("My_Bot", "data"), "my-bot-data");
        let long = bucket_prefix(&"w".repeat(60), "data");
        assert!(long.len() == 34 && long != bucket_prefix(&"w".repeat(60), "other"));
        assert_eq!(quote("a\"b\\${c}%{d}"), "\"a\\\"b\\\\$${c}%%{d}\"");
        assert_eq!((zone_number("us-east-1a"), zone_number("us-east-1f")), (0, 5));
    }
}
