"""What rumkit's own recorder saves beside a HAR is read; what anybody writes there is harmless."""

from __future__ import annotations

import base64
import json
import signal
import zipfile

import pytest

from rumkit.client.recording import read_recording
from rumkit.recorder.capture import Capture
from rumkit.recorder.process import ending_on_signals
from rumkit.recorder.states import keep_state, keep_violation

PAGE = "https://www.shop.example/"
PUT = (
    "https://dataplane.rum.eu-west-1.amazonaws.com/appmonitors/7c2cb9e5-697c-5dc5-a36b-e79cc42832c3"
)
META = {
    "recorder": "rumkit 0.1.0", "browser": "Chrome/140.0", "headless": True, "dry": True,
    "held_back": 2, "began": "2026-03-01T09:00:00.000Z", "ended": "2026-03-01T09:00:20.000Z",
    "pages": [{"id": "page_1", "url": PAGE, "private": True}],
    "states": [{"visit": "page_1", "page": PAGE, "client": {
        "name": "cwr", "cwrIsStub": True, "queue": 3, "serviceWorker": f"{PAGE}sw.js"}}],
    "unobserved": ["The profile was fresh."],
}  # fmt: skip
STATE = {
    "rumkit": 1,
    "page": PAGE,
    "localStorage": {"cwr_c": '{"secretAccessKey":"hidden","expiration":"2026-03-01T10:00:00Z"}'},
    "cookies": [{
        "name": "cwr_s",
        "value": base64.b64encode(b'{"sessionId":"s","record":false,"eventCount":0}').decode(),
    }],
    "clientState": {"name": "cwr", "cwrIsStub": False, "queue": 0},
}  # fmt: skip


def entry(url, status=200, **response):
    return {
        "startedDateTime": "2026-03-01T09:00:01.000Z", "time": 5, "pageref": "page_1",
        "_resourceType": "fetch" if url == PUT else "document",
        "request": {"method": "POST" if url == PUT else "GET", "url": url, "headers": []},
        "response": {"status": status, "headers": [], "content": {}, **response},
    }  # fmt: skip


@pytest.fixture
def packed(tmp_path):
    """Return what packs entries, console and meta as the recorder does, and reads them."""

    def pack(*entries, console=None, meta=META):
        file = tmp_path / "x.rum.zip"
        with zipfile.ZipFile(file, "w") as archive:
            archive.writestr("recording.har", json.dumps({"log": {"entries": list(entries)}}))
            archive.writestr("console.json", json.dumps(console or {"messages": []}))
            archive.writestr("meta.json", json.dumps(meta) if meta is not None else "[]")
            archive.writestr("page.html", "<html></html>")
            archive.writestr("page.html.headers", "content-type: text/html\n")
        return read_recording(file)

    return pack


def test_how_it_was_made_is_read(packed):
    recording = packed(entry(PAGE))
    meta = recording.meta
    assert (meta.browser, meta.headless, meta.dry, meta.held_back) == (
        "Chrome/140.0",
        True,
        True,
        2,
    )
    assert meta.private == ("page_1",)
    assert meta.unobserved == ("The profile was fresh.",)
    state = meta.states[0]
    assert (state.name, state.stub, state.queue) == ("cwr", True, 3)
    assert state.service_worker == f"{PAGE}sw.js"
    assert recording.ended == meta.ended
    assert recording.notes == ()


def test_the_reason_that_cors_had_is_certain(packed):
    call = packed(entry(PUT, 0, _error="net::ERR_FAILED", _corsError="PreflightInvalidStatus"))
    silence = call.calls[0].silence
    assert (str(silence.kind), silence.certain) == ("cors", True)
    assert "PreflightInvalidStatus" in silence.text


def test_violations_come_as_data_and_once(packed):
    told = {"directive": "connect-src", "blocked": PUT, "disposition": "enforce", "policy": "p"}
    report = {**told, "disposition": "report", "blocked": "https://x.example/a?token=1"}
    text = f"Refused to connect to '{PUT}' because it violates the following Content Security "
    text += "Policy directive: \"connect-src 'self'\"."
    console = {
        "messages": [{"text": text, "timestamp": 1}],
        "violations": [told, report, {**told, "directive": "img-src"}, 7],
        "issues": [{"code": "CorsIssue", "reason": "MissingAllowOriginHeader", "url": PUT}, None],
    }
    found = packed(console=console).console
    assert [(v.blocked, v.report_only) for v in found.violations] == [
        (PUT, False),
        ("https://x.example/a", True),
    ]
    assert [(i.code, i.reason) for i in found.issues] == [("CorsIssue", "MissingAllowOriginHeader")]


def test_hashes_of_scripts_that_were_masked_before_saving_are_known(packed):
    hashes = {"'sha256-masked='": ["'sha256-served='", 4]}
    html = {"text": "<html></html>", "_masked": True, "_hashes": hashes}
    document = packed(entry(PAGE, content=html)).documents[0]
    assert document.masked
    assert document.hashes == (("'sha256-masked='", ("'sha256-served='",)),)


@pytest.mark.parametrize(
    "meta",
    [
        None, {}, {"recorder": 5}, {"recorder": "other"},
        {"recorder": "rumkit", "states": [5, {"client": 7}], "pages": {}, "unobserved": 3,
         "held_back": True, "began": [], "ended": "soon"},
    ],
)  # fmt: skip
def test_anybody_may_have_written_the_meta(packed, meta):
    recording = packed(entry(PAGE), meta=meta)
    assert recording.meta is None or recording.meta.held_back == 0


@pytest.mark.parametrize(
    "wrap", [json.dumps, lambda s: json.dumps(json.dumps(s)), lambda s: f"'{json.dumps(s)}'\n"]
)
def test_what_the_snippet_printed_is_a_recording(tmp_path, wrap):
    file = tmp_path / "pasted.txt"
    file.write_text(wrap(STATE))
    recording = read_recording(file)
    assert recording.storage.sessions[0].record is False
    assert recording.storage.credentials[0].has_secret_key
    assert recording.meta.states[0].stub is False
    assert not recording.meta.fresh
    assert recording.entries == 0


@pytest.mark.parametrize("told", [None, "", "[", "7", "{}", "[" * 100_000])
def test_what_a_page_tells_in_place_of_its_state_is_dropped(told):
    capture = Capture()
    keep_state(capture, "page_1", told)
    keep_violation(capture, told)
    assert (capture.states, capture.violations) == ([], [])


def test_a_system_without_sighup_comes_as_far_as_being_told_that_it_cannot_record(monkeypatch):
    monkeypatch.delattr(signal, "SIGHUP")
    with ending_on_signals():
        pass
