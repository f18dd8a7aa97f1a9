"""What an investigation is made of: findings, what they rest on, and the words for them.

Frozen values only; nothing here does I/O. What has a file of its own is named here too, so that
whoever handles findings imports from one place.
"""

from __future__ import annotations

import shlex
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from rumkit.errors import (
    DEFECT,
    DEFECT_CODE,
    BadInput,
    NotCollected,
    ReadRefused,
    RumkitError,
    in_words,
)
from rumkit.fix import Fix, FixKind, Risk, Tried
from rumkit.printable import hidden
from rumkit.sentences import did_you_mean, ended
from rumkit.statuses import Condition, Hop, Section, Status, Verdict, Witness

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "DEFECT",
    "DEFECT_CODE",
    "Absent",
    "BadInput",
    "Condition",
    "Finding",
    "Fix",
    "FixKind",
    "Hop",
    "HopState",
    "NotCollected",
    "Origin",
    "Outcome",
    "Proof",
    "Question",
    "ReadRefused",
    "Risk",
    "RumkitError",
    "Section",
    "Status",
    "Table",
    "Tried",
    "Verdict",
    "Witness",
    "WitnessAnswer",
    "did_you_mean",
    "ended",
    "in_words",
]


@dataclass(frozen=True)
class Table:
    """A small table of evidence; every cell is text, and every row is as long as `columns`."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Proof:
    """One piece of evidence: where it comes from, and what was seen there.

    `source` is an operation (`rum:GetAppMonitor`), `page`, `snippet` or `recording`;
    `parameters` what was asked; `values` what was compared; `since` and `until` the window in
    ISO 8601 UTC where the source has one.
    """

    source: str
    values: Mapping[str, Any] = field(default_factory=dict)
    parameters: Mapping[str, Any] = field(default_factory=dict)
    since: str = ""
    until: str = ""
    table: Table | None = None


@dataclass(frozen=True)
class Question:
    """A question as it was put to AWS, so that a person can put it again.

    `language` is that of `text`: `insights`, `athena`, `lake`, `event history`, `metrics`, `files`
    or `rum`. `place` says where it was asked; `words` are the AWS CLI's command, empty where there
    is none. `kinds` are the kinds of CloudTrail events that it asks about, empty for others.
    """

    language: str
    text: str
    place: str
    words: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()

    @property
    def command(self) -> str:
        """Return the command, quoted for a POSIX shell; empty where it can't be pasted safely."""
        # The CLI reads a file where a value says so, and takes a leading hyphen for an option.
        odd = any(hidden(word) or "file" in word.partition("://")[0] for word in self.words)
        return "" if odd else shlex.join(self.words)


@dataclass(frozen=True)
class Origin:
    """Where a table's rows come from: source, window (ISO 8601 UTC), and the questions asked.

    `reason` says why there is no row; it is empty where there are rows.
    """

    source: str
    since: str
    until: str
    asked: tuple[Question, ...] = ()
    reason: str = ""

    def in_vain(self, nothing: str) -> Origin:
        """Return the same with its reason: the source was asked, and `nothing` was there."""
        sentence = f"{self.source} was asked: {nothing} between {self.since} and {self.until}."
        return replace(self, reason=sentence)


@dataclass(frozen=True)
class Outcome:
    """What one witness answers to a check.

    `certain` is false for what is likely only. `works` marks a pass that was seen to happen; a
    pass without it found nothing amiss. `moment` says when it was seen (ISO 8601 UTC, or empty).
    `missing` names what would make an `unknown` answerable.
    """

    status: Status
    summary: str
    evidence: tuple[Proof, ...] = ()
    fixes: tuple[Fix, ...] = ()
    missing: tuple[str, ...] = ()
    certain: bool = True
    works: bool = False
    moment: str = ""


@dataclass(frozen=True)
class WitnessAnswer:
    """What one witness said on a finding, kept beside the answer that was drawn from all."""

    witness: Witness
    status: Status
    summary: str
    certain: bool = True
    moment: str = ""


@dataclass(frozen=True)
class Finding:
    """What all witnesses of a check come to, with the check's id, hop, section and links.

    `title` states the healthy condition; `summary` says what was seen. `missing` names what
    would make an `unknown` answerable (an IAM action, a trail setting, an input). `seen` says
    that the status rests on what happened, not on what is configured; `certain` is false for
    what is likely only. A `symptom` shows that something is broken and never why; a `feature`'s
    fault costs that feature and not delivery. `answers` holds what each witness said.
    """

    check: str
    hop: Hop
    section: Section
    status: Status
    title: str
    summary: str
    evidence: tuple[Proof, ...] = ()
    fixes: tuple[Fix, ...] = ()
    docs: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    symptom: bool = False
    feature: bool = False
    seen: bool = False
    certain: bool = True
    answers: tuple[WitnessAnswer, ...] = ()

    @property
    def bad(self) -> bool:
        """Tell whether it is broken or at risk."""
        return self.status in (Status.FAIL, Status.WARN)

    @property
    def condition(self) -> Condition:
        """Return the status as a person reads it: configured well is not yet working."""
        if self.status is Status.PASS and not self.seen:
            fits = (each.witness is Witness.CONFIGURED and each.status is Status.PASS
                    for each in self.answers)  # fmt: skip
            return Condition.CONFIGURED if any(fits) or not self.answers else Condition.CLEAR
        return {
            Status.PASS: Condition.WORKS,
            Status.FAIL: Condition.BROKEN,
            Status.WARN: Condition.AT_RISK,
            Status.UNKNOWN: Condition.NOT_KNOWN,
        }.get(self.status, Condition.NOT_APPLICABLE)


@dataclass(frozen=True)
class HopState:
    """One hop of the path: its worst finding's status, and what is known of it in a word."""

    hop: Hop
    status: Status
    condition: Condition = Condition.NOT_LOOKED_AT


@dataclass(frozen=True)
class Absent:
    """A thing that was looked for where it should be and is known not to exist."""

    reason: str
