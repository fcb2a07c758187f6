output "group_name" {
  description = "The group of machines"
  value       = aws_autoscaling_group.this.name
}

output "bucket" {
  description = "Where the service writes"
  value       = aws_s3_bucket.this.bucket
}

output "vpc_id" {
  description = "The network, for what shall reach the service"
  value       = aws_vpc.this.id
}
