"""After a fix: what was broken is asked again, and what follows from it, until it is healthy.

A round asks for few facts, so it costs few calls: those of the checks that were broken, the
arrival of events, and the refused calls where calls were refused.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from rumkit import conclusion
from rumkit.aws.patience import DEFAULT_SECONDS
from rumkit.checks import all_checks
from rumkit.checks.ask import ask
from rumkit.checks.names import EVENTS_ARRIVING, PUT_EVENTS_DENIED, TOKEN_VENDING_FAILURES
from rumkit.evidence import Evidence
from rumkit.model import BadInput, Finding, NotCollected, Status, Verdict
from rumkit.runner import evidence_for, run
from rumkit.target import Window, iso, now

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import datetime

    from rumkit.checks.names import CheckId
    from rumkit.investigation import Investigation

SCHEMA = 1
# A period of the metric that began before the fix holds events of after it, too.
_PERIOD = timedelta(minutes=1)
# The facts that hold the calls that were refused.
_FACTS = {PUT_EVENTS_DENIED: "put_events", TOKEN_VENDING_FAILURES: "vending"}
# Denials from just before are what is seen to stop.
_BEFORE = timedelta(minutes=15)
# In seconds; a rest of less than this is no round of its own.
_LEAST_PAUSE = 1.0


@dataclass(frozen=True)
class WatchState:
    """What is known in a round.

    `open` are the checks that are still broken as configured, `mended` is since when none is, None
    while one is. `refused` is the last refused call that was seen (`403` says that RUM refused
    it), `first_event` the period of the first event since the fix. `unseen` says why arrival
    could not be looked at. `unexplained` says that nothing that is configured was broken when the
    watch began, nor changed since calls were last refused, though events did not arrive.
    """

    at: datetime
    open: tuple[str, ...]
    mended: datetime | None = None
    refused: datetime | None = None
    refusal: str = "403"
    first_event: datetime | None = None
    unseen: str = ""
    unexplained: bool = False
    findings: Mapping[str, Finding] = field(default_factory=dict)

    @property
    def well(self) -> bool:
        """Tell whether nothing that was broken is, and events come in and no call is refused."""
        if self.open or self.first_event is None:
            return False
        return self.refused is None or self.refused < self.first_event + _PERIOD

    @property
    def verdict(self) -> Verdict:
        """Return what the whole comes to: broken checks first, then whether events arrived."""
        if self.open:
            return Verdict.BROKEN
        if self.well:
            kept = [f for f in self.findings.values() if not f.symptom]
            return conclusion.verdict(kept, arrived=True)
        return Verdict.BROKEN if self.unexplained else Verdict.UNPROVEN

    def to_dict(self) -> dict[str, Any]:
        """Return the state as plain values."""
        moments = {
            "mended": self.mended,
            "last_refused": self.refused,
            "first_event": self.first_event,
        }
        return {
            "schema": SCHEMA,
            "at": iso(self.at),
            "verdict": str(self.verdict),
            "open": list(self.open),
            **{name: moment and iso(moment) for name, moment in moments.items()},
            "unseen": self.unseen or None,
        }


class Watch:
    """Looks once at everything, then again and again at what was broken."""

    def __init__(self, evidence: Evidence, *, timeout: float) -> None:
        target = evidence.target
        if not (target.monitor or target.page):
            raise BadInput(
                "nothing to watch: what a recording shows does not change; name the monitor or the"
                " page that it is of (--monitor NAME, --page URL)."
            )
        self._evidence = evidence
        self._timeout = timeout
        self.began = now()
        self._mended: datetime | None = None
        self._refused: datetime | None = None
        self._answers: dict[str, Finding] = {}
        self._unexplained = False
        self.first: Investigation

    @classmethod
    def over(cls, *, timeout: float = DEFAULT_SECONDS, **names: Any) -> Watch:
        """Return a watch over what is named as for `investigate`. Raises BadInput."""
        return cls(evidence_for(**names), timeout=timeout)

    def look(self, on_finding: Callable[[Finding], None] | None = None) -> WatchState:
        """Look at everything, as `rumkit investigate` does."""
        self.first = run(self._evidence, timeout=self._timeout, on_finding=on_finding)
        known = {f.check: f for f in self.first.findings}
        asked = [c.alone() for c in all_checks() if known[c.id].bad and c.configured]
        # What only was seen to fail cannot be asked again: whether events arrive tells.
        before = {check.id: ask(check, self._evidence) for check in asked}
        self._checks = [check for check in asked if before[check.id].bad]
        self._refusals = [name for name in _FACTS if known[name].bad]
        self._answers = {check.id: before[check.id] for check in self._checks}
        # What is at risk as configured does not explain what is broken; a fix just before does.
        broken = self.first.verdict is Verdict.BROKEN and not self._open()
        self._unexplained = broken and not self._changed_since_refusals()
        return self._state(self.began, findings=known)

    def _changed_since_refusals(self) -> bool:
        """Tell whether something was changed after the last refused call, as by a fix."""
        last = max(_refused(self._evidence, self._refusals), default=None)
        return last is not None and self._evidence.changed_since(last) is not None

    @property
    def follows(self) -> tuple[str, ...]:
        """Return the checks that are asked again, and what follows from them."""
        asked = (check.id for check in self._checks)
        return (*asked, *self._refusals, EVENTS_ARRIVING)

    def again(self) -> WatchState:
        """Ask once more, with a memory of nothing but what was seen since the watch began."""
        moment = now()
        evidence = self._afresh(moment)
        with evidence.session.patience.limited(self._timeout):
            answers = {check.id: ask(check, evidence) for check in self._checks}
            # What could not be read this time is as it was.
            self._answers |= {n: f for n, f in answers.items() if f.status is not Status.UNKNOWN}
            self._mended = None if self._open() else self._mended or moment
            self._refused = max(filter(None, (self._refused, *_refused(evidence, self._refusals))),
                                default=None)  # fmt: skip
            first, unseen = self._first_event(evidence)
        # What only was seen to fail, by a recording or a trail, is of the past and not asked again.
        known = {f.check: f for f in self.first.findings if f.status is not Status.FAIL}
        known |= self._answers
        return self._state(moment, first_event=first, unseen=unseen, findings=known)

    def _state(self, moment: datetime, **more: Any) -> WatchState:
        return WatchState(
            moment,
            self._open(),
            mended=self._mended,
            refused=self._refused,
            refusal="403" if PUT_EVENTS_DENIED in self._refusals else "refusal of credentials",
            unexplained=self._unexplained,
            **more,
        )

    def _open(self) -> tuple[str, ...]:
        return tuple(n for n, broken in self._answers.items() if broken.status is Status.FAIL)

    def _afresh(self, moment: datetime) -> Evidence:
        """Return evidence that has read nothing yet; a recording is of the past and stays out."""
        target = replace(
            self._evidence.target,
            window=Window(self.began - _BEFORE, max(moment, self.began + _PERIOD)),
            recording=None,
            console=None,
            storage=None,
            probe=False,
        )
        return Evidence(target, self._evidence.session.afresh())

    def _first_event(self, evidence: Evidence) -> tuple[datetime | None, str]:
        try:
            counts = evidence.arrival.counts
        except NotCollected as gap:
            return None, gap.reason
        since = self._mended
        if since is None:
            return None, ""
        periods = (at for at, events in counts if events and at > since - _PERIOD)
        return min(periods, default=None), ""


def rounds(
    watch: Watch, *, seconds: float, every: float, pause: Callable[[float], None]
) -> Iterator[WatchState]:
    """Yield a state each time that it was asked, until it is well or the time is over."""
    until = now() + timedelta(seconds=seconds)
    left = seconds
    while left >= _LEAST_PAUSE:
        length = min(every, left)
        pause(length)
        state = watch.again()
        yield state
        if state.well:
            return
        left = min(left - length, (until - now()).total_seconds())


def _refused(evidence: Evidence, checks: Sequence[CheckId]) -> Iterator[datetime]:
    """Yield when each call was refused, where that is recorded."""
    for check in checks:
        try:
            rows = getattr(evidence, _FACTS[check]).rows
        except NotCollected:
            continue
        yield from (row.time for row in rows if row.failure)
