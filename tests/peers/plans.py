"""The JSON of plans and states: Windlass and Terraform on the same configurations, tests/peers/plans/*.txt.

Each document is planned, shown, applied and shown, then edited, planned, shown, applied and shown again. Everything must be equal but
ids, times, and
- the values of sensitive parts, which Windlass never writes into these documents;
- `depends_on` of states: Windlass records what a resource refers to, Terraform also all that lies behind it, which grows with the square
  of a chain's length;
- `checks`, which have tests of their own.
"""

import json
import re
import sys

from documents import compare_all, differences, has_modules, init, read_all, run, windlass, write

ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


def hidden(value, sensitive):
    """The value without its sensitive parts."""
    if sensitive is True:
        return None
    if isinstance(value, dict) and isinstance(sensitive, dict):
        return {key: hidden(part, sensitive.get(key)) for key, part in value.items()}
    if isinstance(value, list) and isinstance(sensitive, list) and len(value) == len(sensitive):
        return [hidden(*pair) for pair in zip(value, sensitive)]
    return value


def hide_module(module):
    for resource in module.get("resources", []):
        resource.pop("depends_on", None)
        if "values" in resource:
            resource["values"] = hidden(resource["values"], resource.get("sensitive_values"))
    for child in module.get("child_modules", []):
        hide_module(child)
    # Modules inside of others come in the order of a hash table.
    module.get("child_modules", []).sort(key=lambda child: child["address"])


def hide_values(values):
    hide_module(values.get("root_module", {}))
    for output in values.get("outputs", {}).values():
        if output.get("sensitive"):
            output.pop("value", None)
            output.pop("type", None)


def hide_change(change):
    for when in ("before", "after"):
        if when in change:
            change[when] = hidden(change[when], change.get(f"{when}_sensitive"))
    # Terraform leaves `after` out where nothing of it is known, and shows it as null where it is hidden.
    if change.get("after") is None and change.get("after_sensitive") is True:
        change.pop("after", None)


def normal(document):
    """A plan or state without what may differ."""
    document.pop("windlass", None)
    document.pop("timestamp", None)
    document.pop("terraform_version", None)
    document.pop("checks", None)
    variables = document.get("configuration", {}).get("root_module", {}).get("variables", {})
    for name, variable in document.get("variables", {}).items():
        if variables.get(name, {}).get("sensitive"):
            variable.pop("value", None)
            variables[name].pop("default", None)
    for values in (document.get("values"), document.get("planned_values"), document.get("prior_state", {}).get("values")):
        if values:
            hide_values(values)
    document.get("prior_state", {}).pop("terraform_version", None)
    changes = [*document.get("resource_changes", []), *document.get("resource_drift", [])]
    for change in [*(one["change"] for one in changes), *document.get("output_changes", {}).values()]:
        hide_change(change)
    # Terraform's order is that of a hash table.
    if "relevant_attributes" in document:
        document["relevant_attributes"].sort(key=json.dumps)
    return document


def parsed(text):
    return normal(json.loads(ID.sub("ID", text), parse_float=lambda number: f"number {number}", parse_int=lambda number: f"number {number}"))


def arguments(files, step):
    return files.get(f"{step}arguments", "").split("\n")[:-1]


def play(binary, files, folder):
    """The documents of each step: plan, state after it, plan after the edit. A step that fails is its error."""
    first = {name: text for name, text in files.items() if not name.startswith("2/") and name != "arguments"}
    second = {name[2:]: text for name, text in files.items() if name.startswith("2/")}
    write(folder, first)
    steps = {}

    def step(title, *command, show=None):
        code, output, errors = run(binary, folder, *command)
        if code != 0:
            steps[title] = {"failed": (errors or output).strip()[:500] if binary == "terraform" else "see below", "by": errors.strip()[:600]}
            return False
        code, output, errors = run(binary, folder, "show", "-json", *(show or ()))
        steps[title] = parsed(output) if code == 0 else {"failed": errors}
        return code == 0

    with_modules = binary == "terraform" and has_modules(files)
    if with_modules and (problem := init(folder)):
        return {"init": problem}
    if not step("first plan", "plan", "-out=first.plan", "-input=false", *arguments(files, ""), show=["first.plan"]):
        return steps
    if not step("state", "apply", "-input=false", "first.plan"):
        return steps
    for name in second.pop("gone", "").split("\n")[:-1]:
        (folder / name).unlink()
    second.pop("arguments", None)
    write(folder, second)
    if with_modules and (problem := init(folder)):
        return {**steps, "init": problem}
    if step("second plan", "plan", "-out=second.plan", "-input=false", *arguments(files, "2/"), show=["second.plan"]):
        step("second state", "apply", "-input=false", "second.plan")
    return steps


def compare(_, files, folder):
    answers = []
    for binary in ("terraform", windlass()):
        place = folder / ("terraform" if binary == "terraform" else "windlass")
        place.mkdir()
        answers.append(play(binary, files, place))
    if any("failed" in step for step in answers[0].values()) or "init" in answers[0]:
        return [f"Terraform itself fails: {answers[0]}"]
    return differences(*answers)


def main():
    return compare_all("plans", read_all("plans"), compare)


if __name__ == "__main__":
    sys.exit(main())
