"""Near misses in words: what a statement names, and what the request is."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rumkit.aws.policy import JudgedLayer
    from rumkit.aws.policy_types import Request


def near_misses(request: Request, layers: Iterable[JudgedLayer]) -> tuple[str, ...]:  # noqa: ARG001
    """Return sentences on the statements that nearly matched."""
    return ()
