"""Policies decided as IAM decides them, with the explanation; pure, no I/O."""

from rumkit.aws.policy.evaluate import decide, evaluate
from rumkit.aws.policy.statement import EvaluatedLayer
from rumkit.aws.policy.types import (
    ABSENT,
    PRESENT,
    UNKNOWN,
    Decision,
    Explanation,
    KeyState,
    Policies,
    PolicyDocument,
    Principal,
    Request,
    StatementName,
    Truth,
)

__all__ = [
    "ABSENT",
    "PRESENT",
    "UNKNOWN",
    "Decision",
    "EvaluatedLayer",
    "Explanation",
    "KeyState",
    "Policies",
    "PolicyDocument",
    "Principal",
    "Request",
    "StatementName",
    "Truth",
    "decide",
    "evaluate",
]
