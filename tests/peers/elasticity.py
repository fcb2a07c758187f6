"""The quickstart on the simulator, looked at by boto3: sold-out zones and machine types, and schedule boundaries between two plans."""

import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import urllib.request

import boto3

QUICKSTART = pathlib.Path(__file__).resolve().parents[2] / "examples" / "quickstart"
DAY_SECONDS = 86_400


class World:
    """A served sandbox with the quickstart in its folder."""

    def __init__(self, windlass, serve):
        self.windlass = windlass
        self.folder = tempfile.mkdtemp()
        shutil.copytree(QUICKSTART, self.folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns(".windlass", "*.tfstate*"))
        self.process, self.settings = serve(self.folder)

    def client(self, service):
        return boto3.client(
            service,
            endpoint_url=self.settings["AWS_ENDPOINT_URL"],
            region_name=self.region(),
            aws_access_key_id=self.settings["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=self.settings["AWS_SECRET_ACCESS_KEY"],
        )

    def region(self):
        state = json.loads((pathlib.Path(self.folder) / ".windlass/sandbox/terraform.tfstate").read_text())
        for resource in state["resources"]:
            if resource["type"] == "aws_subnet":
                return resource["instances"][0]["attributes"]["availability_zone"][:-1]
        raise AssertionError("the state has no subnet")

    def control(self, method, path, body=""):
        url = f"{self.settings['AWS_ENDPOINT_URL']}/_windlass/{path}"
        request = urllib.request.Request(url, method=method, data=body.encode() if body else None)
        return json.loads(urllib.request.urlopen(request, timeout=30).read())

    def run(self, *command, expect=0):
        environment = {"PATH": os.environ["PATH"], "HOME": self.folder}
        done = subprocess.run([self.windlass, "-sandbox", *command], cwd=self.folder, env=environment, capture_output=True, text=True)
        assert done.returncode == expect, f"{command}: exit {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def edit(self, old, new):
        path = pathlib.Path(self.folder) / "main.wl.hcl"
        text = path.read_text()
        assert old in text, f"the quickstart does not say {old!r}"
        path.write_text(text.replace(old, new))

    def zones_of_instances(self):
        groups = self.client("autoscaling").describe_auto_scaling_groups()["AutoScalingGroups"]
        return sorted(instance["AvailabilityZone"] for group in groups for instance in group["Instances"])

    def stop(self):
        self.process.terminate()
        self.process.wait(timeout=30)
        shutil.rmtree(self.folder)


def sold_out_zone(world):
    """The first zone of the plan has nothing; the group stands in the next one."""
    world.run("apply", "-auto-approve")
    first = world.zones_of_instances()[0]
    world.run("destroy", "-auto-approve")
    world.control("POST", "faults", f"capacity zone={first}")
    world.run("apply", "-auto-approve")
    zones = world.zones_of_instances()
    assert zones and first not in zones, f"{first} is sold out, instances stand in {zones}"
    world.run("plan", "-detailed-exitcode")


def sold_out_type(world):
    """No zone has the first machine type: apply goes through the plan's variants to the first one of the next type, and says so."""
    planned = world.run("plan")
    first = re.search(r"chat on ([\w.]+)", planned)[1]
    variants = re.findall(r"\(where capacity is missing, alternative \d+: (.*)\)", planned)
    taken = next(variant for variant in variants if not variant.startswith(first + " "))
    world.control("POST", "faults", f"capacity type={first}")
    said = world.run("apply", "-auto-approve")
    choices = re.findall(r"taking the next choice: (.*)", said)
    assert choices == variants[: variants.index(taken) + 1], f"planned {variants}, taken {choices}"
    machine, zones = taken.split(" in ")
    groups = world.client("autoscaling").describe_auto_scaling_groups()["AutoScalingGroups"]
    assert len(groups) == 1, f"{len(groups)} groups: what the earlier choices made should be gone"
    instances = groups[0]["Instances"]
    assert instances and all(instance["InstanceType"] == machine for instance in instances), f"not {machine}: {instances}"
    assert sorted(groups[0]["AvailabilityZones"]) == zones.split(", "), f"not in {zones}: {groups[0]}"
    world.run("plan", "-detailed-exitcode")
    # The choice is kept also when the first one could be had again, and an edit changes it in place.
    world.control("DELETE", "faults")
    world.run("plan", "-detailed-exitcode")
    world.edit("max = 3", "max = 4")
    assert "0 to add, 1 to change, 0 to destroy" in world.run("plan"), "an edit of max moves the group"
    world.run("apply", "-auto-approve")
    world.run("plan", "-detailed-exitcode")
    world.run("destroy", "-auto-approve")


def schedule_boundary(world):
    """The group's schedule changes its size; a plan after that has no changes."""
    world.run("apply", "-auto-approve")
    scaling = world.client("autoscaling")

    def size():
        group = scaling.describe_auto_scaling_groups()["AutoScalingGroups"][0]
        return group["MinSize"], group["MaxSize"]

    sizes = set()
    for _ in range(7 * 8):
        world.control("POST", "clock", json.dumps({"advance_seconds": DAY_SECONDS // 8}))
        seen = size()
        if seen not in sizes:
            sizes.add(seen)
            world.run("plan", "-detailed-exitcode")
    assert len(sizes) > 1, f"the schedule never changed the group: {sizes}"


def main(windlass, serve):
    failed = 0
    cases = [sold_out_zone, sold_out_type, schedule_boundary]
    for case in cases:
        world = World(windlass, serve)
        try:
            case(world)
        except AssertionError as error:
            failed += 1
            print(f"{case.__name__}: {error}")
        finally:
            world.stop()
    print(f"{len(cases) - failed} passed, {failed} failed")
    return failed
