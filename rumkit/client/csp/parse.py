"""Content security policies as a browser parses them: policies, directives, source expressions.

Facts: CSP Level 3 §2.2 and §2.3, and what Chromium does where the two differ. Parsing never
fails: what a browser ignores is kept with the reason.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, Literal
from urllib.parse import unquote_to_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator

Where = Literal["header", "meta"]
Status = Literal["applies", "duplicate", "unknown", "bad-name", "bad-characters", "not-here"]
Kind = Literal[
    "none", "self", "star", "keyword", "nonce", "hash", "url-hash", "scheme", "host", "invalid"
]

# The headers that hold policies, and whether theirs only report.
POLICY_HEADERS = {
    "content-security-policy": False,
    "content-security-policy-report-only": True,
}
_WHITESPACE = " \t\n\f\r"
# No browser takes a header longer than 256 kB; the counts keep a hostile page from costing time.
MAX_VALUE = 262_144
MAX_POLICIES = 200
_MAX_DIRECTIVES = 500
_MAX_SOURCES = 5_000

_KNOWN_DIRECTIVES = """
base-uri block-all-mixed-content child-src connect-src default-src fenced-frame-src font-src
form-action frame-ancestors frame-src img-src manifest-src media-src object-src report-to
report-uri require-trusted-types-for sandbox script-src script-src-attr script-src-elem
style-src style-src-attr style-src-elem treat-as-public-address trusted-types
upgrade-insecure-requests worker-src
"""
KNOWN_DIRECTIVES = frozenset(_KNOWN_DIRECTIVES.split())
_NOT_IN_META = frozenset({"frame-ancestors", "report-uri", "sandbox", "treat-as-public-address"})
_NOT_IN_REPORT_ONLY = frozenset({"sandbox", "upgrade-insecure-requests", "treat-as-public-address"})
_KEYWORD_NAMES = """
unsafe-inline unsafe-eval wasm-eval wasm-unsafe-eval strict-dynamic unsafe-hashes report-sample
report-sha256 report-sha384 report-sha512 inline-speculation-rules
"""
_KEYWORDS = frozenset(f"'{name}'" for name in _KEYWORD_NAMES.split())
_NAME = re.compile(r"[A-Za-z-]+")
_VALUE = re.compile(r"[\t\n\f\r -+\--:<-~]*")
_SPACES = re.compile(r"[ \t\n\f\r]+")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
# Scheme, host, port and path; a path ends where a query or a fragment would begin.
_LOCATION = re.compile(
    r"(?:([A-Za-z][A-Za-z0-9+.-]*)://)?([^:/]*)(?::([^/]*))?(?:(/[^#?]*).*)?", re.DOTALL
)
_HOST = re.compile(r"[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.?")
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]+={0,2}")
_HASH = re.compile(r"'(url-)?(sha-?256|sha-?384|sha-?512|ed25519)-(.*)'", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True)
class SourceExpression:
    """One source expression; `text` is verbatim, the other fields belong to its kind."""

    text: str
    kind: Kind
    keyword: str = ""
    nonce: str = ""
    algorithm: str = ""
    digest: bytes = b""
    scheme: str = ""
    host: str = ""
    host_wildcard: bool = False
    port: int | None = None
    port_wildcard: bool = False
    path: str = ""


@dataclass(frozen=True)
class Directive:
    """One directive as written, where in its policy it begins, and whether a browser uses it."""

    name: str
    value: str
    text: str
    start: int
    status: Status

    @cached_property
    def sources(self) -> tuple[SourceExpression, ...]:
        """Return the value read as a source list."""
        return tuple(parse_source(token) for token in self.tokens)

    @cached_property
    def tokens(self) -> tuple[str, ...]:
        """Return the value split at white space."""
        return tuple(token for token in _SPACES.split(self.value) if token)[:_MAX_SOURCES]


@dataclass(frozen=True)
class Policy:
    """One policy: `carrier` is the whole header or meta value, `start` where this one begins.

    `position` is the index of the first script that a meta policy governs; 0 for a header.
    """

    text: str
    where: Where
    report_only: bool
    carrier: str
    carrier_index: int
    start: int
    position: int
    directives: tuple[Directive, ...]

    def directive(self, *names: str) -> Directive | None:
        """Return the first of the named directives that applies, in the order of the names."""
        for name in names:
            for directive in self.directives:
                if directive.name == name and directive.status == "applies":
                    return directive
        return None


def parse_carrier(
    value: str, *, where: Where, report_only: bool = False, index: int = 0, position: int = 0
) -> tuple[Policy, ...]:
    """Split a header or meta value at its commas and parse each policy (Chromium: both)."""
    policies = []
    for start, text in islice(_trimmed(value[:MAX_VALUE], ","), MAX_POLICIES):
        directives = _directives(text, where=where, report_only=report_only)
        policies.append(Policy(text, where, report_only, value, index, start, position, directives))
    return tuple(policies)


def _trimmed(text: str, separator: str) -> Iterator[tuple[int, str]]:
    offset = 0
    for part in text.split(separator):
        stripped = part.strip(_WHITESPACE)
        if stripped:
            yield offset + part.index(stripped[0]), stripped
        offset += len(part) + 1


def _directives(text: str, *, where: Where, report_only: bool) -> tuple[Directive, ...]:
    directives: list[Directive] = []
    seen: set[str] = set()
    for start, token in islice(_trimmed(text, ";"), _MAX_DIRECTIVES):
        name, *rest = _SPACES.split(token, maxsplit=1)
        value = rest[0] if rest else ""
        status = _status(name, value, seen, where=where, report_only=report_only)
        seen.add(name.lower())
        directives.append(Directive(name.lower(), value, token, start, status))
    return tuple(directives)


def _status(name: str, value: str, seen: set[str], *, where: Where, report_only: bool) -> Status:
    lower = name.lower()
    if not _NAME.fullmatch(name):
        return "bad-name"
    if lower not in KNOWN_DIRECTIVES:
        return "unknown"
    if lower in seen:
        return "duplicate"
    if not _VALUE.fullmatch(value):
        return "bad-characters"
    if (where == "meta" and lower in _NOT_IN_META) or (
        report_only and lower in _NOT_IN_REPORT_ONLY
    ):
        return "not-here"
    return "applies"


def parse_source(token: str) -> SourceExpression:
    """Parse one source expression; what a browser ignores comes back as `invalid`."""
    lower = token.lower()
    if lower == "'none'":
        return SourceExpression(token, "none")
    if lower == "'self'":
        return SourceExpression(token, "self")
    if token == "*":  # noqa: S105 - the wildcard, not a password
        return SourceExpression(token, "star")
    if lower in _KEYWORDS:
        return SourceExpression(token, "keyword", keyword=lower)
    if lower.startswith("'nonce-") and token.endswith("'"):
        nonce = token[7:-1]
        return (
            SourceExpression(token, "nonce", nonce=nonce)
            if _BASE64.fullmatch(nonce)
            else _invalid(token)
        )
    return _hash(token) if token.startswith("'") else _location(token)


def _invalid(token: str) -> SourceExpression:
    return SourceExpression(token, "invalid")


def _hash(token: str) -> SourceExpression:
    match = _HASH.fullmatch(token)
    digest = decode_base64(match[3]) if match else None
    if match is None or digest is None:
        return _invalid(token)
    algorithm = match[2].lower().replace("-", "")
    kind: Kind = "url-hash" if match[1] else "hash"
    return SourceExpression(token, kind, algorithm=algorithm, digest=digest)


def decode_base64(value: str) -> bytes | None:
    """Decode base64 or base64url, padded or not, as Chromium reads a hash source."""
    if not _BASE64.fullmatch(value):
        return None
    padded = value.replace("-", "+").replace("_", "/") + "=" * (-len(value) % 4)
    try:
        return base64.b64decode(padded, validate=True)
    except ValueError:
        return None


def _location(token: str) -> SourceExpression:
    if _SCHEME.fullmatch(token):
        return SourceExpression(token, "scheme", scheme=token[:-1].lower())
    match = _LOCATION.fullmatch(token)
    assert match is not None
    scheme, host, port, path = match.groups()
    wildcard = host == "*" or host.startswith("*.")
    name = host[2:] if wildcard else host
    if host != "*" and not _HOST.fullmatch(name):
        return _invalid(token)
    if port not in (None, "*") and not _is_port(port):
        return _invalid(token)
    return SourceExpression(
        token,
        "host",
        scheme=(scheme or "").lower(),
        host=name.lower(),
        host_wildcard=wildcard,
        port=None if port in (None, "*") else int(port),
        port_wildcard=port == "*",
        path=decode_path(path or ""),
    )


def _is_port(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text.lstrip("0")) < 10


def decode_path(path: str) -> str:
    """Percent-decode a path as UTF-8, or byte by byte where it is not UTF-8."""
    raw = unquote_to_bytes(path.encode("utf-8", "replace"))
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")
