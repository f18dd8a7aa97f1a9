"""Cards: a heading, sentences and a list, as HTML and as text."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from rumkit.show.style import wrap
from rumkit.show.views import Drawn

if TYPE_CHECKING:
    from collections.abc import Sequence


def card(heading: str, *sentences: str, items: Sequence[str] = (), state: str = "") -> Drawn:
    """Return a card; `state` is a status' name and colours the heading. All text is escaped."""
    kind = f' class="{state}"' if state else ""
    title = f"<h3><span{kind}>{escape(heading)}</span></h3>"
    said = "".join(f"<p>{escape(one)}</p>" for one in sentences)
    listed = "".join(f"<li>{escape(one)}</li>" for one in items)
    body = f"{title}{said}" + (f"<ul>{listed}</ul>" if listed else "")
    lines = [heading, *(f"  {one}" for one in sentences), *(f"  - {one}" for one in items)]
    return Drawn(wrap(body, label=escape(heading)), "\n".join(lines) + "\n")


def listing(caption: str, text: str) -> Drawn:
    """Return text to the letter under a caption."""
    block = f'<div class="rk-fix"><pre tabindex="0">{escape(text)}</pre></div>'
    body = f"<h3>{escape(caption)}</h3>{block}"
    return Drawn(wrap(body, label=escape(caption)), f"{caption}\n{text}\n")
