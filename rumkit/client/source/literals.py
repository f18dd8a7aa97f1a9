"""The text of JavaScript literals to Python values."""

from __future__ import annotations

import re

_ESCAPE = re.compile(
    r"\\(?:u\{([0-9a-fA-F]{1,6})\}|u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(\r\n|[\s\S]))"
)
_SIMPLE = {
    "n": "\n",
    "t": "\t",
    "r": "\r",
    "b": "\b",
    "f": "\f",
    "v": "\v",
    "0": "\0",
    "\n": "",
    "\r": "",
    "\r\n": "",
    "\u2028": "",
    "\u2029": "",
}


def unescape(text: str) -> str:
    """Return what the inside of a string or template literal stands for."""
    if "\\" not in text:
        return text
    plain = _ESCAPE.sub(_character, text)
    return plain.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _character(match: re.Match[str]) -> str:
    code = match[1] or match[2] or match[3]
    if code:
        value = int(code, 16)
        return chr(value) if value <= 0x10FFFF else "\ufffd"
    return _SIMPLE.get(match[4], match[4])


def number(text: str) -> int | float | None:
    """Return a numeric literal's value; None for a BigInt or what is no number."""
    text = text.replace("_", "").lower()
    if len(text) > 400 or text.endswith("n"):
        return None
    try:
        if text[:2] in {"0x", "0o", "0b"}:
            return int(text, 0)
        return tidy(float(text))
    except (ValueError, OverflowError):
        return None


def tidy(value: float) -> int | float:
    """Return a whole number as int, as JavaScript prints it."""
    return int(value) if value.is_integer() and abs(value) < 2**53 else value


def to_text(value: object) -> str | None:
    """Return what a value becomes when it is joined to a string; None for objects."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return "null"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        if value != value:  # noqa: PLR0124 - NaN
            return "NaN"
        return repr(value)
    return None
