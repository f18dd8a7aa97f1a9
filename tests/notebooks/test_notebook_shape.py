"""The shape of the notebooks: thin, introduced, parametrised, and nothing varying stored."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path

import nbformat
import pytest

from rumkit.inputs import of_notebooks

FOLDER = Path(__file__).parents[2] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
PARAMETER = re.compile(r'^[a-z_]+: (str = "[^"]*"|bool = (True|False))  # \S.+$')
VARYING = re.compile(
    r"127\.0\.0\.1:\d|localhost:\d|/tmp/|/home/|/root/|object at 0x|(?:AKIA|ASIA)[A-Z0-9]{16}"
    r"|widget-view|aws_secret_access_key",
    re.IGNORECASE,
)

by_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
# Those that look at an installation; a fleet's reads what was kept of many.
LOOKING = [path for path in NOTEBOOKS if path.stem != "fleet"]
by_looking = pytest.mark.parametrize("path", LOOKING, ids=lambda path: path.stem)


def cells(path: Path, kind: str = "code") -> list[nbformat.NotebookNode]:
    return [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == kind]


def test_there_is_a_notebook_for_each_section_of_the_guide() -> None:
    names = {path.stem for path in NOTEBOOKS}
    assert names >= {
        "00_start_here",
        "health_report",
        "events_not_sent",
        "returns_403",
        "token_vending",
        "content_security_policy",
        "xray_tracing",
        "when_did_it_stop",
    }


@by_notebook
def test_the_first_cell_says_what_is_read_and_what_is_never_done(path: Path) -> None:
    first = nbformat.read(path, as_version=4).cells[0]
    assert first.cell_type == "markdown"
    assert "**Reads:**" in first.source
    assert "**Never:**" in first.source
    assert "cdn_troubleshooting" in first.source


@by_notebook
def test_the_second_cell_is_the_one_of_parameters(path: Path) -> None:
    tagged = [
        index
        for index, cell in enumerate(nbformat.read(path, as_version=4).cells)
        if "parameters" in cell.metadata.get("tags", [])
    ]
    assert tagged == [1]


@by_looking
def test_each_parameter_has_a_type_a_default_and_a_comment(path: Path) -> None:
    lines = cells(path)[0].source.splitlines()
    assert [line for line in lines if not PARAMETER.match(line)] == []
    described = [each.parameter for each in of_notebooks() if each.name != "sandbox"]
    assert lines[:-1] == described
    assert lines[-1].startswith("sandbox: str = ")


@by_looking
def test_what_is_asked_for_is_folded_away_so_that_the_answer_comes_first(path: Path) -> None:
    folded = [cell.metadata.get("jupyter", {}).get("source_hidden") for cell in cells(path)]
    assert folded == [True, True, *[None] * (len(folded) - 2)]
    assert cells(path)[2].source in {"choice.path()", "choice.overview()"}


@pytest.mark.parametrize(
    "path", [path for path in LOOKING if path.stem != "00_start_here"], ids=lambda path: path.stem
)
def test_a_notebook_works_a_pandas_step_on_the_frames_of_its_section(path: Path) -> None:
    frames = [
        output
        for cell in cells(path)
        for output in cell.outputs
        if 'class="dataframe"' in output.data.get("text/html", "")
    ]
    assert frames
    text = "".join(cell.source for cell in cells(path, "markdown"))
    assert "rumkit.columns(" in text


@by_looking
def test_all_that_is_displayed_is_of_one_look(path: Path) -> None:
    looks = {
        mark
        for cell in cells(path)
        for output in cell.outputs
        for mark in re.findall(r'data-look="(\w*)"', output.data.get("text/html", ""))
    }
    assert len(looks) == 1
    assert all(looks)


@by_notebook
def test_what_is_stored_stays_small_and_holds_no_library(path: Path) -> None:
    assert path.stat().st_size < 500_000


@by_notebook
def test_defaults_run_offline(path: Path) -> None:
    values = {
        node.target.id: node.value.value
        for node in ast.parse(cells(path)[0].source).body
        if isinstance(node, ast.AnnAssign)
    }
    assert values["sandbox"]
    assert not values.get("profile")


@by_notebook
def test_there_are_at_most_nine_code_cells_of_twelve_lines(path: Path) -> None:
    lengths = [len(cell.source.splitlines()) for cell in cells(path)]
    assert len(lengths) <= 9
    assert max(lengths[1:]) <= 12


@by_notebook
def test_each_cell_ends_in_one_displayed_object(path: Path) -> None:
    last = [ast.parse(cell.source).body[-1] for cell in cells(path)[1:]]
    assert [ast.unparse(node) for node in last if not isinstance(node, ast.Expr)] == []


@by_notebook
def test_no_cell_defines_tries_or_calls_aws(path: Path) -> None:
    banned = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda, ast.Try)
    trees = [ast.parse(cell.source) for cell in cells(path)]
    found = [node for tree in trees for node in ast.walk(tree) if isinstance(node, banned)]
    assert found == []
    assert "boto3" not in "".join(cell.source for cell in cells(path))


@by_notebook
def test_every_displayed_object_is_stored(path: Path) -> None:
    stored = [len(cell.outputs) for cell in cells(path)]
    assert stored == [0, *[1] * (len(stored) - 1)]


@by_notebook
def test_no_output_is_an_error(path: Path) -> None:
    kinds = {output.output_type for cell in cells(path) for output in cell.outputs}
    assert kinds <= {"execute_result", "display_data"}


@by_notebook
def test_nothing_that_varies_and_no_secret_is_stored(path: Path) -> None:
    stored = json.dumps([cell.outputs for cell in cells(path)])
    assert VARYING.findall(stored) == []


@by_notebook
def test_links_between_notebooks_lead_somewhere(path: Path) -> None:
    text = "".join(cell.source for cell in cells(path, "markdown"))
    linked = re.findall(r"\]\(([\w/]+\.ipynb)\)", text)
    assert [name for name in linked if not (FOLDER / name).is_file()] == []


@by_notebook
def test_names_are_snake_case(path: Path) -> None:
    assert re.fullmatch(r"[a-z0-9_]+\.ipynb", path.name)
