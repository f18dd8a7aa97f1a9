"""The exercise in a real browser: its console names the fault, and is quiet once it is mended."""

from __future__ import annotations

import pytest

from rumkit import practice, school
from rumkit.school import browser
from rumkit.school.playing import find, take


@pytest.fixture
def exercise(monkeypatch):
    monkeypatch.setenv("RUMKIT_HEADLESS", "1")
    yield school.begin(14)
    practice.leave()


@pytest.mark.browser
def test_the_console_names_the_fault_until_it_is_mended(exercise):
    before = exercise.visit().text
    take(exercise, find(14).right)
    after = exercise.visit().text
    assert "insertBefore" in before
    assert "client.rum.us-east-1" not in before
    assert "insertBefore" not in after
    assert "GET https://client.rum.us-east-1.amazonaws.com/1.x/cwr.js" in after


def test_without_a_browser_it_says_what_is_needed(monkeypatch):
    monkeypatch.setattr("rumkit.isolated.which", lambda _: None)
    assert "needs Chrome" in browser.visit("https://www.shop.example/").text


@pytest.mark.browser
def test_the_visit_can_be_saved_and_read_like_any_recording(exercise, tmp_path):
    from rumkit.client.recording import read_recording

    file = tmp_path / "visit.rum.zip"
    browser.visit(school.page().url, file)
    recording = read_recording(file)
    assert recording.documents[0].html
    assert recording.console.uncaught == 1
