"""What `fmt` makes of files: the records in tests/format against Terraform itself.

    python tests/peers/formatting.py              verifies the records
    python tests/peers/formatting.py --record     writes what Terraform says into them

A record is a line `⟦name⟧`, the text, a line `⟦formatted⟧`, and what Terraform makes of it. `cargo test` checks the same files
against Windlass.
"""

import pathlib
import re
import sys
import tempfile

from expressions import runner

FOLDER = pathlib.Path(__file__).resolve().parent.parent / "format"


def read(path):
    """Name → (text, formatted)."""
    parts = re.split(r"^⟦(.*)⟧\n", path.read_bytes().decode(), flags=re.MULTILINE)[1:]
    texts = list(zip(parts[::4], parts[1::4], parts[3::4]))
    return {name: (text, formatted) for name, text, formatted in texts}


def formatted(run, texts):
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        for name, text in texts.items():
            (folder / f"{name}.tf").write_bytes(text.encode())
        run(folder, "fmt", "-list=false")
        return {name: (folder / f"{name}.tf").read_bytes().decode() for name in texts}


def main(record=False):
    run = runner()
    wrong = count = 0
    for path in sorted(FOLDER.glob("*.txt")):
        records = read(path)
        results = formatted(run, {name: text for name, (text, _) in records.items()})
        count += len(records)
        if record:
            lines = [f"⟦{name}⟧\n{text}⟦formatted⟧\n{results[name]}" for name, (text, _) in records.items()]
            path.write_bytes("".join(lines).encode())
            continue
        for name, (_, expected) in records.items():
            if results[name] != expected:
                wrong += 1
                print(f"{path.name}: {name} is formatted otherwise")
    print(f"{count} files, {wrong} differ from Terraform")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(record="--record" in sys.argv[1:]))
