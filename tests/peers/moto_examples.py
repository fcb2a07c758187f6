"""Both examples on moto: apply, no changes, an in-place update, a replacement, destroy, nothing left."""

import os
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

import boto3

EXAMPLES = pathlib.Path(__file__).resolve().parents[2] / "examples"
# moto's own list of images has no Amazon Linux 2023; any image of the right owner will do to make a template.
PLAIN = ["-var", "image_name=amzn-ami-hvm*"]


class Moto:
    """A moto server in a process of its own."""

    def __init__(self):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        checks = ("MOTO_EC2_ENABLE_INSTANCE_TYPE_VALIDATION", "MOTO_ENABLE_AMI_VALIDATION", "MOTO_ENABLE_KEYPAIR_VALIDATION")
        environment = {**os.environ, **dict.fromkeys(checks, "true"), "MOTO_IAM_LOAD_MANAGED_POLICIES": "true"}
        command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(self.port)]
        self.process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for _ in range(300):
            try:
                urllib.request.urlopen(self.url + "/moto-api/", timeout=5).read()
                return
            except OSError:
                time.sleep(0.1)
        raise SystemExit("moto did not start")

    def client(self, service, region="us-east-1"):
        return boto3.client(service, endpoint_url=self.url, region_name=region, aws_access_key_id="AKIAMOTO", aws_secret_access_key="secret")

    def reset(self):
        urllib.request.urlopen(urllib.request.Request(self.url + "/moto-api/reset", method="POST"), timeout=60).read()

    def stop(self):
        self.process.terminate()
        self.process.wait(timeout=30)


def count(moto):
    """What a user's configuration could have left behind, by kind; defaults of the account are not counted."""
    ec2, scaling, iam, s3 = (moto.client(service) for service in ("ec2", "autoscaling", "iam", "s3"))
    vpcs = [vpc for vpc in ec2.describe_vpcs()["Vpcs"] if not vpc["IsDefault"]]
    alive = [
        instance
        for reservation in ec2.describe_instances()["Reservations"]
        for instance in reservation["Instances"]
        if instance["State"]["Name"] not in ("terminated", "shutting-down")
    ]
    return {
        "vpcs": len(vpcs),
        "templates": len(ec2.describe_launch_templates()["LaunchTemplates"]),
        "groups": len(scaling.describe_auto_scaling_groups()["AutoScalingGroups"]),
        "instances": len(alive),
        "roles": len([role for role in iam.list_roles()["Roles"] if "aws-service-role" not in role["Path"]]),
        "profiles": len(iam.list_instance_profiles()["InstanceProfiles"]),
        "buckets": len(s3.list_buckets()["Buckets"]),
    }


class Project:
    """An example, copied, with the binary in it."""

    def __init__(self, windlass, moto, example, arguments):
        self.windlass, self.arguments = windlass, arguments
        self.folder = pathlib.Path(tempfile.mkdtemp())
        shutil.copytree(EXAMPLES / example, self.folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns(".windlass", "*.tfstate*"))
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),
            "AWS_ENDPOINT_URL": moto.url,
            "AWS_ACCESS_KEY_ID": "AKIAMOTO",
            "AWS_SECRET_ACCESS_KEY": "secret",
            "AWS_REGION": "us-east-1",
        }

    def run(self, *command, expect=0):
        with_arguments = [*command, *self.arguments] if command[0] in ("plan", "apply", "destroy") else command
        done = subprocess.run([self.windlass, *with_arguments], cwd=self.folder, env=self.environment, capture_output=True, text=True)
        if done.returncode != expect:
            raise AssertionError(f"{' '.join(command)}: exit {done.returncode}, not {expect}\n{done.stdout}\n{done.stderr}")
        return done.stdout

    def edit(self, pattern, text):
        changed = 0
        for path in [*self.folder.glob("*.tf"), *self.folder.glob("*.wl.hcl")]:
            new, hits = re.subn(pattern, text, path.read_text())
            path.write_text(new)
            changed += hits
        assert changed, f"nothing matches {pattern}"


def life(project, moto, update, replacement):
    before = count(moto)
    project.run("apply", "-auto-approve")
    made = count(moto)
    assert made["groups"] == 1 and made["vpcs"] == 1, made
    assert "No changes." in project.run("plan", "-detailed-exitcode"), "a second plan has changes"
    project.edit(*update)
    assert "0 to add, 1 to change, 0 to destroy" in project.run("plan"), "the edit is no in-place update"
    project.run("apply", "-auto-approve")
    project.run("plan", "-detailed-exitcode")
    project.edit(*replacement)
    assert "must be replaced" in project.run("plan"), "the edit is no replacement"
    project.run("apply", "-auto-approve")
    project.run("plan", "-detailed-exitcode")
    assert count(moto)["vpcs"] == 1
    project.run("destroy", "-auto-approve")
    assert count(moto) == before, f"left behind: {count(moto)}, before: {before}"
    assert project.run("state", "list", expect=1) == ""


def main(windlass):
    cases = [
        ("plain-terraform", PLAIN, (r"max = 3", "max = 4"), (r"10\.20\.0\.0/16", "10.21.0.0/16")),
        ("quickstart", [], (r"max = 4\b", "max = 5"), (r'storage "(\w+)"', r'storage "\1s"')),
    ]
    moto, failed = Moto(), 0
    try:
        for example, arguments, update, replacement in cases:
            moto.reset()
            try:
                life(Project(windlass, moto, example, arguments), moto, update, replacement)
            except AssertionError as error:
                failed += 1
                print(f"{example}: {error}")
    finally:
        moto.stop()
    print(f"{len(cases) - failed} passed, {failed} failed")
    return failed
