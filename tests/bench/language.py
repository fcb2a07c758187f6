#!/usr/bin/env python3
"""Times the language and planning on large configurations of terraform_data: no cloud, no network.

    cargo build --release --no-default-features
    tests/bench/language.py target/release/windlass             Windlass
    tests/bench/language.py target/release/windlass --terraform the same by the terraform on the PATH, for comparison (minutes)

Prints a table: work, CPU seconds (user and system), wall seconds, peak memory in MB; each the least of three runs (one for Terraform).
"""

import os
import pathlib
import resource
import subprocess
import sys
import tempfile
import time

INSTANCES = 10_000
LAYERS = 100
RUNS = 3


def counted(count):
    return f'resource "terraform_data" "a" {{\n  count = {count}\n  input = count.index\n}}\n'


def blocks(count):
    return "".join(f'resource "terraform_data" "a{number}" {{\n  input = {number}\n}}\n' for number in range(count))


def layered(count):
    """Layers of equal width; each block refers to three blocks of the layer before."""
    width, parts = count // LAYERS, []
    for number in range(count):
        layer, place = divmod(number, width)
        if layer == 0:
            value = str(number)
        else:
            first = (layer - 1) * width
            names = [f"terraform_data.a{first + (place + step) % width}.output" for step in range(3)]
            value = "[" + ", ".join(names) + "]"
            # Without this, values of a hundred layers would hold each other three-fold.
            value = f"length({value})"
        parts.append(f'resource "terraform_data" "a{number}" {{\n  input = {value}\n}}\n')
    return "".join(parts)


def each(count):
    return (
        f'locals {{\n  names = toset([for number in range({count}) : "name-${{number}}"])\n}}\n'
        'resource "terraform_data" "a" {\n  for_each = local.names\n  input    = each.key\n}\n'
    )


def large(blocks_count):
    """About 100 bytes a block: 50,000 blocks are 5 MB."""
    parts = []
    for number in range(blocks_count):
        parts.append(
            f'resource "terraform_data" "block_{number:05}" {{\n  input            = "value ${{{number} + 1}}"\n  triggers_replace = [{number}]\n}}\n'
        )
    return "".join(parts)


def nested(depth):
    return "locals {\n  a = " + "[" * depth + "]" * depth + "\n}\n"


class Work:
    """One row: a configuration, a command, and the exit code that it must have."""

    def __init__(self, name, text, command, code=0, terraform=True):
        self.name, self.text, self.command, self.code, self.terraform = name, text, command, code, terraform


WORKS = [
    Work("plan, count = 10,000", counted(INSTANCES), ["plan"]),
    Work("plan, 10,000 blocks", blocks(INSTANCES), ["plan"]),
    Work("plan, 10,000 in 100 layers", layered(INSTANCES), ["plan"]),
    Work("plan, for_each over 1,000", each(1_000), ["plan"]),
    Work("plan, 100,000 blocks", blocks(100_000), ["plan"], terraform=False),
    Work("validate, 50,000 blocks, 5 MB", large(50_000), ["validate"], terraform=False),
    Work("validate, 25,000 blocks", large(25_000), ["validate"], terraform=False),
    Work("fmt, 50,000 blocks, 5 MB", large(50_000), ["fmt", "-check"]),
    Work("fmt, 25,000 blocks", large(25_000), ["fmt", "-check"]),
    Work("nesting of 10,000 is refused", nested(10_000), ["validate"], code=1, terraform=False),
]


def measure(program, arguments, folder, code=0):
    """CPU seconds, wall seconds, peak megabytes and megabytes written of one run, which must end with this exit code."""
    environment = {"PATH": os.environ["PATH"], "HOME": folder, "TF_CLI_CONFIG_FILE": "/dev/null", "CHECKPOINT_DISABLE": "1"}
    begin = time.monotonic()
    process = subprocess.Popen([program, *arguments], cwd=folder, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    errors = process.stderr.read()
    # Its counters are there until it is reaped.
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    wall = time.monotonic() - begin
    counters = dict(line.split(": ") for line in pathlib.Path(f"/proc/{process.pid}/io").read_text().splitlines())
    _, status, usage = os.wait4(process.pid, 0)
    ended = os.waitstatus_to_exitcode(status)
    if ended != code:
        raise SystemExit(f"{arguments} in {folder}: exit {ended}, not {code}\n{errors.decode(errors='replace')[:2000]}")
    return usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss / 1024, int(counters["wchar"]) / 1e6


def main():
    if len(sys.argv) < 2:
        raise SystemExit(__doc__)
    windlass = str(pathlib.Path(sys.argv[1]).resolve())
    with_terraform = "--terraform" in sys.argv
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    print(f"{'work':34}  {'tool':10} {'CPU s':>8} {'wall s':>8} {'MB':>7}")
    for work in WORKS:
        with tempfile.TemporaryDirectory() as folder:
            (pathlib.Path(folder) / "main.tf").write_text(work.text)
            rows = [("windlass", [measure(windlass, work.command, folder, work.code) for _ in range(RUNS)])]
            if with_terraform and work.terraform:
                rows.append(("terraform", [measure("terraform", work.command, folder, work.code)]))
            for tool, seen in rows:
                cpu, wall, memory = (min(run[place] for run in seen) for place in range(3))
                print(f"{work.name:34}  {tool:10} {cpu:8.2f} {wall:8.2f} {memory:7.0f}", flush=True)


if __name__ == "__main__":
    main()
