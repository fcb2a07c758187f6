# The machines and how many there are.

data "aws_ami" "this" {
  most_recent = true
  owners      = ["amazon"]
  filter {
    name   = "name"
    values = [var.image_name]
  }
  filter {
    name   = "architecture"
    values = ["x86_64"]
  }
}

resource "aws_iam_role" "this" {
  name = var.name
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "ec2.amazonaws.com" }
    }]
  })
  tags = local.tags
}

resource "aws_iam_role_policy" "this" {
  name = "service"
  role = aws_iam_role.this.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "List"
        Effect   = "Allow"
        Action   = ["s3:ListBucket", "s3:GetBucketLocation"]
        Resource = [aws_s3_bucket.this.arn]
      },
      {
        Sid      = "Write"
        Effect   = "Allow"
        Action   = ["s3:PutObject", "s3:AbortMultipartUpload"]
        Resource = ["${aws_s3_bucket.this.arn}/*"]
      },
      {
        Sid      = "Publish"
        Effect   = "Allow"
        Action   = ["cloudwatch:PutMetricData"]
        Resource = "*"
        Condition = {
          StringEquals = { "cloudwatch:namespace" = "Service/${var.name}" }
        }
      },
      {
        Sid      = "FindGroup"
        Effect   = "Allow"
        Action   = ["ec2:DescribeTags"]
        Resource = "*"
      },
    ]
  })
}

resource "aws_iam_instance_profile" "this" {
  name = var.name
  role = aws_iam_role.this.name
  tags = local.tags
}

resource "aws_launch_template" "this" {
  name                   = var.name
  image_id               = data.aws_ami.this.id
  instance_type          = var.instance_types[0]
  update_default_version = true
  vpc_security_group_ids = [aws_security_group.closed.id]
  iam_instance_profile {
    arn = aws_iam_instance_profile.this.arn
  }
  metadata_options {
    http_endpoint               = "enabled"
    http_tokens                 = "required"
    http_put_response_hop_limit = 2
  }
  block_device_mappings {
    device_name = data.aws_ami.this.root_device_name
    ebs {
      encrypted             = true
      delete_on_termination = true
      volume_type           = "gp3"
    }
  }
  tag_specifications {
    resource_type = "instance"
    tags          = local.tags
  }
  tags = local.tags
  user_data = base64encode(templatefile("${path.module}/start.sh.tftpl", {
    name      = var.name
    region    = local.region
    bucket    = aws_s3_bucket.this.bucket
    container = var.container
    model     = var.model
    port      = var.port
    env       = var.env
  }))
}

resource "aws_autoscaling_group" "this" {
  name                = var.name
  min_size            = var.replicas.min
  max_size            = var.replicas.max
  desired_capacity    = var.replicas.min
  vpc_zone_identifier = [for zone in keys(local.zones) : aws_subnet.zone[zone].id]
  health_check_type   = "EC2"
  mixed_instances_policy {
    instances_distribution {
      on_demand_base_capacity                  = var.replicas.on_demand_base
      on_demand_percentage_above_base_capacity = var.on_demand_percentage
      spot_allocation_strategy                 = "price-capacity-optimized"
    }
    launch_template {
      launch_template_specification {
        launch_template_id = aws_launch_template.this.id
        version            = aws_launch_template.this.latest_version
      }
      dynamic "override" {
        for_each = var.instance_types
        content {
          instance_type = override.value
        }
      }
    }
  }
  tag {
    key                 = "Name"
    value               = var.name
    propagate_at_launch = true
  }
  lifecycle {
    # The cloud scales it: by the policy, and by schedules.
    ignore_changes = [desired_capacity]
  }
  # A machine must not start before it can reach the network and the bucket.
  depends_on = [
    aws_route.internet,
    aws_route_table_association.zone,
    aws_vpc_endpoint.s3,
    aws_vpc_security_group_egress_rule.all,
    aws_iam_role_policy.this,
  ]
}

resource "aws_autoscaling_policy" "gpu" {
  count                     = var.gpu_utilization == null ? 0 : 1
  name                      = "gpu-utilization"
  autoscaling_group_name    = aws_autoscaling_group.this.name
  policy_type               = "TargetTrackingScaling"
  estimated_instance_warmup = 300
  target_tracking_configuration {
    target_value = var.gpu_utilization
    customized_metric_specification {
      namespace   = "Service/${var.name}"
      metric_name = "nvidia_smi_utilization_gpu"
      statistic   = "Average"
      metric_dimension {
        name  = "AutoScalingGroupName"
        value = aws_autoscaling_group.this.name
      }
    }
  }
}

resource "aws_autoscaling_schedule" "begin" {
  for_each               = var.schedules
  scheduled_action_name  = "${each.key}-begin"
  autoscaling_group_name = aws_autoscaling_group.this.name
  recurrence             = each.value.begin
  time_zone              = each.value.timezone
  min_size               = each.value.min
}

resource "aws_autoscaling_schedule" "end" {
  for_each               = var.schedules
  scheduled_action_name  = "${each.key}-end"
  autoscaling_group_name = aws_autoscaling_group.this.name
  recurrence             = each.value.end
  time_zone              = each.value.timezone
  min_size               = var.replicas.min
}
