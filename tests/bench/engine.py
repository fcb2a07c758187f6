#!/usr/bin/env python3
"""Times applies and plans without changes on large configurations of terraform_data: no cloud, no network.

    cargo build --release --no-default-features
    tests/bench/engine.py target/release/windlass

Prints a table: work, CPU seconds (user and system), wall seconds, peak memory in MB, megabytes handed to the system to write, and how
often that is the final state; of the times the least of three runs. The state's folder is on the disk that TMPDIR names.
"""

import pathlib
import sys
import tempfile

from language import RUNS, blocks, counted, layered, measure

STATE = "terraform.tfstate"


def row(title, seen, state_bytes):
    cpu, wall, memory, written = (min(run[place] for run in seen) for place in range(4))
    print(f"{title:34}  {cpu:8.2f} {wall:8.2f} {memory:7.0f} {written:8.1f} {written * 1e6 / state_bytes:6.1f}", flush=True)


def size(folder):
    return (pathlib.Path(folder) / STATE).stat().st_size


def applies(windlass, title, text):
    seen = []
    for _ in range(RUNS):
        with tempfile.TemporaryDirectory() as folder:
            (pathlib.Path(folder) / "main.tf").write_text(text)
            seen.append(measure(windlass, ["apply", "-auto-approve"], folder))
            state_bytes = size(folder)
    row(title, seen, state_bytes)


def plans_again(windlass, title, text):
    with tempfile.TemporaryDirectory() as folder:
        (pathlib.Path(folder) / "main.tf").write_text(text)
        measure(windlass, ["apply", "-auto-approve"], folder)
        seen = [measure(windlass, ["plan", "-detailed-exitcode"], folder) for _ in range(RUNS)]
        row(title, seen, size(folder))


def main():
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    windlass = str(pathlib.Path(sys.argv[1]).resolve())
    print(f"{'work':34}  {'CPU s':>8} {'wall s':>8} {'MB':>7} {'MB out':>8} {'× state':>6}")
    for shape, make in (("count", counted), ("blocks", blocks), ("layered", layered)):
        applies(windlass, f"apply, 1,000, {shape}", make(1_000))
    for shape, make in (("count", counted), ("blocks", blocks), ("layered", layered)):
        plans_again(windlass, f"plan without changes, 10,000, {shape}", make(10_000))
    plans_again(windlass, "plan without changes, 100,000", counted(100_000))


if __name__ == "__main__":
    main()
