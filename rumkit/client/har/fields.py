"""Reads single fields of a HAR leniently: exporters write numbers as text, headers as objects."""

from __future__ import annotations

import json
from datetime import MAXYEAR, UTC, datetime
from typing import TYPE_CHECKING, Any

from rumkit.client.har.redact import printable

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_HEADERS = 500
_DECODER = json.JSONDecoder(strict=False)


def decoded(data: bytes) -> str:
    """Return the text of a file that a browser or a shell has written."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", "replace")
    return data.decode("utf-8-sig", "replace")


def parsed(text: str) -> Any:
    """Return what a text of JSON says, control characters allowed; None for any other text."""
    try:
        return _DECODER.decode(text)
    except (ValueError, RecursionError):
        return None


def mapping(value: Any) -> Mapping[str, Any]:
    """Return the value when it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def whole(value: Any) -> int | None:
    """Return a whole number; None for anything else, truth values included."""
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def text(value: Any, limit: int) -> str:
    """Return text of at most `limit` printable characters."""
    return printable(value[:limit]) if isinstance(value, str) else ""


def pairs(headers: Any) -> list[tuple[str, str]]:
    """Return headers as (lower-case name, value), from a list of objects or an object."""
    if isinstance(headers, dict):
        items: list[tuple[Any, Any]] = list(headers.items())
    elif isinstance(headers, list):
        items = [(h.get("name"), h.get("value")) for h in headers[:MAX_HEADERS] if type(h) is dict]
    else:
        return []
    return [
        (name.lower(), value)
        for name, value in items
        if isinstance(name, str) and isinstance(value, str)
    ]


def headers(headers: Any) -> dict[str, str]:
    """Return headers by lower-case name; the last of a name wins."""
    try:
        by_name = {header["name"].lower(): header["value"] for header in headers[:MAX_HEADERS]}
        if set(map(type, by_name.values())) <= {str}:
            return by_name
    except (TypeError, KeyError, AttributeError):
        pass
    return dict(pairs(headers))


def status(*values: Any) -> int:
    """Return the first value that is an HTTP status, else 0."""
    for value in values:
        if isinstance(value, str) and value.strip().lstrip("-").isdecimal() and len(value) < 8:
            value = int(value)  # noqa: PLW2901 - WebPageTest writes numbers as text
        if isinstance(value, int | float) and not isinstance(value, bool) and 100 <= value < 1000:
            return int(value)
    return 0


def seconds(value: Any) -> float:
    """Return milliseconds as seconds; nonsense is 0."""
    if isinstance(value, int | float) and 0 <= value < 1e8:
        return float(value) / 1000
    return 0.0


def moment(value: Any) -> datetime | None:
    """Return an ISO 8601 moment in UTC, or None; also for one that nothing can come after."""
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value[:40].strip())
        moment = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return moment if moment.year < MAXYEAR else None


def amz_moment(value: str) -> datetime | None:
    """Return the moment of an x-amz-date header, or None."""
    digits = value[:8] + value[9:15]
    whole = len(digits) == 14 and digits.isascii() and digits.isdecimal()
    return moment(f"{digits[:8]}T{digits[8:]}Z") if whole else None
