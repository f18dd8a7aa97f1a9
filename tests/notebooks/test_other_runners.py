"""The notebooks run by what others run notebooks with, from a folder that is not ours."""

from __future__ import annotations

import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import nbformat
import pytest
from browsers import NOTEBOOKS
from renew import surroundings

from rumkit.report_export import investigation_of

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.notebooks
_SECONDS = 240


def stranger(folder: Path) -> dict[str, str]:
    """Return an environment with a home and a working folder of somebody else's.

    Nothing says that the run is headless: these runners do not know that word.
    """
    known = surroundings() | {"HOME": str(folder)}
    del known["RUMKIT_HEADLESS"]
    return known


def errors(made: Any) -> list[str]:
    outputs = [output for cell in made.cells for output in cell.get("outputs", [])]
    return [output.ename for output in outputs if output.output_type == "error"]


def test_papermill_from_another_folder(tmp_path: Path) -> None:
    source = NOTEBOOKS / "returns_403.ipynb"
    subprocess.run(
        [
            *(sys.executable, "-m", "papermill", "--no-progress-bar", "--execution-timeout", "120"),
            *("-p", "sandbox", "signing", str(source), "out.ipynb"),
        ],
        cwd=tmp_path,
        env=stranger(tmp_path),
        check=True,
        capture_output=True,
        timeout=_SECONDS,
    )
    made = nbformat.read(tmp_path / "out.ipynb", as_version=4)
    assert errors(made) == []
    assert investigation_of(made).root_cause == "signing"


# What jupyter-scheduler does with a job: a copy in a staging folder, parameters in a cell after the
# tagged one, nbconvert's preprocessor with the widgets' state kept. Source: its executors.py.
_SCHEDULER = """
import sys, nbformat
from nbconvert.preprocessors import ExecutePreprocessor
staged, folder = sys.argv[1:]
made = nbformat.read(staged, as_version=4)
at = next(n for n, cell in enumerate(made.cells) if "parameters" in cell.metadata.get("tags", []))
made.cells.insert(at + 1, nbformat.v4.new_code_cell('sandbox = "signing"'))
engine = ExecutePreprocessor(
    kernel_name=made.metadata.kernelspec["name"], store_widget_state=True, cwd=folder, timeout=120
)
engine.preprocess(made, {"metadata": {"path": folder}})
nbformat.write(made, staged)
"""


def test_the_way_of_jupyter_scheduler(tmp_path: Path) -> None:
    staged = tmp_path / "staging" / "health_report.ipynb"
    staged.parent.mkdir()
    shutil.copy(NOTEBOOKS / "health_report.ipynb", staged)
    subprocess.run(
        [sys.executable, "-c", _SCHEDULER, str(staged), str(staged.parent)],
        cwd=tmp_path,
        env=stranger(tmp_path),
        check=True,
        capture_output=True,
        timeout=_SECONDS,
    )
    made = nbformat.read(staged, as_version=4)
    assert errors(made) == []
    assert investigation_of(made).root_cause == "signing"
