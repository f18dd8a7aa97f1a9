"""Real browsers visit the sandbox's pages through the recorder: the recording names the cause."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
import real_client_bundles
from real_client_cases import EVERYTHING
from recorder_visits import BROWSERS, BY_NAME, SLICE, cause_of, missing, record_cases

import rumkit
from rumkit.client.recording import read_recording
from rumkit.model import Status

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from real_client_front import Site

pytestmark = [pytest.mark.browser, pytest.mark.timeout(3600), pytest.mark.xdist_group("browser")]
if why := real_client_bundles.missing():
    pytest.skip(why, allow_module_level=True)

ALL = bool(os.environ.get("RUMKIT_RECORD_ALL"))
# Every scenario with an old, a middle and the newest client; what is about one client, with it.
WHOLE = [str(case) for case in EVERYTHING]
CASES = [(b, name) for b in BROWSERS for name in (WHOLE if ALL else SLICE[b])]
# What a browser's recording cannot show, and why; every other scenario it must name.
NOT_SHOWN = {
    "custom-events": "RUM answers 200 whatever becomes of the event",
    "xray-joined": "the trace is joined, or not, on the server",
    "xray-monitor-off": "RUM answers 200, and keeps the segments to itself",
}


@pytest.fixture(scope="module")
def recorded(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str, str], tuple[Path, Site]]:
    """Return what finds a recording; each browser starts once, for all that is selected."""
    try:
        real_client_bundles.bundles()
    except real_client_bundles.Unavailable as why:
        pytest.skip(str(why))
    wanted: dict[str, dict[str, None]] = {}
    for item in request.session.items:
        if item.path == request.path and "name" in getattr(item, "callspec", item).__dict__.get(
            "params", {}
        ):
            params = item.callspec.params
            wanted.setdefault(params["browser"], {})[params["name"]] = None
    done: dict[str, dict[str, tuple[Path, Site]]] = {}

    def find(browser: str, name: str) -> tuple[Path, Site]:
        if browser not in done:
            if why := missing(browser):
                pytest.skip(why)
            cases = [BY_NAME[each] for each in wanted[browser]]
            done[browser] = record_cases(browser, cases, tmp_path_factory.mktemp(browser))
        return done[browser][name]

    return find


@pytest.fixture(autouse=True)
def no_aws(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in [n for n in os.environ if n.startswith(("AWS_", "RUMKIT_"))]:
        monkeypatch.delenv(name)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


@pytest.mark.parametrize(("browser", "name"), CASES)
def test_the_recording_alone_names_the_cause(browser, name, recorded):
    file, _ = recorded(browser, name)
    found = rumkit.investigate(recording=str(file), trail="none")
    cause = cause_of(BY_NAME[name])
    assert found.root_cause == cause, found
    if cause is None and name.rpartition("-")[0] not in NOT_SHOWN:
        assert [each.check for each in found.findings if each.status is Status.FAIL] == []


@pytest.mark.parametrize(("browser", "name"), [(b, SLICE[b][0]) for b in BROWSERS])
def test_a_healthy_page_is_recorded_with_everything_beside(browser, name, recorded):
    file, site = recorded(browser, name)
    recording = read_recording(file)
    seen = [call.status for call in recording.of("PutRumEvents")].count(200)
    # What goes out at the moment in which the page is left, a busy machine tells too late.
    assert 2 <= seen <= len(site.puts()) <= seen + 1
    assert recording.storage.sessions[0].record is True
    assert recording.storage.credentials[0].has_secret_key
    assert recording.storage.identity == "present"
    assert recording.storage.stub is False
    assert recording.meta.states[0].queue == 0
    assert recording.notes == ()
