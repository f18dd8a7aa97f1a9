"""The published web client, in a real browser, on the sandbox's pages: rumkit says what is so."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from headless import CHROMIUM
from real_client_browser import Recorded, record
from real_client_bundles import Unavailable, bundles, missing
from real_client_cases import CASES, SANITISED, Case, expected

import rumkit
from rumkit.model import Status

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from rumkit.investigation import Investigation

pytestmark = [
    pytest.mark.browser,
    # All pages are visited side by side by one browser, so one process runs all the tests; the
    # other browsers' tests come after them there, since what is recorded needs a calm machine.
    pytest.mark.xdist_group("browser"),
    pytest.mark.timeout(600),
]
if why := missing() if CHROMIUM.exists() else f"there is no Chromium at {CHROMIUM}":
    pytest.skip(why, allow_module_level=True)


each_case = pytest.mark.parametrize("case", CASES, ids=str)


@pytest.fixture(scope="module")
def recorded(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Mapping[Case, Recorded]:
    """Visit the pages of the selected tests, once."""
    try:
        bundles()
    except Unavailable as why:
        pytest.skip(str(why))
    wanted = {
        item.callspec.params["case"]
        for item in request.session.items
        if item.path == request.path and hasattr(item, "callspec")
    }
    folder = tmp_path_factory.mktemp("real-client")
    return record([case for case in CASES if case in wanted], folder)


@pytest.fixture(autouse=True)
def no_aws(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Leave nothing by which AWS could be asked."""
    for name in [n for n in os.environ if n.startswith(("AWS_", "RUMKIT_"))]:
        monkeypatch.delenv(name)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_recording_shows_the_cause(case: Case, recorded: Mapping[Case, Recorded]) -> None:
    assert_shown(rumkit.investigate(recording=str(recorded[case].har), trail="none"), case)


@pytest.mark.parametrize("case", SANITISED, ids=str)
def test_the_export_without_sensitive_data_shows_it_too(
    case: Case, recorded: Mapping[Case, Recorded]
) -> None:
    assert_shown(rumkit.investigate(recording=str(recorded[case].sanitised), trail="none"), case)


@each_case
def test_the_sandbox_answers_the_client_as_the_cause_has_it(
    case: Case, recorded: Mapping[Case, Recorded]
) -> None:
    site = recorded[case].site
    assert site.world.defects == []
    answers = set(site.puts())
    assert answers == expected(case).answers
    assert bool(site.world.accepted) == (200 in answers)


def assert_shown(found: Investigation, case: Case) -> None:
    cause = expected(case).cause
    assert found.root_cause == cause, found
    if cause is None:
        failed = [each.check for each in found.findings if each.status is Status.FAIL]
        arriving = found.finding("events-arriving")
        assert failed == []
        sent = bool(expected(case).answers)
        assert arriving.status in ({Status.PASS, Status.WARN} if sent else {Status.UNKNOWN})
