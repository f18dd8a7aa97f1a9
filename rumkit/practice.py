"""Practice in the sandbox: a scenario's small AWS as the surroundings of this process."""

from __future__ import annotations

import atexit
import json
import os
import subprocess
import time
import urllib.request
from concurrent.futures import wait
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from rumkit import isolated
from rumkit.model import BadInput, RumkitError
from rumkit.target import SURROUNDINGS
from rumkit.threads import in_thread

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_START_SECONDS = 30.0
_STOP_SECONDS = 5.0
# As long as a person needs to read a line, in the place of a minute.
_SANDBOX_SECONDS = 0.3
# What would win over the sandbox's own profile, were it left in place.
_OUTSIDE = (
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_DEFAULT_PROFILE",
    "AWS_REGION",
    "AWS_DEFAULT_REGION",
)
_ENDPOINTS = "AWS_ENDPOINT_URL"


@dataclass
class _Running:
    scenario: str
    process: subprocess.Popen[str]
    before: Mapping[str, str | None]


_running: list[_Running] = []


def running() -> str:
    """Return the name of the scenario that this process practises in, or nothing."""
    return _running[-1].scenario if _running else ""


def environment_names_a_target() -> bool:
    """Return whether the surroundings name what to look at, and not through `enter`."""
    return not _running and any(map(os.environ.get, SURROUNDINGS))


def enter(scenario: str) -> None:
    """Start the scenario's sandbox and make it this process's AWS; leave another one first.

    A scenario that already runs goes on, with what was mended in it. Raises BadInput for a
    scenario that does not exist, RumkitError when the sandbox does not start.
    """
    if running() == scenario:
        return
    leave()
    process = _start(scenario)
    given = _environment(process, scenario)
    endpoints = [name for name in os.environ if name.startswith(_ENDPOINTS)]
    changed = dict.fromkeys((*_OUTSIDE, *endpoints)) | given
    before = {name: os.environ.get(name) for name in changed}
    _set(changed)
    _running.append(_Running(scenario, process, before))


def restart(scenario: str) -> None:
    """Start the scenario afresh, without what was changed in it."""
    leave()
    enter(scenario)


def let_time_pass(seconds: float, wait: Callable[[float], object] = time.sleep) -> None:
    """Wait; in the sandbox its clock is moved on instead, and visitors come meanwhile."""
    origin = os.environ.get("RUMKIT_SANDBOX_URL", "")
    if not origin:
        wait(seconds)
        return
    wait(min(seconds, _SANDBOX_SECONDS))
    move_clock(origin, max(1, round(seconds / 60)))


def move_clock(origin: str, minutes: int) -> None:
    """Move the sandbox's clock on, and this process's with it. Raises RumkitError."""
    body = json.dumps({"minutes": minutes}).encode()
    if not origin.startswith("http://127.0.0.1:"):
        raise RumkitError(f"{origin} is not a sandbox of this machine.")
    request = urllib.request.Request(f"{origin}/_sandbox/advance", data=body, method="POST")  # noqa: S310 - loopback only
    try:
        with urllib.request.urlopen(request, timeout=_START_SECONDS) as reply:  # noqa: S310
            os.environ["RUMKIT_NOW"] = str(json.load(reply)["RUMKIT_NOW"])
    except (OSError, ValueError, KeyError) as error:
        raise RumkitError(f"The sandbox does not answer: {error}.") from None


def leave() -> None:
    """Stop the sandbox and restore the surroundings; without one it does nothing."""
    while _running:
        sandbox = _running.pop()
        _set(sandbox.before)
        _stop(sandbox.process)


@cache
def scenarios() -> tuple[str, ...]:
    """Return the names of the scenarios. Raises RumkitError where the sandbox can't be asked."""
    try:
        listing = subprocess.run(  # noqa: S603 - our own interpreter and command, no shell
            isolated.rumkit("sandbox", "list", "--json"),
            capture_output=True,
            check=True,
            text=True,
            timeout=_START_SECONDS,
            stdin=subprocess.DEVNULL,
        )
        return tuple(str(scenario["name"]) for scenario in json.loads(listing.stdout))
    except (subprocess.SubprocessError, ValueError, KeyError, TypeError):
        raise RumkitError("The sandbox's scenarios could not be listed.") from None


def _start(scenario: str) -> subprocess.Popen[str]:
    return subprocess.Popen(  # noqa: S603 - our own interpreter and module, no shell
        isolated.rumkit("sandbox", scenario, "--serve"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )


def _environment(process: subprocess.Popen[str], scenario: str) -> dict[str, str]:
    """Read the one line that the sandbox prints when it serves."""
    reader = in_thread(lambda: process.stdout.readline() if process.stdout else "", "practice")
    line = reader.result() if wait([reader], _START_SECONDS).done else ""
    if not line.strip():
        _stop(process)
        raise _not_started(process, scenario)
    reply = json.loads(line)
    return {str(name): str(value) for name, value in reply.get("environment", reply).items()}


def _not_started(process: subprocess.Popen[str], scenario: str) -> RumkitError:
    error_lines = (process.stderr.read() if process.stderr else "").strip().splitlines()
    why = error_lines[-1] if error_lines else f"it said nothing for {_START_SECONDS:.0f} s"
    if process.returncode == 2:
        return BadInput(why.removeprefix("rumkit: "))
    return RumkitError(f"The sandbox {scenario!r} did not start: {why}")


def _stop(process: subprocess.Popen[str]) -> None:
    """Close its input, which ends it; kill it when that is not enough."""
    if process.stdin and not process.stdin.closed:
        process.stdin.close()
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _set(values: Mapping[str, str | None]) -> None:
    for name, value in values.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value


atexit.register(leave)
