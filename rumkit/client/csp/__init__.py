"""Content security policies: what they let the client do, why, and what unblocks it."""

from rumkit.client.csp.court import judge, parse_policies
from rumkit.client.csp.parse import Policy
from rumkit.client.csp.verdict import Block, Correction, Judgement, Ruling, WrongHash

__all__ = [
    "Block",
    "Correction",
    "Judgement",
    "Policy",
    "Ruling",
    "WrongHash",
    "judge",
    "parse_policies",
]
