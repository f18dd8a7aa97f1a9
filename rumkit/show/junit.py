"""JUnit XML, which continuous integration reads: a case for each check or monitor."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from rumkit.show.template import fill

if TYPE_CHECKING:
    from collections.abc import Sequence

Outcome = Literal["failure", "error", "skipped", ""]


@dataclass(frozen=True)
class Case:
    """A case: `text` is its failure's message, or what it has to say where it has no failure."""

    classname: str
    name: str
    outcome: Outcome
    text: str
    time: str | None = None


def render(name: str, cases: Sequence[Case], *, timestamp: str | None = None) -> str:
    """Return a suite of cases; `timestamp` is a moment of ISO 8601, `time` a number of seconds."""
    counts = Counter(case.outcome for case in cases)
    suite = fill("junit.xml", name=name, cases=cases, counts=counts, timestamp=timestamp)
    return f"{suite}\n"
