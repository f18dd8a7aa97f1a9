"""What is written wrongly in an installation, for the check that each value concerns."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rumkit.model import Proof

if TYPE_CHECKING:
    from rumkit.client.snippet import Problem, Snippet

# Values of the wrong kind, by the argument or option that holds them.
_WRONG_KIND = frozenset(
    {
        "placeholder", "sample-id", "not-uuid", "monitor-name-as-id", "arn-as-id", "pool-as-id",
        "not-a-region", "zone-as-region", "pool-as-region", "unknown-region", "not-the-data-plane",
        "user-pool-as-pool", "uuid-as-pool", "arn-as-pool", "not-a-pool", "not-a-role-arn",
        "arguments-shifted",
    }
)  # fmt: skip


_CODE = re.compile(r"[a-z]+(?:[A-Z_(]|ies\b)")


def wrong_value(snippet: Snippet, field: str) -> Problem | None:
    """Return what is wrong with an argument's or option's value; None when it is what it should be.

    `field` is `app_monitor_id`, `region`, `client_url` or an option's name.
    """
    wrong = (p for p in snippet.problems if p.field == field and p.code in _WRONG_KIND)
    return next(wrong, None)


def sentence(problem: Problem) -> str:
    """Return a problem as a sentence of its own; a name of the code keeps its small letter."""
    text = problem.message.strip().rstrip(".")
    return f"{text}." if _CODE.match(text) else f"{text[:1].upper()}{text[1:]}."


def problem_proof(problem: Problem) -> Proof:
    """Return a problem as evidence."""
    return Proof("snippet", {problem.field or problem.code: problem.message})
