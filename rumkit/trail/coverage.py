"""What a source holds of a window, for each kind of call and Region, and why it lacks the rest.

That a source has no record of a call proves something only where it covers the window. A gap is
a span of it, or some of its calls at any time; each has a reason, and a setting that closes it.
Source: CloudTrail API reference, GetTrailStatus; CloudTrail user guide, "Logging data events";
CloudWatch Logs user guide, "Log classes".
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final, Literal

from rumkit.target import iso

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rumkit.model import NotCollected
    from rumkit.target import Window

# CloudTrail delivers within five minutes on average; the newest minutes of a window that ends now
# are never there yet, and that alone is no gap.
DELIVERY: Final = timedelta(minutes=15)
# A file is named after the moment of its delivery, within minutes of its events as a rule.
LATE: Final = timedelta(days=1)

_NOT_ACTIONS: Final = ("setting:", "input:", "later:", "network:")

State = Literal["covered", "partly", "not-covered"]


@dataclass(frozen=True)
class Gap:
    """A part of a window that a source does not hold, and what would close it.

    `since` and `until` bound it; both None mean that some calls are missing, or may be, at any
    time. `missing` is an IAM action, an input or a setting (as in `NotCollected.missing`), ""
    where nothing closes it any more.
    """

    reason: str
    missing: str = ""
    since: datetime | None = None
    until: datetime | None = None

    @classmethod
    def of(cls, window: Window, reason: str, missing: str = "") -> Gap:
        """Return a gap that is a whole window."""
        return cls(reason, missing, window.since, window.until)

    @classmethod
    def left_by(cls, refusal: NotCollected, window: Window | None = None) -> Gap:
        """Return the gap that a refusal leaves: a whole window, or some calls at any time."""
        missing = next(iter(refusal.missing), "")
        return cls.of(window, refusal.reason, missing) if window else cls(refusal.reason, missing)

    @property
    def sentence(self) -> str:
        """Return the reason as a sentence, with the IAM action that is missing."""
        reason = self.reason.rstrip(".")
        action = self.missing
        named = not action or action in reason or action.startswith(_NOT_ACTIONS)
        return f"{reason[0].upper()}{reason[1:]}{'' if named else f' ({action})'}."


@dataclass(frozen=True)
class Coverage:
    """How far one source covers a window for one kind of call in one Region.

    `kind` is one of `rumkit.trail.names`, `region` "" where the source does not say. `source`
    names the trail, store or files that record them.
    """

    kind: str
    region: str
    window: Window
    source: str
    gaps: tuple[Gap, ...] = ()

    @property
    def state(self) -> State:
        """Return whether the window is covered wholly, in part or not at all."""
        if not self.gaps:
            return "covered"
        return "partly" if self.spans else "not-covered"

    @property
    def spans(self) -> tuple[tuple[datetime, datetime], ...]:
        """Return the stretches of the window outside all bounded gaps, oldest first."""
        spans: list[tuple[datetime, datetime]] = []
        at = self.window.since
        for start, end in sorted(_bounds(gap, self.window) for gap in self.gaps if gap.since):
            if start > at:
                spans.append((at, start))
            at = max(at, end)
        return (*spans, (at, self.window.until)) if at < self.window.until else tuple(spans)

    @property
    def sentence(self) -> str:
        """Return what is covered and what is not, for a person."""
        where = f" in {self.region}" if self.region else ""
        if not self.gaps:
            return f"{self.source} covers the whole window{where}."
        why = " ".join(gap.sentence for gap in self.gaps)
        if not self.spans:
            return f"Nothing of the window is covered{where}. {why}"
        whole = self.spans == ((self.window.since, self.window.until),)
        spans = " and ".join(f"{iso(start)} to {iso(end)}" for start, end in self.spans)
        covered = "in part" if whole else f"from {spans}"
        return f"{self.source} covers the window {covered}{where}. {why}"


def _bounds(gap: Gap, window: Window) -> tuple[datetime, datetime]:
    start = max(gap.since or window.since, window.since)
    return start, max(start, min(gap.until or window.until, window.until))


def days_of(window: Window) -> list[datetime]:
    """Return the days whose files can hold a window's events: its own, and one for lateness."""
    first = window.since.replace(hour=0, minute=0, second=0, microsecond=0)
    return [first + timedelta(days=n) for n in range((window.until + LATE - first).days + 1)]


def best(coverage: Iterable[Coverage]) -> tuple[Coverage, ...]:
    """Return the widest coverage for each kind and Region, in the order of first appearance."""
    by_place: dict[tuple[str, str], Coverage] = {}
    for each in coverage:
        key = (each.kind, each.region)
        if key not in by_place or _lack(each) < _lack(by_place[key]):
            by_place[key] = each
    return tuple(by_place.values())


def _lack(coverage: Coverage) -> tuple[float, int]:
    covered = sum((end - start).total_seconds() for start, end in coverage.spans)
    return -covered, len(coverage.gaps)


def with_gaps(coverage: Sequence[Coverage], gaps: Sequence[Gap]) -> tuple[Coverage, ...]:
    """Return the coverage with gaps that concern every kind and Region; those outside stay out."""
    return tuple(
        replace(each, gaps=(*each.gaps, *(gap for gap in gaps if _matters(gap, each.window))))
        for each in coverage
    )


def _matters(gap: Gap, window: Window) -> bool:
    return (gap.since is None or gap.since < window.until) and (
        gap.until is None or gap.until > window.since
    )


def distinct(gaps: Iterable[Gap]) -> tuple[Gap, ...]:
    """Return the gaps, each reason once."""
    return tuple({gap.reason: gap for gap in gaps}.values())
