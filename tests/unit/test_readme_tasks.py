"""The three first tasks of the README, done as they are written."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from rumkit import practice

ROOT = Path(__file__).parents[2]
HEAD = re.compile(r"^# (\S+\.py)(?:, (after|before) (.+))?$", re.MULTILINE)


def blocks() -> list[str]:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    part = text[text.index("### Contribute") : text.index("**Add a scenario.**")]
    return re.findall(r"```python\n(.*?)```", part, re.DOTALL)


def edits() -> list[tuple[str, str, str, str]]:
    """Return (file, `after` or `before`, which line, text) of each edit that is written there."""
    found = []
    for block in blocks():
        heads = list(HEAD.finditer(block))
        if not heads:
            continue
        ends = [head.start() for head in heads[1:]] + [len(block)]
        found += [
            (head[1], head[2] or "", head[3] or "", block[head.end() + 1 : end])
            for head, end in zip(heads, ends, strict=True)
        ]
    return found


def apply(folder: Path, name: str, where: str, anchor: str, text: str) -> None:
    """Write a new file, or put the text after or before a line, a definition with its space."""
    path = folder / name
    if not anchor:
        path.write_text(text, encoding="utf-8")
        return
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    at = next(index for index, line in enumerate(lines) if line.startswith(anchor.rstrip()))
    space = "\n\n" if where == "before" else ""
    lines.insert(at + (where == "after"), f"{text.rstrip()}\n{space}")
    path.write_text("".join(lines), encoding="utf-8")


# Both take long, and begin with the same copy: one process does them, before what is short.
in_the_clone = pytest.mark.xdist_group("readme-tasks")


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("clone")
    ignore = shutil.ignore_patterns("__pycache__", "*.ipynb")
    for name in ("rumkit", "tests"):
        shutil.copytree(ROOT / name, folder / name, ignore=ignore)
    shutil.copy(ROOT / "pyproject.toml", folder)
    for edit in edits():
        apply(folder, *edit)
    return folder


def run(clone: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *words],
        cwd=clone,
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )


@in_the_clone
def test_a_check_and_a_query_are_added_with_their_tests(clone: Path) -> None:
    tests = ["tests/checks/test_page_over_https.py", "tests/checks/test_check_names.py",
             "tests/unit/test_runner.py", "tests/trail/test_trail_views.py",
             "tests/unit/test_public_verbs.py::test_the_examples_of_the_docstrings_run",
             ]  # fmt: skip
    done = run(clone, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-n", "0", *tests)
    assert done.returncode == 0, done.stdout[-3000:]
    listed = run(clone, "-c", "import rumkit; print(rumkit.__file__, *rumkit.columns"
                 "('denied-by-address')['column'])")  # fmt: skip
    assert listed.stdout.split()[1:] == ["address", "calls", "first", "last", "per_minute"]
    assert str(clone) in listed.stdout


@in_the_clone
def test_what_is_added_is_in_the_style_of_the_house(clone: Path) -> None:
    done = run(clone, "-m", "ruff", "check", "rumkit/checks", "rumkit/trail", "tests/checks")
    assert done.returncode == 0, done.stdout
    done = run(clone, "-m", "ruff", "format", "--check", "rumkit/checks", "tests/checks")
    assert done.returncode == 0, done.stdout


def test_which_role_was_denied_most_by_hour_is_answered_in_a_cell() -> None:
    (cell,) = [block for block in blocks() if block.startswith("# a cell")]
    *before, last = cell.strip().splitlines()
    names: dict[str, object] = {}
    practice.enter("guest-role-permission")
    try:
        exec("\n".join(before), names)
        answer = eval(last, names)
    finally:
        practice.leave()
    assert [str(hour.time()) for hour in answer.index] == ["06:00:00", "07:00:00", "08:00:00"]
    assert set(answer) == {
        "arn:aws:iam::111122223333:role/service-role/RUM-Monitor-shop-web-Unauth"
    }
