# One autoscaled model service with its bucket, in a network of its own.

terraform {
  required_version = ">= 1.5"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 6.0"
    }
  }
}

data "aws_caller_identity" "current" {}

data "aws_region" "current" {}

# Only zones that have such machines get a subnet.
data "aws_ec2_instance_type_offerings" "machines" {
  location_type = "availability-zone"
  filter {
    name   = "instance-type"
    values = var.instance_types
  }
}

locals {
  region = data.aws_region.current.region
  zones = {
    for position, zone in sort(distinct(data.aws_ec2_instance_type_offerings.machines.locations)) :
    zone => cidrsubnet(var.cidr_block, 4, position)
  }
  tags = merge(var.tags, { Name = var.name })
}

resource "aws_vpc" "this" {
  cidr_block           = var.cidr_block
  enable_dns_support   = true
  enable_dns_hostnames = true
  tags                 = local.tags
}

resource "aws_subnet" "zone" {
  for_each                = local.zones
  vpc_id                  = aws_vpc.this.id
  availability_zone       = each.key
  cidr_block              = each.value
  map_public_ip_on_launch = true
  tags                    = local.tags
}

resource "aws_internet_gateway" "this" {
  vpc_id = aws_vpc.this.id
  tags   = local.tags
}

resource "aws_route_table" "this" {
  vpc_id = aws_vpc.this.id
  tags   = local.tags
}

resource "aws_route" "internet" {
  route_table_id         = aws_route_table.this.id
  destination_cidr_block = "0.0.0.0/0"
  gateway_id             = aws_internet_gateway.this.id
}

resource "aws_route_table_association" "zone" {
  for_each       = local.zones
  subnet_id      = aws_subnet.zone[each.key].id
  route_table_id = aws_route_table.this.id
}

# What goes to the bucket costs no transfer.
resource "aws_vpc_endpoint" "s3" {
  vpc_id            = aws_vpc.this.id
  service_name      = "com.amazonaws.${local.region}.s3"
  vpc_endpoint_type = "Gateway"
  route_table_ids   = [aws_route_table.this.id]
  tags              = local.tags
}

# Closed: nothing may come in.
resource "aws_security_group" "closed" {
  name        = var.name
  description = "Machines of a service: outgoing traffic only"
  vpc_id      = aws_vpc.this.id
  tags        = local.tags
}

resource "aws_vpc_security_group_egress_rule" "all" {
  security_group_id = aws_security_group.closed.id
  ip_protocol       = "-1"
  cidr_ipv4         = "0.0.0.0/0"
}
