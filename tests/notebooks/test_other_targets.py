"""The notebooks show what the parameters name, without an edit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import nbformat
import pytest

from rumkit.model import BadInput
from rumkit.report import run_report

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.notebooks


@pytest.mark.parametrize(
    ("notebook", "scenario"),
    [
        ("returns_403", "signing"),
        ("token_vending", "classic-flow"),
        ("events_not_sent", "snippet-present"),
    ],
)
def test_another_scenario_has_its_own_cause(notebook: str, scenario: str, tmp_path: Path) -> None:
    made = run_report(notebook, {"sandbox": scenario}, tmp_path, timeout=120)
    assert made.investigation.root_cause == scenario


def test_a_shorter_window_is_the_one_that_is_looked_at(tmp_path: Path) -> None:
    given = {"since": "1h", "sandbox": "guest-role-permission"}
    made = run_report("when_did_it_stop", given, tmp_path, timeout=120)
    assert made.investigation.target["since"] == "2026-03-02T08:00:00Z"
    plotted = nbformat.read(made.paths["notebook"], as_version=4)
    # The fault is older than this window, which the whole day's outputs do not say.
    assert "Neither silence nor denials begin within this window" in str(plotted.cells)


def test_a_scenario_that_does_not_exist_is_bad_input(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"^There is no scenario 'nope'"):
        run_report("health_report", {"sandbox": "nope"}, tmp_path, timeout=120)


def test_a_source_file_is_looked_at_as_it_was_named(tmp_path: Path) -> None:
    source = tmp_path / "rum.ts"
    source.write_text(
        "import { AwsRum } from 'aws-rum-web';\n"
        "new AwsRum('7c2cb9e5-697c-5dc5-a36b-e79cc42832c3', '1.0.0', 'eu-west-1',"
        " { sessionSampleRate: 0 });\n"
    )
    given = {"source": str(source), "trail": "none"}
    made = run_report("events_not_sent", given, tmp_path / "out", timeout=120)
    assert made.investigation.target["source"] == str(source)
    assert made.investigation.finding("session-sample-rate").status == "fail"
