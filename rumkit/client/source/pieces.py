"""The pieces of JavaScript that a page or a source file holds, each with what is around it."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, replace
from itertools import chain, islice
from typing import TYPE_CHECKING

from rumkit.client.snippet import Problem
from rumkit.client.source.fills import Fill, single_braces
from rumkit.client.source.starters import starter_of
from rumkit.client.source.templates import branches, comments, places, without_comments

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rumkit.client.html import Script
    from rumkit.client.page import Page
    from rumkit.client.source.javascript import Language

CLIENT_NAMES = ("AwsRumClient", "AwsNexusTelemetry", "cwr")
NEEDLES = ("AwsRum", "cwr", "client.rum.", "AwsNexusTelemetry", "aws-rum")
OPTIONS = ("identityPoolId", "sessionSampleRate", "guestRoleArn", "telemetries")
_AROUND = 20_000
_MAX_SCRIPTS = 60
_MAX_PLACES = 200
_MAX_PIECE = 200_000
_PUSHED = re.compile(
    r'(?P<head>\s*self\.__next_f\.push\(\[1,\s*")(?P<text>(?:[^"\\]|\\.)*)(?P<tail>"\]\)\s*;?\s*)',
    re.DOTALL,
)
_ATTRIBUTE = re.compile(r"\s(on[a-z]{3,20}|srcdoc)\s{0,5}=\s{0,5}([\"'])", re.IGNORECASE)
LANGUAGES: dict[str, tuple[Language, ...]] = {
    "javascript": ("javascript", "tsx", "typescript"),
    "typescript": ("typescript", "tsx"),
    "tsx": ("tsx", "typescript"),
}
# Attributes by which engines and frameworks keep an element or leave it out.
_GUARDS = frozenset(["th:if", "th:unless", "v-if", "x-if", "data-sly-test", "*ngif"])
_TYPESCRIPT = frozenset(["ts", "tsx", "typescript", "text/typescript", "text/tsx"])
_CUSTOM_BLOCK = Problem(
    "custom-block",
    "the <head> of a .vue file is a custom block, which the build drops: the snippet never reaches"
    " the page; put it into index.html",
)


@dataclass(frozen=True)
class Piece:
    """A text to be read as a script.

    `line` is where it begins in the page or file, `index` the page's script that it stands in.
    `languages` are tried in this order. `conditional`, `started_by` and `problems` are those of
    its surroundings, `choices` what in them leads to it, and which way each goes. `whole` says
    that a browser is given exactly this text; `rewritten` what was done to it before, which is
    undone here; `depth` counts the texts around it; `span` is where
    a script element stands in the bytes of the code around it.
    """

    text: str
    line: int = 1
    index: int | None = None
    languages: tuple[Language, ...] = ("javascript",)
    fills: tuple[Fill, ...] = ()
    conditional: str = ""
    choices: tuple[tuple[str, int], ...] = ()
    started_by: str = ""
    problems: tuple[Problem, ...] = ()
    whole: bool = False
    rewritten: str = ""
    depth: int = 0
    span: tuple[int, int] = (0, 0)


def mentions(text: str) -> bool:
    """Say whether a text names the client at all, or several of its options."""
    return any(map(text.__contains__, NEEDLES)) or sum(map(text.__contains__, OPTIONS)) >= 2


def of_page(page: Page) -> list[Piece]:
    """Return the scripts of a page, those that something else has yet to start included."""
    if page.language == "text":
        return []
    if page.language != "html":
        text = without_comments(page.html) if "<%" in page.html else page.html
        return [Piece(text, index=0, languages=LANGUAGES[page.language])]
    text = page.html.replace("\r\n", "\n").replace("\r", "\n")
    pieces: list[Piece] = []
    at = namings = 0
    for script in _joined(page.scripts[: _MAX_SCRIPTS * 100]):
        if script.src is not None or script.in_template:
            continue
        named = namings < _MAX_SCRIPTS and mentions(script.text)
        namings += named
        start = text.find(script.text, at) if named else -1
        at = max(at, start)
        piece = _script(script, text, start)
        if piece is not None:
            pieces.append(piece)
    return pieces + _attributes(text)


def _joined(scripts: Sequence[Script]) -> list[Script]:
    """Join what Next.js pushes in pieces, cut anywhere, into the script that pushes the first."""
    joined: list[Script] = []
    for script in scripts:
        piece = _PUSHED.fullmatch(script.text)
        before = _PUSHED.fullmatch(joined[-1].text) if piece and joined else None
        if piece and before and len(joined[-1].text) < _MAX_PIECE:
            text = f"{before['head']}{before['text']}{piece['text']}{before['tail']}"
            joined[-1] = replace(joined[-1], text=text)
        else:
            joined.append(script)
    return joined


def _script(script: Script, page: str, start: int) -> Piece | None:
    """Return a script element's piece; None when nobody starts it."""
    started_by = starter_of(script) if script.inert else ""
    if started_by is None:
        return None
    lang = (script.attributes.get("lang") or script.attributes.get("type") or "").lower()
    compiled = lang in _TYPESCRIPT
    guards = [f'behind {k}="{v[:80]}"' for k, v in script.attributes.items() if k in _GUARDS]
    piece = Piece(
        script.text,
        line=script.line or 1,
        index=script.index,
        conditional=", ".join(guards),
        languages=LANGUAGES["typescript"] if compiled else ("javascript",),
        started_by=started_by,
        whole=not script.inert and not compiled,
    )
    return piece if start < 0 else _in_template(piece, page, start)


def _in_template(piece: Piece, page: str, start: int) -> Piece | None:
    """Note the template around a script; None when an engine's comment holds it."""
    begin = max(0, start - _AROUND)
    around = page[begin : start + len(piece.text) + _AROUND // 10]
    if any(first <= start - begin < last for first, last in comments(around)):
        return None
    inside = branches(around, start - begin)
    if _in_vue_head(page, start):
        piece = replace(piece, problems=(_CUSTOM_BLOCK,))
    return replace(
        piece,
        text=without_comments(piece.text),
        choices=tuple((f"template {branch.choice + begin}", branch.way) for branch in inside),
        conditional=", ".join(
            filter(None, [piece.conditional, *(f"inside {b.quote}" for b in reversed(inside))])
        ),
    )


def _in_vue_head(page: str, place: int) -> bool:
    """Say whether a place lies in the <head> block of a Vue component."""
    head = page.rfind("<head", 0, place)
    if head < 0 or page.find("</head", head, place) >= 0 or "<html" in page[:place]:
        return False
    return bool(re.search(r"^<template[\s>]", page, re.MULTILINE)) and (
        "export default" in page or "<script setup" in page or "<script lang" in page
    )


def _attributes(page: str) -> list[Piece]:
    """Return what stands in event attributes and in the srcdoc of frames."""
    pieces: list[Piece] = []
    end = 0
    found = (islice(places(page, word), _MAX_PLACES) for word in CLIENT_NAMES)
    for place in sorted(chain.from_iterable(found)):
        if place < end:
            continue
        before = page[max(0, place - 3_000) : place]
        named = next(reversed(list(_ATTRIBUTE.finditer(before))), None)
        if named is None or named[2] in before[named.end() :]:
            continue
        start = place - len(before) + named.end()
        end = page.find(named[2], start)
        if end < 0:
            break
        line = page.count("\n", 0, start) + 1
        pieces += _attribute(named[1].lower(), html.unescape(page[start:end]), line)
    return pieces


def _attribute(name: str, value: str, line: int) -> list[Piece]:
    if name == "srcdoc":
        return of_text(Piece(value, line=line, conditional="inside a frame's srcdoc"))
    when = "" if name == "onload" else f"in the attribute {name}"
    return [Piece(value, line=line, conditional=when)]


def of_text(piece: Piece) -> list[Piece]:
    """Return the scripts of a text that is HTML, or the text itself as a script."""
    text, fills = single_braces(piece.text[:_MAX_PIECE], piece.fills)
    piece = replace(piece, text=text, fills=fills)
    if "<script" not in text.lower():
        return [piece]
    from rumkit.client.html import parse_document

    document = parse_document(text)
    scripts = [s for s in document.scripts if not s.inert and s.src is None and mentions(s.text)]
    return [
        replace(piece, text=script.text, line=piece.line + max(0, script.line - 1))
        for script in scripts[:_MAX_SCRIPTS]
    ]


def script_blocks(text: str) -> list[tuple[int, int]]:
    """Return where the content of each script element that names the client begins and ends."""
    blocks: list[tuple[int, int]] = []
    at = 0
    for _ in range(_MAX_PLACES):
        opening = text.find("<script", at)
        start = text.find(">", opening, opening + 1_000) + 1 if opening >= 0 else 0
        end = text.find("</script", start) if start else -1
        if opening < 0 or end < 0:
            break
        if mentions(text[start:end]):
            blocks.append((start, end))
        at = end
    return blocks
