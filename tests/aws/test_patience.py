"""Whatever AWS's endpoint does, an investigation ends in time and says what was not answered."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from rumkit.aws import patience
from rumkit.aws.session import AwsSession
from rumkit.evidence import Evidence
from rumkit.model import NotCollected, Status
from rumkit.runner import run
from rumkit.target import Target, parse_window

BIN = Path(sys.executable).parent
HEAD = (
    b"HTTP/1.1 200 OK\r\ncontent-type: application/x-amz-json-1.1\r\ncontent-length: 9000\r\n\r\n"
)
PAGE = "<html><head><script>var nothing = 1;</script></head><body>Shop</body></html>"


@pytest.fixture(params=["hangs", "drips"])
def endpoint(request, monkeypatch):
    """Serve an endpoint that takes each request and never answers it whole; give its origin."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=128)
    ended = threading.Event()

    def answer(connection):
        with contextlib.suppress(OSError), connection:
            connection.recv(65_536)
            if request.param == "drips":
                connection.sendall(HEAD)
            while not ended.wait(0.2):
                if request.param == "drips":
                    connection.sendall(b" ")

    def serve():
        with contextlib.suppress(OSError):
            while True:
                connection, _ = listener.accept()
                threading.Thread(target=answer, args=(connection,), daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
    origin = f"http://127.0.0.1:{listener.getsockname()[1]}"
    for name, value in {
        "AWS_ENDPOINT_URL": origin,
        "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "example",
        "AWS_DEFAULT_REGION": "eu-west-1",
        "AWS_CONFIG_FILE": "/dev/null",
        "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    yield origin
    ended.set()
    listener.close()


def evidence_of(page: Path) -> Evidence:
    target = Target(window=parse_window("24h", None), monitor="shop-web", page=str(page))
    return Evidence(target, AwsSession())


@pytest.mark.usefixtures("endpoint")
def test_one_request_is_not_waited_for_without_end():
    session = AwsSession()
    session.patience = patience.Patience(0.5)
    begun = time.monotonic()
    with pytest.raises(NotCollected, match=r"127\.0\.0\.1 did not answer within") as gap:
        session.read("rum", "GetAppMonitor", Name="shop-web")
    assert gap.value.missing == ("network:127.0.0.1",)
    assert time.monotonic() - begun < 5


@pytest.mark.usefixtures("endpoint")
def test_an_investigation_ends_at_its_deadline_and_keeps_what_the_page_tells(tmp_path):
    page = tmp_path / "index.html"
    page.write_text(PAGE)
    begun = time.monotonic()
    found = run(evidence_of(page), timeout=1.5)
    assert time.monotonic() - begun < 10
    states = {each.check: each.status for each in found.findings}
    assert states["snippet-present"] is Status.FAIL
    unanswered = found.finding("identity-pool")
    assert unanswered.status is Status.UNKNOWN
    assert "127.0.0.1" in unanswered.summary
    assert unanswered.missing == ("network:127.0.0.1",)


@pytest.mark.usefixtures("endpoint")
@pytest.mark.skipif(os.name == "nt", reason="signals are POSIX's")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_person_ends_it_at_once(number):
    argv = [str(BIN / "rumkit"), "investigate", "--monitor", "shop-web"]
    process = subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    time.sleep(4)
    assert process.poll() is None
    process.send_signal(number)
    begun = time.monotonic()
    process.communicate(timeout=60)
    assert time.monotonic() - begun < 3
    assert process.returncode == (130 if number == signal.SIGINT else -number)


def test_nothing_goes_out_after_the_end_however_quick_the_replies_are():
    sent = []
    waiting = patience.Patience()
    request = type("Request", (), {"url": "https://rum.eu-west-1.amazonaws.com/"})

    def send(times):
        for _ in range(times):
            waiting.send(sent.append, request)

    with waiting.limited(0.2), pytest.raises(NotCollected, match="--timeout gives it longer"):
        send(10_000)
    assert 0 < len(sent) < 10_000


def test_the_signal_handler_of_the_caller_comes_back():
    before = signal.getsignal(signal.SIGINT)
    with patience.Patience().limited(1):
        assert signal.getsignal(signal.SIGINT) is not before
    assert signal.getsignal(signal.SIGINT) is before
