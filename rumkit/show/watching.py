"""What a watch says, line by line: the same in a terminal and in a notebook."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rumkit.model import DEFECT_CODE
from rumkit.show import text, words
from rumkit.show.screen import where

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from rumkit.investigation import Investigation
    from rumkit.model import Verdict
    from rumkit.watch import Watch, WatchState

LAG = (
    "AWS itself lags: metrics show an event minutes after it came, CloudTrail a call about five"
    " minutes after it on average, and a changed policy takes a moment to spread"
)


class WatchReport:
    """A watch as a person is told of it: `lines`, and `last` whenever it ends.

    `state` is what the watch's first look gave.
    """

    def __init__(self, watch: Watch, state: WatchState, *, seconds: float, every: float) -> None:
        self._watch = watch
        self._seconds, self._every = seconds, every
        self.state = state

    def lines(self, rounds: Iterable[WatchState]) -> Iterator[str]:
        """Yield the beginning, then each round's news as it is asked; an empty text for none.

        A round's state is taken before its line is given, so that what was said of a round is
        what `last` says too, wherever it is ended. What is well from the beginning has no rounds.
        """
        first, follows = self._watch.first, self._watch.follows
        yield from begun(first, follows, seconds=self._seconds, every=self._every)
        if self.exit_code == 0 and not self.state.open:
            return
        for newer in rounds:
            before, self.state = self.state, newer
            yield "" if newer.well else line(newer, before)

    @property
    def verdict(self) -> Verdict:
        """Return the verdict of the newest state: of the whole look, as long as it is the last."""
        return self.state.verdict if self._asked_again else self._watch.first.verdict

    @property
    def exit_code(self) -> int:
        """Return the exit code of the same."""
        first = self._watch.first
        code = self.state.verdict.exit_code if self._asked_again else first.exit_code
        # What a check could not decide by a defect stays open, also when the rest is healthy.
        return first.exit_code if code == 0 and first.exit_code == DEFECT_CODE else code

    def last(self) -> str:
        """Return how it ended, one line."""
        return ended(self.state) if self._asked_again else text.headline(self._watch.first)

    @property
    def _asked_again(self) -> bool:
        return self.state.at > self._watch.began


def begun(
    first: Investigation, follows: Sequence[str], *, seconds: float, every: float
) -> Iterator[str]:
    """Yield what is watched and how, and how long AWS takes."""
    if first.target.get("sandbox"):
        yield words.SANDBOX_SENTENCE
    yield f"{words.verdict_heading(first.verdict)}  {where(first)}"
    yield f"watching {', '.join(follows)}: every {span(every)} for {span(seconds)}"
    yield f"{LAG}."


def line(state: WatchState, before: WatchState) -> str:
    """Return what is new since the round before, one line; nothing where nothing is."""
    mended = (check for check in before.open if check not in state.open)
    parts = [f"{words.one_line(check)} is mended ✓" for check in mended]
    again = (check for check in state.open if check not in before.open)
    parts += [f"{words.one_line(check)} is broken again ✗" for check in again]
    if state.first_event and not before.first_event:
        parts.append(_arrival(state))
    elif state.refused and state.refused != before.refused:
        parts.append(f"last {state.refusal} {clock(state.refused)}")
    if state.unseen and not before.unseen:
        parts.append(_unseen(state))
    return f"{clock(state.at)}  {'; '.join(parts)}" if parts else ""


def ended(state: WatchState) -> str:
    """Return how it ended, one line."""
    return f"{words.verdict_heading(state.verdict)}  {_summary(state)}"


def _summary(state: WatchState) -> str:
    if state.open:
        names = ", ".join(map(words.one_line, state.open))
        return f"still broken at {clock(state.at)}: {names}"
    if state.first_event:
        return _arrival(state) if state.well else f"{_arrival(state)}, and calls are still refused"
    since = f" since {clock(state.mended)}" if state.mended else ""
    whole = f"nothing is broken as configured{since}"
    if state.unexplained:
        whole = "what breaks it is not in what is configured"
    arrival = _unseen(state) if state.unseen else "no event was seen to arrive yet"
    return f"{whole}, and {arrival}"


def _unseen(state: WatchState) -> str:
    return f"arrival could not be looked at: {words.one_line(state.unseen)}"


def _arrival(state: WatchState) -> str:
    assert state.first_event is not None
    event = f"first event {clock(state.first_event)} ✓"
    if state.refused is None:
        return event
    refused = f"{state.refusal} stopped" if state.well else f"last {state.refusal}"
    return f"{refused} {clock(state.refused)}, {event}"


def clock(moment: datetime) -> str:
    """Return a moment's time of day in UTC."""
    return moment.strftime("%H:%M")


def span(seconds: float) -> str:
    """Return a length as a person types it: `90s`, `30m`, `2h`."""
    for size, unit in ((3600, "h"), (60, "m")):
        if seconds >= size and seconds % size == 0:
            return f"{seconds / size:g}{unit}"
    return f"{seconds:g}s"
