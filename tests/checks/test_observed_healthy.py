"""What looks odd in a recording and is healthy is no fault."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from har_builder import EXPORTERS, SITE, Har
from har_schema import PLANE, causes, evaluated, started

from rumkit.model import Status

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

HEALTHY: dict[str, Callable[[], Har]] = {
    "two batches": lambda: Har().healthy(),
    "basic flow": lambda: started().get_id().open_id_token().sts().put(wait=5),
    "npm build without a script": lambda: Har().document().get_id().credentials().put(wait=5),
    "second load with stored credentials": lambda: Har().healthy().document(f"{SITE}/b")
    .client(cache="memory").put(wait=5),
    "second load left at once": lambda: Har().healthy().document(f"{SITE}/b").client(),
    "short recording": lambda: started().get_id().credentials(),
    "reading aborted after success": lambda: started().get_id(net="net::ERR_ABORTED")
    .credentials().put(wait=5),
    "request under way at the end": lambda: Har().healthy().put(0, wait=5),
    "beacon aborted while leaving": lambda: Har().healthy().beacon(0, net="net::ERR_ABORTED"),
    "preflight after its request": lambda: Har().healthy().preflight(PLANE, "authorization", "*"),
    "unsigned and accepted": lambda: started("3.2.0").put(signed=False, wait=5),
    "pool in another region": lambda: started().get_id().credentials().put(
        wait=5, host="dataplane.rum.us-east-2.amazonaws.com", scope="us-east-2"
    ),
    "custom endpoint": lambda: started().put(host="rum.shop.example", wait=5),
    "recording begun late": lambda: Har().put(wait=5).put(wait=5),
    "api calls before the client": lambda: Har().document().api().client().get_id().credentials()
    .put(wait=5, types=("page_view_event", "xray_trace_event")),
    "trace header sent": lambda: started().wait(1).api(trace="x-amzn-trace-id").put(
        wait=5, types=("xray_trace_event",)
    ),
    "trace header allowed": lambda: Har().healthy().preflight(
        "https://api.other.example/x", "x-amzn-trace-id", "X-Amzn-Trace-Id"
    ),
    "other script missing": lambda: Har().healthy().add("GET", f"{SITE}/x.js", 404, kind="script"),
    "api failing": lambda: Har().healthy().add("POST", f"{SITE}/api/x", 403),
}  # fmt: skip


@pytest.mark.parametrize("case", HEALTHY)
def test_a_healthy_recording_has_no_fault(case: str, tmp_path: Path) -> None:
    verdicts = evaluated(HEALTHY[case](), tmp_path)
    assert [c for c, v in verdicts.items() if v.status is Status.FAIL] == []


@pytest.mark.parametrize("exporter", EXPORTERS)
def test_a_healthy_recording_of_any_exporter_passes(exporter: str, tmp_path: Path) -> None:
    verdicts = evaluated(Har(exporter).healthy(), tmp_path)
    assert verdicts["events-arriving"].status is Status.PASS
    assert causes(verdicts) == []


def test_acceptance_is_not_called_storage(tmp_path: Path) -> None:
    summary = evaluated(Har().healthy(), tmp_path)["events-arriving"].summary
    assert "accepted 2" in summary
    assert "stored" in summary


def test_silence_alone_is_unknown_and_names_what_to_look_at(tmp_path: Path) -> None:
    verdicts = evaluated(started().get_id().credentials().wait(20).api(), tmp_path)
    assert verdicts["events-arriving"].status is Status.UNKNOWN
    sampling = verdicts["session-sample-rate"]
    assert sampling.status is Status.UNKNOWN
    assert "cwr_s" in sampling.summary
    assert "no entry" in verdicts["csp-connect"].summary
    assert causes(verdicts) == []


@pytest.mark.parametrize(
    ("net", "words"),
    [
        ("net::ERR_BLOCKED_BY_CLIENT", "content blocker"),
        ("net::ERR_INTERNET_DISCONNECTED", "was offline"),
        ("NS_ERROR_CONNECTION_REFUSED", "refused the connection"),
    ],
)
def test_what_keeps_events_in_the_browser_is_a_symptom_with_its_reason(
    net: str, words: str, tmp_path: Path
) -> None:
    verdicts = evaluated(started().get_id().credentials().put(0, net=net, wait=5), tmp_path)
    assert causes(verdicts) == []
    assert verdicts["events-arriving"].status is Status.FAIL
    assert words in verdicts["events-arriving"].summary


def test_an_error_of_the_service_is_a_symptom_with_its_status(tmp_path: Path) -> None:
    verdicts = evaluated(started().credentials().put(503, wait=5), tmp_path)
    assert causes(verdicts) == []
    assert "503" in verdicts["events-arriving"].summary


@pytest.mark.parametrize("check", ["session-sample-rate", "csp-connect"])
def test_silence_that_has_a_cause_raises_no_other_question(check: str, tmp_path: Path) -> None:
    har = started().get_id(400, "ResourceNotFoundException", "no").wait(20).api()
    assert check not in evaluated(har, tmp_path)
