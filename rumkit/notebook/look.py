"""Which look at an installation a displayed thing belongs to, and how an older one is marked.

Whatever a notebook displays of an investigation carries a mark of its answer. The chooser, which
lives as long as the kernel, says which answer is the present one; everything of another is then
greyed and says so. That is a rule of CSS: it holds after a reload of the page, in Voila, and beside
outputs that were stored by an earlier run, where no script of theirs would run.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from rumkit.notebook import live
from rumkit.show.template import fill

if TYPE_CHECKING:
    from collections.abc import Callable

    from markupsafe import Markup

    from rumkit.investigation import Investigation

_NOTE = "Of an earlier look"
_REMEDY = ": run this cell again"


def mark(investigation: Investigation) -> str:
    """Return a short mark that two investigations share when they give the same answer."""
    text = json.dumps(investigation.to_dict(), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def marked(view: Markup, look: str) -> Markup:
    """Return a view with the mark of its look."""
    return fill("look.html", view=view, look=look)


def present(ident: str, look: str) -> Markup:
    """Return HTML that marks all that is not of one look as old; all, where there is none."""
    note = _NOTE if live.wanted() else _NOTE + _REMEDY
    return fill("present_look.html", ident=ident, look=look, note=note)


def mark_frames(present_mark: Callable[[], str]) -> None:
    """Let pandas' frames carry the mark too, in the kernel that runs this; elsewhere do nothing."""
    from IPython.core.getipython import get_ipython

    shell: Any = get_ipython()
    if shell is None:
        return
    import pandas as pd
    from markupsafe import Markup

    def drawn(frame: Any) -> str | None:
        html: str | None = frame._repr_html_()  # what IPython itself asks an object for
        look = present_mark()
        if not html or not look:
            return html
        return str(marked(Markup(html), look))  # noqa: S704 - pandas escapes its cells

    shell.display_formatter.formatters["text/html"].for_type(pd.DataFrame, drawn)
