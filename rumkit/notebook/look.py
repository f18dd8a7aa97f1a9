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

if TYPE_CHECKING:
    from collections.abc import Callable

    from rumkit.investigation import Investigation

_NOTE = "Of an earlier look"
_REMEDY = ": run this cell again"
# Two notebooks may be open in one page of JupyterLab: only the chooser's own is marked.
_WHERE = (".jp-Notebook:has(#{ident})", "body:not(:has(.jp-Notebook)):has(#{ident})")


def mark(investigation: Investigation) -> str:
    """Return a short mark that two investigations share when they give the same answer."""
    text = json.dumps(investigation.to_dict(), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def marked(html: str, of: str) -> str:
    """Return a view's HTML with the mark of its look; `of` is trusted text."""
    return f'<div class="rk-look" data-look="{of}">{html}</div>'


def present(ident: str, of: str) -> str:
    """Return HTML that marks all that is not of one look as old; all, where `of` is empty."""
    other = f'.rk-look:not([data-look="{of}"])' if of else ".rk-look"
    old = ",".join(f"{where.format(ident=ident)} {other}" for where in _WHERE)
    note = ",".join(f"{where.format(ident=ident)} {other}::before" for where in _WHERE)
    text = _NOTE if live.wanted() else _NOTE + _REMEDY
    rules = (
        f"{old}{{opacity:.45;border-left:4px solid #a83200;padding-left:.6em}}"
        f'{note}{{content:"{text}";font:600 13px system-ui,sans-serif;color:#a83200}}'
    )
    return f'<span id="{ident}"></span><style>{rules}</style>'


def mark_frames(present_mark: Callable[[], str]) -> None:
    """Let pandas' frames carry the mark too, in the kernel that runs this; elsewhere do nothing."""
    from IPython.core.getipython import get_ipython

    shell: Any = get_ipython()
    if shell is None:
        return
    import pandas as pd

    def drawn(frame: Any) -> str | None:
        html = frame._repr_html_()  # what IPython itself asks an object for
        of = present_mark()
        return marked(html, of) if html and of else html

    shell.display_formatter.formatters["text/html"].for_type(pd.DataFrame, drawn)
