"""Another implementation of IAM's evaluation, run as a tool: it shares no line with rumkit's own.

npm installs it into the user's cache; nothing of it is kept in the repository.
"""

from __future__ import annotations

import functools
import hashlib
import json
import shutil
import subprocess
from pathlib import Path

from real_client_bundles import Unavailable, cache, make_once

_PACKAGE = {"@cloud-copilot/iam-simulate": "0.1.173"}
_SCRIPT = Path(__file__).with_suffix(".mjs")
ACCOUNT = "111122223333"


def missing():
    """Say what keeps the simulator from being had here, without asking the registry."""
    return "" if shutil.which("npm") and shutil.which("node") else "npm and node are needed"


def simulate(*asked):
    """Return the simulator's results, `Allowed` or another word for each. Raises Unavailable."""
    file = _folder() / _SCRIPT.name
    file.write_text(_SCRIPT.read_text())
    done = subprocess.run(
        ["node", str(file)], input=json.dumps(asked), capture_output=True, text=True, timeout=120,
        check=True,
    )  # fmt: skip
    return json.loads(done.stdout)


@functools.cache
def _folder():
    folder = cache() / f"simulator-{hashlib.sha256(json.dumps(_PACKAGE).encode()).hexdigest()[:16]}"
    manifest = {"private": True, "type": "module", "dependencies": _PACKAGE}
    if not folder.is_dir():
        make_once(folder, manifest, lambda place: place)
    return folder


def put_events(monitor, region, *, principal, **policies):
    """Return a question: may this principal put events onto a monitor?"""
    return {
        "principal": principal, "action": "rum:PutRumEvents", "account": ACCOUNT, "context": {},
        "resource": f"arn:aws:rum:{region}:{ACCOUNT}:appmonitor/{monitor}", **policies,
    }  # fmt: skip


def take_role(role, pool, *, amr, trust):
    """Return a question: does a role let an identity pool's visitors in?"""
    provider = "cognito-identity.amazonaws.com"
    # In the enhanced flow Cognito itself calls STS: the address is its own, not the visitor's.
    context = {f"{provider}:amr": [amr], "aws:SourceIp": "198.51.100.9"}
    return {
        "principal": provider, "action": "sts:AssumeRoleWithWebIdentity", "account": ACCOUNT,
        "resource": f"arn:aws:iam::{ACCOUNT}:role/{role}", "onResource": trust,
        "context": context | ({f"{provider}:aud": pool} if pool else {}),
    }  # fmt: skip


__all__ = ["ACCOUNT", "Unavailable", "missing", "put_events", "simulate", "take_role"]
