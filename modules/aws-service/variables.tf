variable "name" {
  description = "Begins every name; unique in the account"
  type        = string
  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,30}$", var.name))
    error_message = "The name must begin with a letter and hold only small letters, digits and dashes."
  }
}

variable "model" {
  description = "Name of the model on the Hugging Face hub"
  type        = string
}

variable "port" {
  description = "Where the service listens on its machines"
  type        = number
  default     = 8000
}

variable "env" {
  description = "More environment variables of the service"
  type        = map(string)
  default     = {}
}

variable "container" {
  description = "Image of the server"
  type        = string
  default     = "vllm/vllm-openai:v0.11.0"
}

variable "instance_types" {
  description = "Machines that will do, the best first"
  type        = list(string)
  default     = ["g4dn.xlarge"]
  validation {
    condition     = length(var.instance_types) > 0
    error_message = "Name at least one machine type."
  }
}

variable "image_name" {
  description = "Pattern of the machine image's name; it has the driver and Docker"
  type        = string
  default     = "Deep Learning Base OSS Nvidia Driver GPU AMI (Ubuntu 22.04) *"
}

variable "replicas" {
  description = "How many machines there are at least and at most, and how many of them are never spot"
  type = object({
    min            = optional(number, 1)
    max            = optional(number, 1)
    on_demand_base = optional(number, 0)
  })
  default = {}
  validation {
    condition     = var.replicas.min <= var.replicas.max
    error_message = "There can't be more replicas at least than at most."
  }
}

variable "on_demand_percentage" {
  description = "Of the machines above the base, how many of a hundred are on demand; the others are spot"
  type        = number
  default     = 100
}

variable "gpu_utilization" {
  description = "Percentage that scaling aims at; null for none"
  type        = number
  default     = 70
}

variable "schedules" {
  description = "Hours with another minimum, by name: cron expressions of begin and end"
  type = map(object({
    begin    = string
    end      = string
    timezone = optional(string, "Etc/UTC")
    min      = number
  }))
  default = {}
}

variable "cidr_block" {
  description = "Addresses of the service's network"
  type        = string
  default     = "10.0.0.0/16"
}

variable "keep_objects" {
  description = "Whether a bucket that holds objects refuses to be deleted"
  type        = bool
  default     = true
}

variable "tags" {
  description = "Tags of everything"
  type        = map(string)
  default     = {}
}
