"""What the recorder asks of a browser, whichever protocol it speaks."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, Self

if TYPE_CHECKING:
    from pathlib import Path

    from rumkit.recorder.browsers import Browser
    from rumkit.recorder.capture import Capture

# How long a page that is hidden is given to send what it still holds, in seconds.
_FLUSH = 0.7


@dataclass(frozen=True)
class Launch:
    """How a browser is started.

    `dry` keeps events from being sent. `front` is the loopback port that every host is reached
    at, 0 for the network itself; `dead_hosts` have no network, `extension` is the folder of an
    unpacked extension: both are for tests.
    """

    browser: Browser
    headless: bool = True
    dry: bool = False
    front: int = 0
    dead_hosts: tuple[str, ...] = ()
    extension: Path | None = None


class Driver(Protocol):
    """A running browser with one tab that is recorded."""

    @property
    def version(self) -> str:
        """Return the browser's name and version, as `Chrome/140.0`."""

    @property
    def unobserved(self) -> tuple[str, ...]:
        """Return sentences on what this browser does not tell."""

    def __enter__(self) -> Self:
        """Start it."""

    def __exit__(self, *_: object) -> None:
        """End it, with everything that it started."""

    def record(self, capture: Capture, *, private: bool = False) -> None:
        """Let what happens from now on go into a capture, in another profile if `private`."""

    def open(self, url: str) -> None:
        """Begin to load a page, and do not wait for it."""

    def reload(self) -> None:
        """Load the page again."""

    def pump(self, seconds: float) -> None:
        """Take what has come, and wait for more at most so long."""

    def ask_state(self) -> None:
        """Ask the page for the client's state; the answer comes when it comes."""

    def run(self, script: str) -> None:
        """Run a script of ours in the page."""

    def leave(self) -> None:
        """Leave the page, as a person does who goes elsewhere."""


def let_flush(driver: Driver) -> None:
    """Listen while a page that was hidden sends what it still holds."""
    until = time.monotonic() + _FLUSH
    while (left := until - time.monotonic()) > 0:
        driver.pump(left)
