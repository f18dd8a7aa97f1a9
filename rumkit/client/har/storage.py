"""Facts from a saved browser storage: what the client remembered, without any of its secrets."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from rumkit.client.har import fields
from rumkit.client.har.redact import sentence
from rumkit.client.har.sources import read_named
from rumkit.client.har.storage_shapes import Pairs, StoredPairs, pairs_of
from rumkit.model import BadInput

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

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

    `cookies_seen` and `local_seen` tell whether anybody looked at them at all. `stub` tells
    whether `window.cwr` is still the loader's stub, None when the file doesn't say; `unread`
    counts cookies `cwr_s` that can't be read.
    """

    sessions: tuple[StoredSession, ...] = ()
    credentials: tuple[StoredCredentials, ...] = ()
    identity: str = "absent"
    user: bool = False
    cookies_seen: bool = True
    local_seen: bool = True
    stub: bool | None = None
    unread: int = 0

    @property
    def known(self) -> bool:
        """Tell whether anything of the browser's state was read at all."""
        return self.cookies_seen or self.local_seen or self.stub is not None

    @property
    def notes(self) -> tuple[str, ...]:
        """Return what of the storage nobody can use, in sentences."""
        notes = []
        if not self.cookies_seen and not self.local_seen:
            notes.append(
                "The storage holds neither cookies nor local storage in a shape that is known."
            )
        if self.unread:
            notes.append("The cookie cwr_s could not be read: its value is cut off or changed.")
        return tuple(notes)


def read_storage(*paths: str | Path) -> BrowserStorage:
    """Read storage files; raises BadInput when one can't be read or is too large."""
    return storage_from_texts([_text_of(path) for path in paths])


def _text_of(path: str | Path) -> str:
    data = read_named(path, "storage file", MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise BadInput(f"The storage file {Path(path).name} is larger than 16 MB.")
    return fields.decoded(data)


def storage_from_texts(texts: Iterable[str]) -> BrowserStorage:
    """Take the facts from the texts of storage files of whatever shape."""
    stored = StoredPairs()
    for text in texts:
        stored.merge(pairs_of(text))
    local, cookies = stored.local or [], stored.cookies or []
    sessions = [_session(value, monitor) for monitor, value in _kept(cookies, "cwr_s")]
    identities = [_object(value) for _, value in _kept(local, "cwr_i")]
    whole = any(identity.get("IdentityId") for identity in identities)
    stub = stored.state.get("cwrIsStub")
    return BrowserStorage(
        sessions=tuple(session for session in sessions if session),
        credentials=tuple(_credentials(v, monitor) for monitor, v in _kept(local, "cwr_c")),
        identity="present" if whole else "empty" if identities else "absent",
        user=any(key == "cwr_u" for key, _ in cookies),
        cookies_seen=stored.cookies is not None,
        local_seen=stored.local is not None,
        stub=stub if isinstance(stub, bool) else None,
        unread=sessions.count(None),
    )


def _kept(pairs: Pairs, name: str) -> list[tuple[str, Any]]:
    """Return the values of a name, each with the app monitor id that may stand behind it."""
    return [
        (key.removeprefix(name).lstrip("_"), value)
        for key, value in pairs
        if key == name or key.startswith(f"{name}_")
    ]


def _object(value: Any) -> Mapping[str, Any]:
    return fields.mapping(fields.parsed(value) if isinstance(value, str) else value)


def _session(value: Any, monitor_id: str) -> StoredSession | None:
    if not isinstance(value, str):
        return None
    text = unquote(value[:8192])
    try:
        padded = text + "=" * (-len(text) % 4)
        decoded = fields.parsed(base64.b64decode(padded).decode("utf-8", "replace"))
    except (binascii.Error, ValueError):
        return None
    if not isinstance(decoded, dict):
        return None
    record = decoded.get("record")
    return StoredSession(
        session_id=sentence(decoded.get("sessionId"), limit=64),
        record=record if isinstance(record, bool) else None,
        event_count=fields.whole(decoded.get("eventCount")),
        monitor_id=sentence(monitor_id, limit=64),
    )


def _credentials(value: Any, monitor_id: str) -> StoredCredentials:
    parsed = _object(value)
    return StoredCredentials(
        has_secret_key=bool(parsed.get("secretAccessKey")),
        expiration=sentence(parsed.get("expiration"), limit=40),
        monitor_id=sentence(monitor_id, limit=64),
    )
