# What reviewers' tools look at: one bucket that is closed and one that is open, two rules of a firewall, a group of machines.

provider "aws" {
  region = "us-east-1"
}

resource "aws_s3_bucket" "closed" {
  bucket = "windlass-readers-closed"
}

resource "aws_s3_bucket_public_access_block" "closed" {
  bucket                  = aws_s3_bucket.closed.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_versioning" "closed" {
  bucket = aws_s3_bucket.closed.id
  versioning_configuration {
    status = "Enabled"
  }
}

module "open" {
  source = "./bucket"
  name   = "windlass-readers-open"
}

resource "aws_vpc" "main" {
  cidr_block = "10.0.0.0/16"
}

resource "aws_security_group" "main" {
  name        = "readers"
  description = "Two rules"
  vpc_id      = aws_vpc.main.id
}

resource "aws_vpc_security_group_ingress_rule" "door" {
  for_each = { https = 443, ssh = 22 }

  security_group_id = aws_security_group.main.id
  description       = each.key
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "tcp"
  from_port         = each.value
  to_port           = each.value
}

resource "aws_launch_template" "fleet" {
  name          = "readers"
  image_id      = "ami-0c20b9dad42289db8"
  instance_type = "t3.micro"
  metadata_options {
    http_tokens = "required"
  }
}

resource "aws_autoscaling_group" "fleet" {
  name               = "readers"
  min_size           = 0
  max_size           = 12
  availability_zones = ["us-east-1a"]
  launch_template {
    id      = aws_launch_template.fleet.id
    version = aws_launch_template.fleet.latest_version
  }
}
