"""Whether a condition of a source holds in what is built for visitors, or for developers alone."""

from __future__ import annotations

import re

# How a source asks for the build that visitors get, and for the developers' own.
_NODE = r"process\.env\.NODE_ENV ?"
_PRODUCTION = (
    rf"(?:{_NODE}===? ?['\"]production['\"]|{_NODE}!==? ?['\"]development['\"]"
    r"|!import\.meta\.(?:env\.DEV|dev)|import\.meta\.env\.PROD"
    r"|import\.meta\.env\.MODE ?===? ?['\"]production['\"]|environment\.production"
    r"|!__DEV__|!isDevMode\(\))"
)
_DEVELOPMENT = (
    rf"(?:{_NODE}===? ?['\"]development['\"]|{_NODE}!==? ?['\"]production['\"]"
    r"|import\.meta\.(?:env\.DEV|dev)|!import\.meta\.env\.PROD"
    r"|import\.meta\.env\.MODE ?===? ?['\"]development['\"]|!environment\.production"
    r"|__DEV__|isDevMode\(\))"
)


def _met(test: str, otherwise: str) -> re.Pattern[str]:
    """Return how a condition reads that is met where one test holds, or another does not."""
    return re.compile(
        rf"inside if \({test}\)|inside {test} \? \.\.\.|behind {test} &&"
        rf"|after the early \w+ of if \({otherwise}\)|inside the else of if \({otherwise}\)"
        rf"|inside the other branch of {otherwise} \? \.\.\.|behind {otherwise} \|\|"
    )


_FOR_VISITORS = _met(_PRODUCTION, _DEVELOPMENT)
_FOR_DEVELOPERS = _met(_DEVELOPMENT, _PRODUCTION)


def for_visitors(condition: str) -> bool | None:
    """Say whether a condition holds in each build for visitors; None where it does not tell."""
    if _FOR_DEVELOPERS.search(condition):
        return False
    return True if _FOR_VISITORS.fullmatch(condition) else None
