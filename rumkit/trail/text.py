"""Text from a trail, which anyone on the internet can write into: bounded, and without secrets."""

from __future__ import annotations

from typing import Final

from rumkit.secret import hide_secrets

_BEYOND: Final = 4096
# What tables and tools write where there is nothing.
NOTHING: Final = frozenset({"", "-", "--", "null", "(null)", "<null>", "none", "nan", "n/a"})


def clean(value: object, limit: int) -> str:
    """Return text or a number as text of at most `limit` characters; anything else is "".

    No secret is in it. A text that is cut ends in an ellipsis. Lone surrogates, which JSON can
    smuggle in and no encoder can write, become question marks.
    """
    if isinstance(value, str):
        # A secret is looked for before the cut, which could leave its beginning without its name.
        text = hide_secrets(value[: limit + _BEYOND])
        text = text if len(text) <= limit else f"{text[: limit - 1]}…"
    elif isinstance(value, int | float) and not isinstance(value, bool):
        text = repr(value)[:limit] if abs(value) < 10**40 else ""
    else:
        return ""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")
