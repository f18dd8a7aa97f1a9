"""Records a visit and saves it: the one function behind command line, notebook and school."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from rumkit.model import BadInput, RumkitError
from rumkit.plain_file import is_folder
from rumkit.recorder.browsers import find_browser, has_display
from rumkit.recorder.capture import Capture
from rumkit.recorder.channel import NoReply, Refused
from rumkit.recorder.chromium import Chromium
from rumkit.recorder.detour import front_to, sandbox_of
from rumkit.recorder.driver import Launch
from rumkit.recorder.firefox import Firefox
from rumkit.recorder.mark import Mark
from rumkit.recorder.options import SECONDS
from rumkit.recorder.process import ending_on_signals
from rumkit.recorder.progress import RecordingProgress
from rumkit.recorder.saved import ENDING, Meta, save

if TYPE_CHECKING:
    from collections.abc import Callable

    from rumkit.recorder.driver import Driver

MAX_SECONDS = 600.0
_STEP = 0.1
_BETWEEN_QUESTIONS = 1.0
_FRESH = (
    "The profile was fresh: no extension, content blocker, stored credential or session cookie of"
    " a visitor's own browser was at work. A HAR saved in that browser shows them."
)
_HEADLESS = "The browser had no window: protection against bots may treat it differently."
_DRY = "PutRumEvents was not sent (--dry): whether RUM accepts the events was not seen."
_HUNG = "The page did not answer when it was left: what it sends then was not seen."
_SANDBOX = "The visit went to the sandbox: certificates and the network were not the real ones."


@dataclass(frozen=True)
class RecordingPlan:
    """What a recording does.

    `seconds` bounds the wait for one page. `then` are pages that are visited afterwards in the
    same profile, `private` visits the first page again in a profile of its own.
    """

    url: str
    browser: str = ""
    output: Path | None = None
    seconds: float = SECONDS
    headless: bool | None = None
    dry: bool = False
    reload: bool = False
    then: tuple[str, ...] = ()
    private: bool = False

    def checked(self) -> RecordingPlan:
        """Return the plan itself. Raises BadInput for one that can't be carried out."""
        for url in (self.url, *self.then):
            parts = urlsplit(url)
            if parts.scheme not in ("http", "https") or not parts.hostname:
                raise BadInput(f"{url!r} can't be visited: give an http or https address.")
        if not 0 < self.seconds <= MAX_SECONDS:
            raise BadInput(f"A recording waits up to {MAX_SECONDS:.0f} s, not {self.seconds:g} s.")
        return self

    @property
    def file(self) -> Path:
        """Return the file that is written."""
        if self.output is not None:
            named = self.output
            return named if named.name.endswith(".zip") else named.with_name(named.name + ENDING)
        return Path(f"{urlsplit(self.url).hostname}{ENDING}")


def announcement(plan: RecordingPlan) -> str:
    """Say, before it starts, what a visit does."""
    if plan.dry:
        return (
            "This opens the page in a browser. Events are held back (--dry); as any visit, it asks"
            " Cognito for guest credentials."
        )
    return (
        "This opens the page in a browser: as any visit, it sends real events to the app monitor,"
        " and asks Cognito for guest credentials. --dry holds the events back."
    )


def record(
    plan: RecordingPlan,
    *,
    say: Callable[[str], None] = lambda _: None,
    ready: Callable[[], None] | None = None,
) -> Path:
    """Record a visit and return the file.

    `say` gets what happens in short lines; `ready` returns when the person has clicked through
    what stands before the page. Nothing is written unless the recording is complete. Raises
    BadInput for what can't be visited, RumkitError where the browser fails.
    """
    if not is_folder(plan.file.parent):
        raise BadInput(f"There is no folder {plan.file.parent}.")
    capture, meta = capture_visit(plan, say=say, ready=ready)
    say(f"saving {plan.file}")
    return save(capture, meta, plan.file)


def capture_visit(
    plan: RecordingPlan,
    *,
    say: Callable[[str], None] = lambda _: None,
    ready: Callable[[], None] | None = None,
) -> tuple[Capture, Meta]:
    """Record a visit in memory; it holds secrets there. Raises as `record` does."""
    plan = plan.checked()
    browser = find_browser(plan.browser)
    headless = plan.headless if plan.headless is not None else not has_display()
    if ready is not None and headless:
        raise BadInput("There is no window to click in: leave --headless out, or --wait-for-me.")
    sandbox = sandbox_of(plan.url)
    capture, began = Capture(), time.time()
    with ending_on_signals(), front_to(sandbox) as front:
        launch = Launch(browser, headless=headless, dry=plan.dry, front=front)
        say(f"starting {browser.name}{' without a window' if headless else ''}")
        with (Firefox if browser.firefox else Chromium)(launch) as driver:
            say(f"{driver.version} is ready")
            visit(driver, plan, capture, say=say, ready=ready)
            version, unobserved = driver.version, driver.unobserved
    if not capture.pages:
        raise RumkitError(f"{plan.url} was not opened: the browser asked for nothing.")
    limits = {
        _FRESH: True,
        _HEADLESS: headless,
        _DRY: plan.dry,
        _SANDBOX: sandbox is not None,
    }
    unseen = (*(text for text, holds in limits.items() if holds), *unobserved, *capture.unobserved)
    return capture, Meta(version, headless, plan.dry, began, time.time(), unseen)


def visit(
    driver: Driver,
    plan: RecordingPlan,
    capture: Capture,
    *,
    say: Callable[[str], None] = lambda _: None,
    ready: Callable[[], None] | None = None,
) -> None:
    """Visit the pages of a plan in a running browser."""
    stay = partial(_stay, driver, plan, capture, say)
    driver.record(capture)
    driver.open(plan.url)
    if ready is not None:
        _wait_for(ready, driver)
    stay(0)
    if plan.reload:
        say("reloading")
        before = len(capture.pages)
        driver.reload()
        stay(before)
    for url in plan.then:
        _leave(driver, capture)
        say(f"going on to {url}")
        before = len(capture.pages)
        driver.open(url)
        stay(before)
    say("leaving the page: what it still holds is sent now")
    _leave(driver, capture)
    if plan.private:
        say("the same in a private window")
        before = len(capture.pages)
        driver.record(capture, private=True)
        driver.open(plan.url)
        stay(before)
        capture.private.update(page for page, _, _ in capture.pages[before:])
        _leave(driver, capture)


def _leave(driver: Driver, capture: Capture) -> None:
    """Leave the page; one that hangs can't be left as a person leaves it."""
    try:
        driver.leave()
    except (NoReply, Refused):
        capture.unobserved[_HUNG] = None


def _wait_for(ready: Callable[[], None], driver: Driver) -> None:
    """Wait for the person, and go on listening to the browser meanwhile."""
    person = threading.Thread(target=ready, daemon=True)
    person.start()
    while person.is_alive():
        driver.pump(_STEP)


def _stay(
    driver: Driver, plan: RecordingPlan, capture: Capture, say: Callable[[str], None], before: int
) -> None:
    """Wait on the page after the first `before` ones until there is nothing more to wait for."""
    progress, mark = RecordingProgress(capture, say, dry=plan.dry), Mark(capture, driver)
    end, asked = time.time() + plan.seconds, 0.0
    while (now := time.time()) < end:
        driver.pump(_STEP)
        if len(capture.pages) <= before:
            continue
        progress.look(now)
        if now - asked > _BETWEEN_QUESTIONS:
            driver.ask_state()
            asked = now
            if not plan.dry:
                mark.set()
        if progress.enough(now):
            break
    driver.ask_state()
    driver.pump(0.3)
    if progress.missing:
        say(f"not seen: {', '.join(progress.missing)}")
