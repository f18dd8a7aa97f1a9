"""What is written wrongly in an installation, for the check that each value concerns."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rumkit.aws_names import is_identity_pool_id, is_role_arn
from rumkit.checks import fixes
from rumkit.client.values import Expression, RegExp
from rumkit.model import Proof

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rumkit.client.snippet import Problem, Snippet
    from rumkit.client.values import Value

# Values of the wrong kind, by the argument or option that holds them.
_WRONG_KIND = frozenset(
    {
        "placeholder", "sample-id", "not-uuid", "monitor-name-as-id", "arn-as-id", "pool-as-id",
        "account-as-id",
        "not-a-region", "zone-as-region", "pool-as-region", "unknown-region", "not-the-data-plane",
        "endpoint-path", "endpoint-http",
        "user-pool-as-pool", "uuid-as-pool", "arn-as-pool", "not-a-pool", "not-a-role-arn",
        "arguments-shifted",
    }
)  # fmt: skip


ARGUMENTS_IN_ORDER = fixes.advice(
    "Give the arguments in their order",
    "The snippet takes namespace, app monitor id, version, region, client URL, configuration;"
    " new AwsRum(…) takes app monitor id, version, region, configuration. The version is any text"
    " of your own, and none of them can be left out.",
)
_FORMS = {"identityPoolId": is_identity_pool_id, "guestRoleArn": is_role_arn}
_CODE = re.compile(r"[a-z]+(?:[A-Z_(]|ies\b)")


def wrong_value(snippet: Snippet, field: str) -> Problem | None:
    """Return what is wrong with an argument's or option's value; None when it is what it should be.

    `field` is `app_monitor_id`, `region`, `client_url` or an option's name.
    """
    wrong = (p for p in snippet.problems if p.field == field and p.code in _WRONG_KIND)
    return next(wrong, None)


def holds_placeholder(snippets: Sequence[Snippet]) -> bool:
    """Tell whether the first of a page's snippets was given a placeholder for its monitor's id."""
    wrong = wrong_value(snippets[0], "app_monitor_id") if snippets else None
    return wrong is not None and wrong.code == "placeholder"


def fits(option: str, value: Value) -> bool:
    """Tell whether a value is of the kind that an option takes, as far as its form tells."""
    form = _FORMS.get(option)
    return form is None or isinstance(value, Expression) or (isinstance(value, str) and form(value))


def telemetry_name(entry: Value) -> Value:
    """Return the name in an entry of telemetries, which is a name or a list that begins with it."""
    return entry[0] if isinstance(entry, list) and entry else entry


def as_patterns(value: Value) -> Value:
    """Return a list of patterns with its texts as regular expressions, which the client needs."""
    if not isinstance(value, list):
        return value
    return [
        RegExp(re.escape(each).replace("/", "\\/")) if isinstance(each, str) else each
        for each in value
    ]


def sentence(problem: Problem) -> str:
    """Return a problem as a sentence of its own; a name of the code keeps its small letter."""
    text = problem.message.strip().rstrip(".")
    return f"{text}." if _CODE.match(text) else f"{text[:1].upper()}{text[1:]}."


def problem_proof(problem: Problem) -> Proof:
    """Return a problem as evidence."""
    return Proof("snippet", {problem.field or problem.code: problem.message})
