"""Starts the sandbox: for a `with` block, for a command, or until standard input closes."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from functools import partial
from typing import TYPE_CHECKING, Self

from rumkit import isolated
from rumkit.ending import ended_by_signals
from rumkit.model import BadInput, did_you_mean
from rumkit.sandbox import scenarios
from rumkit.sandbox.healthy import install
from rumkit.sandbox.ids import OPERATOR_KEY, OPERATOR_SECRET, stamp
from rumkit.sandbox.installation import DEFAULT, Installation
from rumkit.sandbox.server import Server, respond
from rumkit.sandbox.world import World
from rumkit.temporary import own_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence
    from pathlib import Path

    from rumkit.sandbox.resources import Call
    from rumkit.sandbox.scenarios.base import Scenario

PROFILE = "rumkit-sandbox"
ALL = "all"
_PREFIX = "rumkit-sandbox-"
_UNSET = (
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_SECURITY_TOKEN",
    "AWS_DEFAULT_PROFILE",
    "AWS_REGION",
    "AWS_DEFAULT_REGION",
    "AWS_ENDPOINT_URL",
    "AWS_CA_BUNDLE",
    "AWS_ROLE_ARN",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
)


def list_scenarios() -> tuple[Scenario, ...]:
    """Return all scenarios."""
    return scenarios.SCENARIOS


def build(name: str, *, monitor: str = DEFAULT) -> World:
    """Return the world of a scenario, or of all of them side by side for the name `all`.

    Raises BadInput for a name that is not a scenario.
    """
    world = World()
    if name == ALL:
        for scenario in scenarios.SCENARIOS:
            if not scenario.alone:
                _add(world, scenario, scenario.name)
        return world
    scenario_found = scenarios.find(name)
    if scenario_found is None:
        near = did_you_mean(name, (each.name for each in scenarios.SCENARIOS))
        hint = near or "; `rumkit sandbox list` names them all."
        raise BadInput(f"There is no scenario {name!r}{hint}")
    _add(world, scenario_found, monitor)
    return world


def _add(world: World, scenario: Scenario, name: str) -> Installation:
    from rumkit.sandbox.traffic import lazily

    place = install(world, name)
    scenario.break_(world, place)

    def make() -> tuple[World, Installation, Callable[[], None]]:
        own = World()
        twin = install(own, name)
        return own, twin, lambda: scenario.break_(own, twin)

    place.history = lazily(make)
    return place


class Sandbox:
    """A small AWS on loopback for the time of a `with` block.

    `environment` is the complete environment for a child process. Raises BadInput for a name
    that is not a scenario.
    """

    def __init__(
        self,
        scenario: str,
        *,
        name: str = DEFAULT,
        denied_actions: Collection[str] = (),
        latency_ms: int = 0,
    ) -> None:
        self.world = build(scenario, monitor=name)
        self.world.denied_actions = set(denied_actions) | _denied_by_environment()
        self.world.latency_ms = latency_ms or int(os.environ.get("RUMKIT_SANDBOX_LATENCY_MS", "0"))
        self._folder = own_folder(_PREFIX)
        self._server = Server(partial(respond, self.world))
        _write_profile(self._folder, self._server.url, self.installation.monitor.region)

    def warm_up(self) -> None:
        """Prepare what the first questions need, while another process is still starting."""
        threading.Thread(target=self._prepare, daemon=True).start()

    def _prepare(self) -> None:
        if len(self.world.installations) == 1:
            self.installation.traffic()

    @property
    def installation(self) -> Installation:
        """Return the first installation."""
        return next(iter(self.world.installations.values()))

    @property
    def url(self) -> str:
        """Return the origin that everything is served from."""
        return self._server.url

    @property
    def calls(self) -> list[Call]:
        """Return the API calls made so far, oldest first."""
        return list(self.world.calls)

    @property
    def environment(self) -> dict[str, str]:
        """Return the complete environment of a process that works in the sandbox."""
        kept = {k: v for k, v in os.environ.items() if k not in _UNSET and not _is_endpoint(k)}
        return {**kept, **self.variables}

    @property
    def variables(self) -> dict[str, str]:
        """Return the variables that the sandbox sets."""
        place = self.installation
        places = self.world.installations.values()
        served = [host for p in places for host in (p.host, p.api_host) if host]
        pages = [f"https://{host}={self.url}" for host in served]
        hosts = ["127.0.0.1", "localhost", *served]
        return {
            "AWS_CONFIG_FILE": str(self._folder / "config"),
            "AWS_SHARED_CREDENTIALS_FILE": str(self._folder / "credentials"),
            "AWS_PROFILE": PROFILE,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_DISABLE_HOST_PREFIX_INJECTION": "true",
            "AWS_PAGER": "",
            "RUMKIT_MONITOR": place.monitor.name,
            "RUMKIT_PAGE": "" if place.app else place.url,
            "RUMKIT_NOW": stamp(self.world.clock),
            "RUMKIT_CONNECT_TO": " ".join(pages),
            "RUMKIT_SANDBOX_URL": self.url,
            "NO_PROXY": ",".join(hosts),
            "no_proxy": ",".join(hosts),
        }

    def advance(self, minutes: int = 60) -> None:
        """Move the clock on; visitors come meanwhile and meet the world as it is now."""
        from rumkit.sandbox.admin import advance

        with self.world.lock:
            advance(self.world, minutes)

    def stop(self) -> None:
        """Stop serving and remove what was written."""
        self._server.stop()
        self.world.tables.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def __enter__(self) -> Self:
        """Return the running sandbox."""
        return self

    def __exit__(self, *_: object) -> None:
        """Stop it."""
        self.stop()


def start(
    scenario: str,
    *,
    name: str = DEFAULT,
    denied_actions: Collection[str] = (),
    latency_ms: int = 0,
) -> Sandbox:
    """Start a sandbox; the caller stops it, or uses it as a context manager."""
    return Sandbox(scenario, name=name, denied_actions=denied_actions, latency_ms=latency_ms)


def run_command(scenario: str, argv: Sequence[str]) -> int:
    """Run a command in a sandbox and return its exit code; signals are passed on to it.

    Raises BadInput for a scenario or a command that does not exist.
    """
    with Sandbox(scenario) as sandbox, _passed_on() as passed_on:
        program = argv[0] if os.sep in argv[0] else isolated.which(argv[0])
        if program is None:
            raise BadInput(f"{argv[0]!r} cannot be run: {os.strerror(errno.ENOENT)}.")
        variables = {**sandbox.environment, "PATH": isolated.search_path()}
        try:
            child = subprocess.Popen(  # noqa: S603 - asked for
                list(argv), executable=program, env=variables
            )
        except OSError as error:
            raise BadInput(f"{argv[0]!r} cannot be run: {error.strerror}.") from error
        passed_on.to(child)
        with _ended_with_us(child):
            code = child.wait()
    return code if code >= 0 else 128 - code


@contextlib.contextmanager
def _ended_with_us(child: subprocess.Popen[bytes]) -> Iterator[None]:
    """Have a child end when this process is killed: a watcher waits for the end of its pipe."""
    if os.name != "posix":
        yield
        return
    watcher = subprocess.Popen(  # noqa: S603 - a text of ours, and a number
        ["/bin/sh", "-c", 'read -r _; kill "$1"', "sh", str(child.pid)],
        stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        start_new_session=True,
    )  # fmt: skip
    try:
        yield
    finally:
        watcher.kill()
        watcher.communicate()


def serve(scenario: str) -> int:
    """Print the variables as one JSON line and serve until standard input closes."""
    with ended_by_signals(), Sandbox(scenario) as sandbox:
        sys.stdout.write(json.dumps(sandbox.variables) + "\n")
        sys.stdout.flush()
        sandbox.warm_up()
        with contextlib.suppress(KeyboardInterrupt):
            while sys.stdin.buffer.read(4096):
                pass
    return 0


class _Signals:
    """Passes signals on to a child; one that comes before the child waits for it."""

    def __init__(self) -> None:
        self._child: subprocess.Popen[bytes] | None = None
        self._early: list[int] = []

    def to(self, child: subprocess.Popen[bytes]) -> None:
        """Name the child, and pass on what came before it."""
        self._child = child
        for number in self._early:
            self.forward(number)

    def forward(self, number: int, _frame: object = None) -> None:
        """Be the handler of a signal."""
        if self._child is None:
            self._early.append(number)
            return
        with contextlib.suppress(ProcessLookupError):
            self._child.send_signal(number)


@contextlib.contextmanager
def _passed_on() -> Iterator[_Signals]:
    """Handle signals from before the child is there, so that none finds the sandbox unguarded."""
    signals = _Signals()
    if threading.current_thread() is not threading.main_thread():
        yield signals
        return
    before = {n: signal.signal(n, signals.forward) for n in (signal.SIGTERM, signal.SIGHUP)}
    # The terminal sends an interrupt to the whole group, the child included. A handler that does
    # nothing is not inherited, as SIG_IGN would be.
    before[signal.SIGINT] = signal.signal(signal.SIGINT, lambda *_: None)
    try:
        yield signals
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _write_profile(folder: Path, url: str, region: str) -> None:
    (folder / "config").write_text(
        f"[profile {PROFILE}]\nregion = {region}\nendpoint_url = {url}\noutput = json\n"
        "cli_pager =\nmax_attempts = 2\n"
    )
    credentials = folder / "credentials"
    credentials.write_text(
        f"[{PROFILE}]\naws_access_key_id = {OPERATOR_KEY}\n"
        f"aws_secret_access_key = {OPERATOR_SECRET}\n"
    )
    credentials.chmod(0o600)


def _denied_by_environment() -> set[str]:
    text = os.environ.get("RUMKIT_SANDBOX_DENY", "")
    return {action.strip() for action in text.split(",") if action.strip()}


def _is_endpoint(name: str) -> bool:
    return name.startswith("AWS_ENDPOINT_URL_")
