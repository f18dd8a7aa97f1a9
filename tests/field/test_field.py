"""Reports of the field, rebuilt, each with the answer that is right."""

from __future__ import annotations

import importlib
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from field_case import Case, faults_of_any, wrong_answers
from field_write import page

import rumkit
from rumkit import cli
from rumkit.checks import names
from rumkit.model import BadInput, Status

if TYPE_CHECKING:
    from rumkit.investigation import Investigation

# What is no table of cases.
_APART = {"field_case", "field_records", "field_write"}
KINDS = sorted({path.stem for path in Path(__file__).parent.glob("field_*.py")} - _APART)
CASES = {
    f"{kind.removeprefix('field_')}-{case.name}": case
    for kind in KINDS
    for case in importlib.import_module(kind).CASES
}


@pytest.fixture(autouse=True)
def _no_account(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "RUMKIT_MONITOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("HOME", str(tmp_path))


def _investigated(case: Case, folder: Path) -> Investigation:
    given = folder / "given"
    given.mkdir()
    return rumkit.investigate(**case.write(given))  # type: ignore[arg-type]


@pytest.mark.parametrize("name", CASES)
def test_the_answer_is_right(name: str, tmp_path: Path) -> None:
    case = CASES[name]
    found = _investigated(case, tmp_path)
    wrong = [*wrong_answers(case, found.to_dict()), *faults_of_any(found.findings)]
    assert str(found.verdict) in str(found).lower()
    assert not wrong, f"{case.report}\n" + "\n".join(wrong)


def test_a_console_alone_is_something_to_look_at(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = tmp_path / "console.txt"
    log.write_text("POST https://dataplane.rum.eu-west-1.amazonaws.com/appmonitors/6 403 ()\n")
    assert cli.main(["investigate", "--console", str(log), "--quiet"]) == 1
    assert "answers PutRumEvents with 403" in " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("s.chlsj", '[{"host": "a.example", "request": {"header": {}}}]', "is not a HAR"),
        ("curl.txt", "curl -v https://dataplane.rum.eu-west-1.amazonaws.com", "--console"),
        ("flow.mitm", "1234:9:websocket;0:~8:response;", "is not a HAR"),
        ("monitor.json", '{"AppMonitor": {"Name": "shop"}}', "has no log.entries"),
    ],
)
def test_a_file_of_another_kind_gets_one_clear_sentence(
    tmp_path: Path, name: str, text: str, says: str
) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(BadInput, match=re.escape(says)):
        rumkit.investigate(recording=str(tmp_path / name))


def test_a_folder_in_which_two_files_start_the_client_is_refused_with_their_names(
    tmp_path: Path,
) -> None:
    for name in ("src/rum.ts", "src/old/rum.js", "node_modules/aws-rum-web/index.js"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("new AwsRum('a', '1', 'eu-west-1', {});", encoding="utf-8")
    with pytest.raises(BadInput, match=r"2 files that start .*: src/(old/)?rum\.[jt]s, src/"):
        rumkit.investigate(source=str(tmp_path))


def test_a_condition_of_the_start_is_on_the_screen(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    case = CASES["guards-flag-of-launchdarkly"]
    assert cli.main(["investigate", "--page", case.write(tmp_path)["page"], "--quiet"]) == 3
    assert "OPEN The client starts only under" in " ".join(capsys.readouterr().out.split())


def test_each_kind_has_its_cases() -> None:
    for kind in KINDS:
        assert len(importlib.import_module(kind).CASES) >= 8, kind


@pytest.mark.parametrize(
    "text", ["", "<!doctype html>", '{"log": {}}', '{"log": {"entries": [{"req']
)
def test_an_unreadable_recording_loses_nothing_that_the_page_tells(
    tmp_path: Path, text: str
) -> None:
    (tmp_path / "page.html").write_text(page(), encoding="utf-8")
    (tmp_path / "shop.har").write_text(text, encoding="utf-8")
    found = rumkit.investigate(
        page=str(tmp_path / "page.html"), recording=str(tmp_path / "shop.har")
    )
    said = {each.check: each for each in found.findings}
    assert said[names.SNIPPET_PRESENT].status is Status.PASS
    assert said[names.EVENTS_ARRIVING].status is Status.UNKNOWN
    assert "shop.har" in said[names.EVENTS_ARRIVING].summary


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('{"eventVersion": "1.09", "eventTime": "2026-03-01T09:00:00Z", "eventName": "GetId"}',
         "--since 2026-03-01T09:00:00Z"),
        ("{'eventName': 'GetId'}", "could not be read"),
    ],
)  # fmt: skip
def test_files_of_a_trail_alone_without_a_record_of_the_window_are_refused_with_the_way(
    tmp_path: Path, text: str, says: str
) -> None:
    (tmp_path / "event.json").write_text(text, encoding="utf-8")
    with pytest.raises(BadInput, match=re.escape(says)):
        rumkit.investigate(trail=str(tmp_path / "event.json"))


def test_the_command_line_takes_a_record_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    case = CASES["answers-record-alone"]
    given = case.write(tmp_path)
    options = [word for name, value in given.items() for word in (f"--{name}", value)]
    assert cli.main(["investigate", *options, "--quiet"]) == 1
    assert "does not know" in " ".join(capsys.readouterr().out.split())
