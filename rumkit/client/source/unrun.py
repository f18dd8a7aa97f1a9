"""Where a page names the client and no browser runs it: comments, noscript, templates, samples."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rumkit.client.page import Page

_PLACES = {
    "!--": "in a comment",
    "noscript": "inside of <noscript>",
    "template": "inside of <template>",
    "textarea": "inside of <textarea>, as text",
    "pre": "inside of <pre>, as text",
    "code": "inside of <code>, as text",
}
_BEGINS = re.compile(
    r"<(!--|(?:script|style|noscript|template|textarea|pre|code)\b)", re.IGNORECASE
)
_NAMED = re.compile(r"AwsRumClient|\bcwr\b|client\.rum\.|new\s+AwsRum\b")
# With an address the element's own text counts for nothing.
_UNREAD = re.compile(r"\s(src(?=\s{0,9}=)|nomodule)\b", re.IGNORECASE)
# Comments that begin a line: what follows code on its line may stand in a text.
_COMMENTS = re.compile(r"^[ \t]*(?://[^\n]*+|/\*(?:[^*]|\*(?!/))*+\*/)", re.MULTILINE)
_MAX_TEXT = 1_000_000
_MAX_PLACES = 20_000


def outside(page: Page) -> tuple[Page, str]:
    """Return a page without what no browser runs, and where in that it names the client.

    The place reads `in a comment (line 5)`; it is empty when no such part names the client.
    """
    if page.language != "html":
        return (page, "") if page.language == "text" else _without_comments(page)
    text = page.html[:_MAX_TEXT]
    lower = text.lower()
    kept: list[str] = []
    named = ""
    at = end = 0
    unclosed: set[str] = set()
    for _ in range(_MAX_PLACES):
        begins = _BEGINS.search(text, end)
        if begins is None:
            break
        tag = begins[1].lower()
        closing = "-->" if tag == "!--" else f"</{tag}"
        close = -1 if tag in unclosed else lower.find(closing, begins.end())
        if close < 0:
            unclosed.add(tag)
            end = begins.end()
            continue
        end = close + 3
        inner = text[begins.start() : end]
        place = _PLACES.get(tag) or _unread(inner)
        if not place:
            continue
        if not named and (match := _NAMED.search(inner)):
            line = text.count("\n", 0, begins.start() + match.start()) + 1
            named = f"{place} (line {line})"
        kept += (text[at : begins.start()], "\n" * inner.count("\n"))
        at = end
    if not named:
        return page, ""
    return replace(page, html="".join((*kept, text[at:]))), named


def _unread(element: str) -> str:
    """Say why browsers leave the text of a script element unread; empty where they do not."""
    opening = element.partition(">")[0]
    if not _NAMED.search(element) or not opening.lower().startswith("<script"):
        return ""
    found = _UNREAD.search(opening)
    return f"in a script element with {found[1].lower()}" if found else ""


def _without_comments(page: Page) -> tuple[Page, str]:
    text = page.html[:_MAX_TEXT]
    comments = list(_COMMENTS.finditer(text))
    named = next((each for each in comments if _NAMED.search(each[0])), None)
    if named is None:
        return page, ""
    kept = _COMMENTS.sub(lambda comment: "\n" * comment[0].count("\n"), text)
    line = text.count("\n", 0, named.start()) + 1
    return replace(page, html=kept), f"in a comment (line {line})"
