"""Scripts in texts of other languages: their string literals joined, heredocs, diffs."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING

from rumkit.client.source.fills import Fill, Filling, of_tag, without_marks
from rumkit.client.source.literals import unescape
from rumkit.client.source.pieces import LANGUAGES, Piece, mentions, of_text, script_blocks
from rumkit.client.source.templates import without_comments

if TYPE_CHECKING:
    from collections.abc import Iterator

_CLIENT = re.compile(r"AwsRumClient|AwsNexusTelemetry|\bcwr\b|new AwsRum\b")
# How comments and string literals of a dozen languages begin.
_OPENER = re.compile(
    r"(?P<comment>(?:^|(?<=[\s;{}]))(?://|#(?![{'\"])|--\s)|/\*)"
    r"|(?P<heredoc><<[<~-]?\s?['\"]?(?P<end>\w{2,30})['\"]?[^\n]{0,80}\n)"
    r"|(?P<verbatim>(?:@\$?|\$@)\")"
    r"|[rRfFbBuUL$]{0,2}(?P<quote>\"\"\"|\'\'\'|[\"'`])"
)
_LINE = {
    '"': re.compile(r'(?:[^"\\\n]|\\[\s\S])*'),
    "'": re.compile(r"(?:[^'\\\n]|\\[\s\S])*"),
}
_VERBATIM = re.compile(r'(?:[^"]|"")*')
# What joins two literals: an operator, a builder's next call, the next statement that adds.
_JOIN = re.compile(
    r"\s*(?:\)\s*;?\s*(?:\n\s*)?[\w$.>-]{0,40}\.?\s*[aA]ppend(?:Line)?\(\s*|[+.&~]|\.\.|<<|\|\||\\\n|;?\s*\n?\s*[\w$]{1,40}\s*(?:\+=|\.=)|)\s*"
)
_EXPRESSION = re.compile(
    r"\s*(?:[+.&~]|\.\.|<<|\)\s*\.?\s*[aA]ppend\()\s*(?P<what>[^\"'`;\n]{1,200}?)\s*(?:[+.&~]|\.\.|<<|\)\s*\.?\s*[aA]ppend\()\s*(?=[\"'`$@fFrR])"
)
_FENCE = re.compile(
    r"^[ \t]*```[ \t]*(?P<language>\w*)[^\n`]*\n(?P<code>(?:(?![ \t]*```)[^\n]*\n)*)", re.MULTILINE
)
_SIGNED = re.compile(r"[+\- ]|@@ |\\ No newline|diff |index |---|\+\+\+|new file|$")
_BEGINS = ("(function", "!function", "new AwsRum", "window.", "((")
_MAX_LITERALS = 4_000
_MAX_TEXT = 60_000
_MAX_LEXED = 400_000
_BEFORE, _AFTER = 2_000, 20_000


def undiffed(text: str) -> str:
    """Return what a diff that was pasted with its signs leaves; lines keep their numbers."""
    lines = text.split("\n", 20_000)
    marked = sum(line.startswith(("+", "-")) for line in lines)
    heads = any(line.startswith(("@@ ", "diff --git ", "+++ ")) for line in lines)
    fits = all(_SIGNED.match(line) for line in lines)
    if not marked or not (heads or (fits and 2 * marked >= len(lines))):
        return text
    return "\n".join(_undiffed_line(line) for line in lines)


def _undiffed_line(line: str) -> str:
    if line.startswith(("+++", "---", "@@ ", "diff ", "index ", "-", "\\")):
        return ""
    return line[1:] if line.startswith(("+", " ")) else line


def recovered(text: str) -> list[Piece]:
    """Return the scripts of a text whose language is not read: literals, elements, or bare code."""
    text = without_marks(without_comments(text))
    if not _CLIENT.search(text):
        return []
    return _fenced(text) or _literals(text) or _elements(text) or _bare(text)


def _fenced(text: str) -> list[Piece]:
    """Return the blocks of code in Markdown that name the client."""
    pieces: list[Piece] = []
    for match in islice(_FENCE.finditer(text), _MAX_LITERALS):
        code = match["code"]
        if _CLIENT.search(code):
            line = text.count("\n", 0, match.start("code")) + 1
            code = undiffed(code) if match["language"] == "diff" else code
            pieces += of_text(Piece(code, line=line, languages=LANGUAGES["javascript"]))
    return pieces


def _elements(text: str) -> list[Piece]:
    return [
        piece
        for start, end in script_blocks(text)
        for piece in of_text(Piece(text[start:end], line=text.count("\n", 0, start) + 1))
    ]


def _bare(text: str) -> list[Piece]:
    """Return the code around the client's name, from where its function begins."""
    match = _CLIENT.search(text)
    assert match is not None
    begin = max(0, match.start() - _BEFORE)
    before = text[begin : match.start()]
    places = map(before.rfind, _BEGINS)
    start = begin + next((place for place in places if place >= 0), 0)
    return of_text(Piece(text[start : start + _AFTER], line=text.count("\n", 0, start) + 1))


def _literals(text: str) -> list[Piece]:
    """Return the string literals that hold a loader, each joined with what is added to it."""
    pieces: list[Piece] = []
    for start, joined, fills in _joined(text):
        if _CLIENT.search(joined) and "(" in joined and mentions(joined):
            line = text.count("\n", 0, start) + 1
            pieces += of_text(Piece(joined[:_MAX_TEXT], line=line, fills=fills))
    return pieces


def _joined(text: str) -> Iterator[tuple[int, str, tuple[Fill, ...]]]:
    """Yield the chains of literals: where each begins, its text, what is filled in."""
    lexer = _Lexer(text[:_MAX_LEXED])
    at = 0
    for _ in range(_MAX_LITERALS):
        begin = _OPENER.search(lexer.text, at)
        if begin is None:
            return
        content, at = lexer.literal(begin)
        if content is None:
            continue
        filling = Filling()
        pieces = [content]
        for _ in range(_MAX_LITERALS):
            what, following = _next(lexer.text, at)
            content, end = lexer.literal(following) if following is not None else (None, at)
            if content is None:
                break
            pieces += [filling.mark(of_tag(what)) if what else "", content]
            at = end
        yield begin.end(), "".join(pieces), tuple(filling.fills)


def _next(text: str, at: int) -> tuple[str, re.Match[str] | None]:
    """Return the literal that is joined to what ends here, and the expression between them."""
    between = _EXPRESSION.match(text, at) or _JOIN.match(text, at)
    if between is None or between.end() == at:
        return "", None
    return (between.groupdict().get("what") or "").strip(), _OPENER.match(text, between.end())


class _Lexer:
    """Finds where literals end, in time linear in the text."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._endless: set[str] = set()

    def literal(self, begin: re.Match[str]) -> tuple[str | None, int]:
        """Return what a literal stands for (None: a comment, or no literal) and where it ends."""
        start = begin.end()
        if begin["comment"]:
            closer = r"\*/" if begin["comment"] == "/*" else "\n"
            return None, self._until(closer, start)[1]
        if begin["heredoc"]:
            return self._until(rf"\n[ \t]*{begin['end']}\b", start)
        if begin["verbatim"]:
            match = _VERBATIM.match(self.text, start)
            assert match is not None
            return match[0].replace('""', '"'), match.end() + 1
        return self._quoted(begin["quote"], start)

    def _quoted(self, quote: str, start: int) -> tuple[str | None, int]:
        if quote in _LINE:
            match = _LINE[quote].match(self.text, start)
            assert match is not None
            closed = self.text.startswith(quote, match.end())
            return (unescape(match[0]) if closed else None), match.end() + closed
        inside, end = self._until(quote, start)
        return (unescape(inside) if inside is not None and quote != "`" else inside), end

    def _until(self, closer: str, start: int) -> tuple[str | None, int]:
        """Return the text up to a pattern and where that ends; a missing one is sought once."""
        sought = None if closer in self._endless else re.compile(closer)
        match = sought.search(self.text, start) if sought else None
        if match is None:
            self._endless.add(closer)
            return None, start
        return self.text[start : match.start()], match.end()
