"""Drops secrets from text that comes from a browser, and bounds it."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from rumkit.secret import hide_secrets

_RUN = re.compile(r"[\x80-\xff]+")
_UNSAFE = re.compile(r"[\ud800-\udfff\x00-\x08\x0b-\x1f\x7f]")
_QUERY = re.compile(r"(https?://[^\s?#'\"<>]{1,2048})[?#][^\s'\"<>]{1,8192}")
_USER = re.compile(r"(https?://)[^\s/@'\"<>]{1,512}@")
_MAX_URL = 2048
_LONG_SEGMENT = 64


def unmangle(text: str) -> str:
    """Turn UTF-8 that was read as Latin-1 back into characters; anything else stays as it is."""
    if text.isascii():
        return text
    try:
        return text.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return _RUN.sub(_unmangled_run, text)


def _unmangled_run(match: re.Match[str]) -> str:
    try:
        return match[0].encode("latin-1").decode("utf-8")
    except UnicodeError:
        return match[0]


def printable(text: str) -> str:
    """Replace lone surrogates and control characters, which no output can show."""
    return text if text.isascii() and text.isprintable() else _UNSAFE.sub("\ufffd", text)


def sentence(text: object, *, limit: int = 500) -> str:
    """Return free text of a server or a page: one line, bounded, without secrets and queries."""
    if not isinstance(text, str) or not text:
        return ""
    text = _USER.sub(r"\1", _QUERY.sub(r"\1", text[: 4 * limit]))
    text = " ".join(printable(hide_secrets(text)).split())
    return text if len(text) <= limit else text[: limit - 1] + "…"


def bare_url(url: object) -> str:
    """Return a URL without user, query, fragment and token-like path segments."""
    if not isinstance(url, str):
        return ""
    url = printable(url.strip()[: 4 * _MAX_URL])
    if url[:5].lower() == "data:":
        return "data:"
    try:
        parts = urlsplit(url)
        host = parts.netloc.rpartition("@")[2]
    except ValueError:
        return ""
    path = parts.path
    if len(path) > _LONG_SEGMENT:
        path = "/".join(_segment(segment) for segment in path.split("/"))
    start = f"{parts.scheme}://{host}" if parts.scheme and host else ""
    return hide_secrets(f"{start}{path}")[:_MAX_URL]


def _segment(segment: str) -> str:
    return segment if len(segment) <= _LONG_SEGMENT else "…"
