"""What is valid: Windlass and Terraform on the same configurations, tests/peers/validity/*.txt.

Each document goes through `validate -json`, and through `plan` if it is valid so far. Both must agree whether it is valid, and of what is
wrong on file, line and summary of every message; of one line Windlass may tell less. Where Windlass means to differ, a file `windlass` in the document says how and why:
`accepts` what Terraform refuses, `refuses` what it accepts, or says `otherwise` what is wrong. Such a document fails as soon as
there is no difference any more.
"""

import json
import re
import sys

from documents import compare_all, has_modules, init, read_all, run, windlass, write

# A message in text: its summary and, further down, the place.
MESSAGE = re.compile(r"^(?:. )?(Error|Warning): (.*)$", re.MULTILINE)
PLACE = re.compile(r"^(?:. )?  on (\S+) line (\d+)", re.MULTILINE)


def of_validate(output):
    """Errors as (file:line, summary) of `validate -json`."""
    found = json.loads(output)["diagnostics"]
    errors = [one for one in found if one["severity"] == "error"]
    return {(place(one.get("range")), summary(one["summary"])) for one in errors}


def place(range):
    return f"{range['filename']}:{range['start']['line']}" if range else "nowhere"


def summary(text):
    return text.replace("Terraform", "Windlass").strip()


def of_plan(errors):
    """The same of a plan's messages as text."""
    starts = [*MESSAGE.finditer(errors)]
    ends = [start.start() for start in starts[1:]] + [len(errors)]
    found = set()
    for start, end in zip(starts, ends):
        where = PLACE.search(errors, start.end(), end)
        if start[1] == "Error":
            found.add((f"{where[1]}:{where[2]}" if where else "nowhere", summary(start[2])))
    return found


def outcome(binary, folder, must_init):
    """What is wrong by a binary: a set, empty when all is well."""
    if must_init:
        # What is wrong with sources of modules is told by init.
        code, output, errors = run(binary, folder, "init", "-input=false", "-no-color")
        if code != 0:
            return of_plan(errors + output) or {("nowhere", "init failed")}
    _, output, _ = run(binary, folder, "validate", "-json")
    wrong = of_validate(output[max(output.find("{"), 0) :])
    if wrong:
        return wrong
    code, output, errors = run(binary, folder, "plan", "-input=false", "-no-color", "-lock=false")
    wrong = of_plan(errors + output)
    return wrong or ({("nowhere", f"plan failed: {errors[:200]}")} if code else set())


def agree(theirs, ours):
    """Windlass may tell less of a line of which it tells something, and nothing of places that Terraform does not name."""
    lines = [{where for where, _ in wrong if where != ":0"} for wrong in (theirs, ours)]
    return ours <= theirs and lines[0] == lines[1]


def told(wrong):
    return "; ".join(sorted(f"{where} {what}" for where, what in wrong)) or "valid"


def compare(_, files, folder):
    meant = files.pop("windlass", "").strip()
    must_init = has_modules(files)
    answers = []
    for name, binary in (("terraform", "terraform"), ("windlass", windlass())):
        (folder / name).mkdir()
        write(folder / name, files)
        answers.append(outcome(binary, folder / name, must_init))
    theirs, ours = answers
    kind = "same" if agree(theirs, ours) else "accepts" if not ours else "refuses" if not theirs else "otherwise"
    if kind == (re.match(r"\w+", meant)[0] if meant else "same"):
        return []
    expected = f"meant: {meant}\n  " if meant else ""
    return [f"{expected}Terraform {told(theirs)}\n  Windlass  {told(ours)}"]


def main():
    return compare_all("validity", read_all("validity"), compare)


if __name__ == "__main__":
    sys.exit(main())
