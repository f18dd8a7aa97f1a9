"""What a watch says, line by line: the same in a terminal and in a notebook."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rumkit.model import Verdict
from rumkit.show import words
from rumkit.show.screen import where

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from rumkit.investigation import Investigation
    from rumkit.watch import State

LAG = (
    "AWS itself lags: metrics show an event minutes after it came, CloudTrail a call about five"
    " minutes after it on average, and a changed policy takes a moment to spread"
)


def begun(
    first: Investigation, follows: Sequence[str], *, seconds: float, every: float
) -> Iterator[str]:
    """Yield what is watched and how, and how long AWS takes."""
    if first.target.get("sandbox"):
        yield words.SANDBOX_SENTENCE
    sign = words.SIGNS[words.VERDICT_SIGNS[first.verdict]]
    yield f"{sign} {first.verdict.upper()}  {where(first)}"
    yield f"watching {', '.join(follows)}: every {span(every)} for {span(seconds)}"
    yield f"{LAG}."


def line(state: State, before: State | None) -> str:
    """Return what is new since the round before, one line; nothing where nothing is."""
    was_open = before.open if before else ()
    parts = [f"{words.one_line(c)} is mended ✓" for c in was_open if c not in state.open]
    parts += [f"{words.one_line(c)} is broken again ✗" for c in state.open if c not in was_open]
    if state.first_event and not (before and before.first_event):
        parts.append(_arrival(state))
    elif state.refused and state.refused != (before and before.refused):
        parts.append(f"last {state.refusal} {clock(state.refused)}")
    if state.unseen and not (before and before.unseen):
        parts.append(f"arrival could not be looked at: {words.one_line(state.unseen)}")
    return f"{clock(state.at)}  {'; '.join(parts)}" if parts else ""


def ended(state: State) -> str:
    """Return how it ended, one line."""
    sign = words.SIGNS[words.VERDICT_SIGNS[state.verdict]]
    return f"{sign} {state.verdict.upper()}  {_summary(state)}"


def _summary(state: State) -> str:
    if state.open:
        names = ", ".join(map(words.one_line, state.open))
        return f"still broken at {clock(state.at)}: {names}"
    if state.first_event:
        return _arrival(state) if state.well else f"{_arrival(state)}, and calls are refused still"
    if state.unseen:
        return f"mended as configured; arrival could not be looked at: {state.unseen}"
    since = f" since {clock(state.mended)}" if state.mended else ""
    if state.verdict is Verdict.UNPROVEN:
        return f"nothing is broken as configured{since}, and no event was seen to arrive yet"
    return f"nothing is broken{since}"


def _arrival(state: State) -> str:
    assert state.first_event is not None
    event = f"first event {clock(state.first_event)} ✓"
    if state.refused is None:
        return event
    if state.well:
        return f"{state.refusal} stopped {clock(state.refused)}, {event}"
    return f"last {state.refusal} {clock(state.refused)}, {event}"


def clock(moment: datetime) -> str:
    """Return a moment's time of day in UTC."""
    return moment.strftime("%H:%M")


def span(seconds: float) -> str:
    """Return a length as a person types it: `90s`, `30m`, `2h`."""
    for size, unit in ((3600, "h"), (60, "m")):
        if seconds >= size and seconds % size == 0:
            return f"{seconds / size:g}{unit}"
    return f"{seconds:g}s"
