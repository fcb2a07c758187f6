output "vpc_id" {
  value = aws_vpc.main.id
}

output "subnets" {
  value = { for zone, subnet in aws_subnet.public : zone => subnet.cidr_block }
}

output "group" {
  value = aws_autoscaling_group.web.name
}
