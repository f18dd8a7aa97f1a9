"""Bodies that exporters mangle, cut or keep elsewhere are read, or said to be lost."""

from __future__ import annotations

import base64
import gzip
import json
from typing import TYPE_CHECKING, Any

import pytest
from har_builder import Har

from rumkit.client.har import scripts
from rumkit.client.recording import read_recording

if TYPE_CHECKING:
    from pathlib import Path

EVENTS = 3


def _recording(body: Any, folder: Path, *, escaped: bool = False):
    har = Har().document().put(events=EVENTS)
    request = har.entries[-1]["request"]
    request["headers"].append({"name": "Content-Encoding", "value": "gzip"})
    whole = request["postData"].pop("text")
    request["postData"] |= body(gzip.compress(whole.encode()))
    path = folder / "shop.har"
    text = json.dumps(har.document_object(), ensure_ascii=escaped)
    path.write_text(text, encoding="utf-8")
    return read_recording(path)


@pytest.mark.parametrize("escaped", [False, True])
@pytest.mark.parametrize(
    "body",
    [
        lambda data: {"text": data.decode("latin-1")},
        lambda data: {"text": "".join(_as_windows(b) for b in data)},
        lambda data: {"text": base64.b64encode(data).decode(), "encoding": "base64"},
        lambda data: {"text": base64.b64encode(data).decode(), "_encoding": "base64"},
        lambda data: {"text": data.decode("latin-1").encode().decode("latin-1")},
    ],
    ids=["latin-1", "windows-1252", "base64", "base64-own", "twice"],
)
def test_a_gzip_body_is_counted_however_it_was_written(
    body: Any, escaped: bool, tmp_path: Path
) -> None:
    call = _recording(body, tmp_path, escaped=escaped).calls[-1]
    assert call.batch is not None
    assert (call.batch.events, call.body_lost) == (EVENTS, "")


def _as_windows(byte: int) -> str:
    try:
        return bytes([byte]).decode("cp1252")
    except UnicodeDecodeError:
        return chr(byte)


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (lambda data: {"text": data.decode("utf-8", "replace")}, "replaced bytes"),
        (lambda data: {"text": data[: len(data) // 2].decode("latin-1")}, "cut off"),
        (lambda data: {"text": "\x1f\x8b" + "x" * 40}, "damaged"),
        (lambda data: {"text": "[binary data]"}, "no JSON"),
    ],
    ids=["replacement characters", "cut", "damaged", "a placeholder"],
)
def test_a_lost_body_is_said_to_be_lost_and_never_counted(
    body: Any, why: str, tmp_path: Path
) -> None:
    recording = _recording(body, tmp_path)
    call = recording.calls[-1]
    assert call.batch is None
    assert why in call.body_lost
    assert any("not counted" in note and why in note for note in recording.notes)


def test_a_body_that_was_not_exported_is_not_lost(tmp_path: Path) -> None:
    recording = _recording(lambda data: {}, tmp_path)
    assert (recording.calls[-1].body_lost, recording.notes) == ("", ())


def _script(text: str, url: str = "https://www.shop.example/assets/app.js") -> Har:
    har = Har().document().add("GET", url, kind="script", reply=text)
    har.entries[-1]["response"]["content"]["mimeType"] = "text/javascript"
    return har


@pytest.mark.parametrize(
    "text",
    [
        'a="arw-module"', 'k="cwr_c"', 'u="/appmonitors/"+i', 'h="https://dataplane.rum."+r',
        't="com.amazon.rum.page_view_event"', 'new x.AwsRum("i","1","r",{})', "{identityPoolId:p}",
    ],
)  # fmt: skip
@pytest.mark.parametrize("exporter", ["chrome", "firefox"])
def test_a_script_that_holds_the_client_is_kept(exporter: str, text: str, tmp_path: Path) -> None:
    har = Har(exporter).document()
    har.add("GET", "https://www.shop.example/a.js", kind="script", reply=text,
            sent={"sec-fetch-dest": "script"})  # fmt: skip
    (script,) = read_recording(har.write(tmp_path)).scripts
    assert (script.url, script.text) == ("https://www.shop.example/a.js", text)


def test_any_other_script_is_dropped(tmp_path: Path) -> None:
    assert read_recording(_script("const basket = []").write(tmp_path)).scripts == ()


def test_a_script_that_did_not_come_is_not_kept(tmp_path: Path) -> None:
    har = _script('"arw-module"')
    har.entries[-1]["response"]["status"] = 404
    assert read_recording(har.write(tmp_path)).scripts == ()


def test_a_script_is_kept_once(tmp_path: Path) -> None:
    har = _script('"arw-module"')
    har.entries.append(har.entries[-1])
    assert len(read_recording(har.write(tmp_path)).scripts) == 1


def test_a_huge_script_is_cut_before_its_first_mark(tmp_path: Path) -> None:
    text = ";" * 6_000_000 + '"arw-module"'
    (script,) = read_recording(_script(text).write(tmp_path)).scripts
    assert script.text.endswith('"arw-module"')
    assert len(script.text) <= scripts.MAX_SCRIPT


def test_scripts_together_are_bounded_and_the_rest_is_said(tmp_path: Path) -> None:
    har = Har().document()
    for number in range(4):
        url = f"https://www.shop.example/{number}.js"
        har.entries += _script('"arw-module"' + ";" * 3_000_000, url).entries[1:]
    recording = read_recording(har.write(tmp_path))
    assert sum(len(script.text) for script in recording.scripts) <= scripts.MAX_TOTAL
    assert any("2 more scripts" in note for note in recording.notes)


def test_the_events_tell_how_the_client_came(tmp_path: Path) -> None:
    har = Har().healthy()
    assert read_recording(har.write(tmp_path)).client_kind == "arw-script"
    for each in har.entries:
        post = each["request"].get("postData", {})
        post["text"] = post.get("text", "").replace("arw-script", "arw-module")
    assert read_recording(har.write(tmp_path)).client_kind == "arw-module"
    assert read_recording(Har().document().client().write(tmp_path)).client_kind == ""
