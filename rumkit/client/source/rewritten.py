"""What escaping, an editor or a word processor does to a script on its way into a page."""

from __future__ import annotations

import re
from dataclasses import dataclass

_MAX_TEXT = 60_000
# A browser decodes entities in HTML, and in a script it does not.
_ENTITIES = {
    "quot": '"', "34": '"', "x22": '"', "apos": "'", "39": "'", "039": "'", "x27": "'",
    "lt": "<", "60": "<", "x3c": "<", "gt": ">", "62": ">", "x3e": ">",
    "amp": "&", "38": "&", "038": "&", "x26": "&", "nbsp": " ", "160": " ", "xa0": " ",
    "lsquo": "'", "rsquo": "'", "8216": "'", "8217": "'", "8242": "'", "x2018": "'", "x2019": "'",
    "ldquo": '"', "rdquo": '"', "8220": '"', "8221": '"', "8243": '"', "x201c": '"', "x201d": '"',
}  # fmt: skip
_ENTITY = re.compile(rf"&#?({'|'.join(_ENTITIES)});", re.IGNORECASE)
_TAG = re.compile(r"</?(?:br|p|span|div|font|wbr)(?:\s[^<>\n]{0,200})?/?>", re.IGNORECASE)
_CURLY = str.maketrans({"\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"', "\u2032": "'"})
_CURLED = re.compile("[\u2018\u2019\u201c\u201d\u2032]")


@dataclass(frozen=True)
class Rewritten:
    """A script as it was before, and what was done to it, in words that follow a colon."""

    before: str
    done: str


def rewritten(text: str) -> Rewritten | None:
    """Undo what is done to scripts on their way into a page; None when nothing of it was."""
    if len(text) > _MAX_TEXT:
        return None
    done: list[str] = []
    if entity := _ENTITY.search(text):
        done.append(
            f"its characters were escaped for HTML ({entity[0]}), and no browser decodes a script"
        )
        text = _ENTITY.sub(lambda each: _ENTITIES[each[1].lower()], text)
    if tag := _TAG.search(text):
        done.append(f"an editor put tags into it ({tag[0][:40]})")
        text = _TAG.sub("", text)
    if curly := _CURLED.search(text):
        done.append(f"its quotes are typographic ones ({curly[0]})")
        text = text.translate(_CURLY)
    return Rewritten(text, ", and ".join(done)) if done else None
