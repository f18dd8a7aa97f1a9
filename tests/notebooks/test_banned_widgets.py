"""Constructs that can hang a headless run (nbclient issue 312) are not used."""

from __future__ import annotations

import ast
from pathlib import Path

import nbformat
import pytest
from IPython.core.inputtransformer2 import TransformerManager

ROOT = Path(__file__).parents[2]
BANNED = {
    "Output",
    "append_display_data",
    "append_stderr",
    "append_stdout",
    "interact",
    "interact_manual",
    "interactive",
    "interactive_output",
}
# The chooser's own brings the library of tables along, and Voila's views are such widgets; they
# capture nothing, so they send nothing.
ALLOWED = {"rumkit/notebook/widgets.py": {"Output"}, "rumkit/notebook/live.py": {"Output"}}
FILES = [*sorted(ROOT.glob("rumkit/**/*.py")), *sorted(ROOT.glob("notebooks/**/*.ipynb"))]


def banned(source: str) -> set[str]:
    """Return the banned names that a source uses or imports."""
    used: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute):
            used.add(node.attr)
        if isinstance(node, ast.Name):
            used.add(node.id)
        if isinstance(node, ast.ImportFrom):
            used.update(alias.name for alias in node.names)
    return used & BANNED


def sources(path: Path) -> list[str]:
    if path.suffix == ".py":
        return [path.read_text(encoding="utf-8")]
    made = nbformat.read(path, as_version=4)
    # A line such as `!aws ...` is no Python until IPython has turned it into a call.
    python = TransformerManager().transform_cell
    return [python(cell.source) for cell in made.cells if cell.cell_type == "code"]


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_nothing_that_can_hang_is_used(path: Path) -> None:
    used = set().union(*map(banned, sources(path)))
    assert used <= ALLOWED.get(str(path.relative_to(ROOT)), set())


@pytest.mark.parametrize("path", ALLOWED)
def test_what_is_allowed_captures_nothing(path: str) -> None:
    tree = ast.parse((ROOT / path).read_text())
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.With)]


@pytest.mark.parametrize(
    "source",
    [
        "import ipywidgets as w\nw.Output()",
        "from ipywidgets import interact",
        "from ipywidgets import Output as Quiet",
        "out.append_stdout('x')",
    ],
)
def test_the_search_finds_them(source: str) -> None:
    assert banned(source)
