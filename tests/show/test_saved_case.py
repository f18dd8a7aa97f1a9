"""A saved investigation comes back as it was; anything else is one clear sentence."""

from __future__ import annotations

import json

import pytest
from examples import broken

from rumkit import case
from rumkit.model import BadInput


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("not json", "is not JSON"),
        ("[" * 100_000, "is not JSON"),
        ("[]", "has no findings"),
        ('{"log": {"entries": []}}', "has no findings"),
        ('{"schema": 99, "findings": []}', "schema"),
        ('{"schema": 1, "findings": [{}]}', "not an investigation"),
        ('{"schema": 1, "findings": ' + "[" * 600 + "]" * 600 + "}", "nested too deeply"),
    ],
)
def test_what_is_no_saved_investigation_is_said(tmp_path, text, words):
    path = tmp_path / "case.json"
    path.write_text(text)
    with pytest.raises(BadInput, match=words):
        case.load(path)


def test_a_missing_file_and_an_unwritable_folder_are_bad_input(tmp_path):
    with pytest.raises(BadInput, match="No such file"):
        case.load(tmp_path / "none.json")
    with pytest.raises(BadInput, match="can't be written"):
        case.save(broken(), tmp_path / "none" / "case.json")


def test_it_comes_back_as_it_was(tmp_path):
    path = case.save(broken(), tmp_path / "case.json")
    assert case.load(path).to_dict() == broken().to_dict()
    assert json.loads(path.read_text())["root_cause"] == broken().root_cause
    assert [file.name for file in tmp_path.iterdir()] == ["case.json"]
