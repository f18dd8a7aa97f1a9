"""`rumkit notebooks FOLDER` copies everything, and replaces nothing without saying."""

from __future__ import annotations

from pathlib import Path

import pytest

from rumkit import cli
from rumkit.model import BadInput
from rumkit.report import notebook_folder
from rumkit.report_copy import copy_notebooks

SOURCE = Path(__file__).parents[2] / "notebooks"


def files(folder: Path) -> dict[str, bytes]:
    skipped = (".ipynb_checkpoints", "__pycache__")
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and not any(part in skipped for part in path.parts)
    }


def test_the_copy_holds_notebooks_pictures_and_the_course(tmp_path: Path) -> None:
    assert copy_notebooks(tmp_path / "new").kept == ()
    assert files(tmp_path / "new") == files(SOURCE)


def test_a_file_that_differs_is_kept_and_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    copy_notebooks(tmp_path)
    mine = tmp_path / "returns_403.ipynb"
    mine.write_text("mine")
    assert cli.main(["notebooks", str(tmp_path)]) == 0
    assert mine.read_text() == "mine"
    assert "kept      returns_403.ipynb" in capsys.readouterr().out


def test_overwriting_is_asked_for_and_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    copy_notebooks(tmp_path)
    (tmp_path / "returns_403.ipynb").write_text("mine")
    assert cli.main(["notebooks", str(tmp_path), "--overwrite"]) == 0
    assert files(tmp_path) == files(SOURCE)
    assert "replaced  returns_403.ipynb" in capsys.readouterr().out


def test_a_link_is_replaced_and_what_it_leads_to_is_left(tmp_path: Path) -> None:
    outside = tmp_path / "outside.txt"
    outside.write_text("mine")
    folder = tmp_path / "copy"
    folder.mkdir()
    (folder / "returns_403.ipynb").symlink_to(outside)
    copy_notebooks(folder, overwrite=True)
    assert outside.read_text() == "mine"


def test_the_notebooks_are_not_copied_onto_themselves() -> None:
    with pytest.raises(BadInput, match="another folder"):
        copy_notebooks(notebook_folder())


def test_a_folder_that_cannot_be_made_is_bad_input(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(BadInput, match="can't be written"):
        copy_notebooks(tmp_path / "file" / "below")
