"""Facts from a saved browser storage: what the client remembered, without any of its secrets.

The file is JSON with `localStorage` (an object) and `cookies` (a list of objects or an object),
as browser automation tools write it; Playwright's `storageState` (`origins`) is read too.
"""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from rumkit.client.har.redact import sentence
from rumkit.model import BadInput

MAX_BYTES = 16 << 20


@dataclass(frozen=True, slots=True)
class StoredSession:
    """The cookie `cwr_s`: is the session recorded, and how many events has it counted."""

    session_id: str
    record: bool | None
    event_count: int | None
    monitor_id: str = ""


@dataclass(frozen=True, slots=True)
class StoredCredentials:
    """The key `cwr_c`: that it is there, whether it is whole, when it ends; never its values."""

    has_secret_key: bool
    expiration: str = ""
    monitor_id: str = ""


@dataclass(frozen=True)
class BrowserStorage:
    """What the client left in the browser; `identity` is `present`, `empty` or `absent`.

    `stub` tells whether `window.cwr` is still the loader's stub, None when the file doesn't say.
    """

    sessions: tuple[StoredSession, ...] = ()
    credentials: tuple[StoredCredentials, ...] = ()
    identity: str = "absent"
    user: bool = False
    cookies_seen: bool = True
    local_seen: bool = True
    stub: bool | None = None


def read_storage(path: str | Path) -> BrowserStorage:
    """Read a storage file; raises BadInput when it can't be read or is no JSON object."""
    path = Path(path)
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "bad name"
        raise BadInput(f"The storage file {path.name} can't be read: {why}.") from None
    if len(data) > MAX_BYTES:
        raise BadInput(f"The storage file {path.name} is larger than 16 MB.")
    found = _json(data.decode("utf-8-sig", "replace"))
    if not isinstance(found, dict):
        raise BadInput(f"The storage file {path.name} is not a JSON object.")
    return storage_from(found)


def storage_from(found: dict[str, Any]) -> BrowserStorage:
    """Take the facts from a parsed storage file."""
    local, cookies = _local(found), _cookies(found)
    sessions = tuple(
        _session(value, key.removeprefix("cwr_s").lstrip("_"))
        for key, value in cookies
        if _is(key, "cwr_s")
    )
    credentials = tuple(
        _credentials(value, key.removeprefix("cwr_c").lstrip("_"))
        for key, value in local
        if _is(key, "cwr_c")
    )
    identities = [_json(value) for key, value in local if _is(key, "cwr_i")]
    whole = any(isinstance(i, dict) and i.get("IdentityId") for i in identities)
    state = found.get("clientState")
    stub = state.get("cwrIsStub") if isinstance(state, dict) else None
    return BrowserStorage(
        sessions=tuple(session for session in sessions if session),
        credentials=credentials,
        identity="present" if whole else "empty" if identities else "absent",
        user=any(key == "cwr_u" for key, _ in cookies),
        cookies_seen="cookies" in found,
        local_seen="localStorage" in found or "origins" in found,
        stub=stub if isinstance(stub, bool) else None,
    )


def _is(key: str, name: str) -> bool:
    return key == name or key.startswith(f"{name}_")


def _json(text: object) -> Any:
    if not isinstance(text, str):
        return text
    try:
        return json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return None


def _local(found: dict[str, Any]) -> list[tuple[str, Any]]:
    local = found.get("localStorage")
    if isinstance(local, dict):
        return [(str(key), value) for key, value in local.items()]
    items = local if isinstance(local, list) else []
    origins = found.get("origins")
    for origin in origins if isinstance(origins, list) else ():
        inner = origin.get("localStorage") if isinstance(origin, dict) else None
        items = items + inner if isinstance(inner, list) else items
    return _named(items)


def _cookies(found: dict[str, Any]) -> list[tuple[str, Any]]:
    cookies = found.get("cookies")
    if isinstance(cookies, dict):
        return [(str(key), value) for key, value in cookies.items()]
    if isinstance(cookies, str):
        pairs = (part.strip().partition("=") for part in cookies.split(";"))
        return [(name, value) for name, _, value in pairs]
    return _named(cookies if isinstance(cookies, list) else [])


def _named(items: list[Any]) -> list[tuple[str, Any]]:
    return [
        (str(item.get("name", item.get("key", ""))), item.get("value"))
        for item in items
        if isinstance(item, dict)
    ]


def _session(value: Any, monitor_id: str) -> StoredSession | None:
    if not isinstance(value, str):
        return None
    text = unquote(value[:8192])
    try:
        padded = text + "=" * (-len(text) % 4)
        decoded = _json(base64.b64decode(padded).decode("utf-8", "replace"))
    except (binascii.Error, ValueError):
        return None
    if not isinstance(decoded, dict):
        return None
    record, count = decoded.get("record"), decoded.get("eventCount")
    return StoredSession(
        session_id=sentence(decoded.get("sessionId"), limit=64),
        record=record if isinstance(record, bool) else None,
        event_count=count if isinstance(count, int) and not isinstance(count, bool) else None,
        monitor_id=sentence(monitor_id, limit=64),
    )


def _credentials(value: Any, monitor_id: str) -> StoredCredentials:
    found = _json(value)
    found = found if isinstance(found, dict) else {}
    return StoredCredentials(
        has_secret_key=bool(found.get("secretAccessKey")),
        expiration=sentence(found.get("expiration"), limit=40),
        monitor_id=sentence(monitor_id, limit=64),
    )
