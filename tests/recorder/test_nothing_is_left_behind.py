"""A hung page, a crash, Ctrl-C: no process, no profile and no half file is left."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import pytest
from recorder_visits import BROWSERS, missing

from rumkit.model import BadInput, RumkitError
from rumkit.recorder.process import BrowserProcess
from rumkit.recorder.record import RecordingPlan, record

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240), pytest.mark.xdist_group("browser")]
both = pytest.mark.parametrize("browser", BROWSERS)
HANGS = "<script>setTimeout(() => { for (;;) {} }, 300)</script>"


@pytest.fixture
def page():
    """Serve a page that never lets go of its thread; give its address."""
    listener = socket.create_server(("127.0.0.1", 0))
    reply = f"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: {len(HANGS)}\r\n\r\n"

    def serve():
        with contextlib.suppress(OSError):
            while True:
                connection, _ = listener.accept()
                connection.recv(65_536)
                connection.sendall((reply + HANGS).encode())
                connection.close()

    threading.Thread(target=serve, daemon=True).start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
    listener.close()


@pytest.fixture
def place(monkeypatch):
    """Keep the browser's profile, and what it starts, where they can be counted.

    The folder's path is short, as sockets need it.
    """
    with tempfile.TemporaryDirectory(prefix="rk", dir="/tmp") as folder:
        for name in ("tmp", "out"):
            (Path(folder) / name).mkdir()
        monkeypatch.setenv("TMPDIR", f"{folder}/tmp")
        monkeypatch.setattr(tempfile, "tempdir", None)
        yield Path(folder)


def left(place: Path) -> tuple[list[str], list[str], list[str]]:
    """Return processes that name the place, its temporary files, and its output."""
    processes = []
    for each in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if str(place / "tmp").encode() in (each / "cmdline").read_bytes():
                processes.append(each.name)
    names = [p.name for p in (place / "tmp").iterdir()]
    return processes, names, [p.name for p in (place / "out").iterdir()]


def started(place: Path, url: str, browser: str) -> subprocess.Popen[bytes]:
    """Start the command, and wait until its browser has opened the page."""
    argv = [sys.executable, "-m", "rumkit", "record", url, "--browser", browser, "--headless",
            "--output", str(place / "out" / "visit.rum.zip"), "--seconds", "60"]  # fmt: skip
    process = subprocess.Popen(argv, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL)
    for line in process.stderr:
        if b"page: 200" in line:
            return process
    raise AssertionError("the page was never opened")


@both
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_it_ends_within_two_seconds_and_leaves_nothing(browser, number, page, place):
    if why := missing(browser):
        pytest.skip(why)
    process = started(place, page, browser)
    begun = time.monotonic()
    os.kill(process.pid, number)
    assert process.wait(10) == 128 + number
    assert time.monotonic() - begun < 2.5  # the two seconds, on a machine that does other things
    assert left(place) == ([], [], [])


@both
def test_a_recorder_that_is_killed_takes_its_browser_along(browser, page, place):
    """Its folder stays, and goes with the next recording."""
    if why := missing(browser):
        pytest.skip(why)
    process = started(place, page, browser)
    process.kill()
    process.wait(10)
    deadline = time.monotonic() + 5
    while left(place)[0] and time.monotonic() < deadline:
        time.sleep(0.05)
    assert left(place)[0] == []
    another = BrowserProcess()
    assert len(list((place / "tmp").glob("rumkit-browser-*"))) == 1
    another.end()
    assert left(place) == ([], [], [])


@both
def test_a_crash_of_the_browser_is_one_sentence_and_leaves_nothing(browser, page, place):
    if why := missing(browser):
        pytest.skip(why)
    process = started(place, page, browser)
    group = next(int(p) for p in left(place)[0] if os.getpgid(int(p)) == int(p))
    os.killpg(group, signal.SIGKILL)
    assert process.wait(10) == 4
    assert b"ended before the recording was complete" in process.stderr.read()
    assert left(place) == ([], [], [])


@both
def test_a_page_that_hangs_is_recorded_as_far_as_it_came(browser, page, place):
    if why := missing(browser):
        pytest.skip(why)
    file = record(RecordingPlan(page, browser, place / "out" / "hangs", seconds=3, headless=True))
    assert file.name == "hangs.rum.zip"
    assert left(place) == ([], [], ["hangs.rum.zip"])


def test_a_host_that_does_not_exist_is_recorded_as_such(place):
    if why := missing("chromium"):
        pytest.skip(why)
    from rumkit.client.recording import read_recording

    url = "https://no-such-host.invalid/"
    file = record(RecordingPlan(url, "chromium", place / "out" / "x", seconds=5, headless=True))
    assert "could not be resolved" in read_recording(file).calls[0].silence.text


@pytest.mark.parametrize(
    ("plan", "says"),
    [
        (RecordingPlan("ftp://www.shop.example/"), "http or https"),
        (RecordingPlan("www.shop.example"), "http or https"),
        (RecordingPlan("https://www.shop.example/", "netscape"), "is not a browser's name"),
        (RecordingPlan("https://www.shop.example/", "./chromium"), "or an absolute path"),
        (RecordingPlan("https://www.shop.example/", "/nowhere/chromium"), "no browser at"),
        (RecordingPlan("https://www.shop.example/", seconds=0), "waits up to"),
        (RecordingPlan("https://www.shop.example/", output=Path("/nowhere/x")), "no folder"),
    ],
)
def test_what_cannot_be_recorded_is_said_before_a_browser_starts(plan, says):
    with pytest.raises(BadInput, match=says):
        record(plan)


def test_a_browser_that_is_none_is_said_to_be_so(tmp_path):
    fake = tmp_path / "chromium"
    fake.write_text("#!/bin/sh\nexit 0\n")
    fake.chmod(0o755)
    with pytest.raises(RumkitError, match="ended before"):
        record(RecordingPlan("https://www.shop.example/", str(fake), tmp_path / "x", headless=True))
    assert [p.name for p in tmp_path.iterdir()] == ["chromium"]
