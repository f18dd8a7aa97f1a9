"""Each reply has its author, each silence its reason: cases as data, in the shapes of exporters."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from har_builder import Har, entry

from rumkit.client.har.conversation import Kind
from rumkit.client.recording import read_recording

DATA = Path(__file__).parent / "data"
ANSWERS = json.loads((DATA / "answers.json").read_text(encoding="utf-8"))
SILENCES = json.loads((DATA / "silences.json").read_text(encoding="utf-8"))


def _named(case: dict[str, Any]) -> str:
    return str(case["name"])


def _read(folder: Path, *entries: dict[str, Any], page: str = "https://www.shop.example/"):
    har = Har().document(page)
    har.entries += entries
    return read_recording(har.write(folder))


@pytest.mark.parametrize("case", ANSWERS, ids=_named)
def test_the_author_of_a_reply(case: dict[str, Any], tmp_path: Path) -> None:
    headers = case.get("headers", {})
    content = {"mimeType": headers.get("content-type", ""), "text": case.get("body", "")}
    listed = [{"name": name, "value": value} for name, value in headers.items()]
    response = {"status": case["status"], "headers": listed, "content": content}
    made = entry(
        case["url"],
        case.get("method", "POST"),
        _resourceType=case.get("kind", "fetch"),
        response={**response, **case.get("response", {})},
        **case.get("entry", {}),
    )
    (call,) = _read(tmp_path, made).calls[1:]
    assert (call.author, call.accepted) == (case["author"], case["accepted"])
    assert case["mark"] in call.author_mark
    assert len(call.author_mark) <= 120
    assert call.author_mark.isprintable()


@pytest.mark.parametrize("case", SILENCES, ids=_named)
def test_the_reason_of_a_silence(case: dict[str, Any], tmp_path: Path) -> None:
    made = [entry(**fields) for fields in case["entries"]]
    page = case.get("page", "https://www.shop.example/")
    call = next(c for c in _read(tmp_path, *made, page=page).calls if c.index == 2)
    assert call.silence is not None
    assert call.silence.kind == case["kind"]
    assert call.silence.certain is case.get("certain", True)
    assert call.silence.host_possible is case.get("possible")
    assert call.silence.text
    assert not call.ok
    assert call.pending is (case["kind"] in ("still-open", "aborted-by-navigation"))


def test_a_refusal_that_the_page_may_not_read_is_still_awss(tmp_path: Path) -> None:
    har = Har().document().put(403, "AccessDeniedException", "no", net="net::ERR_FAILED")
    call = read_recording(har.write(tmp_path)).calls[-1]
    assert (call.author, call.silence, call.failed) == ("aws", None, True)


def test_a_reply_that_the_browser_withheld_is_not_good(tmp_path: Path) -> None:
    har = Har().document().client(net="net::ERR_BLOCKED_BY_ORB")
    call = read_recording(har.write(tmp_path)).calls[-1]
    assert (call.status, call.ok, call.silent) == (200, False, True)


@pytest.mark.parametrize("exporter", ["chrome", "chrome-sanitized", "firefox", "safari"])
def test_every_call_of_a_healthy_recording_is_accepted(exporter: str, tmp_path: Path) -> None:
    calls = read_recording(Har(exporter).healthy().write(tmp_path)).calls
    assert all(call.accepted for call in calls if call.aws_host)


@pytest.mark.parametrize("method", ["CONNECT", "GET", "HEAD"])
def test_a_tunnel_or_a_visit_is_no_call(method: str, tmp_path: Path) -> None:
    plane = "https://dataplane.rum.eu-west-1.amazonaws.com"
    urls = [f"{plane}:443", f"{plane}/appmonitors/1", "https://sts.eu-west-1.amazonaws.com/"]
    made = [entry(url, method, response={"status": 200}) for url in urls]
    recording = _read(tmp_path, *made)
    assert [call.kind for call in recording.calls] == [Kind.DOCUMENT]


def test_a_service_worker_that_controls_the_page_is_told(tmp_path: Path) -> None:
    made = entry(
        "https://www.shop.example/a.js",
        "GET",
        _resourceType="script",
        response={"status": 200, "_fetchedViaServiceWorker": True},
    )
    assert [call.via_worker for call in _read(tmp_path, made).calls] == [False, True]
