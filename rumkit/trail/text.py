"""Text from a trail, which anyone on the internet can write into: bounded and well-formed."""

from __future__ import annotations


def clean(value: object, limit: int) -> str:
    """Return text or a number as text of at most `limit` characters; anything else is "".

    A text that is cut ends in an ellipsis. Lone surrogates, which JSON can smuggle in and no
    encoder can write, become question marks.
    """
    if isinstance(value, str):
        text = value if len(value) <= limit else f"{value[: limit - 1]}…"
    elif isinstance(value, int | float) and not isinstance(value, bool):
        text = repr(value)[:limit] if abs(value) < 10**40 else ""
    else:
        return ""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")
