"""CloudTrail records in every shape that AWS hands them out in, as plain objects.

Nothing here trusts its input: sizes and depths are bounded, and what can't be read comes out as an
`UnreadFile` with a reason, so that it can be counted.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from rumkit.trail.rows import is_sql_row, record_from_row

_MAX_TEXT: Final = 64_000_000
_MAX_NESTING: Final = 6
_MAX_WRAPPING: Final = 12
_GZIP: Final = b"\x1f\x8b"
_NAMED: Final = re.compile("event_?name", re.IGNORECASE)


@dataclass(frozen=True)
class UnreadFile:
    """A record that could not be read, and why; `reason` is one of a few fixed phrases."""

    reason: str


# Records of kinds that tell of no single call: nothing is lost when they are left aside.
SUMMARIES: Final = {
    "Aggregated": "a summary of several calls, not a call",
    "Insight": "an Insights event, not a call",
}
NO_CALL: Final = frozenset(SUMMARIES.values())


def records_of(document: object) -> Iterator[Mapping[str, Any] | UnreadFile]:
    """Yield the CloudTrail records of a document of any shape. Never raises.

    Reads a record, `{"Records": [...]}`, JSON lines, text, bytes and gzip of these; LookupEvents
    answers and their `CloudTrailEvent`; EventBridge events; CloudWatch Logs messages, answers
    and subscription envelopes; Athena and Lake rows; Logs Insights rows.
    """
    yield from _read(document, 0)


def _read(document: object, depth: int) -> Iterator[Mapping[str, Any] | UnreadFile]:
    if depth > _MAX_NESTING:
        yield UnreadFile("nested too deeply")
    elif isinstance(document, bytes | bytearray):
        yield from _read_bytes(bytes(document), depth)
    elif isinstance(document, str):
        yield from _read_text(document, depth)
    elif isinstance(document, Mapping):
        yield from _read_object(document, depth)
    elif isinstance(document, list | tuple):
        yield from _read_list(document, depth)
    else:
        yield UnreadFile("not an object")


def _read_bytes(data: bytes, depth: int) -> Iterator[Mapping[str, Any] | UnreadFile]:
    if data.startswith(_GZIP):
        try:
            data = zlib.decompressobj(31).decompress(data, _MAX_TEXT)
        except zlib.error:
            yield UnreadFile("not gzip")
            return
    yield from _read_text(data.decode("utf-8-sig", "replace"), depth)


def _read_text(text: str, depth: int) -> Iterator[Mapping[str, Any] | UnreadFile]:
    """Read one JSON document, else one document per line."""
    if len(text) > _MAX_TEXT:
        yield UnreadFile("too large")
        return
    whole = parse(text)
    if not isinstance(whole, UnreadFile):
        yield from _read(whole, depth + 1)
        return
    lines = [line for line in text.splitlines() if line.strip()]
    if len(lines) < 2:
        yield whole
        return
    for line in lines:
        part = parse(line)
        if isinstance(part, UnreadFile):
            yield part
        else:
            yield from _read(part, depth + 1)


def parse(text: str | bytes) -> Any:
    """Return parsed JSON, or an `UnreadFile`. Never raises."""
    try:
        return json.loads(text)
    except RecursionError:
        return UnreadFile("nested too deeply")
    except ValueError:
        return UnreadFile("not JSON")


# Keys whose value holds the record or records, in the order in which they are looked for.
_INNER: Final = (
    "Records",  # trail files
    "CloudTrailEvent",  # one of LookupEvents
    "Events",  # a LookupEvents answer
    "logEvents",  # a subscription envelope
    "detail",  # EventBridge
    "@message",  # a Logs Insights row as an object
    "message",  # a CloudWatch Logs event
    "events",  # a FilterLogEvents or GetLogEvents answer
    "results",  # a GetQueryResults answer of Logs Insights
    "QueryResultRows",  # an answer of CloudTrail Lake
    "eventData",  # a Lake channel event, an S3 export
)


def _read_object(
    document: Mapping[str, Any], depth: int
) -> Iterator[Mapping[str, Any] | UnreadFile]:
    if _is_record(document):
        yield record_from_row(document) if is_sql_row(document) else document
        return
    if isinstance(document.get("awslogs"), Mapping):
        yield from _read_envelope(document["awslogs"].get("data"), depth)
        return
    if document.get("messageType") == "CONTROL_MESSAGE":
        return
    held = [document[key] for key in _INNER if isinstance(document.get(key), Mapping | list | str)]
    for inner in held:
        if not isinstance(inner, str) or _NAMED.search(inner):
            yield from _read(inner, depth + 1)
            return
    wrapped = list(_wrapped(document, depth))
    if wrapped:
        yield from wrapped
    elif held:
        yield from _read(held[0], depth + 1)
    else:
        # Nothing holds records: let the reader of records say what it lacks.
        yield document


def _wrapped(document: object, depth: int) -> Iterator[Mapping[str, Any] | UnreadFile]:
    """Yield the records that anything else holds, as objects or within texts.

    Queues, log tools and alerts wrap a record in fields of their own names.
    """
    if depth > _MAX_WRAPPING:
        return
    if isinstance(document, str):
        found = _NAMED.search(document)
        begin = document.find("{")
        if found and 0 <= begin < found.start():
            yield from _wrapped(_first_object(document[begin:]), depth + 1)
    elif isinstance(document, Mapping) and _is_record(document):
        yield from _read_object(document, depth)
    elif isinstance(document, Mapping | list):
        inner = document.values() if isinstance(document, Mapping) else document
        for each in inner:
            yield from _wrapped(each, depth + 1)


def _is_record(document: Mapping[str, Any]) -> bool:
    return ("eventName" in document and "eventTime" in document) or is_sql_row(document)


def _first_object(text: str) -> object:
    """Return the object that a text begins with, None where it is not JSON."""
    try:
        return json.JSONDecoder().raw_decode(text)[0]
    except (ValueError, RecursionError):
        return None


def _read_envelope(data: object, depth: int) -> Iterator[Mapping[str, Any] | UnreadFile]:
    """Read what a Lambda function gets from a subscription: gzip in base64."""
    try:
        packed = base64.b64decode(data, validate=True) if isinstance(data, str) else b""
    except (binascii.Error, ValueError):
        packed = b""
    if packed:
        yield from _read_bytes(packed, depth + 1)
    else:
        yield UnreadFile("not gzip")


def _read_list(
    items: list[Any] | tuple[Any, ...], depth: int
) -> Iterator[Mapping[str, Any] | UnreadFile]:
    """Read a list of documents; a list of field and value pairs is one row."""
    if _is_pairs(items):
        yield from _read({pair["field"]: pair.get("value") for pair in items}, depth + 1)
    elif _is_single_columns(items):
        yield from _read({key: value for item in items for key, value in item.items()}, depth + 1)
    else:
        for item in items:
            yield from _read(item, depth + 1)


def _is_pairs(items: list[Any] | tuple[Any, ...]) -> bool:
    """Return whether this is a row of Logs Insights: [{field, value}, ...]."""
    return bool(items) and all(
        isinstance(item, Mapping) and isinstance(item.get("field"), str) for item in items
    )


def _is_single_columns(items: list[Any] | tuple[Any, ...]) -> bool:
    """Return whether this is a row of CloudTrail Lake: [{column: value}, {column: value}, ...]."""
    return len(items) > 1 and all(
        isinstance(item, Mapping) and len(item) == 1 and "CloudTrailEvent" not in item
        for item in items
    )
