"""The real `aws` command talks to the sandbox through its profile alone."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

AWS = Path(sys.executable).with_name("aws")
pytestmark = pytest.mark.skipif(not AWS.exists(), reason="the aws command is not installed")


def _aws(sandbox, *arguments):
    done = subprocess.run(
        [AWS, *arguments],
        env=sandbox.environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


def _json(sandbox, *arguments):
    code, out, err = _aws(sandbox, *arguments)
    assert code == 0, err
    return json.loads(out)


def test_a_monitor_is_shown(healthy):
    monitor = _json(healthy, "rum", "get-app-monitor", "--name", "shop-web")["AppMonitor"]
    assert monitor["Id"] == healthy.installation.monitor.id


def test_a_pool_is_shown(healthy):
    pool = healthy.installation.pool.id
    shown = _json(healthy, "cognito-identity", "describe-identity-pool", "--identity-pool-id", pool)
    assert shown["AllowClassicFlow"] is False


def test_event_history_is_paged(healthy):
    shown = _json(healthy, "cloudtrail", "lookup-events", "--max-items", "60")
    assert len(shown["Events"]) == 60


def test_a_monitor_that_does_not_exist_is_named(healthy):
    code, _, err = _aws(healthy, "rum", "get-app-monitor", "--name", "nobody")
    assert code != 0
    assert "ResourceNotFoundException" in err


def test_a_role_is_mended(sandbox_of):
    sandbox = sandbox_of("guest-role-permission")
    place = sandbox.installation
    statement = {"Effect": "Allow", "Action": "rum:PutRumEvents", "Resource": place.monitor.arn}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    code, _, err = _aws(
        sandbox,
        *("iam", "put-role-policy", "--role-name", place.role.name),
        *("--policy-name", "RUMPutBatchMetrics", "--policy-document", document),
    )
    assert code == 0, err
    sandbox.advance(30)
    assert sandbox.world.accepted
