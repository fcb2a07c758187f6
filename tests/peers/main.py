"""Third parties against the built binary: boto3 drives the simulator, both examples run on moto, and Terraform verifies the records
of expressions, and is asked about the same plans, states, mistakes and console lines.

Needs WINDLASS (path of the binary) and a Python with requirements.txt installed; tests/run sees to both.
"""

import os
import pathlib
import re
import subprocess
import sys
import tempfile

import console
import elasticity
import expressions
import formatting
import moto_examples
import plans
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


def main():
    failed = []
    print("== expressions in Terraform", flush=True)
    if expressions.main() != 0:
        failed.append("expressions in Terraform")
    print("== formatting in Terraform", flush=True)
    if formatting.main() != 0:
        failed.append("formatting in Terraform")
    print("== plans as JSON in Terraform", flush=True)
    if plans.main() != 0:
        failed.append("plans as JSON in Terraform")
    print("== validity in Terraform", flush=True)
    if validity.main() != 0:
        failed.append("validity in Terraform")
    print("== states in Terraform", flush=True)
    if states.main() != 0:
        failed.append("states in Terraform")
    print("== console in Terraform", flush=True)
    if console.main() != 0:
        failed.append("console in Terraform")
    print("== boto3 on the simulator", flush=True)
    if simulator_by_boto3() != 0:
        failed.append("boto3 on the simulator")
    print("== elasticity on the simulator", flush=True)
    if elasticity.main(WINDLASS, serve_sandbox) != 0:
        failed.append("elasticity")
    print("== both examples on moto", flush=True)
    if moto_examples.main(WINDLASS) != 0:
        failed.append("examples on moto")
    if failed:
        raise SystemExit("failed: " + ", ".join(failed))
    print("all third parties agree")


if __name__ == "__main__":
    main()
