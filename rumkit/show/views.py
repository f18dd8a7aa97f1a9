"""What a notebook displays: parts of an investigation that draw themselves."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from rumkit.investigation import MIME_TYPE
from rumkit.model import BadInput, Hop, Section
from rumkit.show import html, selection, text, words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from markupsafe import Markup

    from rumkit.investigation import Investigation


@dataclass(frozen=True)
class Drawn:
    """HTML and plain text of one view, and data under further MIME types."""

    html: Markup
    text: str
    data: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.text

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        return {"text/plain": self.text, "text/html": str(self.html), **self.data}


def overview(investigation: Investigation) -> Drawn:
    """Return verdict, path and cause with its fix; it carries the investigation as data."""
    return Drawn(
        html.overview(investigation),
        text.overview(investigation),
        {MIME_TYPE: investigation.to_dict()},
    )


def delivery_path(investigation: Investigation) -> Drawn:
    """Return verdict, path and cause in a sentence; it carries the investigation as data."""
    return Drawn(
        html.delivery_path(investigation),
        text.delivery_path(investigation),
        {MIME_TYPE: investigation.to_dict()},
    )


def findings(investigation: Investigation, hop: Hop | str | None = None) -> Drawn:
    """Return all findings but the root cause's, or every finding of one hop."""
    chosen = Hop(hop) if hop else None
    return Drawn(html.findings(investigation, chosen), text.findings(investigation, chosen))


def section(investigation: Investigation, name: str) -> Drawn:
    """Return the findings of one section of the guide. Raises BadInput for another name."""
    chosen = _section(name)
    return Drawn(
        html.section(investigation, chosen),
        text.listing(selection.of_section(investigation, chosen)),
    )


def fixes(investigation: Investigation, name: str = "") -> Drawn:
    """Return everything to paste, of one section of the guide or of all."""
    chosen = _section(name) if name else None
    return Drawn(html.fixes(investigation, chosen), text.fixes(investigation, chosen))


def gaps(investigation: Investigation) -> Drawn:
    """Return what could not be collected, and what would make it collectable."""
    return Drawn(html.gaps(investigation), text.gaps(investigation))


def _section(name: str) -> Section:
    if name not in set(Section):
        raise BadInput(f"There is no section {name!r}; the sections are {', '.join(Section)}.")
    return Section(name)


def hops(investigation: Investigation) -> dict[Hop, str]:
    """Return each hop with its sign and state in words, for buttons."""
    return {
        step.hop: f"{words.MARKS[step.condition]} {words.HOP_NAMES[step.hop]}: {step.condition}"
        for step in investigation.path
    }
