"""What is taken from request and response bodies: names, counts and flags, never values.

Bodies come as text, as form parameters, as base64, or gzip inside base64; a body that can't be
read is an empty text.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import hashlib
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote_plus

from rumkit.aws_names import is_identity_pool_id
from rumkit.client.gunzip import MAGIC, gunzip
from rumkit.client.har import fields
from rumkit.client.har.conversation import Batch, Kind, Vending
from rumkit.client.har.redact import printable, sentence

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_BODY = 8_000_000
MAX_EVENTS = 5_000

_XML_CODE = re.compile(r"<Code>([^<]{1,100})</Code>")
_XML_MESSAGE = re.compile(r"<Message>([^<]{1,2000})</Message>")
_CLIENT_VERSION = re.compile(r'aws:clientVersion\\*"\s*:\s*\\*"([0-9A-Za-z.+-]{1,32})')
_CLIENT = re.compile(r'aws:client\\*"\s*:\s*\\*"([0-9A-Za-z_.-]{1,32})')


@dataclass(frozen=True, slots=True)
class RequestBody:
    """A request's body as text; `lost` says why it is there and can't be read, else empty."""

    text: str = ""
    lost: str = ""


Attached = Callable[[str, int], bytes]


def no_file(name: str, limit: int) -> bytes:  # noqa: ARG001 - the shape of every reader of files
    """Return nothing: the recording is one file and keeps no bodies beside it."""
    return b""


def request_body(post: Any, *, gzipped: bool = False, attached: Attached = no_file) -> RequestBody:
    """Return a request's body, decoded when it is base64 or gzip, mangled or not.

    `gzipped` says that the request's headers name gzip.
    """
    if not isinstance(post, dict):
        return RequestBody(post if isinstance(post, str) else "")
    text, data = post.get("text"), b""
    if not isinstance(text, str) or not text:
        data = _from_file(post, MAX_BODY, attached)
        text = ""
    elif post.get("encoding") == "base64" or post.get("_encoding") == "base64":
        data = _debase(text, MAX_BODY)
    if data:
        return _unpacked(data)
    if text[:1] == "\x1f" or (gzipped and text and text.lstrip()[:1] != "{"):
        mangled = _bytes_of(text[: 2 * MAX_BODY])
        if mangled is None:
            return RequestBody(lost="the exporter replaced bytes of the gzip body")
        return _unpacked(mangled)
    return RequestBody(text) if len(text) <= MAX_BODY else RequestBody(lost="it is too large")


def _unpacked(data: bytes) -> RequestBody:
    if not data.startswith(MAGIC):
        return RequestBody(data.decode("utf-8", "replace"))
    text = gunzip(data, MAX_BODY).decode("utf-8", "replace")
    return RequestBody(text) if text else RequestBody(lost="the gzip body is damaged")


def _bytes_of(text: str) -> bytes | None:
    """Return the bytes that an exporter wrote as characters; None when some are lost.

    The characters are Latin-1 or windows-1252, and may have been read as UTF-8 on the way.
    """
    with contextlib.suppress(UnicodeError):
        for _ in range(3):
            if text[:2] == "\x1f\x8b":
                break
            text = text.encode("latin-1").decode("utf-8")
    if "\ufffd" in text:
        return None
    try:
        return text.encode("latin-1")
    except UnicodeError:
        pass
    try:
        parts = (c.encode("latin-1" if ord(c) < 256 else "cp1252") for c in text)
        return b"".join(parts)
    except UnicodeError:
        return None


def reply_text(content: Any, *, limit: int, attached: Attached = no_file) -> str:
    """Return a response's body as text of at most `limit` characters."""
    if not isinstance(content, dict):
        return ""
    text = content.get("text")
    if not isinstance(text, str):
        return _from_file(content, limit, attached).decode("utf-8", "replace")
    if content.get("encoding") == "base64":
        data = _debase(text, limit)
        plain = gunzip(data, limit) if data.startswith(MAGIC) else data[:limit]
        return plain.decode("utf-8", "replace")
    return text[:limit]


def _from_file(content: dict[str, Any], limit: int, attached: Attached) -> bytes:
    """Return a body that Playwright keeps in a file beside the HAR, or beside a trace."""
    name = content.get("_file") or content.get("_sha1")
    return attached(name, limit) if isinstance(name, str) and name else b""


def _debase(text: str, limit: int) -> bytes:
    try:
        return base64.b64decode(text[: limit * 4 // 3 // 4 * 4 + 4])
    except (binascii.Error, ValueError):
        return b""


def _object(text: str) -> Mapping[str, Any]:
    return fields.mapping(fields.parsed(text) if text.lstrip()[:1] == "{" else None)


def error(reply: str) -> tuple[str, str]:
    """Return error type and message of a JSON or XML reply."""
    start = reply[:65_536].lstrip()
    if start.startswith("<"):
        code, message = _XML_CODE.search(start), _XML_MESSAGE.search(start)
        return (code[1] if code else "", message[1] if message else "")
    reply_object = _object(start)
    kind = reply_object.get("__type") or reply_object.get("code") or ""
    message_text = reply_object.get("message") or reply_object.get("Message") or ""
    name = kind.rpartition("#")[2].split(":")[0] if isinstance(kind, str) else ""
    return name, message_text if isinstance(message_text, str) else ""


def cognito_operation(body: str, reply: str) -> Kind:
    """Tell which Cognito operation this is when the target header is missing."""
    asked, answered = _object(body), _object(reply)
    if "IdentityPoolId" in asked:
        return Kind.GET_ID
    if "Token" in answered:
        return Kind.GET_OPEN_ID_TOKEN
    if "Credentials" in answered:
        return Kind.GET_CREDENTIALS
    return Kind.COGNITO


def cognito(body: str, kind: Kind) -> Vending:
    """Return which pool and what sort of identity was asked for."""
    asked = _object(body)
    pool = asked.get("IdentityPoolId")
    given = asked.get("IdentityId")
    return Vending(
        identity_pool_id=sentence(pool, limit=128),
        identity=_identity(given, known=bool(asked), kind=kind),
        identity_mark=mark(given),
    )


def signs_in(body: str) -> bool:
    """Return whether a Cognito request is for somebody who signed in, not for a guest."""
    return bool(_object(body[:MAX_BODY]).get("Logins"))


def mark(value: Any) -> str:
    """Return a fingerprint by which two ids can be compared without keeping either."""
    if not isinstance(value, str) or not value:
        return ""
    return hashlib.sha256(value[:256].encode("utf-8", "replace")).hexdigest()[:12]


def _identity(given: Any, *, known: bool, kind: Kind) -> str:
    if kind is Kind.GET_ID:
        return "unknown"
    if isinstance(given, str) and given:
        return "given" if is_identity_pool_id(given[:128]) else "malformed"
    return "missing" if known else "unknown"


def assume_role(post: Any, body: str) -> Vending:
    """Return which role was asked for, never the token."""
    form = _parsed(body[:65_536]) if body else _form(post)
    token = form.get("WebIdentityToken")
    return Vending(
        role_arn=sentence(form.get("RoleArn"), limit=256),
        token_undefined=token in ("undefined", ""),
    )


def _form(post: Any) -> dict[str, str]:
    params = fields.mapping(post).get("params")
    named = {
        p.get("name"): p.get("value")
        for p in (params[:200] if isinstance(params, list) else ())
        if isinstance(p, dict)
    }
    return {
        name: unquote_plus(value[:8192])
        for name, value in named.items()
        if isinstance(name, str) and isinstance(value, str)
    }


def _parsed(text: str) -> dict[str, str]:
    try:
        return dict(parse_qsl(text, keep_blank_values=True, max_num_fields=200))
    except ValueError:
        return {}


def looks_like_batch(body: str) -> bool:
    """Return whether a body is a PutRumEvents body, sent to whatever host."""
    return '"RumEvents"' in body[:MAX_BODY] and '"AppMonitorDetails"' in body


def batch(body: str) -> Batch | None:
    """Return what a PutRumEvents body says of itself, None when it can't be read."""
    body_object = _object(body)
    events = body_object.get("RumEvents")
    if not isinstance(events, list):
        return None
    details = fields.mapping(body_object.get("AppMonitorDetails"))
    user = fields.mapping(body_object.get("UserDetails"))
    version, client = _CLIENT_VERSION.search(body), _CLIENT.search(body)
    return Batch(
        monitor_id=sentence(details.get("id"), limit=64),
        app_version=sentence(details.get("version"), limit=64),
        alias=sentence(body_object.get("Alias"), limit=128),
        session_id=sentence(user.get("sessionId"), limit=64),
        event_types=_types(events),
        client=client[1] if client else "",
        client_version=version[1] if version else "",
    )


def _types(events: list[Any]) -> tuple[tuple[str, int], ...]:
    names = Counter(
        printable(str(event.get("type"))[:128]) if isinstance(event, dict) else "unknown"
        for event in events[:MAX_EVENTS]
    )
    return tuple(names.most_common(100))
