"""What a text leaves open: tags that an engine, a build or a person fills in later.

Where such a tag breaks JavaScript's syntax, a mark takes its place that parsers read as a name.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from rumkit.client.values import Expression, Value

# Private characters: a name to a parser of JavaScript, and in no source by accident.
_OPEN, _CLOSE = "\ue000", "\ue001"
_MARK = re.compile(f"/\\*{_OPEN}(\\d{{1,5}}){_CLOSE}\\*/|{_OPEN}(\\d{{1,5}}){_CLOSE}")
_STATEMENT_MARK = re.compile(f"/\\*{_OPEN}".encode())
_MAX_LENGTH = 20_000
_MAX_FILLS = 5_000
_BALANCED = r"\((?:[^()\n]|\([^()\n]{0,200}\)){0,300}\)"

_ENGINES = (
    r"\{\{\{[^{}\n]{0,200}\}\}\}"
    r"|\{\{(?!\s{0,5}\w{1,40}\s{0,5}:)[^{}\n]{0,200}\}\}"  # Mustache, Jinja, Go, Blade
    r"|\{!![^!\n]{0,200}!!\}"  # Blade, raw
    r"|\{%[^%\n]{0,200}%\}"  # Jinja, Twig, Liquid
    r"|<%[^%]{0,300}%>"  # ERB, EJS, JSP, ASP
    r"|<\?(?:php|=)[^?]{0,300}\?>"
    r"|\[%[^%\n]{0,200}%\]"
    r"|\[[\[(]\$\{[^{}\n]{1,200}\}[\])]\]"  # Thymeleaf
    r"|#\{[^{}\n]{1,200}\}#?"  # Pug, Octopus, token replacement
    r"|\{\$[A-Za-z_][^{}\n]{0,100}\}"  # Smarty
    r"|</?#[a-z]+[^<>\n]{0,100}>"  # FreeMarker
    r"|@@[A-Za-z_][\w.-]{0,80}@@"
    rf"|@{_BALANCED}"  # Razor
    r"|@(?:Model|ViewBag|ViewData|Configuration|Html|Json|json|js)\b"
    rf"(?:\.\w{{1,60}}|\[[\w\"':.-]{{1,80}}\]|{_BALANCED}){{0,6}}"
)
_IN_TEXT = re.compile(
    _ENGINES + r"|\$\{[^{}\n]{1,200}\}"  # a template string in plain quotes, shell, Spring
    r"|\{!\$?[A-Za-z_][\w.]{1,100}\}"  # Visualforce
    r"|\$\([A-Za-z_][\w.]{0,80}\)"  # Azure Pipelines
    r"|__[A-Z][A-Z0-9_]{1,80}__"
    r"|%[A-Za-z_][A-Za-z0-9]*_[A-Za-z0-9_]{0,80}%|%[A-Z][A-Z_]{3,80}%"
    r"|%[A-Za-z_]\w{0,80}(?:\.\w{1,80}){1,4}%"  # SvelteKit, Ant
)
_WHOLE_TEXT = re.compile(
    r"\$!?[A-Za-z_]\w{1,60}(?:(?:->|\.)\w{1,60}){0,5}|[!@]\{?[A-Za-z_][\w.]{1,80}\}?"
    r"|%(?:\(\w{1,60}\))?[sd]|\{[\w.]{1,60}\}"
)
_IN_URL = re.compile(r"\$[A-Za-z_]\w{0,60}|%(?:\(\w{1,60}\))?s(?!\w)|\{[\w.]{1,60}\}")
# What only a person replaces: it is never right, wherever it stands.
_BY_HAND = re.compile(
    r"\[[A-Za-z][A-Za-z _-]{1,60}\]"  # the guide's own [region]
    r"|<[A-Za-z][A-Za-z0-9 _-]{2,60}>"
    r"|\b(?:YOUR|REPLACE|INSERT|CHANGE)[_-][A-Z0-9_-]{2,60}\b"
    r"|(?<![\w-])(?:[yY]our[_-][\w-]{2,60}|[rR]eplace[_-](?:me|with|this)\b)|^[xX]{6,40}$"
    r"|\b[xX]{8}-[xX]{4}-[xX]{4}-[xX]{4}-[xX]{12}\b|^'?(?:\.{3}|\u2026)'?$"
    r"|^(?:[A-Z][A-Z0-9]{0,30}_){1,5}(?:ID|ARN|HERE|REGION|ENDPOINT|RATE)$"
)
# A choice between short values, such as {% if prod %}0.1{% else %}1{% endif %}.
_SHORT = r"(?:'[^'\n]{0,120}'|\"[^\"\n]{0,120}\"|[\w.\s/-]){0,120}?"
_CHOICE = (
    r"(?:\{%-?\s*(?:if|unless)\b[^%\n]{0,200}%\}|\{\{-?\s*#?(?:if|unless)\b[^{}\n]{0,200}\}\}"
    r"|<%-?\s*(?:if|unless)\b[^%\n]{0,200}%>|<\?(?:php)?\s*if\b[^?\n]{0,200}\?>|<#if\b[^<>\n]{0,100}>)"
    rf"{_SHORT}(?:"
    r"(?:\{%-?\s*els(?:e|if|eif)\b[^%\n]{0,200}%\}|\{\{-?\s*else\b[^{}\n]{0,200}\}\}"
    r"|<%-?\s*\}?\s*els(?:e|if)\b[^%\n]{0,200}%>|<\?(?:php)?\s*\}?\s*else\b[^?\n]{0,200}\?>"
    rf"|<#else[^<>\n]{{0,100}}>){_SHORT}){{0,5}}"
    r"(?:\{%-?\s*end(?:if|unless)\s*-?%\}|\{\{-?\s*(?:/(?:if|unless)|end)\s*-?\}\}"
    r"|<%-?\s*(?:end|\})\s*-?%>|<\?(?:php)?\s*(?:endif|\})\s*;?\s*\?>|</#if>)"
)
# What breaks JavaScript's syntax outside of strings.
_IN_CODE = re.compile(
    r"/\*\[\[(?:[^\]\n]|\](?!\])){1,200}\]\]\*/\s{0,5}(?:'[^'\n]{0,200}'|\"[^\"\n]{0,200}\"|[\w.-]{1,40})?"
    rf"|{_CHOICE}|{_ENGINES}|(?<![`\w$])\$\{{[^{{}}\n]{{1,200}}\}}"
    r"|%[A-Za-z_][A-Za-z0-9_]{2,80}(?:\.\w{1,80}){0,4}%|(?<=[:(,=\s])@[A-Za-z_][\w.]{1,80}"
)
_WHOLE_CHOICE = re.compile(_CHOICE)
_NATURAL = re.compile(r"/\*\[\[(?:[^\]\n]|\](?!\])){1,200}\]\]\*/")
_STATEMENT = re.compile(
    r"\{%|<%(?![=-])|<\?(?!=|php\s+echo\b)|\{\{\{?\s*(?:[#/^]|if\b|else\b|end\b|range\b|with\b)|</?#"
)
_NAME = re.compile(r"[A-Za-z_$][\w$]*(?:\.[\w$]+)*")
_WORDS = frozenset(["php", "echo", "if", "raw", "Model", "esc_js", "json", "tojson"])
_DOUBLED = re.compile(r"(?:AwsRumClient|AwsNexusTelemetry)\s{0,5}=\s{0,5}\{\{\s{0,50}\w")
_BRACE = re.compile(r"\{\{|\}\}|(?<!\$)\{[^{}\n]{0,100}\}")


@dataclass(frozen=True)
class Fill:
    """What stands where a text has a mark: its source, and its value as far as it is known."""

    source: str
    value: Value


def tag_in(text: str) -> str | None:
    """Return the first placeholder that a string holds."""
    text = text[:_MAX_LENGTH]
    match = _BY_HAND.search(text)
    if match:
        return match[0] if match[0].strip(".") else repr(match[0])
    match = _IN_TEXT.search(text) or _WHOLE_TEXT.fullmatch(text)
    if not match and "://" in text[:10]:
        match = _IN_URL.search(text)
    return match[0] if match else None


def _expression(tag: str) -> Expression:
    names = [name for name in _NAME.findall(tag) if name not in _WORDS]
    return Expression(tag, tuple(names[:1]), tag=tag)


def of_tag(tag: str) -> Fill:
    """Return a tag as the expression that it is."""
    return Fill(tag, _expression(tag))


def _fill_of(mark: re.Match[str], fills: tuple[Fill, ...]) -> Fill | None:
    index = int(mark[1] or mark[2])
    return fills[index] if index < len(fills) else None


class Filling:
    """Collects what is filled into a text while its marks are written."""

    def __init__(self, fills: tuple[Fill, ...] = ()) -> None:
        self.fills = list(fills)

    def mark(self, fill: Fill) -> str:
        """Return the mark that stands for something; nothing more once there are too many."""
        if len(self.fills) >= _MAX_FILLS:
            return "undefined"
        self.fills.append(fill)
        return f"{_OPEN}{len(self.fills) - 1}{_CLOSE}"


def marked(text: str, fills: tuple[Fill, ...] = ()) -> tuple[str, tuple[Fill, ...]]:
    """Replace the tags that break JavaScript by marks, statements of an engine by comments."""
    filling = Filling(fills)

    def replaced(match: re.Match[str]) -> str:
        mark = filling.mark(of_tag(match[0]))
        statement = _STATEMENT.match(match[0]) and not _WHOLE_CHOICE.fullmatch(match[0])
        return f"/*{mark}*/" if statement else mark

    return _IN_CODE.sub(replaced, text), tuple(filling.fills)


def single_braces(text: str, fills: tuple[Fill, ...] = ()) -> tuple[str, tuple[Fill, ...]]:
    """Undo the doubling of braces by which format strings hold a loader; `{name}` is a tag then."""
    if not _DOUBLED.search(text):
        return text, fills
    filling = Filling(fills)

    def replaced(match: re.Match[str]) -> str:
        return match[0][0] if match[0] in {"{{", "}}"} else filling.mark(of_tag(match[0]))

    return _BRACE.sub(replaced, text), tuple(filling.fills)


def naturally_filled(text: str) -> bool:
    """Say whether tags stand in comments, with a value for designers behind them (Thymeleaf)."""
    return _NATURAL.search(text) is not None


def without_marks(text: str) -> str:
    """Take out of a text what this module uses for marks."""
    return text.replace(_OPEN, "\ufffd").replace(_CLOSE, "\ufffd")


def statements(data: bytes) -> list[int]:
    """Return where the statements of a template engine stood in a marked text's bytes."""
    return [match.start() for match in _STATEMENT_MARK.finditer(data)]


def has_mark(text: str) -> bool:
    """Say whether a text holds a mark."""
    return _OPEN in text


def restored(text: str, fills: tuple[Fill, ...]) -> str:
    """Put what the marks stand for back into a piece of text."""
    if _OPEN not in text:
        return text

    def source(match: re.Match[str]) -> str:
        fill = _fill_of(match, fills)
        return fill.source if fill else ""

    return _MARK.sub(source, text).replace(_OPEN, "").replace(_CLOSE, "")


def filled(text: str, fills: tuple[Fill, ...]) -> Value | None:
    """Return the value that a name which is a mark stands for; None for any other name."""
    match = _MARK.fullmatch(text) if _OPEN in text else None
    fill = _fill_of(match, fills) if match else None
    return fill.value if fill else None


def text_value(text: str, fills: tuple[Fill, ...]) -> Value:
    """Return what a string literal with this content is: text, or what is yet to be filled in."""
    if _OPEN in text:
        used = [fill.value for mark in _MARK.finditer(text) if (fill := _fill_of(mark, fills))]
        open_ = [value for value in used if isinstance(value, Expression)]
        names = dict.fromkeys(name for value in open_ for name in value.names)
        tag = next((value.tag for value in open_ if value.tag), "")
        return Expression(restored(text, fills), tuple(names)[:5], tag=tag)
    placeholder = tag_in(text) if len(text) > 1 else None
    return text if placeholder is None else replace(_expression(placeholder), source=text)


def is_by_hand(tag: str) -> bool:
    """Say whether a placeholder is one that only a person replaces."""
    return _BY_HAND.search(tag) is not None
