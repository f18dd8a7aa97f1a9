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
from rumkit.model import BadInput, NotCollected, Status
from rumkit.runner import investigate, run
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
    signed_in(monkeypatch, origin)
    yield origin
    ended.set()
    listener.close()


@pytest.fixture
def answering(monkeypatch):
    """Serve an endpoint that answers each request as `answer(number)` says: status and body."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=128)
    place = type("Place", (), {"answer": None, "came": 0})()

    def reply(connection):
        with contextlib.suppress(OSError), connection:
            connection.recv(65_536)
            place.came += 1
            status, body = place.answer(place.came)
            head = f"HTTP/1.1 {status} x\r\ncontent-type: application/json\r\n"
            head += f"content-length: {len(body)}\r\nconnection: close\r\n\r\n"
            connection.sendall(head.encode() + body.encode())

    def serve():
        with contextlib.suppress(OSError):
            while True:
                connection, _ = listener.accept()
                threading.Thread(target=reply, args=(connection,), daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
    signed_in(monkeypatch, f"http://127.0.0.1:{listener.getsockname()[1]}")
    yield place
    listener.close()


def signed_in(monkeypatch, origin):
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


def evidence_of(page: Path) -> Evidence:
    target = Target(window=parse_window("24h", None), monitor="shop-web", page=str(page))
    return Evidence(target, AwsSession())


@pytest.mark.usefixtures("endpoint")
def test_one_request_is_not_waited_for_without_end():
    session = AwsSession()
    session.patience = patience.Patience(0.75)
    session.client("rum")  # its model is loaded before the clock runs
    begun = time.monotonic()
    with pytest.raises(NotCollected, match=r"127\.0\.0\.1 did not answer within") as gap:
        session.read("rum", "GetAppMonitor", Name="shop-web")
    assert gap.value.missing == ("network:127.0.0.1",)
    assert time.monotonic() - begun < 10


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
    assert unanswered.missing == ("input:timeout",)


@pytest.mark.usefixtures("endpoint")
def test_silence_costs_its_time_once_however_many_hosts_are_silent(tmp_path):
    """Every read hangs, those that wait for each other included."""
    page = tmp_path / "index.html"
    page.write_text(PAGE)
    evidence = evidence_of(page)
    evidence.session.patience = patience.Patience(4)
    begun = time.monotonic()
    found = run(evidence)
    assert time.monotonic() - begun < 4 + 8
    assert found.finding("identity-pool").missing == ("network:127.0.0.1",)


def lookup_in(session, **asked):
    return session.read_all("rum", "ListAppMonitors", "AppMonitorSummaries", **asked)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        pytest.param(
            lambda number: (time.sleep(0.4), (500, "{}"))[1],
            "rum:ListAppMonitors.*(whole of it within|500)",
            id="slow errors that are tried again",
        ),
        pytest.param(
            lambda number: (200, f'{{"AppMonitorSummaries": [], "NextToken": "{number}"}}'),
            "more than 50 pages|whole of it within",
            id="pages without end",
        ),
        pytest.param(
            lambda number: (200, f'{{"AppMonitorSummaries": [], "NextToken": "{number % 2}"}}'),
            "more than 50 pages|whole of it within",
            id="two pages in turn",
        ),
        pytest.param(
            lambda number: (
                time.sleep(0.3),
                (200, f'{{"AppMonitorSummaries": [], "NextToken": "{number}"}}'),
            )[1],
            "whole of it within 1 s",
            id="slow pages",
        ),
    ],
)
def test_a_read_is_bounded_with_its_retries_and_its_pages(answering, answer, words):
    answering.answer = answer
    session = AwsSession()
    session.patience = patience.Patience(1)
    begun = time.monotonic()
    with pytest.raises(NotCollected, match=words) as gap:
        lookup_in(session)
    assert time.monotonic() - begun < 10
    assert gap.value.missing


@pytest.mark.usefixtures("endpoint")
def test_a_body_that_drips_after_its_head_is_not_waited_for():
    session = AwsSession()
    session.patience = patience.Patience(0.75)
    client = session.client("s3", "eu-west-1")
    begun = time.monotonic()
    with pytest.raises(NotCollected, match="did not answer within"):
        client.get_object(Bucket="shop-trail", Key="AWSLogs/x.json.gz")["Body"].read()
    assert time.monotonic() - begun < 10


def test_a_program_for_credentials_that_hangs_ends_with_the_investigation(tmp_path, monkeypatch):
    config = tmp_path / "config"
    config.write_text("[profile slow]\ncredential_process = /bin/sleep 60\nregion = eu-west-1\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    session = AwsSession(profile="slow")
    begun = time.monotonic()
    with session.patience.limited(1), pytest.raises(NotCollected, match="credentials") as gap:
        session.read("rum", "GetAppMonitor", Name="shop-web")
    assert time.monotonic() - begun < 10
    assert gap.value.missing == ("input:timeout",)


@pytest.mark.parametrize("seconds", [0, -1, float("nan"), float("inf"), 1e9])
def test_a_time_out_that_is_none_is_refused(seconds):
    with pytest.raises(BadInput, match="time-out"):
        investigate(monitor="shop-web", timeout=seconds)


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
    assert process.returncode == 128 + number


def test_nothing_goes_out_after_the_end_however_quick_the_replies_are():
    sent = []
    waiting = patience.Patience()

    def send(times):
        for _ in range(times):
            waiting.wait_for("rum.eu-west-1.amazonaws.com", lambda: sent.append(1))

    with waiting.limited(0.2), pytest.raises(NotCollected, match="--timeout gives it longer"):
        send(10_000)
    assert 0 < len(sent) < 10_000


def test_the_signal_handler_of_the_caller_comes_back():
    before = signal.getsignal(signal.SIGINT)
    with patience.Patience().limited(1):
        assert signal.getsignal(signal.SIGINT) is not before
    assert signal.getsignal(signal.SIGINT) is before
