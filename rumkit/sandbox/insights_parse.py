"""Reads a Logs Insights query: commands between pipes, expressions inside them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final

_TOKEN = re.compile(
    r"\s*(?:(?P<comment>#[^\n]*)|(?P<string>\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*')"
    r"|(?P<tick>`[^`]*`)|(?P<span>\d+(?:ms|s|m|h|d|w)\b)|(?P<number>\d+(?:\.\d+)?)"
    r"|(?P<name>@?[A-Za-z_][\w.@]*)|(?P<mark>\|\||&&|=~|==|!=|<=|>=|[|()\[\],=<>*/+%-]))"
)
_REGEX = re.compile(r"\s*/((?:[^/\\]|\\.){1,4000})/([a-z]*)")
_COMMANDS: Final = {
    "fields", "display", "filter", "parse", "stats", "sort", "limit", "dedup", "head",
}  # fmt: skip
_COMPARE: Final = {"=", "==", "!=", "<", "<=", ">", ">="}
_MAX_QUERY = 10_000
_MAX_DEPTH = 50


class MalformedQuery(ValueError):
    """The query is not one that the sandbox reads; the message says where."""


@dataclass(frozen=True)
class Node:
    """One part of an expression: its kind, and what it is made of."""

    kind: str
    parts: tuple[Any, ...]


@dataclass(frozen=True)
class Column:
    """An expression with the name that its result bears."""

    name: str
    node: Node


@dataclass(frozen=True)
class Command:
    """One command: its columns, its keys (`by` of stats, what sort sorts by), number, pattern."""

    name: str
    columns: tuple[Column, ...] = ()
    keys: tuple[Column, ...] = ()
    descending: tuple[bool, ...] = ()
    number: int = 0
    pattern: re.Pattern[str] | None = None


def parse(text: str) -> list[Command]:
    """Return the commands of a query. Raises MalformedQuery."""
    if len(text) > _MAX_QUERY:
        raise MalformedQuery("the query is longer than 10000 characters")
    return _Parser(text).commands()


class _Parser:
    def __init__(self, text: str) -> None:
        self._text, self._at, self._depth = text, 0, 0

    def commands(self) -> list[Command]:
        commands = []
        while True:
            commands.append(self._command())
            if self._take("|"):
                continue
            if self._peek()[0] == "end":
                return commands
            raise MalformedQuery(f"unexpected {self._peek()[1]!r} at position {self._at}")

    def _command(self) -> Command:
        kind, word = self._next()
        name = word.lower()
        if kind != "name" or name not in _COMMANDS:
            raise MalformedQuery(f"unknown command {word!r}")
        if name in {"limit", "head"}:
            return Command("limit", number=int(self._expect("number")))
        if name == "filter":
            return Command(name, (Column("", self._expression()),))
        if name == "parse":
            return Command(name, (Column("", self._term()),), pattern=self._pattern())
        if name == "sort":
            return self._sort()
        columns = self._columns()
        keys = self._columns() if name == "stats" and self._word("by") else ()
        return Command(name, columns, keys)

    def _sort(self) -> Command:
        keys, order = [], []
        while True:
            keys.append(self._column())
            descending = self._word("desc")
            order.append(descending)
            if not descending:
                self._word("asc")
            if not self._take(","):
                return Command("sort", keys=tuple(keys), descending=tuple(order))

    def _columns(self) -> tuple[Column, ...]:
        columns = [self._column()]
        while self._take(","):
            columns.append(self._column())
        return tuple(columns)

    def _column(self) -> Column:
        self._skip()
        start = self._at
        node = self._expression()
        name = self._text[start : self._at].strip().strip("`")
        if self._word("as"):
            name = self._next()[1].strip("`")
        return Column(name, node)

    def _expression(self) -> Node:
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise MalformedQuery("the expression is nested too deeply")
        node = self._both()
        while self._word("or") or self._take("||"):
            node = Node("or", (node, self._both()))
        self._depth -= 1
        return node

    def _both(self) -> Node:
        node = self._negated()
        while self._word("and") or self._take("&&"):
            node = Node("and", (node, self._negated()))
        return node

    def _negated(self) -> Node:
        if self._word("not"):
            return Node("not", (self._negated(),))
        return self._comparison()

    def _comparison(self) -> Node:
        left = self._sum()
        negative = self._word("not")
        if self._word("in"):
            node = Node("in", (left, self._list()))
        elif self._word("like") or self._take("=~"):
            node = Node("like", (left, self._pattern()))
        elif self._peek()[1] in _COMPARE:
            operator = self._next()[1]
            node = Node("compare", ("=" if operator == "==" else operator, left, self._sum()))
        else:
            return left
        return Node("not", (node,)) if negative else node

    def _sum(self) -> Node:
        node = self._term()
        while self._peek()[1] in {"+", "-", "*", "/", "%"} and self._peek()[0] == "mark":
            node = Node("math", (self._next()[1], node, self._term()))
        return node

    def _term(self) -> Node:
        kind, text = self._next()
        if kind == "string":
            return Node("value", (re.sub(r"\\(.)", r"\1", text[1:-1]),))
        if kind == "number":
            return Node("value", (float(text),))
        if kind == "span":
            return Node("value", (text,))
        if kind == "tick":
            return Node("field", (text.strip("`"),))
        if text == "-":
            return Node("math", ("-", Node("value", (0.0,)), self._term()))
        if text == "(":
            node = self._expression()
            self._expect(")")
            return node
        if kind == "name":
            return self._call(text.lower()) if self._take("(") else Node("field", (text,))
        raise MalformedQuery(f"unexpected {text!r} at position {self._at}")

    def _call(self, name: str) -> Node:
        if self._take("*"):
            self._expect(")")
            return Node("call", (name,))
        arguments: list[Node] = []
        while not self._take(")"):
            arguments.append(self._expression())
            self._take(",")
        return Node("call", (name, *arguments))

    def _list(self) -> tuple[Node, ...]:
        self._expect("[")
        nodes: list[Node] = []
        while not self._take("]"):
            nodes.append(self._term())
            self._take(",")
        return tuple(nodes)

    def _pattern(self) -> re.Pattern[str]:
        match = _REGEX.match(self._text, self._at)
        try:
            if match:
                self._at = match.end()
                # A named group is written as in other languages than Python.
                body = re.sub(r"\(\?<(?=\w)", "(?P<", match[1].replace("\\/", "/"))
                return re.compile(body, re.IGNORECASE if "i" in match[2] else 0)
            return re.compile(re.escape(self._expect("string")[1:-1]))
        except re.error as error:
            raise MalformedQuery(f"not a regular expression: {error}") from error

    def _word(self, word: str) -> bool:
        kind, text = self._peek()
        if kind == "name" and text.lower() == word:
            self._next()
            return True
        return False

    def _take(self, mark: str) -> bool:
        if self._peek() == ("mark", mark):
            self._next()
            return True
        return False

    def _expect(self, wanted: str) -> str:
        kind, text = self._next()
        if wanted not in {kind, text}:
            raise MalformedQuery(f"expected {wanted}, found {text!r}")
        return text

    def _skip(self) -> None:
        while self._at < len(self._text) and self._text[self._at].isspace():
            self._at += 1

    def _peek(self) -> tuple[str, str]:
        at = self._at
        token = self._next()
        self._at = at
        return token

    def _next(self) -> tuple[str, str]:
        while True:
            match = _TOKEN.match(self._text, self._at)
            if match is None or match.lastgroup is None:
                if self._text[self._at :].strip():
                    raise MalformedQuery(f"unexpected text at position {self._at}")
                return "end", ""
            self._at = match.end()
            if match.lastgroup != "comment":
                return match.lastgroup, match[match.lastgroup]
