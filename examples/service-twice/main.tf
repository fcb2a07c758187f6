# The same model service twice, from one module: a small one all day, and a larger one with office hours.
#
#   windlass -chdir=examples/service-twice -sandbox apply     try it: a simulated cloud, no account, no cost
#
# Take a key out and apply again: only what belongs to it goes.

terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 6.0"
    }
  }
}

provider "aws" {
  region = "us-east-1"
}

variable "services" {
  description = "The services by name"
  type = map(object({
    model     = string
    max       = number
    schedules = optional(map(object({ begin = string, end = string, timezone = string, min = number })), {})
  }))
  default = {
    chat = {
      model = "Qwen/Qwen2.5-1.5B-Instruct"
      max   = 3
      schedules = {
        office_hours = { begin = "0 8 * * 1-5", end = "0 19 * * 1-5", timezone = "America/New_York", min = 2 }
      }
    }
    summaries = {
      model = "Qwen/Qwen2.5-7B-Instruct"
      max   = 1
    }
  }
}

module "service" {
  source   = "../../modules/aws-service"
  for_each = var.services

  name      = each.key
  model     = each.value.model
  replicas  = { min = 1, max = each.value.max }
  schedules = each.value.schedules
  tags      = { example = "service-twice" }
}

output "groups" {
  description = "The group of machines of each service"
  value       = { for name, service in module.service : name => service.group_name }
}

output "buckets" {
  description = "The bucket of each service"
  value       = { for name, service in module.service : name => service.bucket }
}
