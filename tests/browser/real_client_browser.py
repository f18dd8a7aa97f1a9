"""Visits the sandbox's pages with headless Chromium, many side by side, and records each."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from headless import CHROMIUM
from real_client_front import Front, Site, open_front
from real_client_recorder import Recorder

from rumkit.sandbox.healthy import install
from rumkit.sandbox.snippet import CLIENT_HOST
from rumkit.sandbox.world import World

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from real_client_bundles import Generation
    from real_client_cases import Case

_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--ignore-certificate-errors",
]
_AT_ONCE = 32
# A person who records does something on the page, waits, and does it again before the end.
_ACTS = (3.0, 7.5)
_DISPATCH_INTERVAL = 1000


@dataclass(frozen=True)
class Recorded:
    """A finished visit: what was saved, and what the sandbox saw of it."""

    har: Path
    sanitised: Path
    site: Site


def record(cases: Sequence[Case], folder: Path) -> dict[Case, Recorded]:
    """Visit the pages of all cases and save what a browser and the sandbox saw."""
    from playwright.sync_api import sync_playwright

    found: dict[Case, Recorded] = {}
    with open_front(folder) as front, sync_playwright() as playwright:
        hosts = f"--host-resolver-rules=MAP * 127.0.0.1:{front.port}"
        browser = playwright.chromium.launch(
            executable_path=str(CHROMIUM), args=[*_ARGUMENTS, hosts]
        )
        for some in _side_by_side(cases):
            visitors = [_Visitor(browser, front, case) for case in some]
            for path in some[0].visits[1:]:
                _stay(visitors)
                for each in visitors:
                    each.visit(path)
            _stay(visitors)
            found |= {each.case: each.save(folder) for each in visitors}
        browser.close()
        strays = [one for one in front.lost if ".google" not in one]
        assert strays == [], "requests that belong to no page of the tests"
    return found


def _side_by_side(cases: Sequence[Case]) -> Iterator[list[Case]]:
    """Yield the cases in groups whose visits are the same, so that none waits for another."""
    for visits in sorted({case.visits for case in cases}):
        alike = [case for case in cases if case.visits == visits]
        for start in range(0, len(alike), _AT_ONCE):
            yield alike[start : start + _AT_ONCE]


def _stay(visitors: list[_Visitor]) -> None:
    for seconds in _ACTS:
        for each in visitors:
            each.act(seconds)
    visitors[-1].page.wait_for_timeout(1.2 * _DISPATCH_INTERVAL)
    for each in visitors:
        each.recorder.keep_bodies()


class _Visitor:
    def __init__(self, browser: Any, front: Front, case: Case) -> None:
        self.case = case
        self.site = front.add(*world_of(case))
        self.context = browser.new_context(ignore_https_errors=True)
        self.page = self.context.new_page()
        self.recorder = Recorder(self.page)
        self._arrived = 0.0
        # At once: the pages that are already there go on while the next ones are opened.
        self.visit(case.visits[0])

    def visit(self, path: str) -> None:
        self.page.goto(f"https://{self.site.place.host}{path}", wait_until="commit")
        self._arrived = time.monotonic()

    def act(self, seconds: float) -> None:
        rest = seconds - (time.monotonic() - self._arrived)
        if rest > 0:
            self.page.wait_for_timeout(rest * 1000)
        self.page.evaluate("() => document.getElementById('buy').click()")

    def save(self, folder: Path) -> Recorded:
        har = folder / f"{self.case}.har"
        sanitised = folder / f"{self.case}-sanitised.har"
        self.recorder.save(har)
        self.recorder.save(sanitised, sanitised=True)
        self.context.close()
        return Recorded(har, sanitised, self.site)


def world_of(case: Case) -> tuple[World, Any]:
    """Return a scenario's world, its page with the case's client in it."""
    world = World()
    place = install(world, str(case))
    _use(place, case.generation)
    place.client.config["dispatchInterval"] = _DISPATCH_INTERVAL
    case.scenario.break_(world, place)
    if not case.own_client:
        # Some faults bring a client of their own; the page is held against this one all the same.
        _use(place, case.generation)
    return world, place


def _use(place: Any, generation: Generation) -> None:
    place.client.url = f"{CLIENT_HOST}{generation.path}"
