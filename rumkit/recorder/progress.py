"""What a recording waits for, and when it has waited long enough.

The client sends first about 5 s after it has started and then every 5 s while there are events;
what its page still holds goes out when the page is hidden.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from rumkit.client.har.conversation import VENDING
from rumkit.client.har.scripts import carries_mark

if TYPE_CHECKING:
    from collections.abc import Callable

    from rumkit.recorder.capture import Capture, Exchange

    Say = Callable[[str], None]

# Nothing that a silent client could still do takes longer; see `visit.FIRST_DISPATCH`.
FIRST = 8.0
SECOND = 6.5
QUIET = 1.5


class RecordingStep(StrEnum):
    """The steps of a visit, in their order."""

    PAGE = "page"
    SCRIPT = "client script"
    CREDENTIALS = "credentials"
    FIRST = "first dispatch"
    SECOND = "second dispatch"


class RecordingProgress:
    """Follows one page of a capture and says what happens on it."""

    def __init__(self, capture: Capture, say: Say, *, dry: bool = False) -> None:
        self._capture, self._say, self._dry = capture, say, dry
        self._done: dict[RecordingStep, float] = {}
        self._begun = False

    def look(self, now: float) -> None:
        """Note the steps that were reached since the last look; `now` is in seconds since 1970."""
        exchanges = self._capture.of_page(self._capture.page)
        for step, reached in self._reached(exchanges).items():
            if reached is not None and step not in self._done:
                self._done[step] = now
                self._say(f"{step}: {_outcome(reached)}")

    def _reached(self, exchanges: list[Exchange]) -> dict[RecordingStep, Exchange | None]:
        puts = [e for e in exchanges if e.puts and e.done]
        return {
            RecordingStep.PAGE: _first(exchanges, lambda e: e.resource == "document"),
            RecordingStep.SCRIPT: _first(exchanges, _is_client),
            RecordingStep.CREDENTIALS: _last_vending(exchanges),
            RecordingStep.FIRST: puts[0] if puts else None,
            RecordingStep.SECOND: puts[1] if len(puts) > 1 else None,
        }

    def enough(self, now: float) -> bool:
        """Return whether nothing more is to be waited for."""
        if RecordingStep.PAGE not in self._done:
            return False
        exchanges = self._capture.of_page(self._capture.page)
        last = max((e.ended or now for e in exchanges), default=now)
        if now - last < QUIET:
            return False
        if RecordingStep.SECOND in self._done:
            return True
        if self._dry and RecordingStep.FIRST in self._done:
            return True
        patience = {
            RecordingStep.FIRST: SECOND,
            RecordingStep.CREDENTIALS: FIRST,
            RecordingStep.SCRIPT: FIRST,
        }
        for step, seconds in patience.items():
            if step in self._done:
                return now - self._done[step] > seconds
        return now - self._done[RecordingStep.PAGE] > FIRST

    @property
    def missing(self) -> list[RecordingStep]:
        """Return the steps that were not reached."""
        return [step for step in RecordingStep if step not in self._done]


def _first(exchanges: list[Exchange], wanted: Callable[[Exchange], bool]) -> Exchange | None:
    return next((e for e in exchanges if e.done and wanted(e)), None)


def _is_client(exchange: Exchange) -> bool:
    script = exchange.resource == "script" and carries_mark(exchange.reply)
    return exchange.client_script or script


def _last_vending(exchanges: list[Exchange]) -> Exchange | None:
    """Return the last call of Cognito or STS once the chain is through, or broken."""
    asked = [e for e in exchanges if e.method == "POST" and e.place and e.place.kind in VENDING]
    if not asked or not all(e.done for e in asked):
        return None
    last = asked[-1]
    return last if "Credentials" in last.reply or last.status >= 400 or not last.status else None


def _outcome(exchange: Exchange) -> str:
    if exchange.status:
        return str(exchange.status)
    return exchange.error or exchange.blocked or "no reply"
