"""Small configurations as text: what the peers that compare plans, validity and states with Terraform read and run.

A file holds many documents. A document begins with `=== NAME`, a file of it with `--- PATH`; what stands before the first of these is
main.tf. What stands before the first document is for readers.
"""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

HERE = pathlib.Path(__file__).resolve().parent
# How many runs of a binary go on at once.
PARALLEL = 2
# The release whose behaviour is meant; with others, differences are told, not counted as failures.
MEANT = "1.11."
ENVIRONMENT = {**os.environ, "TF_CLI_CONFIG_FILE": os.devnull, "CHECKPOINT_DISABLE": "1", "TF_IN_AUTOMATION": "1", "NO_COLOR": "1"}


def read(path):
    """Name → {path: text} of each document."""
    parts = re.split(r"^=== (.+)\n", path.read_text(), flags=re.MULTILINE)[1:]
    documents = {}
    for name, text in zip(parts[::2], parts[1::2]):
        first, *files = re.split(r"^--- (.+)\n", text, flags=re.MULTILINE)
        files = ["main.tf", first, *files] if first.strip() or not files else files
        if name in documents:
            raise SystemExit(f"{path.name}: two documents are called {name}")
        documents[name] = dict(zip(files[::2], files[1::2]))
    return documents


def read_all(folder):
    """Documents of all files of a folder, by file and name."""
    return {f"{path.stem}/{name}": files for path in sorted((HERE / folder).glob("*.txt")) for name, files in read(path).items()}


def write(folder, files):
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def run(binary, folder, *arguments, given=None):
    """Runs a binary in a folder: (exit code, standard output, standard error)."""
    finished = subprocess.run([binary, *arguments], cwd=folder, env=ENVIRONMENT, input=given, capture_output=True, text=True)
    return finished.returncode, finished.stdout, finished.stderr


def init(folder):
    """What Terraform needs before anything else where modules are called."""
    code, output, errors = run("terraform", folder, "init", "-input=false", "-no-color")
    return "" if code == 0 else output + errors


def has_modules(files):
    return any(re.search(r'^\s*module\s+"|"module"\s*:', text, re.MULTILINE) for name, text in files.items() if ".tf" in name)


def compare_all(title, documents, compare):
    """Runs `compare(name, files, folder)` → list of differences for each document; returns how many documents differ."""
    only = os.environ.get("WINDLASS_DOCUMENT", "")
    if not shutil.which("terraform"):
        print(f"{title}: there is no terraform on PATH, so nothing is compared")
        return 0
    chosen = {name: files for name, files in documents.items() if only in name}

    def one(item):
        name, files = item
        with tempfile.TemporaryDirectory() as folder:
            try:
                return name, compare(name, files, pathlib.Path(folder))
            except (json.JSONDecodeError, KeyError, TypeError) as error:
                return name, [f"can't be compared: {error!r}"]

    wrong = 0
    with ThreadPoolExecutor(PARALLEL) as pool:
        for name, differences in pool.map(one, chosen.items()):
            wrong += bool(differences)
            for difference in differences:
                print(f"{name}: {difference}", flush=True)
    version = json.loads(run("terraform", HERE, "version", "-json")[1])["terraform_version"]
    print(f"{title}: {len(chosen)} documents, {wrong} differ from Terraform {version}", flush=True)
    return 1 if wrong and version.startswith(MEANT) else 0


def differences(one, other, path="", depth=0):
    """Where two JSON values differ: paths with both sides."""
    if type(one) is type(other) is dict:
        found = []
        for key in [*one, *(key for key in other if key not in one)]:
            here = f"{path}.{key}"
            if key not in one:
                found.append(f"{here}: only Windlass has {brief(other[key])}")
            elif key not in other:
                found.append(f"{here}: only Terraform has {brief(one[key])}")
            else:
                found += differences(one[key], other[key], here)
        return found
    if type(one) is type(other) is list and len(one) == len(other):
        return [found for index, pair in enumerate(zip(one, other)) for found in differences(*pair, f"{path}[{index}]")]
    return [] if type(one) is type(other) and one == other else [f"{path}: Terraform {brief(one)}, Windlass {brief(other)}"]


def brief(value):
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) < 300 else text[:300] + "…"


def windlass():
    """The binary that is tested."""
    return os.environ["WINDLASS"]


if __name__ == "__main__":
    sys.exit("this is no peer by itself")
