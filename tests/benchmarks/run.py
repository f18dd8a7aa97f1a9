"""Runs every benchmark and writes what they print into the README, with the machine named.

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
BEGIN, END = "<!-- benchmark -->", "<!-- /benchmark -->"


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


def main() -> None:
    """Run, then replace the README's section or print it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", nargs="+", default=["1"])
    parser.add_argument("--print", action="store_true", dest="only_print")
    options = parser.parse_args()
    section = results(options.sizes)
    if options.only_print:
        print(section)
        return
    text = README.read_text()
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    README.write_text(f"{before}{BEGIN}\n{section}\n{END}{after}")


if __name__ == "__main__":
    main()
