"""How decisions of the policy evaluator are shown."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from rumkit.model import Proof, Table

if TYPE_CHECKING:
    from rumkit.aws.policy.types import Decision

_ROWS = 40
_TEXT = 300


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
