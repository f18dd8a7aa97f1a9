"""The course's notebooks: thin, stored from an unsolved run, and silent about the fault."""

from __future__ import annotations

import ast
import re
import sys
from pathlib import Path

import nbformat
import pytest
from IPython.core.inputtransformer2 import TransformerManager

sys.path.insert(0, str(Path(__file__).parent.parent / "notebooks"))
from renew import surroundings
from test_notebook_shape import VARYING
from test_stored_outputs import CAREFUL, compare

from rumkit.school.lessons import LESSONS
from rumkit.school.solutions import SOLUTIONS

FOLDER = Path(__file__).parents[2] / "notebooks" / "training"
ALL = sorted(FOLDER.glob("*.ipynb"))
EXERCISES = sorted(FOLDER.glob("[01][0-9]_*.ipynb"))[1:]
OWN = {"mend", "hint", "parameters"}

by_notebook = pytest.mark.parametrize("path", ALL, ids=lambda path: path.stem)
by_exercise = pytest.mark.parametrize("path", EXERCISES, ids=lambda path: path.stem)


def cells(path, kind="code"):
    return [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == kind]


def tags(cell):
    return set(cell.metadata.get("tags", []))


def test_each_exercise_has_its_notebook():
    begun = [re.findall(r"school\.begin\((\d+)\)", cells(path)[0].source) for path in EXERCISES]
    assert begun == [[str(lesson.number)] for lesson in LESSONS]


@by_notebook
def test_cells_are_few_and_short(path):
    lengths = [len(cell.source.splitlines()) for cell in cells(path)]
    assert len(lengths) <= 10
    assert max(lengths) <= 12


@by_notebook
def test_no_cell_defines_or_tries(path):
    python = TransformerManager().transform_cell
    banned = (ast.FunctionDef, ast.ClassDef, ast.Lambda, ast.Try)
    nodes = [node for cell in cells(path) for node in ast.walk(ast.parse(python(cell.source)))]
    assert [node for node in nodes if isinstance(node, banned)] == []


@by_notebook
def test_every_cell_but_the_learners_own_shows_something_and_none_an_error(path):
    shown = [cell for cell in cells(path) if not tags(cell) & OWN]
    assert [cell.source for cell in shown if len(cell.outputs) != 1] == []
    assert {out.output_type for cell in shown for out in cell.outputs} <= {
        "execute_result", "display_data", "stream",
    }  # fmt: skip


@by_notebook
def test_nothing_that_varies_and_no_secret_is_in_an_output(path):
    assert VARYING.findall(str([cell.outputs for cell in cells(path)])) == []


@by_notebook
def test_links_lead_somewhere(path):
    text = "".join(cell.source for cell in cells(path, "markdown"))
    linked = re.findall(r"\]\(([\w/]+\.ipynb)\)", text)
    assert [name for name in linked if not (FOLDER / name).is_file()] == []


@by_exercise
def test_the_check_is_stored_unsolved(path):
    (check,) = [cell for cell in cells(path) if cell.source == "exercise.check()"]
    assert check.outputs[0]["data"]["text/plain"].startswith("✗ Not yet.")


@by_exercise
def test_the_learner_is_told_neither_the_fault_nor_a_step_of_its_solution(path):
    number = int(path.name[:2])
    text = path.read_text(encoding="utf-8")
    scenario = LESSONS[number - 1].scenario
    assert scenario == "healthy" or scenario not in text
    steps = [step.text for step in SOLUTIONS[number - 1].right.steps]
    sources = "\n".join(cell.source for cell in nbformat.read(path, as_version=4).cells)
    assert [step for step in steps if step.splitlines()[-1] in sources] == []


@by_exercise
def test_there_is_a_cell_to_mend_and_hints_come_only_when_asked_for(path):
    assert any("mend" in tags(cell) for cell in cells(path))
    (hint,) = [cell for cell in cells(path) if "hint" in tags(cell)]
    assert hint.source.startswith("# exercise.hint()")


@pytest.fixture(scope="module")
def displayed_otherwise(tmp_path_factory):
    """Return what each notebook displays otherwise than it has stored; one nbval runs them all."""
    return compare(tmp_path_factory.mktemp("stored"), ALL, surroundings(), *CAREFUL)


@pytest.mark.notebooks
@pytest.mark.xdist_group("nbval-of-the-course")
@pytest.mark.timeout(1200)
@by_notebook
def test_run_again_it_displays_what_it_has_stored(path, displayed_otherwise):
    assert displayed_otherwise[path.stem] == []
