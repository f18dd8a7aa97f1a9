"""Cards: a heading, sentences and a list, as HTML and as text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rumkit.show.template import fill
from rumkit.show.views import Drawn

if TYPE_CHECKING:
    from collections.abc import Sequence


def card(heading: str, *sentences: str, items: Sequence[str] = (), state: str = "") -> Drawn:
    """Return a card; `state` is a status' name and colours the heading."""
    html = fill(
        "card.html", label=heading, heading=heading, sentences=sentences, items=items, state=state
    )
    lines = [heading, *(f"  {each}" for each in sentences), *(f"  - {each}" for each in items)]
    return Drawn(html, "\n".join(lines) + "\n")


def listing(caption: str, text: str) -> Drawn:
    """Return text to the letter under a caption."""
    html = fill("listing.html", label=caption, caption=caption, text=text)
    return Drawn(html, f"{caption}\n{text}\n")
