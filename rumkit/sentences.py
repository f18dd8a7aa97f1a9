"""Parts of the sentences that a person reads."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def ended(text: str) -> str:
    """Return a text with a full stop, unless it ends as a sentence already."""
    return text if text.endswith(("?", ".")) else f"{text}."


def did_you_mean(word: str, known: Iterable[str], *, most: int = 1) -> str:
    """Return `; did you mean X?` for the nearest known words, nothing where none is near."""
    near = difflib.get_close_matches(word, list(known), n=most, cutoff=0.65)
    return f"; did you mean {' or '.join(near)}?" if near else ""
