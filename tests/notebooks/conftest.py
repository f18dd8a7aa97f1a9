"""Notebooks made for a test, and the examples of the views."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import nbformat
import pytest

sys.path.insert(0, str(Path(__file__).parent.parent / "show"))

if TYPE_CHECKING:
    from collections.abc import Callable

PARAMETERS = """monitor: str = ""  # app monitor
account: str = "000000000000"  # account
probe: bool = False  # send an event
sandbox: str = "some-scenario"  # practice scenario"""


@pytest.fixture
def notebook(tmp_path: Path) -> Callable[..., str]:
    """Return what writes a notebook of a parameters cell and these cells."""

    def write(*cells: str) -> str:
        made = nbformat.v4.new_notebook()
        made.metadata["kernelspec"] = {
            "display_name": "Python 3",
            "language": "python",
            "name": "python3",
        }
        made.metadata["language_info"] = {"name": "python"}
        made.cells = [nbformat.v4.new_code_cell(source) for source in (PARAMETERS, *cells)]
        made.cells[0].metadata["tags"] = ["parameters"]
        path = tmp_path / "small.ipynb"
        nbformat.write(made, path)
        return str(path)

    return write
