"""Looks through a page's scripts for RUM installations, and only parses those that name it."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from rumkit.client.snippet import ClientCommand, Problem, Snippet
from rumkit.client.source import commands, loaders, npm
from rumkit.client.source.foreign import recovered, undiffed
from rumkit.client.source.modules import module_problem
from rumkit.client.source.pieces import Piece, mentions, of_page
from rumkit.client.source.problems import problems_of
from rumkit.client.source.rewritten import rewritten
from rumkit.client.source.strings import embedded
from rumkit.client.source.templates import is_template, without_comments
from rumkit.client.source.unit import Realm, Unit
from rumkit.client.values import Undefined, Value

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tree_sitter import Node

    from rumkit.client.page import Page

_MAX_TEXT = 400_000
_MAX_UNITS = 60
_MAX_SNIPPETS = 50
_MAX_NAMESPACES = 5
# Code of PHP, Razor and the like in a page, whose literals may hold a script.
# Each goes on without a way back, which a long text would need much memory for.
_SERVER_CODE = re.compile(r"<\?php\b(?:[^?]|\?(?!>))*+|@\{(?:[^\n]|\n(?!\}))*+|<%(?:[^%]|%(?!>))*+")
# How other languages begin what JavaScript never does.
_FOREIGN = re.compile(
    r"^[ \t]*(?:def \w+\(|from [\w.]+ import\b|import [\w.]+;?$|package [\w.]+;?$|using [\w.]+;"
    r"|#!|<\?php|# \w|(?:output|resource|variable|locals|data) [\"{]"
    r"|\w+ = [rf]{0,2}(?:\"\"\"|\'\'\'))|\bString \w+ ?[=(]|= \$?@\"|<<[-~]?[A-Z]|= [rfsF$]?\"\"\"",
    re.MULTILINE,
)
# How documentation leaves something out, which no parser takes.
_LEFT_OUT = re.compile(r"\.\.\.\s*[)}\]]|\u2026")
_VARIABLE = re.compile(r"%((?:VITE|REACT_APP)_\w{1,80})%")
_QUOTES = re.compile(r"[\"'`\\\n]")
_TEMPLATE_STARTS = ("{%", "{{", "{#", "{!!", "@", "---", "#if", "##")
_DOCUMENT = re.compile(r"<(?:!doctype|html|head|body|script)\b", re.IGNORECASE)
Located = tuple[Snippet, Unit]


def find(source: str | Page) -> list[Snippet]:
    """Return the installations of a page or of source text."""
    page = as_page(source) if isinstance(source, str) else undiffed_page(source)
    if not mentions(page.html) and not any(mentions(script.text) for script in page.scripts):
        return []
    reading = _InstallationReading(page, guessed=isinstance(source, str))
    served = not isinstance(source, str) and is_served(source)
    installations = reading.installed() or reading.recovered() or reading.without_queue()
    complete = served or not is_template(page.html)
    return [
        _finished(snippet, unit, page, served=served, complete=complete)
        for snippet, unit in installations
    ]


def is_served(page: Page) -> bool:
    """Say whether a server sent the page as it is: no template engine is still to come."""
    return page.language == "html" and (not page.from_file or bool(page.headers))


class _InstallationReading:
    """The scripts of one page, parsed once; `guessed` says that its language is not certain."""

    def __init__(self, page: Page, *, guessed: bool) -> None:
        self._page = page
        self._guessed = guessed
        self._realm = Realm(page.variables)

    @cached_property
    def _units(self) -> list[Unit]:
        """Return the page's scripts that name the client."""
        units = [self._realm.add(self._with_variables(piece)) for piece in of_page(self._page)]
        named = [unit for unit in units if unit.names_client][:_MAX_UNITS]
        return [self._as_it_was(unit) if unit.broken else unit for unit in named]

    def _with_variables(self, piece: Piece) -> Piece:
        """Write the build's variables where a page has `%VITE_NAME%`, as Vite and others do."""
        variables = self._page.variables
        if variables is None or not mentions(piece.text):
            return piece

        def written(mark: re.Match[str]) -> str:
            given = variables.value(mark[1])
            return mark[0] if given is None or _QUOTES.search(given) else given

        return replace(piece, text=_VARIABLE.sub(written, piece.text))

    def _as_it_was(self, unit: Unit) -> Unit:
        """Return a broken script before something rewrote it, when it then parses."""
        before = rewritten(unit.piece.text)
        if before is None:
            return unit
        piece = replace(unit.piece, text=before.before, rewritten=before.done)
        restored = Unit(piece, self._realm)
        return unit if restored.broken else restored

    @cached_property
    def _inner(self) -> list[list[Unit]]:
        """Return, for each script, those in its strings."""
        return [self._embedded(unit) for unit in self._units]

    def _embedded(self, unit: Unit) -> list[Unit]:
        """Return the scripts in a unit's strings, and in the strings of those."""
        units: list[Unit] = []
        pending = [unit]
        while pending and len(units) < _MAX_UNITS:
            pieces = embedded(pending.pop(0))
            inner = [Unit(piece, self._realm, alone=True) for piece in pieces]
            units += inner
            pending += inner
        return units

    def installed(self) -> list[Located]:
        """Return the installations in a page's scripts, and in the strings of its scripts."""
        if self._page.language == "text" or self._foreign:
            return []
        found: list[Located] = []
        for unit, inner in zip(self._units, self._inner, strict=True):
            found += _in_unit(unit, besides=[each.piece.span for each in inner])
        deeper = [unit for inner in self._inner for unit in inner]
        found += [located for unit in deeper for located in _in_unit(unit, certain=True)]
        if self._page.language != "html":
            # What parses badly may be met both as code and as a text.
            found = list({_told(located[0]): located for located in found}.values())
        return _with_commands(found, [*self._units, *deeper])

    @property
    def _foreign(self) -> bool:
        """Say whether a text that is not HTML is of a language other than JavaScript."""
        guess = self._guessed and self._page.language != "html"
        if not guess or not _FOREIGN.search(self._page.html[:_MAX_TEXT]):
            return False
        return any(unit.broken for unit in self._units)

    def recovered(self) -> list[Located]:
        """Return the installations in another language's text, or one too broken to be read."""
        text = self._page.html[:_MAX_TEXT]
        if self._page.language == "html":
            text = "\n".join(_SERVER_CODE.findall(without_comments(text)))
        elif self._page.language != "text" and not any(unit.broken for unit in self._units):
            return []
        outer = [Unit(piece, self._realm, alone=True) for piece in recovered(text)]
        units = [*outer, *(inner for unit in outer for inner in self._embedded(unit))]
        located_in = [
            located for unit in units[:_MAX_UNITS] for located in _in_unit(unit, certain=True)
        ]
        return _with_commands(located_in, units)

    def without_queue(self) -> list[Located]:
        """Return what a page without any queue has: `cwr('initialize')`, or the script alone."""
        units = [*self._units, *(unit for inner in self._inner for unit in inner)]
        scripts = [s for s in self._page.scripts if s.src and _loads_client(s.src)]
        url: Value = scripts[0].src if scripts else None
        if url is None:
            written = (loaders.script_url(unit, unit.constants, None) for unit in units)
            url = next((value for value in written if not isinstance(value, Undefined)), None)
        for unit in units:
            for command in commands.calls_of(unit, "cwr"):
                if command.name in commands.INITIALIZERS:
                    return [(loaders.initialized(command, url), unit)]
        for script in scripts:
            if script.src and not script.inert:
                alone = loaders.script_alone(script.src, script.index, script.line, script.text)
                return [(alone, Unit(Piece("", index=script.index), self._realm))]
        return []


def _in_unit(
    unit: Unit, *, certain: bool = False, besides: Sequence[tuple[int, int]] = ()
) -> list[Located]:
    """Return a unit's installations, but for those within some spans of its bytes.

    `certain` leaves out those that name no monitor at all.
    """
    made: list[tuple[Snippet, Node]] = loaders.find_loaders(unit) + npm.find_constructions(unit)
    located: list[Located] = []
    for snippet, node in made[:_MAX_SNIPPETS]:
        if certain and isinstance(snippet.app_monitor_id, Undefined):
            continue
        if any(start <= node.start_byte < end for start, end in besides):
            continue
        place = unit.source.path_to(node) or [unit.source.root]
        located.append((replace(snippet, choices=unit.choices(place)), unit))
    return located


def _told(snippet: Snippet) -> str:
    """Return what an installation is written as and told, to know it again."""
    given = (snippet.app_monitor_id, snippet.app_version, snippet.region, dict(snippet.config))
    return f"{snippet.source} {given}"


def _loads_client(src: str) -> bool:
    return loaders.CLIENT_SCRIPT.search(src) is not None


def _with_commands(located: list[Located], units: list[Unit]) -> list[Located]:
    """Add the calls of each loader's namespace, looked for once."""
    known: dict[str, tuple[ClientCommand, ...]] = {}
    complete: list[Located] = []
    for snippet, unit in located[:_MAX_SNIPPETS]:
        name = snippet.namespace if isinstance(snippet.namespace, str) else "cwr"
        if snippet.kind == "loader" and name not in known and len(known) < _MAX_NAMESPACES:
            calls = [call for each in units for call in commands.calls_of(each, name)]
            known[name] = tuple(calls)
        later = known.get(name, ()) if snippet.kind == "loader" else ()
        unique = {(str(c.name), c.line, c.script_index): c for c in (*snippet.commands, *later)}
        complete.append((replace(snippet, commands=tuple(unique.values())), unit))
    return complete


def _finished(snippet: Snippet, unit: Unit, page: Page, *, served: bool, complete: bool) -> Snippet:
    """Add what the surroundings of an installation say, and what is wrong with it.

    `served` says that no template engine is still to come, `complete` that none has any work left.
    """
    piece = unit.piece
    whens = [snippet.conditional, piece.conditional]
    snippet = replace(
        snippet,
        script_index=piece.index if snippet.script_index is None else snippet.script_index,
        conditional=", ".join(filter(None, dict.fromkeys(whens))),
        started_by=piece.started_by,
        client_url=snippet.client_url or _tag_url(page),
    )
    problems = [
        *piece.problems,
        *snippet.problems,
        *problems_of(snippet, page, served=served, placed=piece.whole and complete),
    ]
    # Where a script ends within another language's text is a guess.
    as_written = page.language != "text" and (piece.whole or page.language != "html")
    if as_written and not any(p.code == "placeholder" for p in problems):
        problems += _syntax(unit, page) if served else _slip(unit)
    if any(p.code == "arguments-shifted" for p in problems):
        problems = [p for p in problems if p.code != "config-not-object"]
    return replace(snippet, problems=tuple(dict.fromkeys(problems)))


def _tag_url(page: Page) -> str | None:
    tags = (s.src for s in page.scripts if s.src and not s.inert)
    return next((src for src in tags if _loads_client(src)), None)


def _syntax(unit: Unit, page: Page) -> list[Problem]:
    """Return what a template engine or a slip of the pen left of a served script's syntax."""
    if unit.tags:
        shown = ", ".join(unit.tags[:3])
        return [Problem("placeholder", f"a template engine left {shown} in the script")]
    if unit.piece.rewritten:
        message = (
            f"the script does not parse as JavaScript: {unit.piece.rewritten}; a browser runs none"
            " of it"
        )
        return [Problem("syntax", message)]
    if not unit.broken:
        unresolved = module_problem(unit, page) if unit.piece.whole else None
        return [unresolved] if unresolved else []
    message = (
        f"the script likely does not parse as JavaScript (line {unit.broken_line}): a browser then"
        " runs none of it"
    )
    return [Problem("syntax", message)]


def _slip(unit: Unit) -> list[Problem]:
    """Return what a slip of the pen left of the syntax of a file that may be no page yet."""
    if unit.piece.rewritten:
        message = (
            f"the script may not parse as JavaScript: {unit.piece.rewritten}; unless something"
            " rewrites it before it is served, a browser runs none of it"
        )
        return [Problem("perhaps-syntax", message)]
    if unit.tags or unit.piece.fills or not unit.broken or _LEFT_OUT.search(unit.piece.text):
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
    if _is_html(text.lstrip("\ufeff \t\r\n\f")):
        return page_from_html(text)
    return source_page(text)


def _is_html(text: str) -> bool:
    """Say whether a text begins as HTML does, or as a template with HTML in it."""
    if text.startswith("<"):
        return not text.startswith("<?php") or "<html" in text or "<head" in text
    return text.startswith(_TEMPLATE_STARTS) and _DOCUMENT.search(text) is not None


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
