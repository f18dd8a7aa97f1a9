"""How an investigation draws itself, wherever it is displayed; `rumkit` joins it to them."""

from __future__ import annotations

from rumkit.show.code import code
from rumkit.show.html import render as html
from rumkit.show.text import render as text

__all__ = ["code", "html", "text"]
