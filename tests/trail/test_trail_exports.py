"""What people export of a trail: which texts are tables, and what their cells become."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from rumkit.model import BadInput
from rumkit.trail.exports import read_export
from rumkit.trail.files import trail_files

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("2026-03-01T09:00:00Z", "2026-03-01T09:00:00Z"),
        ("2026-03-01 09:00:00.000", "2026-03-01T09:00:00Z"),
        ("2026-03-01 09:00:00.000 UTC", "2026-03-01T09:00:00Z"),
        ('"March 01, 2026, 09:00:00 (UTC+00:00)"', "2026-03-01T09:00:00Z"),
        ('"March 1, 2026, 9:00:00 PM"', "2026-03-01T21:00:00Z"),
        ('"3/1/2026, 9:00:00.000 AM"', "2026-03-01T09:00:00Z"),
        ("1772355600000", "2026-03-01T09:00:00Z"),
    ],
)
def test_a_moment_is_read_as_consoles_write_it(written: str, moment: str) -> None:
    export = read_export(f"Event name,Event time\nGetId,{written}\n".encode())
    assert export is not None
    assert json.loads(export.lines)["eventTime"] == moment


@pytest.mark.parametrize(
    "text", ["", "a,b\n1,2\n", '{"Records": []}', "eventNames are these: GetId, PutRumEvents"]
)
def test_what_is_no_export_is_left_to_the_scanner(text: str) -> None:
    assert read_export(text.encode()) is None


@pytest.mark.parametrize("end", ["", ",", "\n}", "\n},\n"])
def test_a_record_gets_the_braces_back_that_were_left_behind(end: str) -> None:
    text = '"eventName": "GetId",\n"tlsDetails": {"tlsVersion": "TLSv1.3"}'
    export = read_export(f"{text}{end}".encode())
    assert export is not None
    assert json.loads(export.lines)["tlsDetails"] == {"tlsVersion": "TLSv1.3"}


def test_a_cell_beyond_all_bounds_ends_the_table_and_nothing_else() -> None:
    rows = f"eventName,errorMessage\nGetId,x\nGetId,{'y' * 2_000_000}\n"
    export = read_export(rows.encode())
    assert export is not None
    assert export.lines.count(b"GetId") == 1


@pytest.mark.parametrize("text", ["", "a,b\n1,2\n", "<!doctype html><p>Sign in</p>"])
def test_a_file_in_which_nothing_can_be_a_record_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "trail.csv").write_text(text, encoding="utf-8")
    with pytest.raises(BadInput, match="holds no CloudTrail record"):
        trail_files(str(tmp_path / "trail.csv"))


def test_a_digest_beside_a_trails_files_is_refused_for_what_it_is(tmp_path: Path) -> None:
    digest = tmp_path / "111122223333_CloudTrail-Digest_eu-west-1.json.gz"
    digest.write_bytes(b"")
    with pytest.raises(BadInput, match="CloudTrail-Digest, which holds no call"):
        trail_files(str(digest))
