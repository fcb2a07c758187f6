"""What `console` answers: Terraform and Windlass on the expressions of tests/peers/console.txt.

Each is asked by itself, because Terraform shows only the last answer of many. Values must be equal to the letter, and errors in
their summaries, of which Windlass may tell less; where it means to differ, DIFFERENT tells why.
"""

import pathlib
import re
import shutil
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

from documents import HERE, PARALLEL, init, run, windlass, write

CONFIGURATION = {
    "main.tf": """
variable "object" {
  default = { list = ["a", 2], text = "x", map = { k = null } }
}
variable "secret" {
  default   = "hidden"
  sensitive = true
}
locals {
  text = "line\\nnext\\n"
  html = "<&>"
}
resource "terraform_data" "a" {
  input = { number = 1, list = ["x"] }
}
resource "terraform_data" "counted" {
  count = 2
  input = count.index
}
module "m" {
  source = "./m"
}
""",
    "m/main.tf": 'output "o" {\n  value = { a = 1 }\n}\noutput "p" {\n  value = "x"\n}\n',
}
ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
ERROR = re.compile(r"^(?:. )?Error: (.*)$", re.MULTILINE)
COLOUR = re.compile(r"\x1b\[[0-9;]*m")
DIFFERENT = {"help": "a text of our own"}


def answer(binary, folder, expression):
    code, output, errors = run(binary, folder, "console", given=expression.replace("␤", "\n") + "\n")
    errors = COLOUR.sub("", errors)
    if code != 0:
        return {f"error {summary}" for summary in ERROR.findall(errors)}
    return ID.sub("ID", output).replace("Terraform", "Windlass")


def agree(theirs, ours):
    if isinstance(theirs, set) and isinstance(ours, set):
        return bool(ours) and ours <= theirs
    return theirs == ours


def prepare(binary, folder):
    folder.mkdir()
    write(folder, CONFIGURATION)
    if binary == "terraform" and (problem := init(folder)):
        raise SystemExit(problem)
    code, output, errors = run(binary, folder, "apply", "-auto-approve", "-input=false")
    if code != 0:
        raise SystemExit(output + errors)


def main():
    if not shutil.which("terraform"):
        print("console: there is no terraform on PATH, so nothing is compared")
        return 0
    lines = (HERE / "console.txt").read_text().split("\n")
    expressions = [line for line in lines if line and not line.startswith("##")]
    wrong = 0
    with tempfile.TemporaryDirectory() as place, ThreadPoolExecutor(PARALLEL) as pool:
        folders = {"terraform": pathlib.Path(place) / "terraform", windlass(): pathlib.Path(place) / "windlass"}
        for binary, folder in folders.items():
            prepare(binary, folder)
        # One at a time of each: Terraform's console locks the state.
        ask = lambda binary: [answer(binary, folders[binary], one) for one in expressions]
        for expression, theirs, ours in zip(expressions, *pool.map(ask, folders)):
            if agree(theirs, ours) == (expression in DIFFERENT):
                wrong += 1
                print(f"{expression}\n  Terraform {theirs}\n  Windlass  {ours}", flush=True)
    print(f"console: {len(expressions)} expressions, {wrong} differ from Terraform")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
