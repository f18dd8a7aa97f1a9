"""All scenarios, in the order of the guide, then what lies beyond it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rumkit.sandbox.scenarios import (
    account,
    beyond,
    content_security_policy,
    events_not_sent,
    healthy,
    returns_403,
    token_vending,
    trails,
    xray,
)

if TYPE_CHECKING:
    from rumkit.sandbox.scenarios.base import Scenario

SCENARIOS: tuple[Scenario, ...] = (
    *healthy.SCENARIOS,
    *events_not_sent.SCENARIOS,
    *returns_403.SCENARIOS,
    *trails.SCENARIOS,
    *token_vending.SCENARIOS,
    *content_security_policy.SCENARIOS,
    *xray.SCENARIOS,
    *account.SCENARIOS,
    *beyond.SINGLE,
    *beyond.PAIRS,
)


def find(name: str) -> Scenario | None:
    """Return the scenario of this name, or None."""
    return next((scenario for scenario in SCENARIOS if scenario.name == name), None)
