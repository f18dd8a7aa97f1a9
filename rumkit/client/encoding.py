"""Bytes of a page to text, as a browser decodes them."""

from __future__ import annotations

import codecs
import re

_PRESCAN_BYTES = 1024
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
)
_COMMENT = re.compile(rb"<!--.*?(?:-->|\Z)", re.DOTALL)
_META = re.compile(rb"<meta[\s/]([^>]{0,1000})", re.IGNORECASE)
_CHARSET = re.compile(
    rb"charset[\s]{0,20}=[\s]{0,20}[\"']?[\s]{0,20}([A-Za-z0-9_:.-]{1,40})", re.IGNORECASE
)


def decode(body: bytes, content_type: str | None = None) -> tuple[str, str]:
    """Return the text and the encoding's name: byte order mark, header, meta, windows-1252.

    Source: HTML standard, "determining the character encoding".
    """
    for mark, name in _BOMS:
        if body.startswith(mark):
            return body[len(mark) :].decode(name, "replace"), name
    header = (content_type or "").encode("latin-1", "replace")
    name = _charset(header) or _from_meta(body) or "windows-1252"
    return _decode_as(body, name), name


def _from_meta(body: bytes) -> str | None:
    """Prescan the first bytes for a meta element; UTF-16 named there means UTF-8."""
    head = _COMMENT.sub(b"", body[:_PRESCAN_BYTES])
    for meta in _META.finditer(head):
        if name := _charset(meta[1]):
            return "utf-8" if name.startswith("utf-16") else name
    return None


def _charset(text: bytes) -> str | None:
    """Return the name of the encoding that a text names, None where it is none that is known."""
    import webencodings

    label = _CHARSET.search(text)
    encoding = webencodings.lookup(label[1].decode("ascii", "replace")) if label else None
    return encoding.name if encoding else None


def _decode_as(body: bytes, name: str) -> str:
    import webencodings

    if name == "windows-1252":
        return body.decode("cp1252", "rumkit-c1")
    encoding = webencodings.lookup(name)
    assert encoding is not None
    text, _ = encoding.codec_info.decode(body, "replace")
    return text


def _as_control(error: UnicodeError) -> tuple[str, int]:
    """Decode the five bytes that windows-1252 leaves out as browsers do: as C1 controls."""
    assert isinstance(error, UnicodeDecodeError)
    return chr(error.object[error.start]), error.start + 1


codecs.register_error("rumkit-c1", _as_control)
