"""Filling in a template of this package; the engine is imported when the first one is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markupsafe import Markup


def fill(template: str, **values: object) -> Markup:
    """Return a template with these values, each of them escaped but what a template made."""
    from markupsafe import Markup

    from rumkit.show.engine import ENVIRONMENT

    filled = ENVIRONMENT.get_template(template).render(values)
    return Markup(filled)  # noqa: S704 - a template made it
