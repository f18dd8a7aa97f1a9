"""No secret that is read comes out of the processes that rumkit starts, of a report or of a fleet.

What a live page, its redirects and the probe's chain answer is tried here too.
"""

from __future__ import annotations

import contextlib
import http.server
import os
import subprocess
import threading
from pathlib import Path

import canaries  # type: ignore[import-not-found]
import pytest
from harness import BIN  # type: ignore[import-not-found]
from leaks import SCENARIO, TEXTS, look, through  # type: ignore[import-not-found]
from planting import Plant, planted, refused  # type: ignore[import-not-found]
from share import part_of  # type: ignore[import-not-found]

from rumkit.sandbox.runner import start

pytestmark = pytest.mark.xdist_group("leaks")
COMMANDS = {
    "report": ("report", "--output", "reports", "--exit-zero"),
    "fleet": ("fleet", "--notebooks", "all", "--output", "fleet", "--notify", "file:news",
              "--metrics", "rumkit.prom", "--emf"),
    "debug": ("investigate", "--all", "--debug", "--save", "case.json"),
}  # fmt: skip
ANSWERS = ("cloudtrail:LookupEvents", "rum:GetAppMonitorData", "iam:GetRolePolicy")
RUNS = [(name, answer) for answer in ANSWERS for name in COMMANDS]
# What the probe calls in an installation of the enhanced flow, and in one of the basic flow.
_FIRST, _LAST = "cognito-identity:GetId", "rum:PutRumEvents"
CHAINS = {
    "healthy": (_FIRST, "cognito-identity:GetCredentialsForIdentity", _LAST),
    "healthy-basic": (
        *(_FIRST, "cognito-identity:GetOpenIdToken"),
        *("sts:AssumeRoleWithWebIdentity", _LAST),
    ),
}


@pytest.fixture(scope="module")
def sandbox():
    with start(SCENARIO) as running:
        yield running


@pytest.mark.notebooks
@pytest.mark.parametrize(("name", "answer"), part_of(RUNS, 3))
def test_no_secret_of_an_answer_is_in_any_file_or_process(name, answer, sandbox, tmp_path):
    text = TEXTS[RUNS.index((name, answer)) % len(TEXTS)]
    with planted(Plant(text, answer)) as plant:
        printed, processes = _run(COMMANDS[name], sandbox.environment, tmp_path)
    assert plant.put
    assert canaries.survivors(printed) == set()
    assert canaries.survivors(processes) == set()
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert files
    for path in files:
        assert canaries.survivors(path.read_text(errors="replace")) == set(), path


def _run(words, env, folder):
    """Return what a command prints, and the words and variables of what it starts."""
    process = subprocess.Popen(
        [str(BIN / "rumkit"), *words], cwd=folder, env=env, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, start_new_session=True,
    )  # fmt: skip
    heard: list[str] = []
    ended = threading.Event()

    def listen():
        while not ended.wait(0.1):
            heard.append(_processes_of(process.pid))

    listener = threading.Thread(target=listen)
    listener.start()
    try:
        printed = process.communicate(timeout=300)[0]
    finally:
        ended.set()
        listener.join()
    assert process.returncode in {0, 1, 3}, printed
    return printed, "".join(heard)


def _processes_of(session):
    made = ""
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if os.getsid(int(folder.name)) == session:
                made += (folder / "cmdline").read_text(errors="replace")
                made += (folder / "environ").read_text(errors="replace")
    return made


class _Redirects(http.server.BaseHTTPRequestHandler):
    """Sends on from one address with a secret to another, and then shows a page."""

    text = ""

    def do_GET(self):
        if "last" in self.path:
            body = f"<html><head><title>{self.text}</title></head><body></body></html>".encode()
            self.send_response(200)
            self.send_header("content-type", "text/html")
        else:
            body = b""
            self.send_response(302)
            self.send_header("location", "/last?X-Amz-Signature=Zk7cnaryAmz&token=Zk7cnaryQuery")
        self.send_header("set-cookie", "session=Zk7cnarySet; Path=/")
        self.send_header("x-anything", self.text)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_no_secret_of_a_live_page_and_its_redirects_comes_out(text, sandbox, monkeypatch):
    monkeypatch.setattr(_Redirects, "text", text)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Redirects) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            url = f"http://reader:Zk7cnaryPw@127.0.0.1:{server.server_port}/?token=Zk7cnaryQuery"
            plain = f"http://127.0.0.1:{server.server_port}/first?code=Zk7cnaryQuery"
            for page in (url, plain):
                assert through(look(sandbox, "none", page=page)) == []
        finally:
            server.shutdown()


@pytest.fixture(scope="module", params=CHAINS)
def walked(request):
    with start(request.param) as running:
        yield running, CHAINS[request.param]


def test_no_secret_of_the_probe_s_chain_comes_out(walked):
    sandbox, chain = walked
    for number, operation in enumerate(chain):
        text = TEXTS[number % len(TEXTS)]
        with refused(operation, "AccessDeniedException", text):
            made = look(sandbox, "none", probe=True)
        assert through(made) == []
        assert "AccessDeniedException" in made["saved"], operation
        # What is given to the probe is a secret itself, and stands beside others here.
        with planted(Plant(text, operation)):
            assert through(look(sandbox, "none", probe=True)) == []
