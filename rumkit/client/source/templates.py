"""Template engines around the scripts of a page: their comments, and their branches."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

# How the comments of engines begin, and how they end; HTML's own hide theirs.
_COMMENTS = (
    ("<!--", "-->"),
    ("<%--", "--%>"),  # JSP and ASP
    ("<%doc>", "</%doc>"),  # Mako
    ("<%#", "%>"),  # ERB and EJS
    ("<#--", "-->"),  # FreeMarker
    ("{#", "#}"),  # Jinja, Twig and Django
    ("{*", "*}"),  # Smarty
    ("{{!--", "--}}"),  # Handlebars
    ("{{!", "}}"),  # Mustache
    ("{{--", "--}}"),  # Blade
    ("{{/*", "}}"),  # Go
    ("{{- /*", "}}"),
    ("{{ /*", "}}"),
    ("{% comment", "endcomment"),  # Liquid and Django
    ("{%- comment", "endcomment"),
    ("@*", "*@"),  # Razor
    ("#*", "*#"),  # Velocity
    ("\n##", "\n"),  # Mako and Velocity
)
_TAG = re.compile(
    r"\{%[-+~]?\s*(?P<percent>[^%\n]{0,200}?)\s*[-+~]?%\}"
    r"|\{\{\{?[~-]?\s*(?P<brace>(?:[#/^]|if\b|else\b|end\b|range\b|with\b|define\b|block\b)[^{}\n]{0,200}?)\s*[~-]?\}?\}\}"
    r"|<%[-_]?(?P<angle>(?![=%#-])[^%]{0,300}?)[-_]?%>"
    r"|<\?(?:php\b)?(?P<php>(?!=|xml\b)[^?]{0,300}?)\?>"
    r"|<(?P<free>/?#(?:if|else|elseif|list|switch)\b[^<>\n]{0,200})>"
    r"|<(?P<jstl>/?c:(?:if|when|otherwise)\b[^<>\n]{0,200})>"
    r"|(?P<razor>@if\s{0,3}\((?:[^()\n]|\([^()\n]{0,100}\)){1,200}\)\s{0,40}\{)"
    r"|(?<![\w@])@(?P<blade>(?:if|elseif|else|endif|unless|endunless|env|endenv|production|endproduction)\b"
    r"(?:[ \t]{0,3}\((?:[^()\n]|\([^()\n]{0,100}\)){0,200}\))?)(?![ \t\r\n]{0,9}\{)"
    r"|#(?P<velocity>(?:if|elseif|else|end)\b[^\n]{0,200})"
    r"|(?<!\{)\{(?P<smarty>(?:if\s|else\b|elseif\s|/if\b)[^{}\n]{0,200})\}(?!\})",
)
_OPENS = re.compile(
    r"(?:#?(?:if|unless|ifequal|ifnotequal|ifEquals|is|when|env|production)\b|c:(?:if|when|otherwise)\b|\^|#(?!else|end))"
)
_ELSE = re.compile(r"(?:\}\s*)?(?:#?(?:else|elif|elsif|elseif)\b|\^$)")
_CLOSE = re.compile(
    r"(?:/.*|end(?:if|unless|env|production|ifequal|ifnotequal)?\s*;?|\}\s*;?|#end\b.*)"
)
_ANY_CLOSE = re.compile(r"/.*|end\w*\s*;?|\}\s*;?")
_BLOCK = re.compile(
    r"(?:range|with|define|block|foreach|for|while|\w[^{]*\bdo)\b|.*[{:]$", re.DOTALL
)
_RAZOR_ELSE = re.compile(r"\s{0,40}else\s{0,3}(?:if\s{0,3}\([^\n]{1,200}\)\s{0,40})?\{")
_SIGNS = (
    *("{%", "{{", "<%", "<?", "<#", "</#", "<c:", "</c:", "@if", "@else", "@end", "@env"),
    *("@unless", "@production", "#if", "#else", "#end", "{if", "{else", "{/if"),
)
_WORK = (
    *("{%", "{{", "<%", "<?php", "<?=", "<#", "@section", "@Render", "@Model", "@if", " th:"),
    *("{@html", "{#if", "<svelte:"),
)
# Nobody writes larger templates by hand; bundles, which are as large, are none.
_MAX_TEMPLATE = 1_500_000
_MAX_TAGS = 5_000
_MAX_COMMENTS = 1_000
_MAX_BLOCKS = 50
_MAX_QUOTE = 100


@dataclass(frozen=True)
class Branch:
    """One way of a choice that a template makes: which choice, which of its ways, as written."""

    choice: int
    way: int
    quote: str


def comments(text: str) -> list[tuple[int, int]]:
    """Return where the comments of template engines begin and end; HTML's own are left out."""
    if len(text) > _MAX_TEMPLATE:
        return []
    spans: list[tuple[int, int]] = []
    coming = {pair: at for pair in _COMMENTS if (at := text.find(pair[0])) >= 0}
    covered = 0
    for _ in range(_MAX_COMMENTS):
        if not coming:
            break
        (opener, closer), start = min(coming.items(), key=lambda item: (item[1], -len(item[0][0])))
        end = text.find(closer, start + len(opener)) if start >= covered else covered
        if start >= covered and end >= 0:
            covered = end if closer == "\n" else end + len(closer)
            if closer == "endcomment":
                covered = max(covered, text.find("%}", covered) + 2)
            if opener != "<!--":
                spans.append((start, covered))
        following = text.find(opener, max(covered, start + 1)) if end >= 0 else -1
        if following < 0:
            del coming[opener, closer]
        else:
            coming[opener, closer] = following
    return spans


def without_comments(text: str) -> str:
    """Blank out the comments of template engines, keeping the lines."""
    at, pieces = 0, []
    for start, end in comments(text):
        pieces += [text[at:start], "\n" * text.count("\n", start, end)]
        at = end
    return "".join([*pieces, text[at:]])


def is_template(text: str) -> bool:
    """Say whether a text holds what a template engine has yet to work on."""
    return any(map(text.__contains__, _WORK))


def branches(text: str, place: int) -> tuple[Branch, ...]:
    """Return the branches of a template that hold a place of its text, outermost first."""
    stack: list[Branch | None] = []
    end = blocks = 0
    for start in _tags(text):
        if start >= place:
            break
        match = _TAG.match(text, start) if start >= end else None
        if match is None:
            continue
        end = match.end()
        if match["razor"]:
            blocks += 1
            stack += _razor(text, match, place) if blocks <= _MAX_BLOCKS else []
        else:
            _step(stack, match)
    return tuple(branch for branch in stack if branch is not None)


def _tags(text: str) -> list[int]:
    """Return where tags may begin; nothing when a text holds more than any template does."""
    if len(text) > _MAX_TEMPLATE or sum(map(text.count, _SIGNS)) > _MAX_TAGS:
        return []
    return sorted({place for sign in _SIGNS for place in places(text, sign)})


def places(text: str, word: str) -> Iterator[int]:
    """Yield where a word stands in a text."""
    at = text.find(word)
    while at >= 0:
        yield at
        at = text.find(word, at + 1)


def _step(stack: list[Branch | None], match: re.Match[str]) -> None:
    """Follow one tag: open a branch, go on to the next way, or close it."""
    content = (match[match.lastgroup or 0] or "").strip()
    blocks = match.lastgroup in {"brace", "angle", "php"}
    if _ELSE.match(content):
        if stack and stack[-1] is not None:
            last = stack[-1]
            stack[-1] = Branch(last.choice, last.way + 1, one_line(f"{match[0]} of {last.quote}"))
    elif (_ANY_CLOSE if blocks else _CLOSE).fullmatch(content):
        if stack:
            stack.pop()
    elif _OPENS.match(content):
        stack.append(_opened(match))
    elif blocks and _BLOCK.match(content):
        stack.append(None)


def _opened(match: re.Match[str]) -> Branch:
    """Return the branch that a tag opens; those of one c:choose are ways of one choice."""
    if match.lastgroup == "jstl" and not match["jstl"].startswith("c:if"):
        choice = match.string.rfind("<c:choose", 0, match.start())
        return Branch(choice, match.start(), one_line(match[0]))
    return Branch(match.start(), 0, one_line(match[0]))


def _razor(text: str, match: re.Match[str], place: int) -> list[Branch]:
    """Return the branch of `@if (...) { } else { }` that holds a place, if one does."""
    start, way, quote = match.end(), 0, one_line(match[0].rstrip("{ \r\n"))
    for _ in range(10):
        end = _closing(text, start)
        if start <= place < end:
            return [Branch(match.start(), way, quote)]
        following = _RAZOR_ELSE.match(text, end + 1)
        if not following:
            break
        start, way = following.end(), way + 1
        quote = one_line(f"{following[0].strip(' {')} of {match[0].rstrip('{ ')}")
    return []


def _closing(text: str, start: int) -> int:
    """Return the offset of the brace that closes the block that starts here."""
    depth = 1
    for match in re.finditer(r"[{}]", text[start : start + 60_000]):
        depth += 1 if match[0] == "{" else -1
        if depth == 0:
            return start + match.start()
    return start


def one_line(text: str) -> str:
    """Return a text on one line, shortened."""
    short = " ".join(text.split())
    return short if len(short) <= _MAX_QUOTE else short[: _MAX_QUOTE - 3] + "..."
