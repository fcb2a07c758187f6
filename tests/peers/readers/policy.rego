package windlass.review

import rego.v1

created contains change if {
	some change in input.resource_changes
	"create" in change.change.actions
}

deny contains message if {
	some change in created
	change.type == "aws_autoscaling_group"
	change.change.after.max_size > 10
	message := sprintf("%s may grow to %d machines, ten are allowed", [change.address, change.change.after.max_size])
}

deny contains message if {
	some change in created
	change.type == "aws_vpc_security_group_ingress_rule"
	change.change.after.cidr_ipv4 == "0.0.0.0/0"
	change.change.after.from_port == 22
	message := sprintf("%s opens SSH to everybody", [change.address])
}

# What a bucket's name is known to be, and what is not known before it is there.
unknown contains change.address if {
	some change in created
	change.type == "aws_s3_bucket"
	change.change.after_unknown.arn
}

buckets := {change.change.after.bucket | some change in created; change.type == "aws_s3_bucket"}

hourly_usd := sum([line.after_hourly_usd | some line in input.windlass.cost.lines])
