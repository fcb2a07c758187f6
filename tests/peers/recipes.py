"""The recipes of examples/pull-requests, run: every script in them, in order, as the two services would run it, on the sandbox.

`gh` and `curl` are programs of this test that note what they were asked; `jq` is the real one, from PyPI.
"""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

import yaml

from places import each

WINDLASS = pathlib.Path(os.environ["WINDLASS"])
RECIPES = pathlib.Path(__file__).resolve().parents[2] / "examples" / "pull-requests"
# GitHub takes no longer comment: https://docs.github.com/en/rest/issues/comments
COMMENT_CHARACTERS_MAX = 65_536

CONFIGURATION = """
provider "aws" {
  region = "us-east-1"
}
resource "aws_vpc" "main" {
  cidr_block = "10.0.0.0/16"
  tags       = { Name = var.name }
}
variable "name" {
  default = "one"
}
"""

# Notes its arguments and the file that it would send; answers as gh does; brings the plan where it is asked for an artifact.
NOTED = """#!{python}
import json, pathlib, shutil, sys
asked = sys.argv[1:]
body = next((one.split("<")[1] for one in asked if one.startswith("body=<")), None)
if "--body-file" in asked:
    body = asked[asked.index("--body-file") + 1]
text = pathlib.Path(body).read_text() if body else None
with open("{notes}", "a") as notes:
    notes.write(json.dumps({{"asked": asked, "body": text}}) + "\\n")
if asked[:2] == ["run", "download"]:
    shutil.copy("{artifact}", "plan.windlass")
elif asked[:1] == ["api"] or asked[:2] == ["run", "list"]:
    print("4711")
"""
JQ = """#!{python}
import jq, sys
import json
print(json.dumps(jq.compile(sys.argv[1]).input_text(sys.stdin.read()).first()))
"""


class Project:
    """A folder with a configuration, and the machine that a pipeline runs on."""

    def __init__(self, folder):
        self.root = pathlib.Path(folder).resolve()
        self.work = self.root / "work"
        self.work.mkdir()
        self.artifact = self.root / "artifact"
        self.notes = self.root / "notes"
        self.output = self.root / "output"
        programs = self.root / "programs"
        programs.mkdir()
        self.program(programs / "gh", NOTED)
        self.program(programs / "curl", NOTED)
        self.program(programs / "jq", JQ)
        (programs / "windlass").symlink_to(WINDLASS)
        self.environment = {
            "PATH": f"{programs}:{os.environ['PATH']}",
            "HOME": str(self.root),
            "TF_CLI_ARGS": "-sandbox",
            "GITHUB_OUTPUT": str(self.output),
            "NUMBER": "7",
            "GH_REPO": "us/them",
            "COMMIT": "c0ffee",
            "CI_API_V4_URL": "https://gitlab.example/api/v4",
            "CI_PROJECT_ID": "1",
            "CI_MERGE_REQUEST_IID": "7",
            "NOTES_TOKEN": "hush",
        }
        self.write(CONFIGURATION)

    def program(self, path, text):
        path.write_text(text.format(python=sys.executable, notes=self.notes, artifact=self.artifact))
        path.chmod(0o755)

    def write(self, text):
        (self.work / "main.tf").write_text(text)

    def run(self, script, environment=()):
        """As both services do: bash that stops at the first failure."""
        environment = {**self.environment, **dict(environment)}
        return subprocess.run(["bash", "-e", "-o", "pipefail", "-c", script], cwd=self.work, env=environment, capture_output=True, text=True)

    def comment(self):
        """The last comment that was written, and that it is one that the services take."""
        notes = [json.loads(line) for line in self.notes.read_text().splitlines()]
        body = [note["body"] for note in notes if note["body"]][-1]
        assert len(body) < COMMENT_CHARACTERS_MAX, len(body)
        return body


class GitHub:
    def __init__(self, project):
        self.project = project
        # A key of a passphrase is slow to make, and slower in a build for tests: one of the two services is enough.
        project.environment["WINDLASS_PLAN_KEY"] = "a long random text"
        self.jobs = yaml.safe_load((RECIPES / "github-actions.yml").read_text())["jobs"]

    def job(self, name):
        said = None
        for step in self.jobs[name]["steps"]:
            if script := step.get("run"):
                assert "${{" not in script, "what an outsider wrote must not become part of a script"
                said = self.project.run(script)
                if said.returncode != 0:
                    return said
        return said


class GitLab:
    def __init__(self, project):
        self.project = project
        self.document = yaml.safe_load((RECIPES / "gitlab-ci.yml").read_text())

    def job(self, name):
        return self.project.run("\n".join(self.document[name]["script"]), self.document["variables"])


def life(service):
    with tempfile.TemporaryDirectory() as folder:
        project = Project(folder)
        recipe = service(project)

        said = recipe.job("plan")
        assert said.returncode == 0, said.stdout + said.stderr
        assert "1 to add, 0 to change, 0 to destroy" in project.comment(), project.comment()
        assert "<html" in (project.work / "plan.html").read_text()
        if (counts := project.work / "counts.json").exists():
            assert json.loads(counts.read_text()) == {"create": 1, "update": 0, "delete": 0}, counts.read_text()
        # What is applied is what was planned, whatever the files say by then.
        shutil.copy(project.work / "plan.windlass", project.artifact)
        project.write(CONFIGURATION.replace("10.0.0.0", "10.9.0.0"))
        said = recipe.job("apply")
        assert said.returncode == 0 and "1 added" in said.stdout, said.stdout + said.stderr
        project.write(CONFIGURATION)

        said = recipe.job("plan")
        assert said.returncode == 0 and "No changes" in project.comment(), said.stdout + said.stderr

        project.write(CONFIGURATION.replace('"one"', '"two"'))
        assert recipe.job("plan").returncode == 0
        shutil.copy(project.work / "plan.windlass", project.artifact)
        other = project.run("windlass apply -auto-approve -var name=three")
        assert other.returncode == 0, other.stderr
        said = recipe.job("apply")
        assert said.returncode == 1 and "aws_vpc.main: tags" in said.stderr, said.stdout + said.stderr

        project.write(CONFIGURATION + 'output "broken" { value = var.nothing }')
        said = recipe.job("plan")
        assert said.returncode == 1 and "var.nothing" in said.stderr, said.stdout + said.stderr


def main():
    return each([("GitHub Actions", lambda: life(GitHub)), ("GitLab", lambda: life(GitLab))])
