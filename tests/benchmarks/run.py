"""Runs every benchmark and writes what they print into the README, each between its marks.

`python tests/benchmarks/run.py [--sizes 1 4] [--print]`: sizes in gigabytes of trail files.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

HERE = Path(__file__).parent
README = HERE.parents[1] / "README.md"
MARKS = {name: (f"<!-- {name} -->", f"<!-- /{name} -->") for name in ("benchmark", "fleet")}


def run(name: str, *arguments: str) -> str:
    """Return what one benchmark prints; what it says of its progress goes to the terminal."""
    print(f"running {name}", file=sys.stderr)
    done = subprocess.run(
        [sys.executable, HERE / name, *arguments],
        stdout=subprocess.PIPE, text=True, check=True, timeout=3600,
    )  # fmt: skip
    return done.stdout.strip()


def results(sizes: list[str]) -> str:
    """Return the whole section as Markdown."""
    trail = run("bench_trail.py", "--sizes", *sizes)
    fenced = "\n\n".join(
        run(name)
        for name in (
            "bench_investigation.py",
            "bench_page.py",
            "bench_recording.py",
            "bench_recorder.py",
        )
    )
    day = datetime.now(UTC).date().isoformat()
    return f"Measured on {day} by `make bench`. {trail}\n\n```\n{fenced}\n```"


def fleet() -> str:
    """Return what a fleet costs, as Markdown."""
    day = datetime.now(UTC).date().isoformat()
    return f"Measured on {day} by `make bench`. {run('bench_fleet.py')}"


def placed(text: str, name: str, section: str) -> str:
    """Return a text with a section in the place of what stood between its marks."""
    begin, end = MARKS[name]
    before, found, rest = text.partition(begin)
    _, closed, after = rest.partition(end)
    if not (found and closed):
        raise ValueError(f"README.md lacks {begin} … {end}")
    return f"{before}{begin}\n{section}\n{end}{after}"


def main() -> None:
    """Run, then replace the README's sections or print them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", nargs="+", default=["1"])
    parser.add_argument("--print", action="store_true", dest="only_print")
    options = parser.parse_args()
    sections = {"benchmark": results(options.sizes), "fleet": fleet()}
    for name, section in sections.items():
        if options.only_print:
            print(section)
        else:
            README.write_text(placed(README.read_text(), name, section))


if __name__ == "__main__":
    main()
