"""The investigation as HTML: works without script, makes no request, escapes every text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rumkit.model import Status
from rumkit.show import path, selection, words
from rumkit.show.template import fill

if TYPE_CHECKING:
    from markupsafe import Markup

    from rumkit.investigation import Investigation
    from rumkit.model import Hop, Section


def render(investigation: Investigation, *, in_page: bool = False) -> Markup:
    """Return the whole investigation: verdict, path, cause with its fix, findings, gaps.

    A page that has style and script of its own takes it without them: `in_page`.
    """
    others = selection.others(investigation)
    return _with_path(
        "investigation.html", investigation, label="Investigation", others=others, in_page=in_page
    )


def overview(investigation: Investigation) -> Markup:
    """Return the verdict, the path and the cause with its fix."""
    return _with_path("overview.html", investigation, label="Overview")


def delivery_path(investigation: Investigation, *, drawn: bool = False) -> Markup:
    """Return the verdict, the path and the cause in a sentence.

    A widget runs no script, so it takes the picture `drawn`.
    """
    return _with_path("delivery_path.html", investigation, label="Delivery path", drawn=drawn)


def section(investigation: Investigation, chosen: Section) -> Markup:
    """Return the findings of one section of the guide with their evidence, without fixes."""
    here = selection.of_section(investigation, chosen)
    broken = sum(each.status is Status.FAIL for each in here)
    return fill("section.html", label=chosen.heading, findings=here, broken=broken)


def fixes(investigation: Investigation, chosen: Section | None = None) -> Markup:
    """Return everything to paste, of one section or of all, or a sentence that there is none."""
    return fill("fixes.html", label="Fixes", findings=selection.mendable(investigation, chosen))


def findings(investigation: Investigation, hop: Hop | None = None) -> Markup:
    """Return all findings but the root cause's, or every finding of one hop, under their hops."""
    here = selection.of_hop(investigation, hop) if hop else selection.others(investigation)
    return fill("findings.html", label="Findings", findings=here)


def gaps(investigation: Investigation) -> Markup:
    """Return what could not be collected, and what would make it collectable."""
    return fill("gaps.html", label="Not collected", investigation=investigation)


def _with_path(template: str, investigation: Investigation, **values: object) -> Markup:
    """Return a template that begins with the verdict and the path."""
    return fill(
        template,
        investigation=investigation,
        cause=investigation.cause,
        broken=words.broken_hop(investigation),
        picture=path.picture(investigation),
        still=path.still(investigation),
        alone=False,
        **values,
    )
