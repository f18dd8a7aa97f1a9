"""One folder or one zip with all of a recording's files is enough."""

from __future__ import annotations

import hashlib
import json
import zipfile
from typing import TYPE_CHECKING

import pytest
from har_builder import CANARY, Har, console, entry, storage

from rumkit.client.recording import read_recording
from rumkit.model import BadInput
from rumkit.plain_file import read_plain

if TYPE_CHECKING:
    from pathlib import Path

LINE = "cwr.js:2 Session is NOT sampled."


def _fill(folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    Har().healthy().write(folder)
    console(folder, LINE)
    storage(folder, session={"record": False, "eventCount": 0})
    return folder


def _zipped(folder: Path, path: Path, prefix: str = "") -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for file in sorted(folder.iterdir()):
            archive.write(file, prefix + file.name)
    return path


def _is_whole(path: Path) -> bool:
    recording = read_recording(path)
    assert recording.entries == 6
    assert recording.console is not None
    assert recording.console.said("unsampled")
    assert recording.storage is not None
    return [session.record for session in recording.storage.sessions] == [False]


def test_a_folder_is_read_whole(tmp_path: Path) -> None:
    assert _is_whole(_fill(tmp_path / "night"))


@pytest.mark.parametrize("prefix", ["", "night/", "export/night/"])
def test_a_zip_is_read_whole(prefix: str, tmp_path: Path) -> None:
    assert _is_whole(_zipped(_fill(tmp_path / "night"), tmp_path / "night.rum.zip", prefix))


@pytest.mark.parametrize(
    ("console_name", "storage_name"),
    [
        ("console-export-2026-3-1_9-0-0.txt", "cookies.txt"),
        ("www.shop.example-1772355600000.log", "localStorage.json"),
        ("Console.txt", "storage-state.json"),
    ],
)
def test_files_are_known_by_the_names_that_browsers_give(
    console_name: str, storage_name: str, tmp_path: Path
) -> None:
    folder = _fill(tmp_path / "night")
    (folder / "shop.console.txt").rename(folder / console_name)
    (folder / "shop.storage.json").rename(folder / storage_name)
    assert _is_whole(folder)


def test_what_a_mac_adds_to_a_zip_is_no_recording(tmp_path: Path) -> None:
    path = _zipped(_fill(tmp_path / "night"), tmp_path / "night.zip")
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("__MACOSX/._shop.har", b"\0\5\x16\7")
    assert _is_whole(path)


def test_a_folder_of_many_recordings_asks_for_one(tmp_path: Path) -> None:
    folder = _fill(tmp_path / "night")
    Har().healthy().write(folder, "other.har")
    with pytest.raises(BadInput, match=r"2 \.har files; name one of them: other\.har, shop\.har"):
        read_recording(folder)


def test_a_folder_without_a_recording_says_so(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"without a \.har file"):
        read_recording(tmp_path)


def test_what_nobody_can_use_is_said_once(tmp_path: Path) -> None:
    folder = _fill(tmp_path / "night")
    for name in ("notes.txt", "screenshot.png", "page.html", "meta.json"):
        (folder / name).write_text("x", encoding="utf-8")
    (note,) = read_recording(folder).notes
    assert "notes.txt" in note
    assert "screenshot" not in note


def test_files_that_are_named_come_before_those_beside(tmp_path: Path) -> None:
    folder = _fill(tmp_path / "night")
    (tmp_path / "other.txt").write_text("nothing", encoding="utf-8")
    recording = read_recording(folder, console=tmp_path / "other.txt")
    assert recording.console is not None
    assert recording.console.client == ()


def _attached(body: str) -> tuple[Har, str]:
    """Write a recording as Playwright does with content: attach."""
    name = hashlib.sha256(body.encode()).hexdigest()[:40] + ".js"
    content = {"mimeType": "text/javascript", "size": len(body), "_file": name}
    made = entry(
        "https://www.shop.example/app.js",
        "GET",
        _resourceType="script",
        response={"status": 200, "content": content},
    )
    har = Har("playwright").document()
    har.entries.append(made)
    return har, name


@pytest.mark.parametrize("packed", [True, False])
def test_bodies_in_files_of_their_own_are_read(packed: bool, tmp_path: Path) -> None:
    har, name = _attached('"arw-module"')
    folder = tmp_path / "trace"
    folder.mkdir()
    path = har.write(folder, "har.har")
    (folder / name).write_text('"arw-module"', encoding="utf-8")
    path = _zipped(folder, tmp_path / "trace.zip") if packed else path
    assert [script.text for script in read_recording(path).scripts] == ['"arw-module"']


@pytest.mark.parametrize("name", ["secret.txt", "../secret.txt", "/etc/passwd", "", ".env", "a\0b"])
def test_a_recording_opens_no_other_file(name: str, tmp_path: Path) -> None:
    har, real = _attached("x")
    text = json.dumps(har.document_object()).replace(real, json.dumps(name)[1:-1])
    (tmp_path / "shop.har").write_text(text, encoding="utf-8")
    (tmp_path / "secret.txt").write_text(f'"arw-module" {CANARY}', encoding="utf-8")
    assert read_recording(tmp_path / "shop.har").scripts == ()


def test_a_zip_with_broken_members_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    path = _zipped(_fill(tmp_path / "night"), tmp_path / "night.zip")
    data = bytearray(path.read_bytes())
    place = data.index(LINE.encode()[:10])
    data[place] ^= 0xFF
    path.write_bytes(bytes(data))
    assert read_recording(path).entries == 6


def test_bodies_whose_files_are_not_there_are_said(tmp_path: Path) -> None:
    har, _ = _attached("x")
    (note,) = read_recording(har.write(tmp_path)).notes
    assert note.startswith("1 body is in a file of its own")


@pytest.mark.parametrize("within", ["", "shop.har"])
def test_what_lies_beside_and_cannot_be_read_is_said(
    within: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read(path: Path, most: int) -> bytes:
        if path.name.endswith(".console.txt"):
            raise PermissionError(13, "Permission denied")
        return read_plain(path, most)

    monkeypatch.setattr("rumkit.client.har.sources.read_plain", read)
    recording = read_recording(_fill(tmp_path / "folder") / within)
    assert (recording.entries, recording.console) == (6, None)
    assert recording.storage is not None
    assert recording.notes == ("shop.console.txt can't be read: Permission denied.",)


def test_a_grouped_console_says_how_to_save_it_better(tmp_path: Path) -> None:
    path = Har().healthy().write(tmp_path)
    console(tmp_path, "Connecting to '<URL>' violates the Content Security Policy directive: \"x\"")
    (note,) = read_recording(path).notes
    assert "Group similar messages" in note


def test_an_empty_console_is_said(tmp_path: Path) -> None:
    path = Har().healthy().write(tmp_path)
    console(tmp_path, "")
    assert read_recording(path).notes == ("The console log holds no message.",)
