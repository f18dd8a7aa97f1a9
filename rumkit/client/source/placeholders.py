"""Placeholders that a template engine or a build left behind."""

from __future__ import annotations

import re

# What stands in a finished page only when nobody replaced it.
_INSIDE_TEXT = re.compile(
    r"\{\{[^{}\n]{0,200}\}\}"  # Mustache, Jinja, Liquid, Angular
    r"|\{%[^%\n]{0,200}%\}"
    r"|<%[^%\n]{0,200}%>"  # ERB, EJS, JSP
    r"|<\?(?:php|=)[^?\n]{0,200}\?>"
    r"|\$\{[^{}\n]{1,200}\}"  # a template string in plain quotes, shell, Spring
    r"|\$\([A-Za-z_][\w.]{0,80}\)"  # Azure Pipelines
    r"|#\{[^{}\n]{1,200}\}#?"  # Octopus, token replacement
    r"|@@[A-Za-z_][\w.-]{0,80}@@"
    r"|@(?:Model|ViewBag|ViewData|Configuration|Html)\b[\w.\[\]\"']{0,80}"  # Razor
    r"|__[A-Z][A-Z0-9_]{1,80}__"
    r"|%[A-Za-z_][A-Za-z0-9]*_[A-Za-z0-9_]{0,80}%|%[A-Z][A-Z_]{3,80}%"
    r"|\[[A-Za-z][A-Za-z _-]{1,60}\]"  # the guide's own [region]
    r"|<[A-Za-z][A-Za-z0-9 _-]{2,60}>"
    r"|\b(?:YOUR|REPLACE|INSERT|CHANGE)[_-][A-Z0-9_-]{2,60}\b",
)
# What breaks JavaScript's syntax outside of strings; replaced so that the rest can be read.
_OUTSIDE_TEXT = re.compile(
    r"\{\{[^{}\n]{0,200}\}\}|\{%[^%\n]{0,200}%\}|<%[^%\n]{0,200}%>|<\?(?:php|=)[^?\n]{0,200}\?>"
    r"|#\{[^{}\n]{1,200}\}#?|@@[A-Za-z_][\w.-]{0,80}@@"
    r"|@(?:Model|ViewBag|ViewData|Configuration|Html)\b[\w.]{0,80}"
    r"|%[A-Za-z_][A-Za-z0-9_]{2,80}%"
)
_STATEMENT = re.compile(r"\{%|<%(?![=-])")
_SAMPLE_ID = re.compile(r"0{8}-0{4}-0{4}-0{4}-0{12}|0{8}-0{4}-0{4}-0{4}-0{11}1")
STAND_IN = "PLACEHOLDER_"
_MAX_LENGTH = 10_000


def placeholder_in(text: str) -> str | None:
    """Return the first placeholder that a string holds."""
    match = _INSIDE_TEXT.search(text[:_MAX_LENGTH])
    return match[0] if match else None


def is_sample_id(text: str) -> bool:
    """Say whether an id is the one printed in the documentation."""
    return _SAMPLE_ID.fullmatch(text) is not None


def neutralised(text: str) -> tuple[str, tuple[str, ...]]:
    """Replace template tags by names, so that a parser can read the rest.

    Returns the text and the tags, in order; `PLACEHOLDER_3` stands for the fourth tag. Tags that
    are statements of the engine ({% if %}) become white space.
    """
    found: list[str] = []

    def stand_in(match: re.Match[str]) -> str:
        found.append(match[0])
        if _STATEMENT.match(match[0]):
            return " "
        return f"{STAND_IN}{len(found) - 1}"

    return _OUTSIDE_TEXT.sub(stand_in, text), tuple(found)


def restored(source: str, placeholders: tuple[str, ...]) -> str:
    """Put the tags back into a piece of source text."""
    if STAND_IN not in source:
        return source

    def tag(match: re.Match[str]) -> str:
        index = int(match[1])
        return placeholders[index] if index < len(placeholders) else match[0]

    return re.sub(STAND_IN + r"(\d{1,6})", tag, source)
