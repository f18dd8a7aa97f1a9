"""Storage in the shapes in which people get it, as data, with its right reading."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from har_builder import Har

from rumkit.client.har.storage import storage_from_texts
from rumkit.client.recording import read_recording
from rumkit.model import BadInput

CASES = json.loads((Path(__file__).parent / "data" / "storages.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_a_storage_is_read(case: dict[str, Any]) -> None:
    kept = storage_from_texts([case["text"]])
    assert (kept.local_seen, kept.cookies_seen) == (case["local"], case["cookies"])
    counts = [session.event_count for session in kept.sessions]
    assert counts == ([case["session"]] if case["session"] is not None else [])
    assert (kept.identity, len(kept.credentials)) == (case["identity"], case["credentials"])
    assert all(c.has_secret_key and c.expiration for c in kept.credentials)
    assert len(kept.notes) == case["notes"]
    assert "CANARY" not in repr(kept)


def test_two_files_are_one_storage(tmp_path: Path) -> None:
    by_name = {case["name"]: case["text"] for case in CASES}
    for name, shape in (("a.txt", "document.cookie"), ("b.json", "JSON.stringify(localStorage)")):
        (tmp_path / name).write_text(by_name[shape], encoding="utf-8")
    har = Har().healthy().write(tmp_path)
    kept = read_recording(har, storage=[tmp_path / "a.txt", tmp_path / "b.json"]).storage
    assert kept is not None
    assert (kept.local_seen, kept.cookies_seen) == (True, True)


def test_a_storage_that_nobody_can_use_is_said_once(tmp_path: Path) -> None:
    (tmp_path / "shop.storage.json").write_text("[1, 2, 3]", encoding="utf-8")
    notes = read_recording(Har().healthy().write(tmp_path)).notes
    assert len([note for note in notes if "storage" in note]) == 1


def test_a_storage_that_can_not_be_opened_is_bad_input(tmp_path: Path) -> None:
    har = Har().healthy().write(tmp_path)
    with pytest.raises(BadInput, match="missing"):
        read_recording(har, storage=tmp_path / "missing.json")


@pytest.mark.parametrize("text", ["[" * 10_000, '"' * 10_000, "=" * 100_000, "cwr_s\t" * 10_000])
def test_a_hostile_storage_ends_soon(text: str) -> None:
    assert storage_from_texts([text]).credentials == ()


@pytest.mark.parametrize("text", ["x9f/Q2==\nAAAA", "[1, 2, 3]", ""])
def test_a_storage_alone_in_no_known_form_is_bad_input_that_says_how_to_save_one(
    tmp_path: Path, text: str
) -> None:
    (tmp_path / "junk.txt").write_text(text, encoding="utf-8")
    with pytest.raises(BadInput, match="neither cookies nor local storage"):
        read_recording(None, storage=tmp_path / "junk.txt")


def test_a_storage_of_no_known_form_takes_nothing_from_the_console_beside_it(
    tmp_path: Path,
) -> None:
    (tmp_path / "junk.txt").write_text("x9f/Q2==", encoding="utf-8")
    (tmp_path / "console.txt").write_text("[Log] ready", encoding="utf-8")
    log = read_recording(None, console=tmp_path / "console.txt", storage=tmp_path / "junk.txt")
    assert log.console is not None
    assert any("neither cookies nor local storage" in note for note in log.notes)
