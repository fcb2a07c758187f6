# An AI service and what it stores, on the cheapest machines that do.
#
#   windlass -sandbox apply      try it: a simulated cloud, no account, no cost
#   windlass apply               for real

provider "aws" {
  region = "us-east-1"
}

workload "quickstart" {
  placement {
    budget = 5 # US dollars an hour, for as many replicas as may run
  }

  storage "dialogues" {
    size = "100 GiB"
  }

  service "chat" {
    accelerators = ["T4:1", "L4:1"]
    framework    = "vllm"
    model        = "Qwen/Qwen2.5-1.5B-Instruct"
    port         = 8000
    writes       = [storage.dialogues]

    # Edit max, and apply again: the group is changed in place.
    replicas = { min = 1, max = 3 }

    scale "gpu_utilization" {
      target = 70
    }

    schedule "office_hours" {
      cron     = "0 8 * * 1-5"
      end      = "0 19 * * 1-5"
      timezone = "America/New_York"
      min      = 2
    }
  }
}

output "group" {
  value = workload.quickstart.chat.group_name
}

output "bucket" {
  value = workload.quickstart.dialogues.bucket
}
