"""Looks through a page's scripts for RUM installations, and only parses those that name it."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, cast

from rumkit.client.snippet import Command, Problem, Snippet
from rumkit.client.source import commands, loaders, npm
from rumkit.client.source.placeholders import neutralised
from rumkit.client.source.problems import problems_of
from rumkit.client.source.unit import Realm, Unit

if TYPE_CHECKING:
    from rumkit.client.html import Script
    from rumkit.client.page import Page
    from rumkit.client.source.javascript import Language

_NEEDLES = ("AwsRum", "cwr", "client.rum.", "AwsNexusTelemetry", "aws-rum")
_SCRIPT_TAG = re.compile(r"<script[\s>/]", re.IGNORECASE)
_MAX_SCRIPTS = 60
_MAX_SNIPPETS = 50
_MAX_NAMESPACES = 5


def find(source: str | Page) -> list[Snippet]:
    """Return the installations of a page or of source text."""
    page = _as_page(source) if isinstance(source, str) else source
    if not any(needle in page.html for needle in _NEEDLES):
        return []
    realm = Realm()
    for script in page.scripts:
        if not script.inert and script.src is None:
            realm.add(script, cast("Language", _language(page)))
    found = _found(page, realm)
    return [_finished(snippet, page, realm) for snippet in found[:_MAX_SNIPPETS]]


def _found(page: Page, realm: Realm) -> list[Snippet]:
    units = [unit for unit in realm.units if unit.mentions(*_NEEDLES)][:_MAX_SCRIPTS]
    found: list[Snippet] = []
    for unit in units:
        found += loaders.find_loaders(unit, page)
        found += npm.find_constructions(unit)
    if not found:
        found = loaders.find_without_queue(units, page)
    calls = _Calls(units)
    return [calls.added_to(snippet) for snippet in found]


class _Calls:
    """The commands of each namespace, looked for once."""

    def __init__(self, units: list[Unit]) -> None:
        self._units = units
        self._found: dict[str, tuple[Command, ...]] = {}

    def added_to(self, snippet: Snippet) -> Snippet:
        if snippet.kind == "npm" or snippet.commands:
            return snippet
        name = snippet.namespace if isinstance(snippet.namespace, str) else "cwr"
        if name not in self._found and len(self._found) < _MAX_NAMESPACES:
            calls = (commands.calls_of(unit, name) for unit in self._units)
            self._found[name] = tuple(call for listed in calls for call in listed)
        return replace(snippet, commands=self._found.get(name, ()))


def _finished(snippet: Snippet, page: Page, realm: Realm) -> Snippet:
    found = [*snippet.problems, *problems_of(snippet, page)]
    unit = realm.unit(snippet.script_index)
    if unit is not None and unit.broken and not any(p.code == "placeholder" for p in found):
        found.append(
            Problem(
                "syntax",
                f"the script likely does not parse as JavaScript (line {unit.broken_line}): a "
                "browser then runs none of it",
            )
        )
    elif unit is not None and unit.placeholders:
        shown = ", ".join(unit.placeholders[:3])
        listed = Problem("placeholder", f"a template engine left {shown} in the script")
        found = found if any(p.code == "placeholder" for p in found) else [*found, listed]
    unique = list(dict.fromkeys(found))
    return replace(snippet, problems=tuple(unique))


def _language(page: Page) -> str:
    return "javascript" if page.language == "html" else page.language


def _as_page(text: str) -> Page:
    """Take text for HTML when it looks like it, else for JavaScript or TypeScript."""
    from rumkit.client.page import page_from_html

    start = text.lstrip("\ufeff \t\r\n\f")[:1]
    if start == "<":
        return page_from_html(text)
    if _SCRIPT_TAG.search(text) and _errors(text, "javascript"):
        return page_from_html(text)
    return source_page(text)


def source_page(text: str) -> Page:
    """Return a page of one script, in the language that parses with the fewest errors."""
    from rumkit.client.html import Script
    from rumkit.client.page import Page

    language: Language = "javascript"
    if any(needle in text for needle in _NEEDLES):
        language = _guess(text)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    script = Script(index=0, text=text, attributes={}, line=1)
    return Page("", "", 200, (), text, scripts=(script,), language=language)


def _guess(text: str) -> Language:
    languages: tuple[Language, ...] = ("javascript", "typescript", "tsx")
    errors: Counter[Language] = Counter()
    for language in languages:
        errors[language] = _errors(text, language)
        if not errors[language]:
            return language
    return min(languages, key=lambda one: errors[one])


def _errors(text: str, language: Language) -> int:
    """Return how many bytes of the text the parser could make nothing of."""
    unit = Unit(_script(neutralised(text)[0]), language, Realm())
    return unit.error_bytes


def _script(text: str) -> Script:
    from rumkit.client.html import Script

    return Script(index=0, text=text, attributes={}, line=1)
