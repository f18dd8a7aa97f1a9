"""How decisions of the policy evaluator are shown."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from rumkit.checks import fixes
from rumkit.checks.base import unknown, warned
from rumkit.evidence.facts import or_none
from rumkit.model import Proof, Table
from rumkit.target import iso

if TYPE_CHECKING:
    from rumkit.aws.policy.types import Decision
    from rumkit.evidence import Evidence
    from rumkit.model import Outcome

_ROWS = 40
_TEXT = 300
FOR_THE_PUBLIC = fixes.advice(
    "Take the condition out, where the page is for everybody",
    "The statement named above lets only some networks send. Leave it as it is where all visitors"
    " come from these; else remove the condition, or list what is missing, and put the policy.",
)

_WAIT = fixes.advice(
    "See whether events still arrive",
    "rumkit watch, with the options of this command, says when the next event arrives, or that none"
    " came; browsers go on with credentials that they have, for an hour. Where none comes, take the"
    " change back.",
)


def not_decided(evidence: Evidence, text: str, proof: Proof, changes: frozenset[str]) -> Outcome:
    """Return that the policies do not decide; a risk where events came before their change alone.

    `changes` names the events that change these policies.
    """
    change = evidence.changed_since_last_event(changes)
    if change is None:
        return unknown(text, proof)
    since = (
        f"No event has come since the policies were changed at {iso(change.time)} ({change.name})."
    )
    return warned(f"{text} {since}", proof, fixes=(_WAIT,), certain=False)


def decision_proof(source: str, decision: Decision, **values: str) -> Proof:
    """Return a decision with its explanation tree as a table, the last rows cut."""
    rows = tuple(
        ("  " * depth + node.subject[:_TEXT], str(node.answer), node.reason[:_TEXT])
        for depth, node in islice(decision.explanation.walk(), _ROWS)
    )
    seen = {**values, "decision": decision.outcome}
    if decision.decisive:
        seen["decided by"] = "; ".join(map(str, decision.decisive))
    if decision.expected_error:
        seen["AWS would say"] = decision.expected_error
    if decision.caveats:
        seen["taken for granted"] = "; ".join(decision.caveats)
    return Proof(source, seen, table=Table(("element", "answer", "why"), rows))


def why_not(decision: Decision) -> str:
    """Return the near misses as sentences, or AWS's own words where there is none."""
    misses = [miss[:1].upper() + miss[1:] for miss in decision.near_misses[:3]]
    if misses:
        return ". ".join(miss.rstrip(".") for miss in misses) + "."
    if decision.decisive:
        return f"Decided by {decision.decisive[0]}."
    return f"AWS would say: {decision.expected_error}." if decision.expected_error else ""


def for_the_public(
    evidence: Evidence, decision: Decision, *, unsigned: bool = False
) -> tuple[Decision, bool]:
    """Return what is decided for visitors from anywhere, and whether some others fare otherwise."""
    if decision.outcome != "cannot-tell":
        return decision, False
    public = or_none(lambda: evidence.unlisted_decision(unsigned=unsigned)) or decision
    return public, public.outcome != "cannot-tell"
