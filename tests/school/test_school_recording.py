"""The course's recording is what the sandbox answers, and holds nothing to hide."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from record_visit import FILE, record

import rumkit
from rumkit import school
from rumkit.model import BadInput
from rumkit.sandbox.runner import start


def test_the_file_is_what_the_sandbox_answers_today():
    assert json.loads(record()) == json.loads(FILE.read_text())


def test_it_holds_no_credentials():
    text = FILE.read_text()
    assert not re.search(
        r"ASIA|AKIA|authorization|security-token|secret|cookie\b", text, re.IGNORECASE
    )


def test_rumkit_finds_in_it_what_the_exercise_is_about(monkeypatch):
    with start("stored-credentials") as sandbox:
        for name, value in sandbox.variables.items():
            monkeypatch.setenv(name, value)
        found = rumkit.investigate(recording=str(FILE))
    assert found.root_cause == "stored-credentials"


def test_the_table_shows_the_refusal_and_no_call_for_credentials():
    shown = school.recorded(str(FILE)).html
    assert "5 recorded calls" in shown
    assert "assumed-role/RUM-Monitor-shop-web-blog-Unauth" in shown
    assert "cognito-identity" not in shown


def test_queries_and_bodies_of_a_learners_own_recording_are_not_shown(tmp_path):
    entry = {
        "request": {"method": "GET", "url": "https://a.example/x?token=CANARY"},
        "response": {"status": 500, "content": {"text": '{"password": "CANARY"}'}},
    }
    mine = tmp_path / "mine.har"
    mine.write_text(json.dumps({"log": {"entries": [entry]}}))
    shown = school.recorded(str(mine))
    assert "https://a.example/x" in shown.text
    assert "CANARY" not in shown.html + shown.text


@pytest.mark.parametrize("text", [None, "", "{}", '{"log": {"entries": [1]}}', '{"log": 3}'])
def test_what_is_no_recording_is_refused_in_a_sentence(tmp_path, text):
    file = tmp_path / "x.har"
    if text is not None:
        file.write_text(text)
    with pytest.raises(BadInput, match="not a recording"):
        school.recorded(str(file))
