"""The sandbox's profile serves rumkit, boto3 and the `aws` command alike."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import boto3
from harness import BIN, environment, investigate_in, run  # type: ignore[import-not-found]


def test_the_real_aws_command_reads_the_monitor(denied):
    done = run(denied, "aws", "rum", "get-app-monitor", "--name", "shop-web")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["AppMonitor"]["Name"] == "shop-web"


def test_plain_boto3_sees_what_rumkit_sees(denied):
    found = investigate_in(denied)
    with environment(denied.environment):
        monitor = boto3.Session().client("rum").get_app_monitor(Name="shop-web")["AppMonitor"]
    assert found.target["monitor"] == monitor["Name"]
    assert found.target["region"] == boto3_region(denied)


def boto3_region(sandbox):
    with environment(sandbox.environment):
        return boto3.Session().region_name


def test_a_command_in_the_sandbox_gets_its_exit_code_back():
    for code in (0, 1, 7):
        done = subprocess.run(
            [str(BIN / "rumkit"), "sandbox", "healthy", "--", "sh", "-c", f"exit {code}"],
            timeout=60, check=False,
        )  # fmt: skip
        assert done.returncode == code


def test_the_sandbox_stops_with_its_parent_and_leaves_nothing_behind(tmp_path):
    env = {**os.environ, "TMPDIR": str(tmp_path)}
    child = subprocess.Popen(
        [str(BIN / "rumkit"), "sandbox", "healthy", "--serve"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=env,
    )  # fmt: skip
    variables = json.loads(child.stdout.readline())
    assert Path(variables["AWS_CONFIG_FILE"]).is_file()
    child.stdin.close()
    assert child.wait(timeout=10) == 0
    assert list(tmp_path.iterdir()) == []


def test_an_interrupted_sandbox_ends_its_command_too(tmp_path):
    env = {**os.environ, "TMPDIR": str(tmp_path)}
    child = subprocess.Popen(
        [str(BIN / "rumkit"), "sandbox", "healthy", "--", "sleep", "60"], env=env
    )
    time.sleep(2.5)
    child.send_signal(signal.SIGTERM)
    assert child.wait(timeout=10) != 0
    assert list(tmp_path.iterdir()) == []


def test_a_command_in_the_sandbox_can_be_interrupted_as_usual():
    code = "import signal; print(signal.getsignal(signal.SIGINT) is signal.default_int_handler)"
    done = subprocess.run(
        [str(BIN / "rumkit"), "sandbox", "healthy", "--", sys.executable, "-c", code],
        capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    assert done.stdout.strip() == "True"


def test_the_terminal_view_holds_no_control_characters_from_outside(denied):
    done = run(denied, "rumkit", "investigate")
    assert "\x1b" not in done.stdout
