"""Commands of rumkit at work, each in a place of its own, to be ended in every way."""

from __future__ import annotations

import contextlib
import gzip
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

BIN = Path(sys.executable).parent
RUMKIT = str(BIN / "rumkit")
_PAGE = b"<html><body>waiting</body></html>"
_READY_SECONDS = 60


class Silence:
    """A host that takes connections and never answers; `page` is one that answers once."""

    def __init__(self, *, page=False):
        self.asked = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._open = []
        self._page = page
        threading.Thread(target=self._serve, daemon=True).start()
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def _serve(self):
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                self._open.append(connection)
                if self._page:
                    connection.recv(65_536)
                    head = f"HTTP/1.1 200 OK\r\ncontent-length: {len(_PAGE)}\r\n\r\n"
                    connection.sendall(head.encode() + _PAGE)
                self.asked.set()

    def close(self):
        for each in (self._listener, *self._open):
            with contextlib.suppress(OSError):
                each.close()


@dataclass
class Place:
    """Folders, hosts and a mark in the environment that everything started here carries."""

    root: Path
    aws: Silence
    page: Silence
    mark: str = field(default_factory=lambda: uuid.uuid4().hex)

    @property
    def environment(self):
        outside = ("AWS_", "RUMKIT_", "PYTHON", "DISPLAY")
        kept = {k: v for k, v in os.environ.items() if not k.startswith(outside)}
        return kept | {
            "TRUST_PLACE": self.mark,
            "HOME": str(self.root / "home"),
            "TMPDIR": str(self.root / "tmp"),
            "AWS_ENDPOINT_URL": self.aws.url,
            "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
            "AWS_SECRET_ACCESS_KEY": "secret",
            "AWS_REGION": "eu-west-1",
            "AWS_EC2_METADATA_DISABLED": "true",
            "NO_PROXY": "127.0.0.1",
        }

    def processes(self):
        """Return the command lines of all that carries the mark, by process id."""
        found = {}
        for each in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                if self.mark.encode() in (each / "environ").read_bytes():
                    words = (each / "cmdline").read_bytes().replace(b"\0", b" ")
                    if words:  # one that has ended and was not waited for has none
                        found[int(each.name)] = words.decode(errors="replace")
        return found

    def left(self):
        """Return what lies in the temporary folder, and what is half written."""
        temporary = [path.name for path in (self.root / "tmp").iterdir()]
        out = [str(path.relative_to(self.root)) for path in (self.root / "out").rglob("*")]
        return temporary, [name for name in out if ".part" in name or name.endswith(".tmp")]


@contextlib.contextmanager
def place():
    """Make a place, and end what is left in it."""
    # A short path: sockets stand below it.
    root = Path(tempfile.mkdtemp(prefix="rt", dir="/tmp"))
    for name in ("home", "tmp", "out"):
        (root / name).mkdir()
    made = Place(root, Silence(), Silence(page=True))
    try:
        yield made
    finally:
        for pid in made.processes():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        made.aws.close()
        made.page.close()
        shutil.rmtree(root, ignore_errors=True)


def _asks(place):
    return place.aws.asked.is_set()


def _has(word, count=1):
    """Return what tells that so many processes with a word in their command line are there."""
    return lambda place: sum(word in line for line in place.processes().values()) >= count


def _both(*conditions):
    return lambda place: all(each(place) for each in conditions)


def _serves(place):
    return bool((place.root / "stdout").read_bytes().strip())


def _listens(place):
    return b"/mcp" in (place.root / "stderr").read_bytes()


def _visited(place):
    return place.page.asked.is_set()


def _target(*more):
    return lambda _: ["--monitor", "shop-web", "--region", "eu-west-1", *more]


def _trail(place):
    """Return an investigation of trail files that take a while."""
    folder = place.root / "trail"
    folder.mkdir()
    record = {"eventSource": "rum.amazonaws.com", "eventName": "PutRumEvents", "x": "y" * 900}
    text = json.dumps({"Records": [record] * 20_000}).encode()
    (folder / "0.json.gz").write_bytes(gzip.compress(text, 1))
    for number in range(1, 400):
        os.link(folder / "0.json.gz", folder / f"{number}.json.gz")
    return ["investigate", "--trail", str(folder), *_target()(place)]


@dataclass(frozen=True)
class Situation:
    """A command at work: its words, and what tells that it is in the midst of it."""

    name: str
    words: Callable[[Place], list[str]]
    ready: Callable[[Place], bool]
    # What else it needs for the moment, in seconds.
    then: float = 0.3


SITUATIONS = (
    Situation("investigate", lambda p: ["investigate", *_target("--save", "c.json")(p)], _asks),
    Situation("monitors", lambda _: ["monitors"], _asks),
    Situation("watch", lambda p: ["watch", *_target()(p)], _asks),
    Situation("scan", _trail, _has("scan_worker", 2)),
    Situation("report", lambda p: ["report", *_target()(p)], _both(_asks, _has("ipykernel"))),
    Situation(
        "report of the sandbox",
        lambda _: ["report", "-p", "sandbox=healthy"],
        _both(_has("ipykernel"), _has("--serve")),
    ),
    Situation("fleet", lambda _: ["fleet", "--region", "eu-west-1", "--output", "f"], _asks),
    Situation("record", lambda p: ["record", p.page.url, "--headless"], _visited, 1.0),
    Situation(
        "sandbox", lambda _: ["sandbox", "healthy", "--", "sleep", "99"], _has("sleep 99", 2)
    ),
    Situation("sandbox that serves", lambda _: ["sandbox", "healthy", "--serve"], _serves),
    Situation("mcp", lambda _: ["mcp"], lambda p: bool(p.processes()), 2.0),
    Situation("mcp over HTTP", lambda _: ["mcp", "--http", "--port", "18765"], _listens, 1.5),
)


def _as_by_default():
    """Let the signals be as a terminal leaves them, whoever runs the tests and however."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


@dataclass
class Running:
    """A command that was started in a place, and the ways to end it."""

    place: Place
    process: subprocess.Popen

    def text(self, name):
        return (self.place.root / name).read_text(errors="replace")

    def end(self, number):
        """Send a signal, and return the exit code and the seconds until all of it was gone."""
        begun = time.monotonic()
        # A terminal sends Ctrl-C, and its own end, to all that it has started.
        if number in {signal.SIGINT, signal.SIGHUP}:
            os.killpg(self.process.pid, number)
        else:
            self.process.send_signal(number)
        code = self.process.wait(30)
        while self.place.processes() and time.monotonic() - begun < 10:
            time.sleep(0.02)
        return code, time.monotonic() - begun


def start(place, situation):
    """Start a command and wait until it is in the midst of its work."""
    argv = [RUMKIT, *situation.words(place)]
    with (place.root / "stdout").open("wb") as out, (place.root / "stderr").open("wb") as err:
        process = subprocess.Popen(
            argv, cwd=place.root / "out", env=place.environment, stdin=subprocess.PIPE,
            stdout=out, stderr=err, start_new_session=True, preexec_fn=_as_by_default,  # noqa: PLW1509
        )  # fmt: skip
    running, deadline = Running(place, process), time.monotonic() + _READY_SECONDS
    while not situation.ready(place):
        if process.poll() is not None or time.monotonic() > deadline:
            raise AssertionError(f"it never came to its work: {running.text('stderr')[-2000:]}")
        time.sleep(0.02)
    time.sleep(situation.then)
    return running
