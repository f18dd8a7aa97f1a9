"""The hash a browser computes for an inline script, and the wrong ones that people paste.

The troubleshooting guide's command assigns the snippet between single quotes, which the snippet
itself contains, and echoes it unquoted; what it hashes is not what the browser hashes.
"""

from __future__ import annotations

import base64
import hashlib
import html
import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Protocol

from rumkit.client.csp.parse import decode_base64

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ALGORITHMS = {
    "sha256": hashlib.sha256,
    "sha384": hashlib.sha384,
    "sha512": hashlib.sha512,
}
_MAX_TEXT = 5_000_000
_MAX_EXPRESSION = 1_000
_QUOTES = "'\"`\u2018\u2019\u201c\u201d\u00b4"
_EXPRESSION = re.compile(r"sha-?(256|384|512)[-=:](.*)", re.IGNORECASE | re.DOTALL)
_IFS = " \t\n"
# Outside quotes these end the assignment or start an expansion: what follows is not predictable.
_SHELL_SPECIAL = frozenset(_IFS + '"$`;&|<>()~#!')


@dataclass(frozen=True)
class Mistake:
    """One way to arrive at a wrong hash: the text that was hashed, and what happened to it."""

    name: str
    text: str
    explanation: str


class ScriptHashes(Protocol):
    """The hashes of an inline script, and the wrong ones that people take for them."""

    def digest(self, algorithm: str) -> bytes:
        """Return the digest that a browser computes."""
        ...

    def wrong(self, algorithm: str) -> Mapping[bytes, str]:
        """Return the known wrong digests, each with what was hashed instead."""
        ...


@dataclass(frozen=True)
class TextHashes:
    """The hashes of a script whose text is at hand."""

    text: str

    def digest(self, algorithm: str) -> bytes:
        """Return the digest that a browser computes."""
        return _digest(self.text, algorithm)

    def wrong(self, algorithm: str) -> Mapping[bytes, str]:
        """Return the known wrong digests, each with what was hashed instead."""
        return _wrong_digests(algorithm, self.text[:_MAX_TEXT])


@dataclass(frozen=True)
class ServedHashes:
    """The hashes of a script as it was served, kept where its text lost its secrets.

    `right` are written as a policy writes them, `mistakes` leads from wrong ones to what they are.
    """

    right: tuple[str, ...]
    mistakes: Mapping[str, str] = field(default_factory=dict)

    def digest(self, algorithm: str) -> bytes:
        """Return the digest that a browser computes, empty for an algorithm that was not kept."""
        kept = (decoded for name, decoded in map(_decoded, self.right) if name == algorithm)
        return next(kept, b"")

    def wrong(self, algorithm: str) -> Mapping[bytes, str]:
        """Return the known wrong digests, each with what was hashed instead."""
        read = ((*_decoded(source), what) for source, what in self.mistakes.items())
        return {decoded: what for name, decoded, what in read if name == algorithm}


def _decoded(source: str) -> tuple[str, bytes]:
    algorithm, _, value = source.strip("'").partition("-")
    return algorithm, base64.b64decode(value)


def browser_hash(text: str, algorithm: str = "sha256") -> str:
    """Return the source expression, quotes included, that lets exactly this inline script run."""
    return hash_source(TextHashes(text), algorithm)


def hash_source(hashes: ScriptHashes, algorithm: str = "sha256") -> str:
    """Return the source expression, quotes included, of a script whose hashes are known."""
    return _written(algorithm, hashes.digest(algorithm))


def known_mistakes(text: str) -> dict[str, str]:
    """Return every known wrong hash of a script, as a policy writes it, and what was hashed."""
    return {
        _written(algorithm, digest): what
        for algorithm in ALGORITHMS
        for digest, what in _wrong_digests(algorithm, text).items()
    }


def _written(algorithm: str, digest: bytes) -> str:
    return f"'{algorithm}-{base64.b64encode(digest).decode('ascii')}'"


def _digest(text: str, algorithm: str) -> bytes:
    return ALGORITHMS[algorithm](text.encode("utf-8", "replace")).digest()


def shell_assignment(text: str) -> str | None:
    """Return what bash keeps of `SNIPPET='text'`; None where the command breaks or expands.

    Every single quote in the text ends or begins the shell's quoting and vanishes.
    """
    pieces = text.split("'")
    if len(pieces) % 2 == 0:
        return None
    kept: list[str] = []
    for at, piece in enumerate(pieces):
        plain = _unquoted(piece) if at % 2 else piece
        if plain is None:
            return None
        kept.append(plain)
    return "".join(kept)


def _unquoted(piece: str) -> str | None:
    out: list[str] = []
    characters = iter(piece)
    for character in characters:
        if character in _SHELL_SPECIAL:
            return None
        if character != "\\":
            out.append(character)
            continue
        escaped = next(characters, None)
        if escaped is None:
            # The backslash escapes the quote that follows, which turns the quoting inside out.
            return None
        out.append("" if escaped == "\n" else escaped)
    return "".join(out)


def split_words(text: str) -> str:
    """Return what an unquoted expansion hands to echo: runs of white space become one space."""
    return " ".join(filter(None, re.split(f"[{_IFS}]+", text)))


def mistakes(text: str) -> Iterator[Mistake]:
    """Yield every known wrong way to hash this script, the likeliest first."""
    yield from _quote_mistakes(text)
    yield from _newline_mistakes(text)
    yield from _collapse_mistakes(text)
    yield from _markup_mistakes(text)


def _quote_mistakes(text: str) -> Iterator[Mistake]:
    kept = shell_assignment(text)
    if kept is not None and kept != text:
        yield Mistake(
            "guide-command",
            split_words(kept) + "\n",
            "the text that the guide's command hashes: the shell takes the script's single quotes "
            "for its own and drops them, and echo adds a newline",
        )
        yield Mistake(
            "echo-n",
            kept,
            "the script without its single quotes: the shell drops them from SNIPPET='…', which "
            'echo -n "$SNIPPET" does not mend',
        )
        yield Mistake(
            "echo-quoted",
            kept + "\n",
            "the script without its single quotes and with a newline at the end: the shell drops "
            "them from SNIPPET='…' and echo adds a newline",
        )
        yield Mistake(
            "echo-n-unquoted",
            split_words(kept),
            "the script without its single quotes and with its white space collapsed, as echo -n "
            "$SNIPPET prints it",
        )
    bare = text.replace("'", "")
    if bare not in (text, kept):
        yield Mistake("no-quotes", bare, "the script without its single quotes")
        yield Mistake(
            "no-quotes-newline", bare + "\n", "the script without its single quotes, plus a newline"
        )


def _collapse_mistakes(text: str) -> Iterator[Mistake]:
    yield Mistake(
        "collapsed-newline",
        split_words(text) + "\n",
        "the script with its white space collapsed and a newline added, as an unquoted echo "
        "prints it",
    )
    yield Mistake(
        "collapsed", split_words(text), "the script with its white space collapsed by the shell"
    )
    yield Mistake(
        "empty-line", "\n", "an empty line: the shell variable was empty when echo printed it"
    )
    yield Mistake("empty", "", "no text at all: the input of the hash command was empty")


def _newline_mistakes(text: str) -> Iterator[Mistake]:
    yield Mistake("newline", text + "\n", "the script plus a newline that echo or an editor added")
    crlf = text.replace("\n", "\r\n")
    what = "the script with Windows line ends; a browser reads every line end as LF before hashing"
    yield Mistake("crlf", crlf, what)
    yield Mistake("crlf-newline", crlf + "\r\n", what + ", and with one line end more at the end")
    trimmed = text.strip()
    what = (
        "the script without the white space that stands between it and its <script> tags; a "
        "browser hashes that too"
    )
    yield Mistake("trimmed", trimmed, what)
    yield Mistake("trimmed-newline", trimmed + "\n", what + "; and with a newline added")
    yield Mistake("no-leading", text.lstrip(), what)
    yield Mistake("no-trailing", text.rstrip(), what)
    yield Mistake("trimmed-crlf", trimmed.replace("\n", "\r\n"), what)
    yield Mistake("surrounded", f"\n{trimmed}\n", "the script with other line breaks around it")


def _markup_mistakes(text: str) -> Iterator[Mistake]:
    for tail in ("", "\n"):
        tagged = f"<script>{text}</script>{tail}"
        yield Mistake("with-tags", tagged, "the script together with its <script> tags")
    yield Mistake(
        "decoded",
        html.unescape(text),
        "the script with its character references decoded; a browser does not decode them "
        "inside a script",
    )
    for quoted in (True, False):
        yield Mistake(
            "encoded",
            html.escape(text, quote=quoted),
            "the script with < > & written as character references",
        )
    yield Mistake("byte-order-mark", "\ufeff" + text, "the script after a byte order mark")
    swapped = text.replace("'", '"')
    yield Mistake("double-quotes", swapped, "the script with double quotes for its single quotes")
    yield Mistake("no-semicolon", text.rstrip().removesuffix(";"), "the script without its last ;")


def explain_hash(source_expression: str, snippet: str | ScriptHashes) -> str | None:
    """Name the mistake that makes this hash, as a sentence; None when none is recognised.

    `snippet` is the script's text, or what is known of its hashes. A hash that is right, but
    written so that a browser does not accept it, is named too.
    """
    expression = source_expression[:_MAX_EXPRESSION].strip()
    digest = _read(expression)
    if digest is None:
        return None
    hashes = TextHashes(snippet[:_MAX_TEXT]) if isinstance(snippet, str) else snippet
    algorithm, value = digest
    quoted = re.fullmatch(r"'sha-?(?:256|384|512)-[^']*'", expression, re.IGNORECASE)
    sentence = _explain_value(algorithm, value, hashes)
    if quoted:
        return None if sentence is None else f"{expression} is {sentence}."
    marks = "without the single quotes a browser takes it for a host name and ignores it"
    if sentence is None and decode_base64(value) == hashes.digest(algorithm):
        right = hash_source(hashes, algorithm)
        return f"{expression} is the right hash, but {marks}; write {right}."
    return None if sentence is None else f"{expression} is {sentence}; moreover, {marks}."


def _read(expression: str) -> tuple[str, str] | None:
    bare = expression.strip(_QUOTES)
    match = _EXPRESSION.fullmatch(bare)
    if match:
        return f"sha{match[1]}", match[2].strip(_QUOTES)
    if decode_base64(bare) is not None and len(bare) in (43, 44):
        return "sha256", bare
    return None


def _explain_value(algorithm: str, value: str, hashes: ScriptHashes) -> str | None:
    digest, right = decode_base64(value), hashes.digest(algorithm)
    if digest == right:
        return None
    if value.lower() == right.hex():
        return "the right digest in hexadecimal; a browser expects base64"
    if value.replace("\\", "") == base64.b64encode(right).decode():
        return "the right hash with a backslash in it, left by JSON escaping"
    if value.lower().rstrip("=") == base64.b64encode(right).decode().lower().rstrip("="):
        return "the right hash in the wrong case; base64 tells capitals apart"
    wrong = hashes.wrong(algorithm)
    explanation = wrong.get(digest or b"") or wrong.get(_unhex(value) or b"")
    return f"the hash of {explanation}" if explanation else None


@lru_cache(maxsize=4)
def _wrong_digests(algorithm: str, text: str) -> dict[bytes, str]:
    """Return the explanation of every known wrong digest; the likeliest mistake comes first."""
    digests: dict[bytes, str] = {}
    for mistake in mistakes(text):
        if mistake.text != text:
            digests.setdefault(_digest(mistake.text, algorithm), mistake.explanation)
    return digests


def _unhex(value: str) -> bytes | None:
    try:
        return bytes.fromhex(value)
    except ValueError:
        return None
