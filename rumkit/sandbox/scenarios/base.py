"""What a scenario is: a healthy installation, one thing broken, and what must be found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Callable

    from rumkit.sandbox.installation import Installation
    from rumkit.sandbox.world import World

Mendable = Literal["command", "page", "header"]


@dataclass(frozen=True)
class Scenario:
    """A fault by its name.

    `root_cause` is the id of the check that must find it, None when nothing is broken; `also`
    names other checks that fail with it, or that only warn (`warns`). `mendable` says what
    mends it; None with a reason in `why_not`. `browser` is true when a real browser shows the
    fault by itself.
    `alone` marks a fault of the whole account, which would reach other installations. `unknown`
    names checks that must not decide, since what they look at can't tell.
    """

    name: str
    title: str
    guide_section: str
    break_: Callable[[World, Installation], None]
    root_cause: str | None
    mendable: Mendable | None = None
    why_not: str = ""
    also: tuple[str, ...] = ()
    warns: bool = False
    browser: bool = True
    alone: bool = False
    unknown: tuple[str, ...] = ()
