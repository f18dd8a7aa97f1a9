"""The cookie cwr_s, reduced to what decides whether a session is recorded."""

from __future__ import annotations

import base64
import binascii
import json
from typing import Any
from urllib.parse import unquote

from rumkit.client.har.redact import sentence


def reduced_session(value: str) -> str:
    """Return the cookie with session id, record and eventCount only; `unreadable` for another."""
    text = unquote(value[:8192])
    try:
        session: Any = json.loads(base64.b64decode(text + "=" * (-len(text) % 4)))
    except (binascii.Error, ValueError, RecursionError):
        return "unreadable"
    if not isinstance(session, dict):
        return "unreadable"
    record, count = session.get("record"), session.get("eventCount")
    kept = {
        "sessionId": sentence(session.get("sessionId"), limit=64),
        "record": record if isinstance(record, bool) else None,
        "eventCount": count if isinstance(count, int) else None,
    }
    return base64.b64encode(json.dumps(kept).encode()).decode()
