"""A recording is read alike from every exporter, and tells the delivery conversation."""

from __future__ import annotations

import gzip
import json
import zipfile
import zlib
from typing import TYPE_CHECKING

import pytest
from har_builder import (
    EXPORTERS,
    IDENTITY,
    MONITOR,
    OTHER_MONITOR,
    POOL,
    ROLE,
    SITE,
    Har,
    console,
    storage,
)

from rumkit.client.har.conversation import Kind
from rumkit.client.recording import read_recording

if TYPE_CHECKING:
    from pathlib import Path

KINDS = [Kind.DOCUMENT, Kind.CLIENT_SCRIPT, Kind.GET_ID, Kind.GET_CREDENTIALS, Kind.PUT_EVENTS]


@pytest.mark.parametrize("exporter", EXPORTERS)
def test_every_exporter_shows_the_same_conversation(exporter: str, tmp_path: Path) -> None:
    recording = read_recording(Har(exporter).healthy().write(tmp_path))
    assert [call.kind for call in recording.calls] == [*KINDS, Kind.PUT_EVENTS]


@pytest.mark.parametrize("exporter", EXPORTERS)
def test_every_exporter_shows_events_and_their_monitor(exporter: str, tmp_path: Path) -> None:
    recording = read_recording(Har(exporter).healthy().write(tmp_path))
    batch = recording.calls[-1].batch
    assert batch is not None
    assert (recording.monitor_ids, batch.events) == ((MONITOR,), 3)


@pytest.mark.parametrize("exporter", EXPORTERS)
def test_every_exporter_shows_the_type_and_message_of_an_error(
    exporter: str, tmp_path: Path
) -> None:
    har = Har(exporter).document().client().put(403, "AccessDeniedException", "no way")
    call = read_recording(har.write(tmp_path)).calls[-1]
    assert (call.error_type, call.error_message) == ("AccessDeniedException", "no way")


@pytest.mark.parametrize(
    ("exporter", "state", "region"),
    [("chrome", "header", "eu-north-1"), ("chrome-sanitized", "stripped", "")],
)
def test_a_signature_is_told_with_its_scope(
    exporter: str, state: str, region: str, tmp_path: Path
) -> None:
    har = Har(exporter).document().put(scope="eu-north-1")
    signature = read_recording(har.write(tmp_path)).calls[-1].signature
    assert signature is not None
    assert (signature.state, signature.region, signature.signed) == (state, region, True)


def test_a_request_without_any_header_of_a_signature_is_unsigned(tmp_path: Path) -> None:
    call = read_recording(Har().document().put(signed=False).write(tmp_path)).calls[-1]
    assert call.signature is not None
    assert call.signature.signed is False


def test_an_export_without_request_headers_leaves_signing_open(tmp_path: Path) -> None:
    har = Har().document().put()
    har.entries[-1]["request"]["headers"] = []
    call = read_recording(har.write(tmp_path)).calls[-1]
    assert call.signature is not None
    assert call.signature.signed is None


def test_a_beacon_is_signed_in_its_query_and_loses_it(tmp_path: Path) -> None:
    call = read_recording(Har().document().beacon().write(tmp_path)).calls[-1]
    assert call.beacon
    assert call.signature is not None
    assert (call.signature.state, call.signature.service) == ("query", "rum")
    assert call.url.endswith(f"/appmonitors/{MONITOR}")


def test_sts_tells_the_role_and_an_undefined_token(tmp_path: Path) -> None:
    har = Har().document().sts(400, "InvalidIdentityToken", "bad", token="undefined")
    vending = read_recording(har.write(tmp_path)).calls[-1].vending
    assert vending is not None
    assert (vending.role_arn, vending.token_undefined) == (ROLE, True)


def test_cognito_tells_the_pool_and_never_the_identity(tmp_path: Path) -> None:
    recording = read_recording(Har().document().get_id().credentials().write(tmp_path))
    assert recording.calls[1].vending is not None
    assert recording.calls[1].vending.identity_pool_id == POOL
    assert IDENTITY not in repr(recording)


def test_cognito_operations_are_known_without_their_target_header(tmp_path: Path) -> None:
    har = Har().document().get_id().open_id_token().credentials()
    for entry in har.entries:
        entry["request"]["headers"] = []
    kinds = [call.kind for call in read_recording(har.write(tmp_path)).calls]
    assert kinds[1:] == [Kind.GET_ID, Kind.GET_OPEN_ID_TOKEN, Kind.GET_CREDENTIALS]


def test_status_200_with_an_aborted_stream_is_good(tmp_path: Path) -> None:
    har = (
        Har()
        .document()
        .add("POST", "https://cognito-identity.eu-west-1.amazonaws.com/", net="net::ERR_ABORTED")
    )
    assert read_recording(har.write(tmp_path)).calls[-1].ok


@pytest.mark.parametrize("error", [None, "net::ERR_ABORTED"])
def test_a_request_under_way_or_left_behind_has_not_failed(
    error: str | None, tmp_path: Path
) -> None:
    har = Har().document().put(0, net=error)
    call = read_recording(har.write(tmp_path)).calls[-1]
    assert (call.pending, call.failed) == (True, False)


def test_a_clock_that_is_ahead_shows_as_skew(tmp_path: Path) -> None:
    har = Har().document().put()
    for header in har.entries[-1]["response"]["headers"]:
        if header["name"] == "date":
            header["value"] = "Sun, 01 Mar 2026 08:50:00 GMT"
    assert read_recording(har.write(tmp_path)).calls[-1].clock_skew == 600.0


def test_pages_of_a_preserved_log_become_page_loads(tmp_path: Path) -> None:
    har = Har().healthy().document(f"{SITE}/blog").client().put(monitor=OTHER_MONITOR)
    loads = read_recording(har.write(tmp_path)).loads
    assert [(load.url, len(load.puts)) for load in loads] == [(f"{SITE}/", 2), (f"{SITE}/blog", 1)]


def test_page_loads_are_found_without_page_ids(tmp_path: Path) -> None:
    har = Har("firefox").healthy().document(f"{SITE}/blog").client().put()
    loads = read_recording(har.write(tmp_path)).loads
    assert [len(load.puts) for load in loads] == [2, 1]


def test_a_document_keeps_its_html_and_policies_and_loses_its_cookies(tmp_path: Path) -> None:
    har = Har().document(html="<p>Ä", content_security_policy="script-src 'self'")
    document = read_recording(har.write(tmp_path)).documents[0]
    assert document.html == "<p>Ä"
    assert dict(document.headers)["content-security-policy"] == "script-src 'self'"
    assert "set-cookie" not in dict(document.headers)


@pytest.mark.parametrize(
    ("version", "expected"), [("1.16.1", "1.16.1"), ("2.x", "2.0.0"), ("3.1.0", "3.1.0")]
)
def test_an_exact_url_names_the_version_before_the_events_do(
    version: str, expected: str, tmp_path: Path
) -> None:
    recording = read_recording(Har(version=version).healthy().write(tmp_path))
    assert recording.client_version == expected


def test_console_and_storage_of_the_same_stem_are_read(tmp_path: Path) -> None:
    path = Har().healthy().write(tmp_path)
    console(tmp_path, "cwr.js:2 Session is NOT sampled.")
    storage(tmp_path, session={"record": False, "eventCount": 0})
    recording = read_recording(path)
    assert recording.console is not None
    assert recording.console.said("unsampled")
    assert recording.storage is not None
    assert recording.storage.sessions[0].record is False


@pytest.mark.parametrize(
    "encode",
    [
        lambda text: text.encode(),
        lambda text: b"\xef\xbb\xbf" + text.encode(),
        lambda text: text.encode("utf-16"),
        lambda text: text.encode("utf-16-le"),
        lambda text: text.encode("utf-16-be"),
        lambda text: gzip.compress(text.encode()),
        lambda text: zlib.compress(text.encode(), 9),
        lambda text: gzip.compress(text[:500].encode()) + gzip.compress(text[500:].encode()),
    ],
    ids=["utf-8", "bom", "utf-16", "utf-16-le", "utf-16-be", "gzip", "zlib", "gzip-members"],
)
def test_encodings_and_compressions_are_read_alike(encode, tmp_path: Path) -> None:
    path = tmp_path / "shop.har"
    har = Har().document(html="<p>Ä 😀").healthy()
    path.write_bytes(encode(json.dumps(har.document_object(), ensure_ascii=False)))
    recording = read_recording(path)
    assert (recording.entries, recording.documents[0].html) == (7, "<p>Ä 😀")


def test_a_zip_with_a_har_in_it_is_read(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "shop.zip", "w") as archive:
        archive.writestr("trace/shop.har", Har().healthy().text())
    assert read_recording(tmp_path / "shop.zip").entries == 6


def test_images_styles_and_fonts_are_dropped(tmp_path: Path) -> None:
    har = Har().document().add("GET", f"{SITE}/a.png", kind="image")
    har.add("GET", f"{SITE}/b", received={"content-type": "font/woff2"})
    assert len(read_recording(har.write(tmp_path)).calls) == 1


def test_a_custom_endpoint_is_told_by_its_body(tmp_path: Path) -> None:
    har = Har().document().put(host="rum.shop.example", path="/collect")
    assert read_recording(har.write(tmp_path)).calls[-1].kind is Kind.PUT_EVENTS


def test_a_frame_of_another_host_does_not_begin_a_page_load(tmp_path: Path) -> None:
    har = Har().document().client().get_id().credentials()
    har.add("GET", "https://ads.other.example/frame", kind="document").put()
    loads = read_recording(har.write(tmp_path)).loads
    assert [load.url for load in loads] == [f"{SITE}/"]


def test_a_frame_that_says_so_does_not_begin_a_page_load(tmp_path: Path) -> None:
    har = Har("firefox").document().client()
    har.add("GET", f"{SITE}/frame", sent={"sec-fetch-dest": "iframe"}, kind="document").put()
    assert len(read_recording(har.write(tmp_path)).loads) == 1


def test_a_redirected_document_is_one_page_load(tmp_path: Path) -> None:
    har = Har("firefox").add("GET", "https://shop.example/", 301, sent={"accept": "text/html"})
    har.entries[-1]["response"]["content"]["mimeType"] = "text/html"
    loads = read_recording(har.document().client().put().write(tmp_path)).loads
    assert [load.url for load in loads] == [f"{SITE}/"]


def test_a_frame_behind_a_redirected_document_leaves_the_page_its_own(tmp_path: Path) -> None:
    har = Har("chrome-sanitized").document("https://shop.example/").document(html="<p>shop</p>")
    har.add("GET", "https://ads.other.example/frame", kind="document").put()
    for entry in har.entries:
        entry["request"]["headers"], entry["pageref"] = [], "page_1"
    har.entries[0]["response"]["status"] = 301
    [load] = read_recording(har.write(tmp_path)).loads
    assert load.document is not None
    assert (load.url, load.document.html) == (f"{SITE}/", "<p>shop</p>")


def test_a_document_that_has_not_changed_is_no_redirect(tmp_path: Path) -> None:
    har = Har("firefox").document().client().put().document(f"{SITE}/blog").client().put()
    for entry in har.entries[::3]:
        entry["response"]["status"] = 304
    loads = read_recording(har.write(tmp_path)).loads
    assert [(load.url, len(load.puts)) for load in loads] == [(f"{SITE}/", 1), (f"{SITE}/blog", 1)]
