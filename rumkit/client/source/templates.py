"""Template engines around the scripts of a page: their comments, and their branches."""

from __future__ import annotations

import re
from dataclasses import dataclass

# How the comments of engines begin, and how they end; HTML's own hide theirs.
_COMMENT = re.compile(
    r"(?P<html><!--)|(?P<jsp><%--)|(?P<mako><%doc>)|(?P<erb><%#)"
    r"|(?P<jinja>\{#)|(?P<long>\{\{!--)|(?P<mustache>\{\{!)|(?P<blade>\{\{--)"
    r"|(?P<go>\{\{-?\s?/\*)|(?P<razor>@\*)|(?P<liquid>\{%-?\s?comment\b)"
    r"|(?P<smarty>\{\*)|(?P<free><#--)|(?P<velocity>#\*)|(?P<line>^[ \t]*(?:##|-#)(?!\{))",
    re.MULTILINE,
)
_ENDS = {
    "html": "-->",
    "jsp": "--%>",
    "mako": "</%doc>",
    "erb": "%>",
    "jinja": "#}",
    "long": "--}}",
    "mustache": "}}",
    "blade": "--}}",
    "go": "}}",
    "razor": "*@",
    "liquid": "endcomment",
    "smarty": "*}",
    "free": "-->",
    "velocity": "*#",
    "line": "\n",
}
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
    r"|^[ \t]*#(?P<velocity>(?:if|elseif|else|end)\b[^\n]{0,200})"
    r"|(?<!\{)\{(?P<smarty>(?:if\s|else\b|elseif\s|/if\b)[^{}\n]{0,200})\}(?!\})",
    re.MULTILINE,
)
_MARKERS = re.compile(
    r"\{%|\{\{|<%|<\?|</?#|<c:|@(?:if|env|unless|production)\b|^[ \t]*#if|\{if\s", re.MULTILINE
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
_SIGNS = ("{%", "{{", "<%", "<?", "<#", "</#", "<c:", "@if", "#if", "{if")
_MAX_TAGS = 5_000
_MAX_QUOTE = 100


@dataclass(frozen=True)
class Branch:
    """One way of a choice that a template makes: which choice, which of its ways, as written."""

    choice: int
    way: int
    quote: str


def comments(text: str) -> list[tuple[int, int]]:
    """Return where the comments of template engines begin and end; HTML's own are left out."""
    found: list[tuple[int, int]] = []
    endless: set[str] = set()
    at = 0
    for _ in range(_MAX_TAGS):
        match = _COMMENT.search(text, at)
        if match is None:
            break
        kind = match.lastgroup or ""
        end = -1 if kind in endless else text.find(_ENDS[kind], match.end())
        if end < 0:
            endless.add(kind)
            at = match.end()
            continue
        at = end + (0 if kind == "line" else len(_ENDS[kind]))
        if kind == "liquid":
            at = max(at, text.find("%}", at) + 2)
        if kind != "html":
            found.append((match.start(), at))
    return found


def without_comments(text: str) -> str:
    """Blank out the comments of template engines, keeping the lines."""
    at, pieces = 0, []
    for start, end in comments(text):
        pieces += [text[at:start], "\n" * text.count("\n", start, end)]
        at = end
    return "".join([*pieces, text[at:]])


def has_branches(text: str) -> bool:
    """Say whether a text holds what may be a statement of a template engine."""
    return _MARKERS.search(text) is not None and sum(map(text.count, _SIGNS)) <= _MAX_TAGS


def branches(text: str, place: int) -> tuple[Branch, ...]:
    """Return the branches of a template that hold a place of its text, outermost first."""
    stack: list[Branch | None] = []
    for match in _TAG.finditer(text):
        if match.start() >= place:
            break
        if match["razor"]:
            stack += _razor(text, match, place)
        else:
            _step(stack, match)
    return tuple(branch for branch in stack if branch is not None)


def _step(stack: list[Branch | None], match: re.Match[str]) -> None:
    """Follow one tag: open a branch, go on to the next way, or close it."""
    content = (match[match.lastgroup or 0] or "").strip()
    blocks = match.lastgroup in {"brace", "angle", "php"}
    if _ELSE.match(content):
        if stack and stack[-1] is not None:
            last = stack[-1]
            stack[-1] = Branch(last.choice, last.way + 1, _quote(f"{match[0]} of {last.quote}"))
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
        return Branch(choice, match.start(), _quote(match[0]))
    return Branch(match.start(), 0, _quote(match[0]))


def _razor(text: str, match: re.Match[str], place: int) -> list[Branch]:
    """Return the branch of `@if (...) { } else { }` that holds a place, if one does."""
    start, way, quote = match.end(), 0, _quote(match[0].rstrip("{ \r\n"))
    for _ in range(10):
        end = _closing(text, start)
        if start <= place < end:
            return [Branch(match.start(), way, quote)]
        following = _RAZOR_ELSE.match(text, end + 1)
        if not following:
            break
        start, way = following.end(), way + 1
        quote = _quote(f"{following[0].strip(' {')} of {match[0].rstrip('{ ')}")
    return []


def _closing(text: str, start: int) -> int:
    """Return the offset of the brace that closes the block that starts here."""
    depth = 1
    for match in re.finditer(r"[{}]", text[start : start + 60_000]):
        depth += 1 if match[0] == "{" else -1
        if depth == 0:
            return start + match.start()
    return start


def _quote(text: str) -> str:
    short = " ".join(text.split())
    return short if len(short) <= _MAX_QUOTE else short[: _MAX_QUOTE - 3] + "..."
