"""JavaScript regular expressions, answered by RE2: the time is linear in the text's length.

A pattern is written anew in RE2's syntax, as JavaScript means it. What RE2 cannot express
(look-around, back references) and what it would understand otherwise has no answer.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, Final

_MAX_TEXT: Final = 4_000
_MAX_PATTERN: Final = 2_000
# Bytes of memory for a compiled pattern and its states; a larger pattern has no answer.
_MAX_MEMORY: Final = 1 << 20
_HEX: Final = r"[0-9A-Fa-f]"
# A lone backslash before c is itself, unless the two and a letter are a control character.
_CHARACTER: Final = re.compile(
    rf"\\(?:x{_HEX}{{2}}|u{_HEX}{{4}}|u\{{{_HEX}{{1,6}}\}}|c[A-Za-z]|0(?!\d)|[^c0]|(?=c))|[^\\]",
    re.DOTALL,
)
_TOKEN: Final = re.compile(
    r"(?P<group>\((?:\?:|\?<(?P<name>[^\W\d][\w$]*)>|(?!\?)))"
    r"|(?P<quantifier>(?:[*+?]|\{\d+(?:,\d*)?\})\??)"
    r"|(?P<class>\[\^?(?:[^\]\\]|\\.)*\])"
    r"|(?P<assertion>[$^]|\\[bB])"
    rf"|(?P<structure>[|)])|(?P<any>\.)|(?P<character>(?![\[(*+?])(?:{_CHARACTER.pattern}))",
    re.DOTALL,
)
_SPACE: Final = (
    r"\t-\r \x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}\x{feff}"
)
_NOT_SPACE: Final = (
    r"\x{0}-\x{8}\x{e}-\x{1f}!-\x{9f}\x{a1}-\x{167f}\x{1681}-\x{1fff}\x{200b}-\x{2027}"
    r"\x{202a}-\x{202e}\x{2030}-\x{205e}\x{2060}-\x{2fff}\x{3001}-\x{fefe}\x{ff00}-\x{10ffff}"
)
_CLASSES: Final = {letter: rf"\{letter}" for letter in "dDwW"} | {"s": _SPACE, "S": _NOT_SPACE}
_CONTROLS: Final = {"n": 10, "t": 9, "r": 13, "v": 11, "f": 12, "0": 0}
_ANYTHING: Final = r"\x{0}-\x{10ffff}"
_LINE_ENDS: Final = r"\n\r\x{2028}\x{2029}"


class Unsupported(Exception):
    """The pattern uses what RE2 cannot express, or is no valid pattern."""


def matches(pattern: str, flags: str, text: str) -> bool | None:
    """Say whether the pattern matches anywhere in the text; None when that cannot be told."""
    if len(pattern) > _MAX_PATTERN or len(text) > _MAX_TEXT or _read_otherwise(flags, text):
        return None
    machine = _compiled(pattern, flags)
    if machine is None:
        return None
    try:
        return (machine.match if "y" in flags else machine.search)(text) is not None
    except UnicodeEncodeError:
        return None


def _read_otherwise(flags: str, text: str) -> bool:
    """Say whether RE2 might answer otherwise than JavaScript for this text, whatever the pattern.

    Without the flag u JavaScript looks at UTF-16 units, and pairs up fewer letters of other
    alphabets for i; it knows more line ends; RE2 looks for a boundary between bytes.
    """
    if text.isascii():
        return "m" in flags and "\r" in text
    odd = "\u2028\u2029\r" * ("m" in flags) + "\u017f\u212a" * ("i" in flags)
    return ("i" in flags and "u" not in flags) or any(
        c in odd or ("u" not in flags and ord(c) > 0xFFFF) for c in text
    )


@lru_cache(maxsize=256)
def _compiled(pattern: str, flags: str) -> Any:
    """Return RE2's machine, None for a pattern that it can't run."""
    import re2

    options = re2.Options()
    options.log_errors = False
    options.max_mem = _MAX_MEMORY
    options.case_sensitive = "i" not in flags
    try:
        return re2.compile(_Translation(pattern, flags).text(), options)
    except (Unsupported, re2.error):
        return None


class _Translation:
    """A pattern in RE2's syntax; what stands between parentheses is RE2's to check."""

    def __init__(self, pattern: str, flags: str) -> None:
        if set(flags) - set("dgimsuy") or len(set(flags)) < len(flags):
            raise Unsupported
        self._pattern = pattern
        self._unicode = "u" in flags
        # Such a pattern is asked about ASCII only, so that nothing else in it can match.
        self._last = 0x7F if "i" in flags and not self._unicode else 0x10FFFF
        self._any = f"[{_ANYTHING}]" if "s" in flags else f"[^{_LINE_ENDS}]"
        multiline = "m" in flags
        self._assertions = {
            "^": "(?m:^)" if multiline else r"\A",
            "$": "(?m:$)" if multiline else r"\z",
            r"\b": r"\b",
            r"\B": r"\B",
        }

    def text(self) -> str:
        """Return the pattern for RE2; raises Unsupported."""
        parts: list[str] = []
        names: set[str] = set()
        at, repeatable = 0, False
        while at < len(self._pattern):
            token = _TOKEN.match(self._pattern, at)
            if token is None or token["name"] in names:
                raise Unsupported
            if token["name"]:
                names.add(token["name"])
            if token["quantifier"] and not repeatable:
                raise Unsupported
            parts.append(self._part(token))
            repeatable = bool(token["class"] or token["any"] or token["character"])
            repeatable = repeatable or token["structure"] == ")"
            at = token.end()
        return "".join(parts)

    def _part(self, token: re.Match[str]) -> str:
        if token["group"]:
            return "(?:"
        if token["class"]:
            return self._class(token["class"][1:-1])
        if token["character"]:
            return self._set([self._member(token["character"])])
        if token["assertion"]:
            return self._assertions[token[0]]
        return self._any if token["any"] else token[0]

    def _class(self, body: str) -> str:
        if re.search(r"\\c[\d_]", body):
            raise Unsupported
        negated = body[:1] == "^"
        written = _CHARACTER.findall(body, negated)
        if "".join(written) != body[negated:]:
            raise Unsupported
        members = [self._member(each, in_class=True) for each in written]
        ranges: list[str | tuple[int, int] | int] = []
        at = 0
        while at < len(members):
            if written[at + 1 : at + 2] == ["-"] and at + 2 < len(members):
                ranges += self._range(members[at], members[at + 2])
                at += 3
            else:
                ranges.append(members[at])
                at += 1
        return self._set(ranges, negated=negated)

    def _range(self, low: str | int, high: str | int) -> list[str | tuple[int, int] | int]:
        if isinstance(low, int) and isinstance(high, int):
            if low > high:
                raise Unsupported
            return [(low, high)]
        if self._unicode:
            raise Unsupported
        return [low, ord("-"), high]

    def _set(self, members: list[str | tuple[int, int] | int], *, negated: bool = False) -> str:
        """Write what matches one character of these: parts of a class, ranges and characters."""
        parts = []
        for member in members:
            if isinstance(member, str):
                parts.append(member)
                continue
            low, high = member if isinstance(member, tuple) else (member, member)
            if low <= self._last:
                parts.append(rf"\x{{{low:x}}}-\x{{{min(high, self._last):x}}}")
        if not parts:
            parts, negated = [_ANYTHING], not negated
        return f"[{'^' * negated}{''.join(parts)}]"

    def _member(self, written: str, *, in_class: bool = False) -> str | int:
        """Return a character's number, or the part of a class that an escape stands for."""
        if len(written) == 1:
            if self._unicode and (written == "\\" or (written in "{}]" and not in_class)):
                raise Unsupported
            if ord(written) > 0xFFFF and not self._unicode:
                raise Unsupported
            return ord(written)
        letter = written[1]
        if letter in _CLASSES:
            return _CLASSES[letter]
        if len(written) > 2:
            return self._number(written)
        if letter in _CONTROLS:
            return _CONTROLS[letter]
        if letter == "b" and in_class:
            return 8
        if self._unicode and letter not in r"^$\.*+?()[]{}|/" + "-" * in_class:
            raise Unsupported
        if letter.isdecimal() or letter == "k":
            raise Unsupported
        return ord(letter)

    def _number(self, written: str) -> int:
        if written[1] == "c":
            return ord(written[2]) % 32
        value = int(written[2:].strip("{}"), 16)
        braces = written[2] == "{"
        surrogate = 0xD800 <= value < 0xE000
        if value > 0x10FFFF or (surrogate if self._unicode else braces):
            raise Unsupported
        return value
