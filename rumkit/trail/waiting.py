"""Waiting for a query that AWS runs: polls with a growing pause, up to a deadline."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

from rumkit.model import NotCollected

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}
_FIRST_PAUSE = 0.2
_LONGEST_PAUSE = 3.0


def on_loopback(client: Any) -> bool:
    """Return whether a client talks to this machine, where there is no rate to respect."""
    endpoint = str(getattr(getattr(client, "meta", None), "endpoint_url", ""))
    return urlsplit(endpoint).hostname in _LOOPBACK


def wait_until(
    ask: Callable[[], T],
    done: Callable[[T], bool],
    *,
    deadline: float,
    what: str,
    quick: bool = False,
) -> T:
    """Return the first answer that is done. Raises NotCollected at the deadline (monotonic)."""
    pause = 0.005 if quick else _FIRST_PAUSE
    while True:
        answer = ask()
        if done(answer):
            return answer
        if time.monotonic() + pause > deadline:
            raise NotCollected("trail", f"{what} did not end in time.", missing=["input:since"])
        time.sleep(pause)
        pause = min(pause * 1.5, _LONGEST_PAUSE)
