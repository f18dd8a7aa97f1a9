"""Recordings of other browsers and tools: page loads, tunnels, what only the console tells."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from har_builder import MONITOR, SITE, Har, console, entry

from rumkit.client.har.conversation import Kind
from rumkit.client.recording import read_recording

if TYPE_CHECKING:
    from pathlib import Path

PLANE = f"https://dataplane.rum.eu-west-1.amazonaws.com/appmonitors/{MONITOR}"


def _document(url: str, at: float, **headers: str) -> dict[str, Any]:
    listed = [{"name": name, "value": value} for name, value in headers.items()]
    content = {"mimeType": "text/html", "text": "<p>"}
    return entry(
        url,
        "GET",
        at=at,
        pageref="page_1",
        request={"headers": listed},
        response={"status": 200, "content": content},
    )


@pytest.mark.parametrize(
    "headers",
    [
        {"Accept": "text/html", "Sec-Fetch-Dest": "document"},
        {"Upgrade-Insecure-Requests": "1"},
        {"Accept": "text/html"},
    ],
    ids=["firefox, webkit", "chrome-har", "older"],
)
def test_loads_that_share_one_page_id_are_told_apart(
    headers: dict[str, str], tmp_path: Path
) -> None:
    har = Har()
    har.entries = [
        _document(f"{SITE}/", 0, **headers),
        entry(PLANE, "POST", at=5, pageref="page_1", response={"status": 200}),
        _document(f"{SITE}/basket", 8, **headers),
        entry(PLANE, "POST", at=13, pageref="page_1", response={"status": 200}),
        entry(PLANE, "POST", at=18, pageref="page_1", response={"status": 200}),
    ]
    loads = read_recording(har.write(tmp_path)).loads
    assert [(load.url, len(load.puts)) for load in loads] == [
        (f"{SITE}/", 1),
        (f"{SITE}/basket", 2),
    ]


def test_a_login_on_another_host_is_a_load_of_its_own(tmp_path: Path) -> None:
    har = Har()
    headers = {"Accept": "text/html", "Sec-Fetch-Dest": "document"}
    har.entries = [_document("https://login.example/", 0, **headers)]
    har.entries += [_document(f"{SITE}/", 5, **headers)]
    loads = read_recording(har.write(tmp_path)).loads
    assert [load.url for load in loads] == ["https://login.example/", f"{SITE}/"]


@pytest.mark.parametrize(
    ("url", "status", "fields", "kind"),
    [
        ("{host}:443", 502, {}, "proxy"),
        ("https://{host}:443", 403, {}, "proxy"),
        ("http://{host}:443/", 0, {"_error": "[Errno -2] Name or service not known"}, "dns"),
    ],
)
def test_a_tunnel_that_a_proxy_refused_is_evidence(
    url: str, status: int, fields: dict[str, Any], kind: str, tmp_path: Path
) -> None:
    host = "dataplane.rum.eu-west-1.amazonaws.com"
    har = Har().document()
    response = {"status": status, **fields}
    har.entries.append(entry(url.format(host=host), "CONNECT", response=response))
    recording = read_recording(har.write(tmp_path))
    (tunnel,) = recording.unrecorded
    assert (tunnel.host, tunnel.kind, tunnel.status) == (host, kind, status)
    assert [call.kind for call in recording.calls] == [Kind.DOCUMENT]


@pytest.mark.parametrize("url", ["ads.example:443", "dataplane.rum.eu-west-1.amazonaws.com:443"])
def test_no_other_tunnel_is_a_failed_request(url: str, tmp_path: Path) -> None:
    status = 200 if "rum" in url else 502
    har = Har().document()
    har.entries.append(entry(url, "CONNECT", response={"status": status}))
    recording = read_recording(har.write(tmp_path))
    assert recording.unrecorded == ()
    assert recording.hidden_hosts == ((url.partition(":")[0],) if "rum" in url else ())


def test_what_the_exporter_leaves_out_is_told_by_the_console(tmp_path: Path) -> None:
    path = Har("safari").document().client().get_id().credentials().write(tmp_path)
    console(
        tmp_path,
        "[Error] Error resolving “dataplane.rum.eu-west-1.amazonaws.com”: Name not known",
        f"[Error] Fetch API cannot load {PLANE} due to access control checks.",
    )
    assert [(r.url, r.kind) for r in read_recording(path).unrecorded] == [(PLANE, "dns")]


def test_what_is_recorded_is_not_said_twice(tmp_path: Path) -> None:
    path = Har().document().client().put(0, net="net::ERR_BLOCKED_BY_CLIENT").write(tmp_path)
    console(tmp_path, f"cwr.js:2  POST {PLANE} net::ERR_BLOCKED_BY_CLIENT")
    assert read_recording(path).unrecorded == ()


def test_the_console_explains_a_silence_that_the_exporter_does_not(tmp_path: Path) -> None:
    har = Har().document()
    har.entries.append(entry(PLANE, "POST", response={"status": 0, "_error": None}))
    path = har.write(tmp_path)
    silence = read_recording(path).calls[-1].silence
    assert silence is not None
    assert silence.kind == "still-open"
    console(
        tmp_path,
        f"The resource at “{PLANE}” was blocked because Enhanced Tracking Protection is enabled.",
    )
    silence = read_recording(path).calls[-1].silence
    assert silence is not None
    assert silence.kind == "extension"


def test_a_violation_in_the_console_explains_a_silence(tmp_path: Path) -> None:
    har = Har().document()
    har.entries.append(entry(PLANE, "POST", response={"status": 0, "_error": "net::ERR_FAILED"}))
    path = har.write(tmp_path)
    console(tmp_path, f"Refused to connect to '{PLANE}' because it violates the policy")
    call = read_recording(path).calls[-1]
    assert call.silence is not None
    assert (call.silence.kind, call.author) == ("policy", "browser")


def test_what_decides_over_a_script_from_elsewhere_is_kept(tmp_path: Path) -> None:
    har = Har().document(cross_origin_embedder_policy="require-corp").client()
    recording = read_recording(har.write(tmp_path))
    assert dict(recording.documents[0].headers)["cross-origin-embedder-policy"] == "require-corp"
    assert recording.calls[-1].cors_reply is True


@pytest.mark.parametrize("moment", ["2026-03-01T09:00:00.1234567+01:00", "2026-03-01T08:00:00Z"])
def test_fiddlers_seven_digits_are_a_moment(moment: str, tmp_path: Path) -> None:
    har = Har().document()
    har.entries[0]["startedDateTime"] = moment
    started = read_recording(har.write(tmp_path)).calls[0].started
    assert started is not None
    assert (started.hour, started.minute) == (8, 0)
