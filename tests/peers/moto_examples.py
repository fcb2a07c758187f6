"""Both examples on moto: apply, no changes, an in-place update, a replacement, destroy, nothing left."""

import json
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

import boto3

HERE = pathlib.Path(__file__).resolve().parent
EXAMPLES = HERE.parents[1] / "examples"
IMAGES = [
    "al2023-ami-2023.9.20260105.0-kernel-6.1-x86_64",
    "Deep Learning Base OSS Nvidia Driver GPU AMI (Ubuntu 22.04) 20260105",
]


class Moto:
    """A moto server in a process of its own."""

    def __init__(self):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.folder = tempfile.TemporaryDirectory()
        images = pathlib.Path(self.folder.name) / "images.json"
        images.write_text(json.dumps([image(number, name) for number, name in enumerate(IMAGES)]))
        command = [sys.executable, str(HERE / "moto_server.py"), str(self.port), str(images)]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
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
        self.folder.cleanup()


def image(number, name):
    """An image of Amazon's, in the form in which moto wants to be told of images."""
    return {
        "ami_id": f"ami-{number + 1:017x}",
        "name": name,
        "owner_id": "137112412989",
        "public": True,
        "virtualization_type": "hvm",
        "architecture": "x86_64",
        "state": "available",
        "image_type": "machine",
        "hypervisor": "xen",
        "root_device_name": "/dev/sda1",
        "root_device_type": "ebs",
        "creation_date": "2026-01-05T00:00:00.000Z",
    }


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

    def __init__(self, windlass, moto, example):
        self.windlass = windlass
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
        done = subprocess.run([self.windlass, *command], cwd=self.folder, env=self.environment, capture_output=True, text=True)
        if done.returncode != expect:
            raise AssertionError(f"{' '.join(command)}: exit {done.returncode}, not {expect}\n{done.stdout}\n{done.stderr}")
        return done.stdout

    def edit(self, edits):
        files = [*self.folder.glob("*.tf"), *self.folder.glob("*.wl.hcl")]
        for old, new in edits.items():
            texts = {path: path.read_text() for path in files}
            assert any(old in text for text in texts.values()), f"the example does not say {old!r}"
            for path, text in texts.items():
                path.write_text(text.replace(old, new))

    def apply(self):
        self.run("apply", "-auto-approve")
        assert "No changes." in self.run("plan", "-detailed-exitcode"), "a plan right after an apply has changes"


class Example:
    """An example and the edits of its life. Edits are texts and what takes their place."""

    def __init__(self, name, update, replacement, shown, fitting=None):
        self.name, self.update, self.replacement, self.shown, self.fitting = name, update, replacement, shown, fitting or {}


QUICKSTART = Example(
    "quickstart",
    update={"max = 3": "max = 5"},
    replacement={"dialogues": "talks"},
    shown=["aws_s3_bucket.dialogues will be destroyed", "aws_s3_bucket.talks will be created"],
    # moto never launches the instances of a group with a mixed instances policy, which two machine types make; and a template's
    # disk must have a size.
    fitting={'["T4:1", "L4:1"]': '["T4:1"]', "port         = 8000": 'port = 8000\n    disk = "80 GiB"'},
)
PLAIN = Example(
    "plain-terraform",
    update={"max = 3": "max = 4"},
    replacement={"10.20.0.0/16": "10.21.0.0/16"},
    shown=["aws_vpc.main must be replaced"],
)


def life(project, moto, example):
    before = count(moto)
    project.edit(example.fitting)
    project.apply()
    made = count(moto)
    assert made["groups"] == 1 and made["vpcs"] == 1 and made["instances"] == 1, made
    project.edit(example.update)
    assert "0 to add, 1 to change, 0 to destroy" in project.run("plan"), "the edit is no in-place update"
    project.apply()
    project.edit(example.replacement)
    planned = project.run("plan")
    assert all(line in planned for line in example.shown), f"the edit is no replacement:\n{planned}"
    project.apply()
    assert count(moto) == made, f"after a replacement: {count(moto)}, before it: {made}"
    project.run("destroy", "-auto-approve")
    assert count(moto) == before, f"left behind: {count(moto)}, before: {before}"
    project.run("state", "list", expect=1)


def main(windlass):
    examples, moto, failed = [PLAIN, QUICKSTART], Moto(), 0
    try:
        for example in examples:
            moto.reset()
            try:
                life(Project(windlass, moto, example.name), moto, example)
            except AssertionError as error:
                failed += 1
                print(f"{example.name}: {error}")
    finally:
        moto.stop()
    print(f"{len(examples) - failed} passed, {failed} failed")
    return failed
