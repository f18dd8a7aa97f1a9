"""Notebooks made for a test, and the examples of the views."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nbformat
import pytest
from browsers import chromium, fresh_copies, jupyterlab, voila

sys.path.insert(0, str(Path(__file__).parent.parent / "show"))

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PARAMETERS = """monitor: str = ""  # app monitor
account: str = "000000000000"  # account
probe: bool = False  # send an event
sandbox: str = "some-scenario"  # practice scenario"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Return a Chromium; each test has a context of its own."""
    with chromium() as running:
        yield running


@pytest.fixture(scope="session")
def _lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    folder = tmp_path_factory.mktemp("lab")
    with jupyterlab(folder) as address:
        yield address, folder


@pytest.fixture
def lab(_lab: tuple[str, Path]) -> Iterator[tuple[str, Path]]:
    """Return the address and the folder of copies of the notebooks that nobody has opened yet."""
    address, folder = _lab
    with fresh_copies(address, folder) as copies:
        yield copies


@pytest.fixture(scope="session")
def voila_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the address of notebooks in Voila, which keeps nothing of a visit."""
    with voila(tmp_path_factory.mktemp("voila")) as served:
        yield served


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
