"""Installations with which nothing is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rumkit.sandbox.scenarios.base import Scenario

if TYPE_CHECKING:
    from rumkit.sandbox.installation import Installation
    from rumkit.sandbox.world import World


def _healthy(_world: World, _place: Installation) -> None:
    """Break nothing."""


SCENARIOS = (
    Scenario("healthy", "Everything arrives", "", _healthy, None, why_not="nothing to mend"),
)
