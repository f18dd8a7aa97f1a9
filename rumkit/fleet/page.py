"""The fleet on one page: monitors by hops, the worst first, searched without a server."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from rumkit.fleet.rows import ORDER, MonitorRow, MonitorState
from rumkit.model import Condition, Hop
from rumkit.show import words
from rumkit.show.template import fill

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from rumkit.fleet.run import FleetRun

LOOKS: Final = {
    MonitorState.FAILED: "fail",
    MonitorState.BROKEN: "fail",
    MonitorState.UNPROVEN: "unknown",
    MonitorState.DEGRADED: "warn",
    MonitorState.ACCEPTED: "configured",
    MonitorState.HEALTHY: "pass",
}
SIGNS: Final = {
    MonitorState.FAILED: "⚠",
    MonitorState.BROKEN: "✗",
    MonitorState.UNPROVEN: "?",
    MonitorState.DEGRADED: "!",
    MonitorState.ACCEPTED: "○",
    MonitorState.HEALTHY: "✓",
}
WORDS: Final = {
    **{state: str(state) for state in MonitorState},
    MonitorState.FAILED: "not looked at",
}
# Fixed widths let a browser lay a thousand rows out without reading them all first.
_COLUMNS: Final = (
    ("State", "8em"),
    ("Monitor", "13em"),
    ("Account", "10em"),
    *((words.HOP_NAMES[hop], "6.2em") for hop in Hop),
    ("What is the matter", "24em"),
    ("Since", "9em"),
    ("Since the last run", "7em"),
    ("Arrival", "135px"),
    ("Owner", "9em"),
)
_WIDTH, _HEIGHT = 120, 22
_MOST_REASONS: Final = 3


def render(run: FleetRun, *, up: str) -> str:
    """Return the page; `up` leads from its folder to the root that the rows' files are under."""
    states = [(state, WORDS[state]) for state in ORDER if any(r.state == state for r in run.rows)]
    page = fill(
        "fleet.html",
        title=f"App monitors: {headline(run.rows)}",
        run=run,
        rows=run.rows,
        notes=[*filter(None, [run.stopped]), *run.notes],
        states=states,
        changes=_options(row.change for row in run.rows),
        owners=_options(row.owner for row in run.rows if row.owner),
        columns=_COLUMNS,
        look=LOOKS,
        sign=SIGNS,
        name=WORDS,
        address=lambda report: up + quote(report, safe="/="),
        conditions=_conditions,
        matter=_matter,
        points=_points,
        width=_WIDTH,
        height=_HEIGHT,
    )
    return f"{page}\n"


def headline(rows: Sequence[MonitorRow]) -> str:
    """Return how many monitors are in which state, the worst first."""
    counts = Counter(row.state for row in rows)
    told = [f"{counts[state]} {WORDS[state]}" for state in ORDER if counts[state]]
    return ", ".join(told) or "none"


def not_looked_at(rows: Sequence[MonitorRow]) -> Iterator[str]:
    """Yield why monitors could not be looked at: each reason once, the most frequent first.

    On a terminal the line of progress, which says it too, is cut and written over.
    """
    reasons = Counter(row.error for row in rows if row.error)
    for reason, number in reasons.most_common(_MOST_REASONS):
        first = next(row for row in rows if row.error == reason)
        name = " ".join(filter(None, (first.place, first.region, first.monitor)))
        more = f" and {number - 1} more" if number > 1 else ""
        yield f"  {words.one_line(name)}{more}: {words.one_line(reason)}"


def _options(values: Iterable[str]) -> list[tuple[str, str]]:
    """Return what a list offers: values with the same as their names."""
    return [(value, value) for value in sorted(set(values))]


def _conditions(row: MonitorRow) -> list[Condition | None]:
    """Return the condition of each hop; None where it was not looked at."""
    known = set(Condition)
    states = (row.hops.get(str(hop), "") for hop in Hop)
    return [Condition(state) if state in known else None for state in states]


def _matter(row: MonitorRow) -> list[tuple[str, str]]:
    """Return what is the matter, by kinds of text."""
    accepted = "; ".join(f"{bad.check}: {bad.accepted}" for bad in row.findings if bad.accepted)
    parts = [
        ("cause", row.cause),
        ("sentence", row.matter[:300]),
        ("accepted", accepted),
        ("note", row.note),
    ]
    return [(kind, text) for kind, text in parts if text]


def _points(arrival: Sequence[int]) -> str:
    """Return the events over the window as the points of a line."""
    most = max(arrival) or 1
    step = _WIDTH / max(1, len(arrival) - 1)
    return " ".join(
        f"{at * step:.0f},{_HEIGHT - 1 - value / most * (_HEIGHT - 3):.0f}"
        for at, value in enumerate(arrival)
    )
