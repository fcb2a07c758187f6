"""Back ends on servers that others made: PostgreSQL, S3 by moto, Google's storage by fake-gcs-server, a server of states for `http`.

On each, Windlass and Terraform work on one state in turn, keep each other out by the lock, and see each other's workspaces; a run that
was killed is settled by the next one; of two applies at once one waits.
"""

import json
import os
import pathlib
import subprocess
import tempfile

from fake_gcs import FakeGcs
from http_states import HttpStates
from moto_examples import Moto
from places import each
from postgres import Postgres

WINDLASS = os.environ["WINDLASS"]
RESOURCES = """
resource "terraform_data" "a" {
  count = var.size
  input = "${terraform.workspace} ${count.index}"
}

variable "size" {
  default = 1
}

output "all" {
  value = terraform_data.a[*].output
}
"""
READER = """
data "terraform_remote_state" "other" {
  backend = "%s"
  config  = {
%s
  }
}

output "seen" {
  value = data.terraform_remote_state.other.outputs.all
}
"""


class Place:
    """A folder with a configuration whose state is in a back end."""

    def __init__(self, folder, name, kind, arguments, environment):
        self.path = pathlib.Path(folder) / name
        self.path.mkdir()
        block = f'terraform {{\n  backend "{kind}" {{\n{arguments}\n  }}\n}}\n'
        (self.path / "main.tf").write_text(block + RESOURCES)
        self.environment = {"PATH": os.environ["PATH"], "HOME": str(self.path), "TF_CLI_CONFIG_FILE": "/dev/null", **environment}

    def start(self, binary, *arguments, **more):
        environment = {**self.environment, **more}
        return subprocess.Popen(
            [binary, *arguments], cwd=self.path, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )

    def run(self, binary, *arguments, code=0, **more):
        process = self.start(binary, *arguments, **more)
        output, _ = process.communicate(timeout=300)
        allowed = code if isinstance(code, tuple) else (code,)
        assert process.returncode in allowed, f"{binary} {' '.join(arguments)}: exit {process.returncode}\n{output}"
        assert "s3cret" not in output, f"a secret is shown\n{output}"
        return output

    def windlass(self, *arguments, **more):
        return self.run(WINDLASS, *arguments, "-no-color", **more)

    def terraform(self, *arguments, **more):
        return self.run("terraform", *arguments, "-no-color", **more)


def in_turn(place):
    """One state, by both, in the same folder: what `init` of one has recorded is good for the other."""
    place.windlass("init")
    record = (place.path / ".terraform/terraform.tfstate").stat()
    assert record.st_mode & 0o077 == 0, oct(record.st_mode)
    place.windlass("apply", "-auto-approve", "-var=size=2")
    assert json.loads(place.windlass("output", "-json"))["all"]["value"] == ["default 0", "default 1"]
    place.terraform("init", "-input=false")
    place.terraform("plan", "-input=false", "-detailed-exitcode", "-var=size=2")
    place.terraform("apply", "-auto-approve", "-var=size=3")
    place.windlass("plan", "-detailed-exitcode", "-var=size=3")
    pulled = json.loads(place.windlass("state", "pull"))
    assert len(pulled["resources"][0]["instances"]) == 3, pulled
    place.windlass("apply", "-auto-approve", "-var=size=1")
    assert place.terraform("state", "list").split() == ["terraform_data.a[0]"]


def keep_out(place, reads_holder=True):
    """Who holds the lock keeps the other one out: each stands before the question of an apply."""
    for holder, other in ((WINDLASS, "terraform"), ("terraform", WINDLASS)):
        arguments = [holder, "apply", "-no-color", "-var=size=5"]
        process = subprocess.Popen(
            arguments, cwd=place.path, env=place.environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        seen = ""
        while not seen.endswith("Enter a value: "):
            character = process.stdout.read(1)
            assert character, seen
            seen += character
        refused = place.run(other, "apply", "-auto-approve", "-no-color", "-var=size=5", code=1)
        assert "Error acquiring the state lock" in refused, refused
        assert not reads_holder or other == "terraform" or "Who:" in refused, refused
        place.run(other, "plan", "-lock=false", "-no-color")
        process.communicate("no\n", timeout=300)


def workspaces(place):
    place.windlass("workspace", "new", "dev")
    place.windlass("apply", "-auto-approve")
    assert place.terraform("workspace", "list").split() == ["default", "*", "dev"]
    assert json.loads(place.terraform("output", "-json"))["all"]["value"] == ["dev 0"]
    place.terraform("workspace", "new", "tmp")
    assert place.windlass("workspace", "list").split() == ["default", "dev", "*", "tmp"]
    place.terraform("workspace", "select", "default")
    place.windlass("workspace", "delete", "tmp")
    assert "not empty" in place.windlass("workspace", "delete", "dev", code=1)
    place.windlass("workspace", "delete", "-force", "dev")
    assert place.terraform("workspace", "list").split() == ["*", "default"]


def killed(place, leaves_lock):
    """Killed at effects in the middle of an apply: the next run takes in the journal, and nothing is made twice or forgotten."""
    for stop in (5, 8, 11):
        process = place.start(WINDLASS, "apply", "-auto-approve", "-var=size=4", WINDLASS_STOP_AT=f"after:{stop}")
        process.communicate(timeout=300)
        if process.returncode == 0:
            continue
        refused = place.run(WINDLASS, "apply", "-auto-approve", "-var=size=4", "-no-color", code=(0, 1))
        if "Error acquiring the state lock" in refused:
            assert leaves_lock, refused
            lock = next(line.split(":", 1)[1].strip() for line in refused.splitlines() if line.strip("│ ").startswith("ID:"))
            place.windlass("force-unlock", "-force", lock)
            place.windlass("apply", "-auto-approve", "-var=size=4")
        place.windlass("plan", "-detailed-exitcode", "-var=size=4")
        assert len(place.windlass("state", "list").split()) == 4
        place.windlass("apply", "-auto-approve", "-var=size=1")


def at_once(place):
    """Two applies at once: one waits for the other, and both are in the state's history."""
    before = json.loads(place.windlass("state", "pull"))["serial"]
    runs = [place.start(WINDLASS, "apply", "-auto-approve", "-no-color", "-lock-timeout=60s", f"-var=size={size}") for size in (2, 3)]
    for process in runs:
        output, _ = process.communicate(timeout=300)
        assert process.returncode == 0, output
    after = json.loads(place.windlass("state", "pull"))
    assert after["serial"] == before + 2, (before, after["serial"])
    assert len(after["resources"][0]["instances"]) in (2, 3)


def read_by_others(folder, place, kind, arguments):
    """`terraform_remote_state` says the same to both."""
    other = Place(folder, "reader", "local", "", place.environment)
    (other.path / "main.tf").write_text(READER % (kind, arguments))
    place.windlass("apply", "-auto-approve", "-var=size=2")
    for binary in (WINDLASS, "terraform"):
        other.run(binary, "init", "-no-color")
        other.run(binary, "apply", "-auto-approve", "-no-color")
        assert json.loads(other.run(binary, "output", "-json"))["seen"]["value"] == ["default 0", "default 1"]
        (other.path / "terraform.tfstate").unlink()


def moved_here(folder, kind, arguments, environment):
    """A state in a file is copied to the back end, and back."""
    place = Place(folder, "moved", kind, arguments, environment)
    main = place.path / "main.tf"
    text = main.read_text()
    main.write_text(RESOURCES)
    place.windlass("apply", "-auto-approve")
    lineage = json.loads((place.path / "terraform.tfstate").read_text())["lineage"]
    main.write_text(text)
    assert "initialization required" in place.windlass("plan", code=1)
    place.windlass("init", "-force-copy")
    assert not (place.path / "terraform.tfstate").exists()
    assert json.loads(place.windlass("state", "pull"))["lineage"] == lineage
    main.write_text(RESOURCES)
    place.windlass("init", "-force-copy")
    assert json.loads((place.path / "terraform.tfstate").read_text())["lineage"] == lineage
    place.windlass("plan", "-detailed-exitcode")


def whole_life(kind, arguments, elsewhere, environment, leaves_lock=True, reads_holder=True):
    with tempfile.TemporaryDirectory() as folder:
        place = Place(folder, "place", kind, arguments, environment)
        in_turn(place)
        keep_out(place, reads_holder)
        workspaces(place)
        killed(place, leaves_lock)
        at_once(place)
        read_by_others(folder, place, kind, arguments)
        moved_here(folder, kind, elsewhere, environment)


def on_postgres():
    postgres = Postgres()
    try:
        arguments = f'    conn_str = "{postgres.address}"'
        whole_life("pg", arguments, arguments + '\n    schema_name = "other"', {}, leaves_lock=False)
        assert postgres.ask("select count(*) from terraform_remote_state.windlass_journal") == "0"
        assert postgres.ask("select count(*) from terraform_remote_state.states") == "1"
        # Without a lock the condition of the update still keeps writers from each other.
        with tempfile.TemporaryDirectory() as folder:
            place = Place(folder, "race", "pg", "", {"PG_CONN_STR": postgres.address, "PG_SCHEMA_NAME": "race"})
            place.windlass("init")
            place.windlass("apply", "-auto-approve")
            runs = [place.start(WINDLASS, "apply", "-auto-approve", "-no-color", "-lock=false", f"-var=size={size}") for size in (2, 3, 4)]
            outputs = [(process.communicate(timeout=300)[0], process.returncode) for process in runs]
            assert any(code == 0 for _, code in outputs), outputs
            for output, code in outputs:
                assert code == 0 or "changed by another program" in output or "journal" in output, output
    finally:
        postgres.stop()


def s3_place(moto):
    """The arguments of a back end "s3" on moto, and the environment of its runs."""
    endpoints = f'    endpoints = {{ s3 = "{moto.url}", sts = "{moto.url}", iam = "{moto.url}" }}\n    skip_requesting_account_id = true'
    arguments = f'    bucket = "states"\n    region = "us-east-1"\n    use_path_style = true\n    use_lockfile = true\n{endpoints}'
    return arguments, {"AWS_ACCESS_KEY_ID": "AKIAMOTO", "AWS_SECRET_ACCESS_KEY": "s3cret", "AWS_EC2_METADATA_DISABLED": "true"}


def gcs_place(gcs):
    """The arguments of a back end "gcs" on fake-gcs-server."""
    return f'    bucket = "states"\n    storage_custom_endpoint = "{gcs.url}/storage/v1/"\n    access_token = "s3cret"'


def on_moto():
    moto = Moto()
    try:
        moto.client("s3").create_bucket(Bucket="states")
        place, environment = s3_place(moto)
        place += "\n    encrypt = true"
        whole_life("s3", place + '\n    key = "chat/main.tfstate"', place + '\n    key = "moved"', environment)
        left = [item["Key"] for item in moto.client("s3").list_objects_v2(Bucket="states")["Contents"]]
        assert not [key for key in left if "journal" in key or "tflock" in key], left
    finally:
        moto.stop()


def on_fake_gcs():
    gcs = FakeGcs()
    try:
        gcs.make_bucket("states")
        place = gcs_place(gcs)
        whole_life("gcs", place + '\n    prefix = "chat"', place + '\n    prefix = "moved"', {})
    finally:
        gcs.stop()


def on_http():
    server = HttpStates()
    try:
        arguments = f'    address = "{server.url}"\n    lock_address = "{server.url}/lock"\n    unlock_address = "{server.url}/lock"\n    username = "me"'
        arguments += "\n    retry_wait_min = 0"
        environment = {"TF_HTTP_PASSWORD": "s3cret"}
        with tempfile.TemporaryDirectory() as folder:
            place = Place(folder, "place", "http", arguments, environment)
            in_turn(place)
            keep_out(place)
            assert "workspaces not supported" in place.windlass("workspace", "list", code=1)
            killed(place, leaves_lock=True)
            at_once(place)
            read_by_others(folder, place, "http", arguments)
            server.failures = 2
            place.windlass("plan", "-var=size=2")
            refused = place.windlass("plan", code=1, TF_HTTP_PASSWORD="wr0ng")
            assert "endpoint requires auth" in refused and "wr0ng" not in refused, refused
            assert {method for method, _ in server.asked} == {"GET", "POST", "LOCK", "UNLOCK"}
            # More workspaces than it has room for: only the selected one moves there.
            server.state = None
            moving = Place(folder, "moving", "local", "", environment)
            main = moving.path / "main.tf"
            text = (place.path / "main.tf").read_text()
            main.write_text(RESOURCES)
            moving.windlass("apply", "-auto-approve")
            moving.windlass("workspace", "new", "dev")
            moving.windlass("apply", "-auto-approve")
            main.write_text(text)
            moving.windlass("init", "-force-copy")
            assert moving.windlass("workspace", "show").strip() == "default"
            assert json.loads(moving.windlass("output", "-json"))["all"]["value"] == ["dev 0"]
    finally:
        server.stop()


def main():
    return each([("PostgreSQL", on_postgres), ("moto", on_moto), ("fake-gcs-server", on_fake_gcs), ("http", on_http)])


if __name__ == "__main__":
    raise SystemExit(main())
