"""JavaScript regular expressions tested without backtracking.

A pattern becomes a set of states that is stepped through the text once, so a hostile pattern
costs no more than its length times the text's. What that cannot express (look-around, back
references, Unicode properties) has no answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Callable

    Test = Callable[[str], bool]

_MAX_STATES = 1_500
_MAX_TEXT = 4_000
_MAX_PATTERN = 2_000
_MAX_NESTING = 40
_SPACE = frozenset("\t\n\v\f\r \u00a0\u1680\u2028\u2029\u202f\u205f\u3000\ufeff") | {
    chr(c) for c in range(0x2000, 0x200B)
}
_LINE_ENDS = frozenset("\n\r\u2028\u2029")
_CONTROLS = {"n": "\n", "t": "\t", "r": "\r", "v": "\v", "f": "\f", "0": "\0"}


class Unsupported(Exception):
    """The pattern uses what a set of states cannot express, or is no valid pattern."""


def matches(pattern: str, flags: str, text: str) -> bool | None:
    """Say whether the pattern matches anywhere in the text; None when that cannot be told."""
    if len(pattern) > _MAX_PATTERN or len(text) > _MAX_TEXT or set(flags) - set("dgimsuy"):
        return None
    try:
        machine = _Compiler(pattern, flags).machine()
    except Unsupported:
        return None
    return machine.found_in(text.lower() if "i" in flags else text)


Kind = Literal["test", "split", "jump", "assert", "accept"]


@dataclass
class _State:
    kind: Kind
    test: Test | None = None
    assertion: str = ""
    out: int = -1
    other: int = -1


class _Machine:
    def __init__(self, states: list[_State], start: int, *, multiline: bool, sticky: bool) -> None:
        self._states = states
        self._start = start
        self._multiline = multiline
        self._sticky = sticky

    def found_in(self, text: str) -> bool:
        """Step all possible states through the text together."""
        current: set[int] = set()
        for at in range(len(text) + 1):
            if at == 0 or not self._sticky:
                current.add(self._start)
            closed = self._closure(current, text, at)
            if any(self._states[s].kind == "accept" for s in closed):
                return True
            if at == len(text):
                break
            current = {
                self._states[s].out for s in closed if self._accepts(self._states[s], text[at])
            }
        return False

    def _closure(self, states: set[int], text: str, at: int) -> set[int]:
        seen = set(states)
        pending = list(states)
        while pending:
            state = self._states[pending.pop()]
            following: list[int] = []
            if state.kind == "split":
                following = [state.out, state.other]
            elif state.kind == "jump" or (
                state.kind == "assert" and self._holds(state.assertion, text, at)
            ):
                following = [state.out]
            for one in following:
                if one not in seen:
                    seen.add(one)
                    pending.append(one)
        return seen

    @staticmethod
    def _accepts(state: _State, character: str) -> bool:
        return state.kind == "test" and state.test is not None and state.test(character)

    def _holds(self, assertion: str, text: str, at: int) -> bool:
        if assertion == "^":
            return at == 0 or (self._multiline and text[at - 1] in _LINE_ENDS)
        if assertion == "$":
            return at == len(text) or (self._multiline and text[at] in _LINE_ENDS)
        before = at > 0 and _is_word(text[at - 1])
        after = at < len(text) and _is_word(text[at])
        return (before != after) == (assertion == "b")


@dataclass(frozen=True)
class _Piece:
    start: int
    end: int


class _Compiler:
    """A recursive descent over the pattern; nesting is limited."""

    def __init__(self, pattern: str, flags: str) -> None:
        self._pattern = pattern
        self._flags = flags
        self._at = 0
        self._states: list[_State] = []
        self._nesting = 0

    def machine(self) -> _Machine:
        piece = self._alternatives()
        if self._at < len(self._pattern):
            raise Unsupported
        self._states[piece.end].out = self._add(_State("accept"))
        multiline, sticky = "m" in self._flags, "y" in self._flags
        return _Machine(self._states, piece.start, multiline=multiline, sticky=sticky)

    def _add(self, state: _State) -> int:
        if len(self._states) >= _MAX_STATES:
            raise Unsupported
        self._states.append(state)
        return len(self._states) - 1

    def _peek(self) -> str:
        return self._pattern[self._at : self._at + 1]

    def _take(self) -> str:
        if self._at >= len(self._pattern):
            raise Unsupported
        self._at += 1
        return self._pattern[self._at - 1]

    def _alternatives(self) -> _Piece:
        self._nesting += 1
        if self._nesting > _MAX_NESTING:
            raise Unsupported
        piece = self._sequence()
        while self._peek() == "|":
            self._at += 1
            other = self._sequence()
            end = self._add(_State("jump"))
            start = self._add(_State("split", out=piece.start, other=other.start))
            self._states[piece.end].out = self._states[other.end].out = end
            piece = _Piece(start, end)
        self._nesting -= 1
        return piece

    def _sequence(self) -> _Piece:
        start = end = self._add(_State("jump"))
        while self._peek() not in {"", "|", ")"}:
            piece = self._term()
            self._states[end].out = piece.start
            end = piece.end
        return _Piece(start, end)

    def _term(self) -> _Piece:
        begin = self._at
        piece = self._atom()
        finish = self._at
        quantifier = self._quantifier()
        return piece if quantifier is None else self._repeat(piece, (begin, finish), *quantifier)

    def _quantifier(self) -> tuple[int, int | None] | None:
        mark = self._peek()
        found: tuple[int, int | None]
        if mark in {"*", "+", "?"} and mark:
            self._at += 1
            found = {"*": (0, None), "+": (1, None), "?": (0, 1)}[mark]
        elif mark == "{" and (counted := self._counted()):
            found = counted
        else:
            return None
        if self._peek() == "?":
            self._at += 1
        return found

    def _counted(self) -> tuple[int, int | None] | None:
        close = self._pattern.find("}", self._at)
        low, comma, high = self._pattern[self._at + 1 : max(close, self._at + 1)].partition(",")
        if close < 0 or not low.isdecimal() or (high and not high.isdecimal()):
            return None
        self._at = close + 1
        if len(low) > 4 or len(high) > 4:
            raise Unsupported
        return int(low), (int(high) if high else None) if comma else int(low)

    def _repeat(self, first: _Piece, span: tuple[int, int], low: int, high: int | None) -> _Piece:
        """Lay out copies of the piece; a copy is compiled anew from its span of the pattern."""
        fresh: list[_Piece] = [first]

        def copy() -> _Piece:
            return fresh.pop() if fresh else self._again(span)

        start = end = self._add(_State("jump"))
        for _ in range(low):
            piece = copy()
            self._states[end].out = piece.start
            end = piece.end
        if high is None:
            piece = copy()
            loop = self._add(_State("split", out=piece.start))
            self._states[end].out = self._states[piece.end].out = loop
            after = self._add(_State("jump"))
            self._states[loop].other = after
            return _Piece(start, after)
        after = self._add(_State("jump"))
        for _ in range(max(high - low, 0)):
            piece = copy()
            option = self._add(_State("split", out=piece.start, other=after))
            self._states[end].out = option
            end = piece.end
        self._states[end].out = after
        return _Piece(start, after)

    def _again(self, span: tuple[int, int]) -> _Piece:
        at = self._at
        self._at = span[0]
        piece = self._atom()
        self._at = at
        return piece

    def _atom(self) -> _Piece:
        character = self._take()
        if character == "(":
            return self._group()
        if character in "^$":
            return self._single(_State("assert", assertion=character))
        if character == ".":
            every = "s" in self._flags
            return self._single(_State("test", test=lambda c: every or c not in _LINE_ENDS))
        if character == "[":
            return self._single(_State("test", test=self._class()))
        if character == "\\":
            if self._peek() in {"b", "B"}:
                return self._single(_State("assert", assertion=self._take()))
            return self._single(_State("test", test=self._escape()))
        if character in "*+?)":
            raise Unsupported
        return self._single(_State("test", test=self._exactly(character)))

    def _single(self, state: _State) -> _Piece:
        at = self._add(state)
        return _Piece(at, at)

    def _group(self) -> _Piece:
        if self._peek() == "?":
            self._at += 1
            kind = self._take()
            if kind == "<" and self._peek() not in {"=", "!", ""}:
                self._at = self._pattern.find(">", self._at) + 1
                if not self._at:
                    raise Unsupported
            elif kind != ":":
                raise Unsupported
        piece = self._alternatives()
        if self._take() != ")":
            raise Unsupported
        return piece

    def _exactly(self, character: str) -> Test:
        wanted = character.lower() if "i" in self._flags else character
        return lambda c: c == wanted

    def _escape(self) -> Test:
        letter = self._take()
        if letter in _CLASSES:
            return _CLASSES[letter]
        return self._exactly(self._character(letter))

    def _character(self, letter: str) -> str:
        """Return the one character of an escape whose letter has been taken."""
        if letter in _CONTROLS:
            return _CONTROLS[letter]
        if letter in "xu":
            return self._code(2 if letter == "x" else 4)
        if letter.isdecimal() or letter in "kpPc":
            raise Unsupported
        return letter

    def _code(self, length: int) -> str:
        digits = self._pattern[self._at : self._at + length]
        try:
            value = int(digits, 16)
        except ValueError:
            raise Unsupported from None
        if len(digits) < length:
            raise Unsupported
        self._at += length
        return chr(value)

    def _class(self) -> Test:
        negated = self._peek() == "^"
        if negated:
            self._at += 1
        tests: list[Test] = []
        while self._peek() != "]":
            tests.append(self._member())
        self._at += 1
        return lambda c: any(test(c) for test in tests) != negated

    def _member(self) -> Test:
        low = self._class_character()
        if not isinstance(low, str):
            return low
        if self._peek() != "-" or self._pattern[self._at + 1 : self._at + 2] in {"]", ""}:
            return self._exactly(low)
        self._at += 1
        high = self._class_character()
        if not isinstance(high, str):
            dash, first = self._exactly("-"), self._exactly(low)
            return lambda c: first(c) or dash(c) or high(c)
        if low > high:
            raise Unsupported
        if "i" in self._flags:
            return lambda c: low <= c <= high or low <= c.upper() <= high
        return lambda c: low <= c <= high

    def _class_character(self) -> str | Test:
        character = self._take()
        if character != "\\":
            return character
        letter = self._take()
        if letter in _CLASSES:
            return _CLASSES[letter]
        return "\b" if letter == "b" else self._character(letter)


def _is_word(character: str) -> bool:
    return character.isascii() and (character.isalnum() or character == "_")


def _is_digit(character: str) -> bool:
    return "0" <= character <= "9"


_CLASSES: dict[str, Test] = {
    "d": _is_digit,
    "D": lambda c: not _is_digit(c),
    "w": _is_word,
    "W": lambda c: not _is_word(c),
    "s": lambda c: c in _SPACE,
    "S": lambda c: c not in _SPACE,
}
