"""Trouble with back ends on servers that others made: two applies at once, SIGKILLs, servers that are gone for a while or for good.

`WINDLASS_ROUNDS` says how often two applies start at once on each back end, `WINDLASS_KILLS` how many are killed on each; both are small
here, and 100 and 60 in the long version.
"""

import json
import os
import random
import tempfile

from backends import WINDLASS, Place, gcs_place, s3_place
from fake_gcs import FakeGcs
from http_states import HttpStates
from moto_examples import Moto
from places import each
from postgres import Postgres

ROUNDS = int(os.environ.get("WINDLASS_ROUNDS", 3))
KILLS = int(os.environ.get("WINDLASS_KILLS", 3))
APPLY = ("apply", "-auto-approve", "-input=false", "-no-color")
RESOURCES = """
variable "round" {
  type    = number
  default = 0
}

resource "terraform_data" "thing" {
  count            = 12
  triggers_replace = var.round
  input            = count.index
}

output "round" {
  value = var.round
}
"""
SLOW = """
resource "terraform_data" "before" {}

data "tfcoremock_simple_resource" "slow" {
  id = terraform_data.before.id == "" ? "" : "slow"
}

resource "terraform_data" "after" {
  input = data.tfcoremock_simple_resource.slow.string
}
"""
OBJECT = '{"values": {"id": {"string": "slow"}, "string": {"string": "read"}}}'


def prepare(place, resources):
    main = place.path / "main.tf"
    main.write_text(main.read_text().split("resource ", 1)[0] + resources)
    place.windlass("init")


def at_once(place):
    """Of two applies at once neither is lost, whether one waits or is refused."""
    serial = 0
    for number in range(1, ROUNDS + 1):
        waits = number % 2 == 0
        more = ("-lock-timeout=60s",) if waits else ()
        runs = [place.start(WINDLASS, *APPLY, *more, f"-var=round={number}") for _ in range(2)]
        ended = [(run.communicate(timeout=300)[0], run.returncode) for run in runs]
        for output, code in ended:
            refused = not waits and code == 1 and "Error acquiring the state lock" in output
            assert code == 0 or refused, f"round {number}: exit {code}\n{output}"
        assert any(code == 0 for _, code in ended), f"round {number}: both were refused\n{ended}"
        place.windlass("plan", "-detailed-exitcode", f"-var=round={number}")
        state = json.loads(place.windlass("state", "pull"))
        assert state["outputs"]["round"]["value"] == number, state["outputs"]
        assert len(state["resources"][0]["instances"]) == 12, len(state["resources"][0]["instances"])
        assert state["serial"] > serial, (state["serial"], serial)
        serial = state["serial"]


def unlock(place, output):
    """Removes the lock that a killed run left, as a user does who knows that it is dead."""
    lock = next(line.split(":", 1)[1].strip() for line in output.splitlines() if line.strip("│ ").startswith("ID:"))
    place.windlass("force-unlock", "-force", lock)


def apply_again(place, *arguments):
    """An apply after one that was killed: its lock may be there still."""
    output = place.run(WINDLASS, *APPLY, *arguments, code=(0, 1))
    if "Error acquiring the state lock" in output:
        unlock(place, output)
        output = place.run(WINDLASS, *APPLY, *arguments)
    assert "Error:" not in output, output


def killed(place):
    """Killed after some of what it does; then one apply ends well, and no object is in the state twice or missing."""
    chance = random.Random(1)
    number, kills = 1000, 0
    while kills < KILLS:
        number += 1
        process = place.start(WINDLASS, *APPLY, f"-var=round={number}")
        events = chance.randrange(1, 40)
        for line in process.stdout:
            events -= ": Creat" in line or ": Destr" in line
            if events == 0:
                break
        if process.poll() is None:
            process.kill()
            kills += 1
        process.communicate(timeout=300)
        apply_again(place, f"-var=round={number}")
        place.windlass("plan", "-detailed-exitcode", f"-var=round={number}")
        assert len(place.windlass("state", "list").split()) == 12


class Slow:
    """An apply that is in the midst of a read, which ends when the test says so."""

    def __init__(self, place):
        self.pipe = place.path / "terraform.data" / "slow.json"
        self.pipe.parent.mkdir(exist_ok=True)
        self.pipe.unlink(missing_ok=True)
        os.mkfifo(self.pipe)
        self.process = place.start(WINDLASS, *APPLY)
        self.seen = ""
        while "Reading..." not in self.seen:
            line = self.process.stdout.readline()
            assert line, self.seen
            self.seen += line

    def end(self):
        self.pipe.write_text(OBJECT)
        output, _ = self.process.communicate(timeout=300)
        self.pipe.unlink()
        self.pipe.write_text(OBJECT)
        return self.process.returncode, self.seen + output


def gone(place, leave, come_back):
    """The server is gone in mid-apply: what is in flight ends and is spooled, and the next run takes it in."""
    place.windlass("destroy", "-auto-approve")
    slow = Slow(place)
    leave()
    code, output = slow.end()
    come_back()
    assert code == 1 and "trying again in" in output, output
    spooled = list(place.path.glob(".terraform/spool/*/*"))
    assert len(spooled) == 1 and "Failed to write the journal" in output and str(spooled[0]) in output, output
    assert spooled[0].stat().st_mode & 0o777 == 0o600
    listed = place.run(WINDLASS, "state", "list").split()
    assert "data.tfcoremock_simple_resource.slow" in listed and "terraform_data.after" not in listed, listed
    recovered = place.run(WINDLASS, "state", "recover", "-no-color", code=(0, 1))
    if "Error acquiring the state lock" in recovered:
        unlock(place, recovered)
        recovered = place.windlass("state", "recover")
    assert "tfcoremock_simple_resource.slow" in recovered and not list(place.path.glob(".terraform/spool/*/*")), recovered
    again = place.run(WINDLASS, *APPLY)
    assert "terraform_data.before: Creating" not in again and "terraform_data.after: Creation complete" in again, again
    place.windlass("plan", "-detailed-exitcode")


def troubles(kind, arguments, environment, outage=None):
    with tempfile.TemporaryDirectory() as folder:
        place = Place(folder, "place", kind, arguments, environment)
        prepare(place, RESOURCES)
        at_once(place)
        killed(place)
        if outage:
            prepare(place, SLOW)
            gone(place, *outage)


def on_postgres():
    postgres = Postgres()
    try:
        troubles("pg", f'    conn_str = "{postgres.address}"', {}, (postgres.halt, postgres.start))
        assert postgres.ask("select count(*) from terraform_remote_state.windlass_journal") == "0"
    finally:
        postgres.stop()


def on_moto():
    moto = Moto()
    try:
        moto.client("s3").create_bucket(Bucket="states")
        arguments, environment = s3_place(moto)
        troubles("s3", arguments + '\n    key = "main"', environment)
        left = [item["Key"] for item in moto.client("s3").list_objects_v2(Bucket="states")["Contents"]]
        assert left == ["main"], left
    finally:
        moto.stop()


def on_fake_gcs():
    gcs = FakeGcs()
    try:
        gcs.make_bucket("states")
        troubles("gcs", gcs_place(gcs), {})
    finally:
        gcs.stop()


def on_http():
    server = HttpStates()
    try:
        arguments = f'    address = "{server.url}"\n    lock_address = "{server.url}/lock"\n    unlock_address = "{server.url}/lock"\n    username = "me"'
        arguments += "\n    retry_wait_min = 0"
        troubles("http", arguments, {"TF_HTTP_PASSWORD": "s3cret"})
    finally:
        server.stop()


def main():
    return each([("PostgreSQL", on_postgres), ("moto", on_moto), ("fake-gcs-server", on_fake_gcs), ("http", on_http)])


if __name__ == "__main__":
    raise SystemExit(main())
