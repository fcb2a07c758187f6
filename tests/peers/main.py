"""Third parties against the built binary: boto3 drives the simulator, both examples run on moto, buckets are those of moto and
fake-gcs-server, Terraform verifies the records of expressions, and is asked about the same plans, states, mistakes and console lines, and
what reviewers put behind plans reads Windlass's; the recipes for pull requests run as GitHub and GitLab would run them.

Needs WINDLASS and BUCKET_CLIENT (paths of the binary and of the example bucket_client), what readers.py names, and a Python with
requirements.txt installed; tests/run sees to all of it.
"""

import os
import pathlib
import re
import subprocess
import sys
import tempfile

import backends
import buckets
import console
import elasticity
import encryption
import expressions
import formatting
import moto_examples
import outages
import plans
import readers
import recipes
import states
import validity

HERE = pathlib.Path(__file__).resolve().parent
WINDLASS = os.environ["WINDLASS"]


def serve_sandbox(folder):
    """A simulator in a process of its own, and what it takes to talk to it."""
    process = subprocess.Popen([WINDLASS, "sandbox", "serve"], cwd=folder, stdout=subprocess.PIPE, text=True)
    settings = {}
    for line in process.stdout:
        if found := re.match(r"\s*export (\w+)=(\S+)", line):
            settings[found[1]] = found[2]
        if "AWS_REGION" in settings:
            return process, settings
    raise SystemExit("the sandbox did not start")


def simulator_by_boto3():
    with tempfile.TemporaryDirectory() as folder:
        process, settings = serve_sandbox(folder)
        try:
            arguments = [settings[name] for name in ("AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")]
            scripts = sorted(HERE.glob("simulator_boto3*.py"))
            return sum(subprocess.run([sys.executable, script, *arguments]).returncode for script in scripts)
        finally:
            process.terminate()
            process.wait(timeout=30)


PEERS = [
    ("expressions in Terraform", expressions.main),
    ("formatting in Terraform", formatting.main),
    ("plans as JSON in Terraform", plans.main),
    ("readers of plans", readers.main),
    ("recipes for pull requests", recipes.main),
    ("validity in Terraform", validity.main),
    ("states in Terraform", states.main),
    ("console in Terraform", console.main),
    ("boto3 on the simulator", simulator_by_boto3),
    ("elasticity on the simulator", lambda: elasticity.main(WINDLASS, serve_sandbox)),
    ("back ends on PostgreSQL, moto, fake-gcs-server and a server of states", backends.main),
    ("outages of back ends: applies at once, kills, servers that are gone", outages.main),
    ("encryption on Python's cryptography, KMS by moto and scripted key services", encryption.main),
    ("buckets on moto and fake-gcs-server", buckets.main),
    ("both examples on moto", lambda: moto_examples.main(WINDLASS)),
]


def main():
    failed = []
    for title, run in PEERS:
        print(f"== {title}", flush=True)
        if run() != 0:
            failed.append(title)
    if failed:
        raise SystemExit("failed: " + ", ".join(failed))
    print("all third parties agree")


if __name__ == "__main__":
    main()
