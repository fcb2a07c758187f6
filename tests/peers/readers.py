"""What reviewers put behind a plan, on Windlass's: checkov, terraform-compliance and Rego policies read its JSON, tftest drives it.

They live in an interpreter of their own (readers/requirements.txt), because they hold back versions that other peers need. Needs
READERS (that interpreter's folder of programs) and REGO (the program of rego/). The configuration is readers/main.tf; what is found
in it is compared with what a person finds there.
"""

import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
from functools import partial

from places import each

WINDLASS = os.environ["WINDLASS"]
HERE = pathlib.Path(__file__).resolve().parent / "readers"

# By check: what breaks it. Those that begin with CKV2 follow references from one resource to another.
BROKEN = {
    "CKV_AWS_21": {"module.open.aws_s3_bucket.this"},
    "CKV_AWS_24": {'aws_vpc_security_group_ingress_rule.door["ssh"]'},
    "CKV2_AWS_6": {"module.open.aws_s3_bucket.this"},
}
KEPT = {
    "CKV_AWS_21": {"aws_s3_bucket.closed"},
    "CKV_AWS_24": {"aws_security_group.main", 'aws_vpc_security_group_ingress_rule.door["https"]'},
    "CKV_AWS_79": {"aws_launch_template.fleet"},
    "CKV2_AWS_6": {"aws_s3_bucket.closed"},
}
REGO = {
    "deny": [
        "aws_autoscaling_group.fleet may grow to 12 machines, ten are allowed",
        'aws_vpc_security_group_ingress_rule.door["ssh"] opens SSH to everybody',
    ],
    "unknown": ["aws_s3_bucket.closed", "module.open.aws_s3_bucket.this"],
    "buckets": ["windlass-readers-closed", "windlass-readers-open"],
    "hourly_usd": 0,
}


def run(*command, **options):
    return subprocess.run([str(part) for part in command], capture_output=True, text=True, **options)


def reader(name):
    return pathlib.Path(os.environ["READERS"]) / name


def planned(folder):
    """The JSON of a plan of readers/main.tf on the sandbox."""
    shutil.copytree(HERE, folder, dirs_exist_ok=True)
    for arguments in (["init"], ["plan", "-out=plan"]):
        run(WINDLASS, "-sandbox", *arguments, cwd=folder, check=True)
    document = folder / "plan.json"
    document.write_text(run(WINDLASS, "-sandbox", "show", "-json", "plan", cwd=folder, check=True).stdout)
    return document


def checkov(document):
    options = ["--framework", "terraform_plan", "--output", "json", "--skip-download"]
    report = json.loads(run(reader("checkov"), "--file", document, *options, cwd=document.parent).stdout)
    assert report["summary"]["parsing_errors"] == 0, report["summary"]
    for verdict, expected in (("failed_checks", BROKEN), ("passed_checks", KEPT)):
        found = {}
        for check in report["results"][verdict]:
            found.setdefault(check["check_id"], set()).add(check["resource"])
        for name, resources in expected.items():
            assert found.get(name) == resources, f"{verdict} of {name}: {found.get(name)}"


def compliance(document):
    """As its users run it: every scenario of one folder holds, that of the other does not."""
    path = {**os.environ, "PATH": f"{os.environ['READERS']}:{os.environ['PATH']}"}
    for name, code, verdict in (("kept", 0, "3 passed"), ("broken", 1, "1 failed")):
        command = [reader("terraform-compliance"), "-f", HERE / "features" / name, "-p", document, "--no-ansi"]
        said = run(*command, env=path, cwd=document.parent)
        assert said.returncode == code, f"{name} rules: exit {said.returncode}\n{said.stdout}{said.stderr}"
        assert re.search(rf"scenarios \(.*{verdict}\)", said.stdout), said.stdout


def policies(document):
    for query, expected in REGO.items():
        said = run(os.environ["REGO"], HERE / "policy.rego", document, f"data.windlass.review.{query}", check=True)
        assert json.loads(said.stdout) == expected, f"{query}: {said.stdout}"


def tftest():
    said = run(reader("python"), HERE / "use_tftest.py", WINDLASS, HERE.parents[2] / "examples" / "plain-terraform")
    assert said.returncode == 0, said.stdout + said.stderr


def main():
    with tempfile.TemporaryDirectory() as folder:
        document = planned(pathlib.Path(folder).resolve())
        readers = [("checkov", checkov), ("terraform-compliance", compliance), ("Rego", policies)]
        return each([(title, partial(read, document)) for title, read in readers] + [("tftest", tftest)])
