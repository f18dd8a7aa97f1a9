"""The sandbox starts quickly, passes its surroundings on, and leaves nothing behind."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from rumkit.model import BadInput
from rumkit.sandbox.runner import Sandbox, run_command

PRINT = "import json, os; print(json.dumps(dict(os.environ)))"


def _serve(scenario="healthy"):
    code = f"from rumkit.sandbox.runner import serve; raise SystemExit(serve({scenario!r}))"
    return subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def _port_open(url):
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", int(url.rsplit(":", 1)[1]))) == 0


def _folder(variables):
    return Path(variables["AWS_CONFIG_FILE"]).parent


def test_it_starts_within_two_seconds():
    began = time.process_time()
    with Sandbox("all"):
        assert time.process_time() - began < 2


def test_it_leaves_neither_folder_nor_port_behind():
    with Sandbox("healthy") as sandbox:
        folder, url = _folder(sandbox.variables), sandbox.url
        assert folder.is_dir()
        assert _port_open(url)
    assert not folder.exists()
    assert not _port_open(url)


def test_folders_of_dead_processes_are_swept():
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    left = Path(tempfile.mkdtemp(prefix=f"rumkit-sandbox-{dead.pid}-"))
    with Sandbox("healthy"):
        assert not left.exists()


def test_folders_of_living_processes_are_kept():
    with Sandbox("healthy") as one, Sandbox("healthy"):
        assert _folder(one.variables).is_dir()


@pytest.mark.parametrize("name", ["AWS_ACCESS_KEY_ID", "AWS_REGION", "AWS_ENDPOINT_URL_RUM"])
def test_what_would_win_over_the_profile_is_removed(monkeypatch, name):
    monkeypatch.setenv(name, "mine")
    with Sandbox("healthy") as sandbox:
        assert name not in sandbox.environment


def test_the_rest_of_the_environment_is_kept(monkeypatch):
    monkeypatch.setenv("MINE", "kept")
    with Sandbox("healthy") as sandbox:
        assert sandbox.environment["MINE"] == "kept"


def test_the_target_is_named(healthy):
    variables = healthy.variables
    assert variables["RUMKIT_MONITOR"] == "shop-web"
    assert variables["RUMKIT_PAGE"] == "https://www.shop.example/"
    assert variables["RUMKIT_NOW"] == "2026-03-02T09:00:00Z"
    assert variables["RUMKIT_CONNECT_TO"] == f"https://www.shop.example={healthy.url}"


def test_an_installation_may_bear_another_name():
    with Sandbox("signing", name="till") as sandbox:
        assert sandbox.variables["RUMKIT_MONITOR"] == "till"
        assert sandbox.variables["RUMKIT_PAGE"] == "https://till.shop.example/"


def test_an_unknown_scenario_names_the_closest():
    with pytest.raises(BadInput, match="did you mean classic-flow"):
        Sandbox("clasic-flow")


def test_a_commands_exit_code_is_passed_on():
    assert run_command("healthy", [sys.executable, "-c", "raise SystemExit(7)"]) == 7


def test_a_command_sees_the_sandbox(capfd):
    run_command("healthy", [sys.executable, "-c", PRINT])
    seen = json.loads(capfd.readouterr().out)
    assert seen["AWS_PROFILE"] == "rumkit-sandbox"
    assert not _folder(seen).exists()


def test_a_command_that_does_not_exist_is_bad_input():
    with pytest.raises(BadInput, match="no-such-command"):
        run_command("healthy", ["no-such-command"])


def test_a_signal_reaches_the_command():
    code = (
        "import sys; from rumkit.sandbox.runner import run_command;"
        "child = 'import time; print(1, flush=True); time.sleep(60)';"
        "raise SystemExit(run_command('healthy', [sys.executable, '-c', child]))"
    )
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    process.stdout.readline()
    process.send_signal(signal.SIGTERM)
    assert process.wait(20) == 128 + signal.SIGTERM
    process.stdout.close()


def _stop_by(process, how):
    if how == "end of input":
        process.stdin.close()
    else:
        process.terminate()
    process.wait(20)


@pytest.mark.parametrize("how", ["end of input", "termination"])
def test_serving_ends_and_leaves_nothing_behind(how):
    process = _serve()
    variables = json.loads(process.stdout.readline())
    assert _port_open(variables["RUMKIT_SANDBOX_URL"])
    _stop_by(process, how)
    assert not _port_open(variables["RUMKIT_SANDBOX_URL"])
    assert not _folder(variables).exists()
    process.stdin.close()
    process.stdout.close()


def test_serving_ends_with_its_parent():
    code = (
        "import subprocess, sys, os;"
        "serve = 'from rumkit.sandbox.runner import serve; serve(\"healthy\")';"
        "p = subprocess.Popen([sys.executable, '-c', serve], stdin=subprocess.PIPE,"
        " stdout=subprocess.PIPE, text=True);"
        "print(p.stdout.readline(), flush=True); os.kill(os.getpid(), 9)"
    )
    parent = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False
    )
    variables = json.loads(parent.stdout)
    deadline = time.monotonic() + 10
    while _folder(variables).exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not _folder(variables).exists()


def test_importing_the_runner_imports_nothing_heavy():
    code = "import sys, rumkit.sandbox.runner; print(*sys.modules)"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert {"boto3", "botocore", "duckdb", "sqlglot"}.isdisjoint(said.stdout.split())


def test_the_sandbox_imports_nothing_else_of_rumkit():
    code = (
        "import sys, rumkit.sandbox.runner as r, rumkit.sandbox.server;"
        "r.build('healthy').records(); print(*sys.modules)"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    ours = {m for m in said.stdout.split() if m.startswith("rumkit.")}
    allowed = ("rumkit.sandbox", "rumkit.model", "rumkit.aws.policy", "rumkit.aws.partitions")
    others = {m for m in ours if not m.startswith((*allowed, "rumkit.aws.rum_requests"))}
    assert others <= {
        "rumkit.aws",
        "rumkit.aws_names",
        "rumkit.ending",
        "rumkit.errors",
        "rumkit.extras",
        "rumkit.fix",
        "rumkit.isolated",
        "rumkit.json_text",
        "rumkit.printable",
        "rumkit.secret",
        "rumkit.sentences",
        "rumkit.statuses",
        "rumkit.temporary",
    }


def test_the_environment_is_not_changed():
    before = dict(os.environ)
    with Sandbox("healthy"):
        assert dict(os.environ) == before
