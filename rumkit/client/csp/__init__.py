"""Content security policies: what they let the client do, why, and what unblocks it."""

from rumkit.client.csp.evaluator import evaluate, parse_policies
from rumkit.client.csp.parse import Policy
from rumkit.client.csp.result import BlockedLoad, Correction, Evaluation, PolicyResult, WrongHash

__all__ = [
    "BlockedLoad",
    "Correction",
    "Evaluation",
    "Policy",
    "PolicyResult",
    "WrongHash",
    "evaluate",
    "parse_policies",
]
