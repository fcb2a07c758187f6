"""States: what one of Windlass and Terraform has applied, the other one reads with nothing to change.

The configurations are the first steps of tests/peers/plans/*.txt, with tests/peers/states.txt besides. Each is applied by one, its state
file is put beside the same configuration, and the other one plans; then the other way round.
"""

import sys

from documents import HERE, compare_all, has_modules, init, read, read_all, run, windlass, write


def first_step(files):
    return {name: text for name, text in files.items() if not name.startswith("2/") and name != "arguments"}


def exchange(files, folder, writer, reader):
    """What is wrong after `writer` has applied and `reader` plans, or None."""
    places = []
    for role, binary in (("written", writer), ("read", reader)):
        place = folder / f"{role}-by-{'terraform' if binary == 'terraform' else 'windlass'}"
        place.mkdir()
        write(place, files)
        if binary == "terraform" and has_modules(files) and (problem := init(place)):
            return problem
        places.append(place)
    code, output, errors = run(writer, places[0], "apply", "-auto-approve", "-input=false", "-no-color")
    if code != 0:
        return f"can't be applied: {errors or output}"
    state = places[0] / "terraform.tfstate"
    if state.exists():
        write(places[1], {"terraform.tfstate": state.read_text()})
    code, output, errors = run(reader, places[1], "plan", "-detailed-exitcode", "-input=false", "-no-color", "-lock=false")
    return None if code == 0 else (output + errors).strip()


def compare(_, files, folder):
    files = first_step(files)
    found = []
    for writer, reader in (("terraform", windlass()), (windlass(), "terraform")):
        wrong = exchange(files, folder, writer, reader)
        if wrong:
            names = ["Terraform" if binary == "terraform" else "Windlass" for binary in (writer, reader)]
            found.append(f"written by {names[0]}, read by {names[1]}:\n{wrong}")
    return found


def main():
    documents = {**read_all("plans"), **{f"states/{name}": files for name, files in read(HERE / "states.txt").items()}}
    return compare_all("states", documents, compare)


if __name__ == "__main__":
    sys.exit(main())
