"""A file appears whole, whoever else writes it; a folder goes with its process."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor

import pytest

from rumkit.temporary import own_folder, write_whole


def test_writers_side_by_side_leave_one_whole_file(tmp_path):
    target = tmp_path / "case.json"
    texts = [sign * 200_000 for sign in "abcdefgh"]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda text: write_whole(target, text), texts * 4))
    assert target.read_text() in texts
    assert [each.name for each in tmp_path.iterdir()] == ["case.json"]


def test_what_can_t_be_written_leaves_nothing_behind(tmp_path):
    (tmp_path / "folder").mkdir()
    with pytest.raises(OSError, match="folder"):
        write_whole(tmp_path / "folder", "x")
    assert [each.name for each in tmp_path.iterdir()] == ["folder"]
    with pytest.raises(OSError, match="none"):
        write_whole(tmp_path / "none" / "case.json", "x")


def test_a_name_of_the_greatest_length_can_be_written(tmp_path):
    write_whole(tmp_path / ("x" * 255), b"whole")
    assert (tmp_path / ("x" * 255)).read_bytes() == b"whole"


def test_a_folder_of_a_process_that_is_gone_is_removed(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    gone = tmp_path / f"rumkit-recording-{2**22 + 1}-x"
    gone.mkdir()
    own = own_folder("rumkit-recording-")
    assert own.name.startswith(f"rumkit-recording-{os.getpid()}-")
    assert not gone.exists()
    assert own_folder("rumkit-recording-") != own
    assert own.is_dir()
