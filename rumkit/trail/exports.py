"""Trail records as people export or paste them: tables (CSV), and a record without its braces.

Athena's results, Logs Insights' exports and the console's Event history are tables; each row is
made the record that it was, as far as its columns hold it.
"""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from rumkit.trail.names import KIND_OF, STS_NAMES
from rumkit.trail.rows import is_sql_row, record_from_row

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

# A row of Event history says whose role was assumed, and not for which identity pool.
UNTIED: Final = "a row of Event history, which names no identity pool"
MAX_TABLE: Final = 64_000_000
_MAX_FIELD: Final = 1_000_000
HEAD: Final = 4_000
# Columns of Event history, by their names in lower case, and what they are in a record.
_HISTORY: Final = {
    "event name": "eventName",
    "event time": "eventTime",
    "event source": "eventSource",
    "aws region": "awsRegion",
    "error code": "errorCode",
    "error message": "errorMessage",
    "source ip address": "sourceIPAddress",
    "user agent": "userAgent",
    "event id": "eventID",
    "request id": "requestID",
}
_SOURCES: Final = {name: source for source, name in KIND_OF}
_WRITTEN: Final = re.compile(
    r"([A-Z][a-z]+ \d{1,2}, \d{4}),? (?:at )?(\d{1,2}:\d\d:\d\d(?: [AP]M)?)"
)
_BRACELESS: Final = re.compile(rb'\s*"(?:eventVersion|userIdentity|eventTime|eventName)"\s*:')


@dataclass(frozen=True)
class Export:
    """An export as JSON, a record a line; `untied` counts rows that may be anybody's."""

    lines: bytes
    untied: int = 0


def _braced(data: bytes) -> bytes:
    """Return a record with the braces that were left behind, one of them or both."""
    whole = b"{" + data
    try:
        json.loads(whole)
    except (ValueError, RecursionError):
        return whole + b"}"
    return whole


def is_export(head: bytes) -> bool:
    """Tell by the beginning of a file whether it was exported or pasted."""
    named = _columns(_first_line(head)) & {"eventname", "event name", "@message"}
    return bool(named) or _BRACELESS.match(head) is not None


def _first_line(data: bytes) -> str:
    return data[:HEAD].decode("utf-8-sig", "replace").partition("\n")[0]


def _columns(line: str) -> set[str]:
    return {name.strip().strip('"').lower() for name in re.split(r"[,\t;]", line)}


def read_export(data: bytes) -> Export | None:
    """Return what was exported or pasted; None for what is no such text."""
    if len(data) > MAX_TABLE or not is_export(data[:HEAD]):
        return None
    if _BRACELESS.match(data):
        return Export(_braced(data.strip().rstrip(b",").rstrip()))
    head = _first_line(data)
    names = _columns(head)
    delimiter = max(",\t;", key=head.count)
    text = io.StringIO(data.decode("utf-8-sig", "replace"), newline="")
    records = list(_records(csv.DictReader(text, delimiter=delimiter)))
    untied = sum("event name" in names and f'"{name}"' in r for r in records for name in STS_NAMES)
    return Export("\n".join(records).encode("utf-8", "replace"), untied)


def _records(rows: Iterator[Mapping[str, Any]]) -> Iterator[str]:
    limit = csv.field_size_limit(_MAX_FIELD)
    try:
        for row in rows:
            cells = {str(k).strip(): v for k, v in row.items() if k and isinstance(v, str) and v}
            message = cells.get("@message", "")
            if message.lstrip().startswith("{"):
                yield " ".join(message.split("\n"))
            elif cells:
                yield json.dumps(_record(cells))
    except csv.Error:
        return
    finally:
        csv.field_size_limit(limit)


def _record(cells: Mapping[str, str]) -> dict[str, Any]:
    """Return a row as a record; `userIdentity.arn` and the like become objects again."""
    record: dict[str, Any] = {}
    for column, value in cells.items():
        name = _HISTORY.get(column.lower(), column)
        if name == "@timestamp":
            record.setdefault("eventTime", value)
        elif name.lower() == "resource name":
            record["resources"] = [{"ARN": value}]
            if ":role/" in value:
                record["requestParameters"] = {"roleArn": value}
        elif "." in name:
            outer, _, inner = name.partition(".")
            nested = record.setdefault(outer, {})
            if isinstance(nested, dict):
                _put(nested, inner.split("."), value)
        else:
            record[name] = value
    for name in ("eventTime", "eventtime"):
        if name in record:
            record[name] = _moment(record[name])
    key = "eventname" if "eventname" in record else "eventName"
    if "eventsource" not in record and record.get(key) in _SOURCES:
        record.setdefault("eventSource", _SOURCES[record[key]])
    return record_from_row(record) if is_sql_row(record) else record


def _put(record: dict[str, Any], path: list[str], value: str) -> None:
    for name in path[:-1][:5]:
        inner = record.setdefault(name, {})
        if not isinstance(inner, dict):
            return
        record = inner
    record[path[-1]] = value


def _moment(text: str) -> str:
    """Return a moment as CloudTrail writes it, from what consoles and engines print."""
    written = _WRITTEN.match(text)
    if written:
        form = "%B %d, %Y %I:%M:%S %p" if written[2].endswith("M") else "%B %d, %Y %H:%M:%S"
        try:
            moment = datetime.strptime(f"{written[1]} {written[2]}", form).replace(tzinfo=UTC)
            return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
        except ValueError:
            return text
    plain = text.strip().removesuffix(" UTC").replace(" ", "T", 1)
    return plain if plain.endswith("Z") or "+" in plain else f"{plain.partition('.')[0]}Z"
