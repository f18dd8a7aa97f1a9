"""The size of the house in figures: `python tests/docs/house.py`.

Lines, packages and megabytes of a plain `pip install .`, circles of imports, the median file and
function, private functions that are used once, and how long two commands take to start.
"""

from __future__ import annotations

import ast
import statistics
import subprocess
import sys
import tempfile
import time
import tomllib
from collections import Counter
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "rumkit"
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "unit")]

APART = ("sandbox", "school")


@dataclass
class Code:
    """What stands in the files of a package."""

    lines: dict[Path, int] = field(default_factory=dict)
    functions: list[int] = field(default_factory=list)
    private: int = 0
    used_once: list[str] = field(default_factory=list)

    def read(self, path: Path) -> None:
        """Count a file. A use is every place in it that names the function, as `f` or `x.f`."""
        text = path.read_text()
        self.lines[path] = len(text.splitlines())
        uses: Counter[str] = Counter()
        defined = []
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                self.functions.append((node.end_lineno or node.lineno) - node.lineno + 1)
                if node.name.startswith("_") and not node.name.endswith("__"):
                    defined.append(node.name)
            elif isinstance(node, ast.Name):
                uses[node.id] += 1
            elif isinstance(node, ast.Attribute):
                uses[node.attr] += 1
        self.private += len(defined)
        self.used_once += [f"{path.name}: {name}" for name in defined if uses[name] == 1]

    def count(self, *without: str) -> int:
        """Return the lines of all rooms but some."""
        return sum(
            count
            for path, count in self.lines.items()
            if path.relative_to(PACKAGE).parts[0] not in without
        )


def read_code() -> Code:
    """Return the figures of rumkit's own files."""
    code = Code()
    for path in sorted(PACKAGE.rglob("*.py")):
        code.read(path)
    return code


def first_door() -> tuple[dict[str, float], list[str]]:
    """Return the megabytes of each package that `pip install .` brings, and what is missing here.

    Sizes are those that each package's RECORD declares, without bytecode.
    """
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    todo = [Requirement(text) for text in project["dependencies"]]
    sizes: dict[str, float] = {}
    missing = []
    while todo:
        wanted = todo.pop()
        if wanted.marker and not wanted.marker.evaluate({"extra": ""}):
            continue
        name = wanted.name.lower().replace("_", "-")
        if name in sizes or name in missing:
            continue
        try:
            package = distribution(name)
        except PackageNotFoundError:
            missing.append(name)
            continue
        files = [file for file in package.files or () if file.suffix != ".pyc"]
        sizes[name] = sum(file.size or 0 for file in files) / 1e6
        todo += [Requirement(text) for text in package.requires or ()]
    return sizes, missing


def import_circles() -> int:
    """Return how many circles the imports make."""
    import test_structure

    return len(test_structure.circles(test_structure.import_graph()))


def seconds(*arguments: str, turns: int = 5) -> float:
    """Return the median time of a command of rumkit, as a whole process."""
    with tempfile.TemporaryDirectory() as folder:
        taken = []
        for _ in range(turns):
            start = time.perf_counter()
            subprocess.run(
                [sys.executable, "-m", "rumkit", *arguments],
                cwd=folder, env={"PYTHONPATH": str(ROOT), "HOME": folder, "PATH": "/usr/bin:/bin"},
                capture_output=True, check=False,
            )  # fmt: skip
            taken.append(time.perf_counter() - start)
    return statistics.median(taken)


def figures(code: Code) -> list[tuple[str, str]]:
    """Return what is measured, each with its figure."""
    sizes, missing = first_door()
    recording = str(ROOT / "notebooks" / "training" / "data" / "visit.har")
    largest = ", ".join(
        f"{name} {size:.0f}" for name, size in sorted(sizes.items(), key=lambda item: -item[1])[:4]
    )
    return [
        ("lines in rumkit/", f"{code.count():,}"),
        ("lines without sandbox and course", f"{code.count(*APART):,}"),
        (
            "packages of the first door",
            f"{len(sizes)}" + (f", not here: {missing}" * bool(missing)),
        ),
        ("megabytes of the first door", f"{sum(sizes.values()):.0f} ({largest})"),
        ("import circles", f"{import_circles()}"),
        ("median file, lines", f"{statistics.median(code.lines.values()):.0f}"),
        ("median function, lines", f"{statistics.median(code.functions):.0f}"),
        ("private functions used once", f"{len(code.used_once)} of {code.private}"),
        ("rumkit --help, seconds", f"{seconds('--help'):.2f}"),
        (
            "rumkit investigate --recording, seconds",
            f"{seconds('investigate', '--recording', recording):.2f}",
        ),
    ]


def main() -> None:
    """Print the figures as a Markdown table."""
    print("| figure | today |\n| --- | --- |")
    for name, figure in figures(read_code()):
        print(f"| {name} | {figure} |")


if __name__ == "__main__":
    main()
