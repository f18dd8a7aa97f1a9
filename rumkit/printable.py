"""Which characters a person can see: the one list that every view and every fix goes by."""

from __future__ import annotations

import re

# Control characters but tab and line end, what turns text around, what has no width, halves of
# characters that no encoding can write, and code points that are no characters at all.
_HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    "\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ud800-\udfff\ufe00-\ufe0f\ufeff\uffa0"
    "\ufff0-\ufffb\ufffe\uffff\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
# A terminal's escape sequence goes whole, else its letters would stay behind.
_ESCAPE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\^_])?")


def clean(value: object) -> str:
    """Return text without terminal escapes and without characters that do not show.

    Tabs and line ends stay.
    """
    text = str(value).replace("\r\n", "\n")
    return _HIDDEN.sub("", _ESCAPE.sub("", text))


def hidden(text: str) -> str:
    """Return the code points that `clean` would take away, `U+001B, U+202E`; empty when none."""
    return ", ".join(dict.fromkeys(f"U+{ord(sign):04X}" for sign in _HIDDEN.findall(text)))


def escape_hidden(quoted: str) -> str:
    r"""Write hidden characters of a double-quoted text as `\u202e` or `\U000e0001`."""
    return _HIDDEN.sub(lambda match: _escaped(ord(match[0])), quoted)


def _escaped(code: int) -> str:
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
