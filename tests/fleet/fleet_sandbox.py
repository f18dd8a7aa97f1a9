"""Accounts of many monitors for the tests and benchmarks of fleets: one process each.

`python fleet_sandbox.py --serve --monitors 50 --broken 2` prints its environment as one JSON line
and serves until its input ends. The last day of one installation is replayed once and written
again with the ids of the others, which a replay of each would make slow.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import subprocess
import sys
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

# What `serve` puts its own world in the place of.
_ORIGINAL: dict[str, Any] = {}
RUMKIT = Path(sys.executable).with_name("rumkit")
SEED = "zzseedmonitor"
READER = "rumkit-reader"
EXTERNAL_ID = "a-shared-id"


def names(monitors: int, broken: int) -> list[tuple[str, str]]:
    """Return (monitor, scenario) pairs, the broken ones first."""
    return [
        (f"web-{number:04d}", "guest-role-permission" if number < broken else "healthy")
        for number in range(monitors)
    ]


def build(monitors: int, broken: int, tagged: int = 0, thin: int = 1) -> Any:
    """Return a world of so many monitors, some of them broken, the first few tagged team=shop.

    `thin` keeps one in so many records and events of the last day.
    """
    from rumkit.sandbox import scenarios
    from rumkit.sandbox.healthy import install
    from rumkit.sandbox.ids import ACCOUNT
    from rumkit.sandbox.roles import Role
    from rumkit.sandbox.world import World

    world = World()
    seeds: dict[str, Any] = {}
    for number, (name, scenario) in enumerate(names(monitors, broken)):
        place = install(world, name)
        scenarios.find(scenario).break_(world, place)
        place.history = _history(seeds, scenario, place, thin)
        if number < tagged:
            place.monitor.tags = {"team": "shop"}
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
        "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"sts:ExternalId": EXTERNAL_ID}},
    }
    trust = {"Version": "2012-10-17", "Statement": [statement]}
    world.roles.add(Role(READER, trust, path="/"))
    open_trust = {**trust, "Statement": [{**statement, "Condition": {}}]}
    world.roles.add(Role("hub", open_trust, path="/"))
    return world


def _history(seeds: dict[str, Any], scenario: str, place: Any, thin: int) -> Any:
    lock, made = threading.Lock(), []

    def traffic() -> Any:
        with lock:
            if not made:
                if scenario not in seeds:
                    seeds[scenario] = _seed(scenario, thin)
                made.append(_rewritten(*seeds[scenario], place))
            return made[0]

    return traffic


def _seed(scenario: str, thin: int) -> tuple[Any, Any]:
    from rumkit.sandbox import runner
    from rumkit.sandbox.resources import Traffic

    world = _ORIGINAL.get("build", runner.build)(scenario, monitor=SEED)
    place = next(iter(world.installations.values()))
    whole = place.traffic()
    parts = (whole.records, whole.events, whole.traces, whole.requests)
    return place, Traffic(*(part[::thin] for part in parts))


def _rewritten(seed: Any, traffic: Any, place: Any) -> Any:
    from rumkit.sandbox.ids import uuid_of
    from rumkit.sandbox.resources import Traffic

    swaps = (
        (seed.name, place.name),
        (seed.monitor.id, place.monitor.id),
        (seed.pool.id, place.pool.id),
    )

    def again(documents: list[Any]) -> list[Any]:
        text = json.dumps(documents)
        for old, new in swaps:
            text = text.replace(old, new)
        found: list[Any] = json.loads(text)
        for each in found:
            for key in ("eventID", "event_id"):
                if key in each:
                    each[key] = uuid_of("again", place.name, each[key])
        return found

    traces = [{**each, "host": place.host} for each in traffic.traces]
    return Traffic(again(traffic.records), again(traffic.events), traces, traffic.requests)


class _Served:
    """A sandbox of many monitors, as `rumkit.sandbox.runner.Sandbox` serves one."""

    def __init__(self, options: argparse.Namespace) -> None:
        from rumkit.sandbox import runner
        from rumkit.sandbox.resources import Member

        made = build(options.monitors, options.broken, options.tagged, options.thin)
        _ORIGINAL["build"] = runner.build
        runner.build = lambda *_, **__: made
        self.sandbox = runner.Sandbox("healthy")
        self.sandbox.world.regions_off = set(filter(None, options.off.split(",")))
        accounts = [each.split(":") for each in options.organization.split(",") if each]
        self.sandbox.world.organization = [Member(*each) for each in accounts]


def serve(options: argparse.Namespace) -> None:
    """Print the environment, serve, and answer each line of input with the calls made so far."""
    served = _Served(options)
    with served.sandbox as sandbox:
        for place in sandbox.world.installations.values():
            place.traffic()
        print(json.dumps(sandbox.variables), flush=True)
        for _ in sys.stdin:
            calls = [[c.service, c.operation, c.params.get("Name", "")] for c in sandbox.calls]
            sandbox.world.calls.clear()
            print(json.dumps(calls, default=str), flush=True)


@dataclass
class Account:
    """A running account: what its process says of itself."""

    process: subprocess.Popen[str]
    variables: dict[str, str]

    def calls(self) -> list[list[str]]:
        """Return the calls since this was asked last: service, operation, name."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        found: list[list[str]] = json.loads(self.process.stdout.readline())
        return found


@contextlib.contextmanager
def account(
    monitors: int = 3, broken: int = 1, *, number: str = "111122223333", **more: str
) -> Iterator[Account]:
    """Run one account in a process of its own; `latency` in milliseconds, `more` is its options."""
    latency = more.pop("latency", "0")
    options = [part for name, value in more.items() for part in (f"--{name}", str(value))]
    process = subprocess.Popen(
        [sys.executable, __file__, "--serve", "--monitors", str(monitors), "--broken", str(broken),
         *options],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        env={**os.environ, "RUMKIT_SANDBOX_ACCOUNT": number, "RUMKIT_SANDBOX_LATENCY_MS": latency},
    )  # fmt: skip
    try:
        assert process.stdout
        yield Account(process, json.loads(process.stdout.readline()))
    finally:
        assert process.stdin
        process.stdin.close()
        process.wait(120)


def together(accounts: dict[str, Account]) -> dict[str, str]:
    """Return one environment in which each account is a profile of its own, by name."""
    folder = Path(tempfile.mkdtemp(prefix="rumkit-fleet-"))
    config, credentials = [], []
    for name, each in accounts.items():
        for target, kind in (
            (config, "AWS_CONFIG_FILE"),
            (credentials, "AWS_SHARED_CREDENTIALS_FILE"),
        ):
            text = Path(each.variables[kind]).read_text()
            target.append(text.replace("rumkit-sandbox", name))
    (folder / "config").write_text("\n".join(config))
    (folder / "credentials").write_text("\n".join(credentials))
    first = next(iter(accounts.values())).variables
    variables = {**first, "AWS_CONFIG_FILE": str(folder / "config")}
    variables["AWS_SHARED_CREDENTIALS_FILE"] = str(folder / "credentials")
    pages = " ".join(each.variables["RUMKIT_CONNECT_TO"] for each in accounts.values())
    variables["RUMKIT_CONNECT_TO"] = pages
    for name in ("AWS_PROFILE", "RUMKIT_MONITOR", "RUMKIT_PAGE", "RUMKIT_SANDBOX_URL"):
        variables.pop(name, None)
    return variables


def main() -> None:
    """Serve one account."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--serve", action="store_true")
    parser.add_argument("--monitors", type=int, default=3)
    parser.add_argument("--broken", type=int, default=1)
    parser.add_argument("--tagged", type=int, default=0)
    parser.add_argument("--thin", type=int, default=1)
    parser.add_argument("--off", default="")
    parser.add_argument("--organization", default="", help="NUMBER:NAME:STATE,…")
    serve(parser.parse_args())


if __name__ == "__main__":
    main()
