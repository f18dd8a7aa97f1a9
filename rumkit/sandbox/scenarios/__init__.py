"""All scenarios, in the order of the delivery path."""

from __future__ import annotations

from rumkit.sandbox.scenarios import healthy, returns_403
from rumkit.sandbox.scenarios.base import Scenario

SCENARIOS: tuple[Scenario, ...] = (*healthy.SCENARIOS, *returns_403.SCENARIOS)


def find(name: str) -> Scenario | None:
    """Return the scenario of this name, or None."""
    return next((scenario for scenario in SCENARIOS if scenario.name == name), None)
