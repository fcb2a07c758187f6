//! The script that a service's machine runs when it starts for the first time.

use super::choice::ServiceChoice;
use super::placement::Architecture;
use super::shape::{Framework, Service};

/// The script as HCL heredoc lines; `prefix` is that of the module's variables for this service.
pub(super) fn script(workload: &str, service: &Service, choice: &ServiceChoice, region: &str, prefix: &str) -> String {
    let mut script = String::from("#!/bin/bash\nset -eu\nmkdir -p /opt/windlass\n");
    script.push_str(&format!(
        "cat > /opt/windlass/environment <<'WINDLASS_ENVIRONMENT'\n\
         WINDLASS_WORKLOAD={workload}\nWINDLASS_SERVICE={name}\nAWS_REGION={region}\nAWS_DEFAULT_REGION={region}\nPORT=${{var.{prefix}_port}}\n\
         ${{join(\"\\n\", [for name, value in var.{prefix}_env : \"${{name}}=${{value}}\"])}}\n",
        name = service.name,
    ));
    for storage in &service.reads {
        script.push_str(&bucket_line(storage));
    }
    for storage in service.writes.iter().filter(|storage| !service.reads.contains(storage)) {
        script.push_str(&bucket_line(storage));
    }
    script.push_str("WINDLASS_ENVIRONMENT\n");
    script.push_str(&format!(
        "base64 -d > /opt/windlass/run <<'WINDLASS_RUN'\n${{base64encode({})}}\nWINDLASS_RUN\n",
        start(service, prefix)
    ));
    script.push_str("chmod 755 /opt/windlass/run\n");
    if service.gpu_utilization_target.is_some() {
        script.push_str(&agent(workload, choice, region));
    }
    script.push_str(
        "cat > /etc/systemd/system/windlass.service <<'WINDLASS_UNIT'\n\
         [Unit]\nDescription=Windlass service\nWants=network-online.target\nAfter=network-online.target docker.service\n\
         [Service]\nEnvironmentFile=/opt/windlass/environment\nExecStart=/opt/windlass/run\nRestart=always\nRestartSec=5\n\
         [Install]\nWantedBy=multi-user.target\nWINDLASS_UNIT\n\
         systemctl daemon-reload\nsystemctl enable --now windlass.service\n",
    );
    script
}

fn bucket_line(storage: &str) -> String {
    let name = storage.to_uppercase().replace('-', "_");
    format!("WINDLASS_BUCKET_{name}=${{aws_s3_bucket.{storage}.bucket}}\n")
}

/// The expression of the program that is run.
fn start(service: &Service, prefix: &str) -> String {
    match (service.flow.contains_key("run"), service.framework) {
        (false, Framework::Vllm) => format!(
            "\"#!/bin/bash\\nexec docker run --rm --gpus all --ipc=host --env-file /opt/windlass/environment -p ${{var.{prefix}_port}}:8000 \
             vllm/vllm-openai:v0.11.0 --model '${{var.{prefix}_model}}'\\n\""
        ),
        _ => format!("var.{prefix}_run"),
    }
}

/// Installs the CloudWatch agent, which publishes how busy the GPUs are, by group.
fn agent(workload: &str, choice: &ServiceChoice, region: &str) -> String {
    let architecture = match choice.architecture() {
        Architecture::X86 => "amd64",
        Architecture::Arm => "arm64",
    };
    format!(
        "curl -fsSL --retry 5 -o /tmp/agent.deb \
         https://amazoncloudwatch-agent-{region}.s3.{region}.amazonaws.com/ubuntu/{architecture}/latest/amazon-cloudwatch-agent.deb\n\
         dpkg -i /tmp/agent.deb\n\
         cat > /opt/aws/amazon-cloudwatch-agent/etc/windlass.json <<'WINDLASS_AGENT'\n\
         {{\"agent\":{{\"metrics_collection_interval\":60,\"region\":\"{region}\"}},\"metrics\":{{\"namespace\":\"{namespace}\",\
         \"append_dimensions\":{{\"AutoScalingGroupName\":\"$${{aws:AutoScalingGroupName}}\"}},\
         \"aggregation_dimensions\":[[\"AutoScalingGroupName\"]],\
         \"metrics_collected\":{{\"nvidia_gpu\":{{\"measurement\":[\"utilization_gpu\"],\"metrics_collection_interval\":60}}}}}}}}\n\
         WINDLASS_AGENT\n\
         /opt/aws/amazon-cloudwatch-agent/bin/amazon-cloudwatch-agent-ctl -a fetch-config -m ec2 -s \
         -c file:/opt/aws/amazon-cloudwatch-agent/etc/windlass.json\n",
        namespace = namespace(workload),
    )
}

/// Where the metrics of a workload's machines stand in CloudWatch.
pub(super) fn namespace(workload: &str) -> String {
    format!("Windlass/{workload}")
}
