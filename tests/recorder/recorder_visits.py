"""Visits the sandbox's pages through the recorder: one browser, one page after the other."""

from __future__ import annotations

import contextlib
import shutil
import time
from typing import TYPE_CHECKING, Any

from real_client_browser import world_of
from real_client_cases import CASES, EVERYTHING, Case, expected
from real_client_front import Front, Site

from rumkit.recorder import progress
from rumkit.recorder.browsers import find_browser
from rumkit.recorder.capture import Capture
from rumkit.recorder.chromium import Chromium
from rumkit.recorder.detour import front_to
from rumkit.recorder.driver import Launch
from rumkit.recorder.firefox import Firefox
from rumkit.recorder.record import RecordingPlan, visit
from rumkit.recorder.saved import Meta, save
from rumkit.sandbox.server import Server

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BROWSERS = ("chromium", "firefox")
# The sandbox's pages dispatch every second, so there is less to wait for than on a real page.
_PATIENCE = {"FIRST": 4.0, "SECOND": 2.5, "QUIET": 0.8}
_BUY = "document.getElementById('buy') && document.getElementById('buy').click()"

OLD, MIDDLE, NEWEST = "1-14", "2-1", "newest"
# A fixed slice for every run; `make recordings` visits every scenario with both browsers.
SLICE = {
    "chromium": (
        f"healthy-{NEWEST}",
        f"csp-script-{OLD}",
        f"csp-connect-{NEWEST}",
        f"guest-role-permission-{MIDDLE}",
        f"identity-pool-{OLD}",
        f"session-sample-rate-{MIDDLE}",
        f"snippet-present-{MIDDLE}",
        "stored-credentials-1-25",
    ),
    "firefox": (
        f"healthy-{MIDDLE}",
        f"csp-connect-{OLD}",
        f"guest-role-permission-{NEWEST}",
    ),
}
BY_NAME = {str(case): case for case in (*CASES, *EVERYTHING)}


def missing(browser: str) -> str:
    """Say why a browser can't be driven here, or nothing."""
    commands = {"chromium": ("chromium",), "firefox": ("firefox", "firefox-esr")}[browser]
    return "" if any(map(shutil.which, commands)) else f"{browser} is not installed"


def driver_of(browser: str, **launch: Any) -> Chromium | Firefox:
    """Return a driver whose page is also clicked on, as a person does who records it."""
    kind = _ClickingFirefox if browser == "firefox" else _ClickingChromium
    return kind(Launch(find_browser(browser), **launch))


class _ClickingChromium(Chromium):
    def ask_state(self) -> None:
        super().ask_state()
        self.run(_BUY)


class _ClickingFirefox(Firefox):
    def ask_state(self) -> None:
        super().ask_state()
        self.run(_BUY)


@contextlib.contextmanager
def served() -> Iterator[tuple[Front, int]]:
    """Serve sandboxes, and give the port at which a browser reaches them over TLS."""
    front = Front()
    server = Server(front)
    try:
        with front_to(("127.0.0.1", server.port)) as port:
            yield front, port
    finally:
        server.stop()


@contextlib.contextmanager
def impatient() -> Iterator[None]:
    """Wait for less than on a real page."""
    before = {name: getattr(progress, name) for name in _PATIENCE}
    for name, seconds in _PATIENCE.items():
        setattr(progress, name, seconds)
    try:
        yield
    finally:
        for name, seconds in before.items():
            setattr(progress, name, seconds)


def record_cases(browser: str, cases: list[Case], folder: Path) -> dict[str, tuple[Path, Site]]:
    """Record the pages of cases with one start of a browser."""
    found: dict[str, tuple[Path, Site]] = {}
    with served() as (front, port), impatient(), driver_of(browser, front=port) as driver:
        for case in cases:
            site = front.add(*world_of(case))
            capture = record_page(driver, site, case.visits)
            found[str(case)] = saved(capture, folder / f"{case}.rum.zip", driver), site
    return found


def record_page(driver: Any, site: Site, paths: tuple[str, ...] = ("/",)) -> Capture:
    """Visit the paths of a site and return what was captured."""
    urls = [f"https://{site.place.host}{path}" for path in paths]
    capture = Capture()
    visit(driver, RecordingPlan(urls[0], seconds=15, then=tuple(urls[1:])), capture)
    return capture


def saved(capture: Capture, file: Path, driver: Any) -> Path:
    """Save a capture as the recorder does."""
    began = min((moment for _, _, moment in capture.pages), default=time.time())
    meta = Meta(driver.version, True, False, began, time.time(), driver.unobserved)
    return save(capture, meta, file)


def cause_of(case: Case) -> str | None:
    """Return the cause that a recording must show; this one holds every script that was loaded."""
    own = case.scenario.name == "snippet-present"
    return case.scenario.root_cause if own else expected(case).cause
