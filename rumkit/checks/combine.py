"""How the answers of a check's witnesses become one finding: the table, and its application.

What was seen is weighed against what is configured. `TABLE` is the whole rule; the first row
that fits decides. The README shows the same rows, and a test holds the two equal.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, TypeVar

from rumkit.model import Finding, Outcome, Status, Witness, WitnessAnswer

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from rumkit.checks.base import Check
    from rumkit.model import Fix

T = TypeVar("T")


class Seen(StrEnum):
    """What the recording, the account's records and the probe say together, gravest first."""

    FAILS = "seen to fail"
    LIKELY_FAILS = "likely seen to fail"
    PARTLY = "seen to work in part"
    WORKS = "seen to work"
    WORKED = "seen to work earlier"
    NOTHING_AMISS = "nothing seen amiss"
    UNDECIDED = "looked without telling"
    NOBODY = "nobody looked"


class Inferred(StrEnum):
    """What page, source, monitor and policies let one expect."""

    FAILS = "cannot work"
    LIKELY_FAILS = "likely cannot work"
    AT_RISK = "works at a risk"
    FITS = "configured well"
    UNDECIDED = "cannot be told"
    NOT_APPLICABLE = "does not apply"
    NOBODY = "not read"


class Lead(StrEnum):
    """Whose sentence comes first."""

    SEEN = "what was seen"
    INFERRED = "what is configured"


@dataclass(frozen=True)
class Combination:
    """One row of the table; an empty tuple means any."""

    seen: tuple[Seen, ...]
    inferred: tuple[Inferred, ...]
    status: Status
    lead: Lead
    meaning: str


_CANNOT = (Inferred.FAILS, Inferred.LIKELY_FAILS)
_UNSEEN = (Seen.NOTHING_AMISS, Seen.UNDECIDED, Seen.NOBODY)

TABLE: tuple[Combination, ...] = (
    Combination(
        (Seen.FAILS,),
        (),
        Status.FAIL,
        Lead.SEEN,
        "it stands, whatever is configured; the configuration explains it if it can",
    ),
    Combination(
        (Seen.LIKELY_FAILS,),
        (Inferred.FAILS,),
        Status.FAIL,
        Lead.INFERRED,
        "both agree; the certain one speaks",
    ),
    Combination(
        (Seen.LIKELY_FAILS,),
        (),
        Status.FAIL,
        Lead.SEEN,
        "an inference that it should work never removes a failure that was seen",
    ),
    Combination(
        (Seen.PARTLY,), (), Status.WARN, Lead.SEEN, "it failed and it worked; both are said"
    ),
    Combination(
        (Seen.WORKS,),
        _CANNOT,
        Status.PASS,
        Lead.SEEN,
        "it refutes the inference, which becomes a remark",
    ),
    Combination(
        (Seen.WORKS,),
        (Inferred.AT_RISK,),
        Status.WARN,
        Lead.INFERRED,
        "that it works takes no risk away",
    ),
    Combination((Seen.WORKS,), (), Status.PASS, Lead.SEEN, "works"),
    Combination(
        (Seen.WORKED,),
        _CANNOT,
        Status.FAIL,
        Lead.INFERRED,
        "the configuration stands; both are shown with their times",
    ),
    Combination(
        (Seen.WORKED,),
        (Inferred.UNDECIDED, Inferred.NOBODY),
        Status.PASS,
        Lead.SEEN,
        "worked when it was last seen",
    ),
    Combination(
        (*_UNSEEN, Seen.WORKED), _CANNOT, Status.FAIL, Lead.INFERRED, "inferred, and said so"
    ),
    Combination(
        (*_UNSEEN, Seen.WORKED), (Inferred.AT_RISK,), Status.WARN, Lead.INFERRED, "inferred"
    ),
    Combination(
        (*_UNSEEN, Seen.WORKED),
        (Inferred.NOT_APPLICABLE,),
        Status.SKIP,
        Lead.INFERRED,
        "the question does not arise",
    ),
    Combination(
        (Seen.NOTHING_AMISS,), (), Status.PASS, Lead.SEEN, "nothing amiss in what was recorded"
    ),
    Combination(
        (Seen.UNDECIDED, Seen.NOBODY, Seen.WORKED),
        (Inferred.FITS,),
        Status.PASS,
        Lead.INFERRED,
        "configured well, which is not “works”",
    ),
    Combination(
        (Seen.UNDECIDED,), (), Status.UNKNOWN, Lead.SEEN, "unknown, with what would answer it"
    ),
    Combination(
        (Seen.NOBODY,), (), Status.UNKNOWN, Lead.INFERRED, "unknown, with what would answer it"
    ),
)

# The witnesses that see, the nearest to the event first.
_SEEING = (Witness.OBSERVED, Witness.RECORDED, Witness.PROBED)
_BY_GRAVITY = tuple(Seen)
_WRONG = frozenset({Status.FAIL, Status.WARN})
_NOBODY_LOOKED = Outcome(Status.UNKNOWN, "Nobody looked.", certain=False)
_WHO = {
    Witness.OBSERVED: "the recording",
    Witness.RECORDED: "the account's records",
    Witness.PROBED: "the probe",
    Witness.CONFIGURED: "what is configured",
}


def combine(check: Check, answers: Mapping[Witness, Outcome], *, outdated: str = "") -> Finding:
    """Return the finding that the witnesses' answers come to.

    `outdated` says in a clause why what a recording saw to work may work no more; empty when
    nothing speaks for that.
    """
    states = {
        who: _seen(answers[who], outdated if who is Witness.OBSERVED else "")
        for who in _SEEING
        if who in answers
    }
    gravest = min(states, key=lambda who: _BY_GRAVITY.index(states[who]), default=None)
    seen = states[gravest] if gravest else Seen.NOBODY
    row = row_for(seen, _inferred(answers.get(Witness.CONFIGURED)))
    leader = gravest if gravest and row.lead is Lead.SEEN else Witness.CONFIGURED
    lead = (leader, answers.get(leader, _NOBODY_LOOKED))
    others = [(who, answer) for who, answer in answers.items() if who is not leader]
    return _finding(check, row, lead, others, answers, outdated)


def row_for(seen: Seen, inferred: Inferred) -> Combination:
    """Return the first row of the table that fits."""
    return next(
        row
        for row in TABLE
        if (not row.seen or seen in row.seen) and (not row.inferred or inferred in row.inferred)
    )


def _seen(outcome: Outcome, outdated: str) -> Seen:
    if outcome.status is Status.FAIL:
        return Seen.FAILS if outcome.certain else Seen.LIKELY_FAILS
    if outcome.status is Status.WARN:
        return Seen.PARTLY
    if outcome.status is not Status.PASS:
        return Seen.UNDECIDED
    if not outcome.works:
        return Seen.NOTHING_AMISS
    return Seen.WORKED if outdated else Seen.WORKS


def _inferred(outcome: Outcome | None) -> Inferred:
    if outcome is None:
        return Inferred.NOBODY
    if outcome.status is Status.FAIL:
        return Inferred.FAILS if outcome.certain else Inferred.LIKELY_FAILS
    return {
        Status.WARN: Inferred.AT_RISK,
        Status.PASS: Inferred.FITS,
        Status.SKIP: Inferred.NOT_APPLICABLE,
        Status.UNKNOWN: Inferred.UNDECIDED,
    }[outcome.status]


def _finding(
    check: Check,
    row: Combination,
    lead: tuple[Witness, Outcome],
    others: Sequence[tuple[Witness, Outcome]],
    answers: Mapping[Witness, Outcome],
    outdated: str,
) -> Finding:
    who, outcome = lead
    ordered = [outcome, *(other for _, other in others)]
    undecided = row.status is Status.UNKNOWN
    return Finding(
        check=check.id,
        hop=check.hop,
        section=check.section,
        status=row.status,
        title=check.title,
        summary=_summary(row, lead, others, outdated),
        evidence=tuple(proof for each in ordered for proof in each.evidence),
        fixes=_fixes(row, lead, others),
        docs=check.docs,
        missing=_distinct(name for each in ordered for name in each.missing) if undecided else (),
        symptom=check.symptom,
        feature=check.feature,
        seen=_rests_on_sight(row, who, outcome),
        certain=outcome.certain,
        answers=tuple(
            WitnessAnswer(witness, each.status, each.summary, each.certain, each.moment)
            for witness, each in answers.items()
        ),
    )


def _rests_on_sight(row: Combination, who: Witness, outcome: Outcome) -> bool:
    if who is Witness.CONFIGURED:
        return row.seen == (Seen.LIKELY_FAILS,)
    return row.status in {Status.FAIL, Status.WARN} or outcome.works


def _summary(
    row: Combination,
    lead: tuple[Witness, Outcome],
    others: Sequence[tuple[Witness, Outcome]],
    outdated: str,
) -> str:
    summary = lead[1].summary
    beside = (
        _beside(row, other, outdated) for other in others if other[1].summary not in {"", summary}
    )
    return " ".join(part.strip() for part in (summary, *beside) if part)


def _beside(row: Combination, other: tuple[Witness, Outcome], outdated: str) -> str:
    """Return another witness's words, where they explain, contradict or add something."""
    witness, outcome = other
    if witness is Witness.PROBED and outcome.status is Status.UNKNOWN:
        return outcome.summary
    if outcome.status in {Status.UNKNOWN, Status.SKIP}:
        return ""
    if row.status is not Status.FAIL:
        word = {Status.FAIL: "otherwise", Status.WARN: "besides"}.get(outcome.status)
        return f"{_says(witness, outcome)} {word}: {outcome.summary}" if word else ""
    if witness is Witness.CONFIGURED:
        said = {Status.FAIL: "explains it", Status.WARN: "adds"}
        return f"What is configured {said.get(outcome.status, 'shows no fault')}: {outcome.summary}"
    if outcome.status is Status.FAIL:
        return f"{_says(witness, outcome)}: {outcome.summary}"
    since = f" ({outdated})" if outdated and witness is Witness.OBSERVED else ""
    return f"{_says(witness, outcome)} otherwise{since}: {outcome.summary}" if outcome.works else ""


def _says(witness: Witness, outcome: Outcome) -> str:
    at = f", at {outcome.moment}," if outcome.moment else ""
    name = _WHO[witness]
    verb = "say" if witness is Witness.RECORDED else "says"
    return f"{name[:1].upper()}{name[1:]}{at} {verb}"


def _fixes(
    row: Combination, lead: tuple[Witness, Outcome], others: Sequence[tuple[Witness, Outcome]]
) -> tuple[Fix, ...]:
    """Return the fixes; the exact ones of what is configured wrongly come first."""
    if row.status in {Status.PASS, Status.SKIP}:
        return ()
    undecided = row.status is Status.UNKNOWN
    chosen = [lead, *(other for other in others if undecided or other[1].status in _WRONG)]
    chosen.sort(key=lambda item: not (item[0] is Witness.CONFIGURED and item[1].status in _WRONG))
    return _distinct(fix for _, outcome in chosen for fix in outcome.fixes)


def _distinct(items: Iterable[T]) -> tuple[T, ...]:
    return tuple(dict.fromkeys(items))
