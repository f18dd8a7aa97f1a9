"""rumkit finds out why CloudWatch RUM data does not arrive, proves it, and gives the fix."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rumkit.checks.own import add_check
    from rumkit.frames import columns
    from rumkit.investigation import Drawing, Investigation
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
    from rumkit.notebook.choosing import choose
    from rumkit.runner import investigate
    from rumkit.verbs import (
        arrival,
        calls,
        changes,
        check,
        denied_put_events,
        query,
        sessions,
        token_failures,
    )

__version__ = "0.1.0"

# What is neither a class of `rumkit.model` nor a function of `rumkit.verbs`.
_ELSEWHERE = {
    "investigate": "rumkit.runner",
    "Investigation": "rumkit.investigation",
    "choose": "rumkit.notebook.choosing",
    "columns": "rumkit.frames",
    "add_check": "rumkit.checks.own",
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
    "add_check",
    "arrival",
    "calls",
    "changes",
    "check",
    "choose",
    "columns",
    "denied_put_events",
    "investigate",
    "query",
    "sessions",
    "token_failures",
]


def drawing() -> Drawing:
    """Return what draws investigations, imported when the first one is displayed.

    It is built upon investigations, so they can't know it: the package joins the two.
    """
    from rumkit.show import drawing as made

    return made


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used, so that `import rumkit` costs nothing."""
    from importlib import import_module

    if name not in __all__:
        raise AttributeError(f"module 'rumkit' has no attribute {name!r}")
    usual = "rumkit.model" if name[0].isupper() else "rumkit.verbs"
    value = getattr(import_module(_ELSEWHERE.get(name, usual)), name)
    globals()[name] = value
    return value
