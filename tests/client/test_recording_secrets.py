"""No secret of a recording survives its reading."""

from __future__ import annotations

import json
import pickle
from typing import TYPE_CHECKING

import pytest
from har_builder import CANARY, EXPORTERS, STORED_KEYS, Har, console, storage
from har_schema import observe

from rumkit.client.har.redact import bare_url, sentence
from rumkit.client.recording import read_recording
from rumkit.model import BadInput

if TYPE_CHECKING:
    from pathlib import Path


def _everything(exporter: str, folder: Path):
    har = Har(exporter).document(html=f'<input name=csrf value="{CANARY}">').client()
    har.get_id().open_id_token().sts().credentials().put().beacon().put(403, "AccessDenied", "no")
    har.api(trace="x-amzn-trace-id")
    har.preflight("https://api.shop.example/?k=" + CANARY, "x-amzn-trace-id", "")
    har.add("POST", f"https://user:{CANARY}@api.shop.example/{CANARY * 20}", body=CANARY)
    storage(folder, session={"record": True, "eventCount": 3}, cwr_c=STORED_KEYS, cwr_i=CANARY)
    console(folder, f"POST https://sts.eu-west-1.amazonaws.com/?t={CANARY} net::ERR_FAILED")
    return read_recording(har.write(folder))


@pytest.mark.parametrize("exporter", EXPORTERS)
def test_no_secret_survives_in_any_attribute(exporter: str, tmp_path: Path) -> None:
    recording = _everything(exporter, tmp_path)
    assert len(recording.calls) > 10
    assert CANARY.encode() not in pickle.dumps(recording)
    assert CANARY not in repr(recording)


@pytest.mark.parametrize("exporter", EXPORTERS)
def test_no_secret_reaches_a_verdict(exporter: str, tmp_path: Path) -> None:
    verdicts = observe(_everything(exporter, tmp_path))
    assert "put-events-denied" in verdicts
    assert CANARY not in repr(verdicts)


def test_no_secret_reaches_an_exception(tmp_path: Path) -> None:
    path = tmp_path / "shop.har"
    path.write_text(f'{{"log": {{"version": "{CANARY}", {CANARY}', encoding="utf-8")
    with pytest.raises(BadInput) as caught:
        read_recording(path)
    chain = [caught.value, caught.value.__cause__]
    assert CANARY not in repr([(e, getattr(e, "doc", "")) for e in chain])
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


@pytest.mark.parametrize(
    "secret",
    [
        "ASIAQWERTYUIOPASDFGH",
        "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl",
        "IQoJb3JpZ2luX2VjEHoaCWV1LXdlc3QtMSJHMEUCIQ",
        'sessionToken: "abc123"',
        "Authorization=abc123",
    ],
)
def test_a_message_loses_what_looks_like_a_secret(secret: str) -> None:
    kept = sentence(f"it failed with {secret} today")
    assert kept.startswith("it failed with ")
    assert secret[-6:].strip('"') not in kept


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://a.example/b?c=d#e", "https://a.example/b"),
        ("https://u:p@a.example:8080/b", "https://a.example:8080/b"),
        ("https://a.example/" + "x" * 80 + "/c", "https://a.example/…/c"),
        ("data:text/html,secret", "data:"),
        ("https://[bad", ""),
    ],
)
def test_a_url_keeps_host_and_path_alone(url: str, kept: str) -> None:
    assert bare_url(url) == kept


def test_a_storage_file_leaves_facts_alone(tmp_path: Path) -> None:
    path = Har().healthy().write(tmp_path)
    storage(tmp_path, session={"record": True, "eventCount": 7}, cwr_c=STORED_KEYS, cwr_i={})
    kept = read_recording(path).storage
    assert kept is not None
    assert (kept.sessions[0].event_count, kept.identity) == (7, "empty")
    assert kept.credentials[0].has_secret_key is True
    assert CANARY not in repr(kept)


def test_suffixed_keys_belong_to_their_monitor(tmp_path: Path) -> None:
    path = Har().healthy().write(tmp_path)
    (tmp_path / "shop.storage.json").write_text(
        json.dumps({"localStorage": {"cwr_c_abc": json.dumps(STORED_KEYS)}, "cookies": []})
    )
    kept = read_recording(path).storage
    assert kept is not None
    assert kept.credentials[0].monitor_id == "abc"
