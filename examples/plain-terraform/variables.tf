variable "name" {
  description = "Prefix of every name"
  type        = string
  default     = "web"
  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,20}$", var.name))
    error_message = "The name must begin with a letter and hold only small letters, digits and dashes."
  }
}

variable "region" {
  description = "Where"
  type        = string
  default     = "us-east-1"
}

variable "zones" {
  description = "How many availability zones"
  type        = number
  default     = 2
}

variable "instance_type" {
  description = "Type of each server"
  type        = string
  default     = "t3.micro"
}

variable "image_name" {
  description = "Pattern of the image's name"
  type        = string
  default     = "al2023-ami-2023*-x86_64"
}

variable "size" {
  description = "How many servers"
  type        = object({ min = number, max = number })
  default     = { min = 1, max = 3 }
}
