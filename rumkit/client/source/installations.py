"""Looks through a page's scripts for RUM installations, and only parses those that name it."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from rumkit.client.snippet import Command, Problem, Snippet
from rumkit.client.source import commands, loaders, npm
from rumkit.client.source.foreign import recovered, undiffed
from rumkit.client.source.pieces import Piece, mentions, of_page
from rumkit.client.source.problems import problems_of
from rumkit.client.source.strings import embedded
from rumkit.client.source.templates import without_comments
from rumkit.client.source.unit import Realm, Unit
from rumkit.client.values import Undefined, Value

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tree_sitter import Node

    from rumkit.client.page import Page

_MAX_UNITS = 60
_MAX_SNIPPETS = 50
_MAX_NAMESPACES = 5
# Code of PHP, Razor and the like in a page, whose literals may hold a script.
_SERVER_CODE = re.compile(r"<\?php\b(?:[^?]|\?(?!>))*|@\{(?:[^\n]|\n(?!\}))*|<%(?:[^%]|%(?!>))*")
# How other languages begin what JavaScript never does.
_FOREIGN = re.compile(
    r"^\s*(?:def \w+\(|from [\w.]+ import\b|import [\w.]+;?$|package [\w.]+;?$|using [\w.]+;"
    r"|#!|<\?php|# \w|(?:output|resource|variable|locals|data) [\"{]"
    r"|\w+ = [rf]{0,2}(?:\"\"\"|\'\'\'))|\bString \w+ ?[=(]|= \$?@\"|= <<[-~]?\w",
    re.MULTILINE,
)
Located = tuple[Snippet, Unit]


def find(source: str | Page) -> list[Snippet]:
    """Return the installations of a page or of source text."""
    page = as_page(source) if isinstance(source, str) else undiffed_page(source)
    if not mentions(page.html):
        return []
    served = not isinstance(source, str) and is_served(source)
    foreign = page.language == "text" or (isinstance(source, str) and _is_foreign(page))
    found = [] if foreign else _installed(page)
    found = found or _recovered(page) or _without_queue(page)
    complete = [_finished(snippet, unit, page, served=served) for snippet, unit in found]
    return complete[:_MAX_SNIPPETS]


def _is_foreign(page: Page) -> bool:
    """Say whether a text that is not HTML is of a language other than JavaScript."""
    if page.language == "html" or not _FOREIGN.search(page.html):
        return False
    return Unit(of_page(page)[0], Realm()).broken


def is_served(page: Page) -> bool:
    """Say whether a server sent the page as it is: no template engine is still to come."""
    return page.language == "html" and (not page.from_file or bool(page.headers))


def _installed(page: Page) -> list[Located]:
    """Return the installations in a page's scripts, and in the strings of its scripts."""
    realm = Realm()
    for piece in of_page(page):
        realm.add(piece)
    units = [unit for unit in realm.units if unit.names_client][:_MAX_UNITS]
    found: list[Located] = []
    inner: list[Unit] = []
    for unit in units:
        within = _embedded(unit, realm)
        found += _in_unit(unit, besides=[each.piece.span for each in within])
        inner += within
    found += [located for unit in inner for located in _in_unit(unit, certain=True)]
    return _with_commands(found, [*units, *inner])


def _recovered(page: Page) -> list[Located]:
    """Return the installations in a text of another language, or too broken to be read whole."""
    realm = Realm()
    text = page.html
    if page.language == "html":
        text = "\n".join(_SERVER_CODE.findall(without_comments(text)))
    elif page.language != "text" and not Unit(of_page(page)[0], realm).broken:
        return []
    units = [Unit(piece, realm, alone=True) for piece in recovered(text)]
    units += [unit for outer in units for unit in _embedded(outer, realm)]
    found = [located for unit in units[:_MAX_UNITS] for located in _in_unit(unit, certain=True)]
    return _with_commands(found, units)


def _embedded(unit: Unit, realm: Realm) -> list[Unit]:
    """Return the scripts in a unit's strings, and in the strings of those."""
    found: list[Unit] = []
    pending = [unit]
    while pending and len(found) < _MAX_UNITS:
        pieces = embedded(pending.pop(0))
        inner = [Unit(piece, realm, alone=True) for piece in pieces]
        found += inner
        pending += inner
    return found


def _in_unit(
    unit: Unit, *, certain: bool = False, besides: Sequence[tuple[int, int]] = ()
) -> list[Located]:
    """Return a unit's installations, but for those within some spans of its bytes.

    `certain` leaves out those that name no monitor at all.
    """
    made: list[tuple[Snippet, Node]] = loaders.find_loaders(unit) + npm.find_constructions(unit)
    found: list[Located] = []
    for snippet, node in made:
        if certain and isinstance(snippet.app_monitor_id, Undefined):
            continue
        if any(start <= node.start_byte < end for start, end in besides):
            continue
        place = unit.source.path_to(node) or [unit.source.root]
        found.append((replace(snippet, choices=unit.choices(place)), unit))
    return found


def _without_queue(page: Page) -> list[Located]:
    """Return what a page without any queue has: `cwr('initialize')`, or the script alone."""
    realm = Realm()
    units = [realm.add(piece) for piece in of_page(page)]
    units = [unit for unit in units if unit.names_client][:_MAX_UNITS]
    units += [inner for outer in units for inner in _embedded(outer, realm)]
    url: Value = next((s.src for s in page.scripts if s.src and _loads_client(s.src)), None)
    if url is None:
        written = (loaders.script_url(unit, unit.constants, None) for unit in units)
        url = next((value for value in written if not isinstance(value, Undefined)), None)
    for unit in units:
        for command in commands.calls_of(unit, "cwr"):
            if command.name in {"initialize", "init"}:
                return [(loaders.initialized(command, url), unit)]
    for script in page.scripts:
        if script.src and not script.inert and _loads_client(script.src):
            alone = loaders.script_alone(script.src, script.index, script.line)
            return [(alone, Unit(Piece("", index=script.index), realm))]
    return []


def _loads_client(src: str) -> bool:
    return loaders.CLIENT_SCRIPT.search(src) is not None


def _with_commands(found: list[Located], units: list[Unit]) -> list[Located]:
    """Add the calls of each loader's namespace, looked for once."""
    known: dict[str, tuple[Command, ...]] = {}
    complete: list[Located] = []
    for snippet, unit in found:
        name = snippet.namespace if isinstance(snippet.namespace, str) else "cwr"
        if snippet.kind == "loader" and name not in known and len(known) < _MAX_NAMESPACES:
            calls = [call for each in units for call in commands.calls_of(each, name)]
            known[name] = tuple(calls)
        later = known.get(name, ()) if snippet.kind == "loader" else ()
        unique = {(str(c.name), c.line, c.script_index): c for c in (*snippet.commands, *later)}
        complete.append((replace(snippet, commands=tuple(unique.values())), unit))
    return complete


def _finished(snippet: Snippet, unit: Unit, page: Page, *, served: bool) -> Snippet:
    """Add what the surroundings of an installation say, and what is wrong with it."""
    piece = unit.piece
    whens = [snippet.conditional, piece.conditional]
    snippet = replace(
        snippet,
        script_index=piece.index if snippet.script_index is None else snippet.script_index,
        conditional=", ".join(filter(None, dict.fromkeys(whens))),
        started_by=piece.started_by,
        client_url=snippet.client_url or _tag_url(page),
    )
    found = [
        *piece.problems,
        *snippet.problems,
        *problems_of(snippet, page, served=served, placed=piece.whole),
    ]
    as_written = piece.whole or page.language != "html"
    if as_written and not any(p.code == "placeholder" for p in found):
        found += _syntax(unit) if served else _slip(unit)
    return replace(snippet, problems=tuple(dict.fromkeys(found)))


def _tag_url(page: Page) -> str | None:
    tags = (s.src for s in page.scripts if s.src and not s.inert)
    return next((src for src in tags if _loads_client(src)), None)


def _syntax(unit: Unit) -> list[Problem]:
    """Return what a template engine or a slip of the pen left of a served script's syntax."""
    if unit.tags:
        shown = ", ".join(unit.tags[:3])
        return [Problem("placeholder", f"a template engine left {shown} in the script")]
    if not unit.broken:
        return []
    message = (
        f"the script likely does not parse as JavaScript (line {unit.broken_line}): a browser then"
        " runs none of it"
    )
    return [Problem("syntax", message)]


def _slip(unit: Unit) -> list[Problem]:
    """Return what a slip of the pen left of the syntax of a file that may be no page yet."""
    if unit.tags or unit.piece.fills or not unit.broken:
        return []
    message = (
        f"the script may not parse as JavaScript (line {unit.broken_line}); unless something"
        " rewrites it before it is served, a browser runs none of it"
    )
    return [Problem("perhaps-syntax", message)]


def as_page(text: str) -> Page:
    """Take text for HTML when it looks like it, else for JavaScript or TypeScript."""
    from rumkit.client.page import page_from_html

    text = undiffed(text)
    start = text.lstrip("\ufeff \t\r\n\f")[:5]
    if start.startswith("<") and (start != "<?php" or "<html" in text or "<head" in text):
        return page_from_html(text)
    return source_page(text)


def undiffed_page(page: Page) -> Page:
    """Take the signs of a diff out of a source file."""
    text = undiffed(page.html)
    return page if text == page.html else replace(as_page(text), url=page.url, from_file=True)


def source_page(text: str) -> Page:
    """Return a page of one script, in whichever of the languages parses best."""
    from rumkit.client.html import Script
    from rumkit.client.page import Page

    text = text.replace("\r\n", "\n").replace("\r", "\n")
    script = Script(index=0, text=text, attributes={}, line=1)
    return Page("", "", 200, (), text, scripts=(script,), from_file=True, language="javascript")
