"""rumkit finds out why CloudWatch RUM data does not arrive, proves it, and gives the fix."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rumkit.investigation import Investigation
    from rumkit.model import (
        BadInput,
        Finding,
        Fix,
        Hop,
        NotCollected,
        RumkitError,
        Section,
        Status,
        Verdict,
    )
    from rumkit.runner import investigate
    from rumkit.show.widgets import choose

__version__ = "0.1.0"

_HOME = {
    "investigate": "rumkit.runner",
    "Investigation": "rumkit.investigation",
    "choose": "rumkit.show.widgets",
    **dict.fromkeys(
        (
            "BadInput",
            "Finding",
            "Fix",
            "Hop",
            "NotCollected",
            "RumkitError",
            "Section",
            "Status",
            "Verdict",
        ),
        "rumkit.model",
    ),
}

__all__ = [
    "BadInput",
    "Finding",
    "Fix",
    "Hop",
    "Investigation",
    "NotCollected",
    "RumkitError",
    "Section",
    "Status",
    "Verdict",
    "choose",
    "investigate",
]


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used, so that `import rumkit` costs nothing."""
    from importlib import import_module

    if name not in _HOME:
        raise AttributeError(f"module 'rumkit' has no attribute {name!r}")
    value = getattr(import_module(_HOME[name]), name)
    globals()[name] = value
    return value
