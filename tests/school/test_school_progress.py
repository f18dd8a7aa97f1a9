"""How far a learner has come is kept between notebooks, and never in the way."""

from __future__ import annotations

import pytest

from rumkit import school
from rumkit.school import progress


@pytest.fixture
def file(tmp_path, monkeypatch):
    monkeypatch.delenv("RUMKIT_HEADLESS", raising=False)
    monkeypatch.setenv("RUMKIT_SCHOOL", str(tmp_path / "deep" / "school.json"))
    return tmp_path / "deep" / "school.json"


def test_what_was_done_is_kept(file):
    progress.note(4, begun=True)
    progress.note(4, hints=2)
    progress.note(4, done=True)
    assert progress.read() == {4: progress.ProgressStep(begun=True, hints=2, done=True)}


def test_the_course_shows_it(file):
    progress.note(2, begun=True, done=True, hints=1)
    progress.note(3, begun=True)
    shown = school.course().text
    assert "14 exercises, 1 done" in shown
    assert "✓ done, 1 hint" in shown


def test_a_headless_run_keeps_and_shows_nothing(file, monkeypatch):
    progress.note(2, begun=True, done=True)
    monkeypatch.setenv("RUMKIT_HEADLESS", "1")
    progress.note(3, begun=True)
    assert "0 done" in school.course().text
    monkeypatch.delenv("RUMKIT_HEADLESS")
    assert list(progress.read()) == [2]


@pytest.mark.parametrize("text", ["", "no json", "[1]", '{"x": {}}', '{"1": 3}', '{"1": null}'])
def test_a_spoilt_file_knows_nothing_and_is_mended(file, text):
    file.parent.mkdir()
    file.write_text(text)
    assert progress.read() == {}
    progress.note(1, begun=True)
    assert progress.read() == {1: progress.ProgressStep(begun=True)}


def test_where_nothing_can_be_written_nothing_fails(tmp_path, monkeypatch):
    monkeypatch.delenv("RUMKIT_HEADLESS", raising=False)
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("RUMKIT_SCHOOL", str(tmp_path / "file" / "school.json"))
    progress.note(1, begun=True)
    assert progress.read() == {}
