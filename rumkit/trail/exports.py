"""Trail records as people export or paste them: tables (CSV), texts, other products' names.

Athena's results, Logs Insights' exports and the console's Event history are tables; each row is
made the record that it was, as far as its columns hold it. So are records of Elastic and of
Security Lake, texts of a query of the AWS CLI, UTF-16, and a record without its braces.
"""

from __future__ import annotations

import codecs
import csv
import io
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from rumkit.target import iso
from rumkit.trail.names import KIND_OF, STS_NAMES
from rumkit.trail.renamed import is_renamed, own_name, renamed_records
from rumkit.trail.rows import is_sql_row, record_from_row
from rumkit.trail.shapes import UnreadFile, parse
from rumkit.trail.text import NOTHING

if TYPE_CHECKING:
    from collections.abc import Iterator

# A row of Event history says whose role was assumed, and not for which identity pool.
UNTIED: Final = "a row of Event history, which names no identity pool"
COUNTED: Final = (
    "a table whose rows name no call (eventName) with its moment: export @timestamp and @message"
)
MAX_TABLE: Final = 64_000_000
_MAX_FIELD: Final = 1_000_000
HEAD: Final = 4_000
_SOURCES: Final = {name: source for source, name in KIND_OF}
_WRITTEN: Final = re.compile(
    r"([A-Z][a-z]+ \d{1,2}, \d{4}),? (?:at |@ )?(\d{1,2}:\d\d:\d\d(?: [AP]M)?)"
)
# Azure's tables: month first wherever the hours are marked so.
_AMERICAN: Final = re.compile(r"(\d{1,2}/\d{1,2}/\d{4}), (\d{1,2}:\d\d:\d\d)(?:\.\d+)?( [AP]M)")
# Columns that tell a table of records from any other.
_TELLING: Final = frozenset({"eventName", "@message"})
# Columns that a table of counts has of them.
_COUNTED: Final = frozenset({"errorCode", "errorMessage"})
# JSON of texts that are records: `--query 'Events[].CloudTrailEvent'` prints it.
_TEXTS: Final = re.compile(rb'(?:\xef\xbb\xbf)?\s*\[?\s*"\s*\{')
_ATHENA: Final = re.compile(rb'(?:\xef\xbb\xbf)?\s*\{\s*"ResultSet"')
_CURLS: Final = ("\u201c".encode(), "\u201d".encode(), "\u201e".encode())
_CURLED: Final = re.compile("(?:\u201c|\u201d|\u201e)event(?:Version|Name|Time)".encode())
_BRACELESS: Final = re.compile(rb'\s*"(?:eventVersion|userIdentity|eventTime|eventName)"\s*:')


@dataclass(frozen=True)
class Export:
    """An export as JSON, a record a line, and what of it could not be read as one."""

    lines: bytes
    problems: tuple[str, ...] = ()


def plain_text(data: bytes) -> bytes:
    """Return text as UTF-8 with plain quotation marks, whatever saved or curled it.

    PowerShell's `>` and spreadsheets write UTF-16; word processors and chats curl quotation marks.
    """
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        data = data.decode("utf-16", "replace").encode("utf-8", "replace")
    if _CURLED.search(data[:HEAD]):
        for mark in _CURLS:
            data = data.replace(mark, b'"')
    return data


def is_export(head: bytes) -> bool:
    """Tell by the beginning of a file whether it was exported or pasted."""
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or _CURLED.search(head):
        return True
    kinds = (_BRACELESS, _TEXTS, _ATHENA)
    return _is_table(head) or is_renamed(head) or any(kind.match(head) for kind in kinds)


def _is_table(head: bytes) -> bool:
    named = _columns(_first_line(head)) & (_TELLING | _COUNTED)
    return bool(named) or (b'""eventName""' in head and not head.lstrip().startswith(b"{"))


def _first_line(data: bytes) -> str:
    return data[:HEAD].decode("utf-8-sig", "replace").partition("\n")[0]


def _columns(line: str) -> set[str]:
    """Return the columns of a table's first line by their names in a record."""
    return {own_name(name.strip().strip('"'), "") for name in re.split(r"[,\t;]", line)}


def read_export(data: bytes) -> Export | None:
    """Return what was exported or pasted; None for what is no such text."""
    if len(data) > MAX_TABLE or not is_export(data[:HEAD]):
        return None
    data = plain_text(data)
    head = data[:HEAD]
    if _BRACELESS.match(head):
        return Export(_braced(data.strip().rstrip(b",").rstrip()))
    if _is_table(head):
        return _table(data)
    return _of_json(data, head) or Export(data)


def _braced(data: bytes) -> bytes:
    """Return a record with the braces that were left behind, one of them or both."""
    whole = b"{" + data
    try:
        json.loads(whole)
    except (ValueError, RecursionError):
        return whole + b"}"
    return whole


def _table(data: bytes) -> Export:
    head = _first_line(data)
    delimiter = max(",\t;", key=head.count)
    text = io.StringIO(data.decode("utf-8-sig", "replace"), newline="")
    columns = _columns(head)
    records = list(_records(csv.DictReader(text, delimiter=delimiter)))
    if columns & _COUNTED and not columns & _TELLING and not any(map(_is_record, records)):
        return Export(b"", (COUNTED,))
    history = "event name" in head.lower()
    untied = sum(history and f'"{name}"' in r for r in records for name in STS_NAMES)
    return Export("\n".join(records).encode("utf-8", "replace"), (UNTIED,) * untied)


def _of_json(data: bytes, head: bytes) -> Export | None:
    """Return records that JSON holds as texts, as a table, or under other products' names."""
    documents = list(_documents(data))
    if _TEXTS.match(head):
        texts = [each for one in documents for each in (one if isinstance(one, list) else [one])]
        lines = [" ".join(each.split("\n")) for each in texts if isinstance(each, str)]
    elif _ATHENA.match(head):
        lines = [json.dumps(_record(row)) for one in documents for row in _rows(one)]
    elif is_renamed(head):
        found = (names for one in documents for names in renamed_records(one))
        lines = [json.dumps(_record(names)) for names in found]
    else:
        return None
    return Export("\n".join(lines).encode("utf-8", "replace")) if lines else None


def _documents(data: bytes) -> Iterator[Any]:
    """Yield a JSON text, or the text of each of its lines; what is not JSON is left out."""
    whole = parse(data)
    if not isinstance(whole, UnreadFile):
        yield whole
        return
    for line in data.splitlines():
        one = parse(line)
        if not isinstance(one, UnreadFile):
            yield one


def _rows(answer: Any) -> Iterator[dict[str, str]]:
    """Yield the rows of an answer of GetQueryResults of Athena, whose first row names them."""
    result = answer.get("ResultSet") if isinstance(answer, Mapping) else None
    rows = result.get("Rows") if isinstance(result, Mapping) else None
    cells = [_cells(row) for row in rows] if isinstance(rows, list) else []
    for row in cells[1:]:
        yield {name: value for name, value in zip(cells[0], row, strict=False) if name and value}


def _cells(row: Any) -> list[str]:
    data = row.get("Data") if isinstance(row, Mapping) else None
    cells = data if isinstance(data, list) else []
    return [str(c.get("VarCharValue", "")) if isinstance(c, Mapping) else "" for c in cells]


def _records(rows: Iterator[Mapping[str, Any]]) -> Iterator[str]:
    limit = csv.field_size_limit(_MAX_FIELD)
    try:
        for row in rows:
            cells = {str(k).strip(): v for k, v in row.items() if k and _is_said(v)}
            whole = [cell for cell in cells.values() if _is_record(cell)]
            if whole:
                yield " ".join(whole[0].split("\n"))
            elif cells:
                yield json.dumps(_record(cells))
    except csv.Error:
        return
    finally:
        csv.field_size_limit(limit)


def _is_said(cell: Any) -> bool:
    return isinstance(cell, str) and cell.strip().lower() not in NOTHING


def _is_record(cell: str) -> bool:
    """Tell whether a cell holds a whole record, under whatever column."""
    return cell.lstrip().startswith("{") and '"eventName"' in cell


def _record(cells: Mapping[str, str]) -> dict[str, Any]:
    """Return a row as a record; `userIdentity.arn` and the like become objects again."""
    record: dict[str, Any] = {}
    for column, value in cells.items():
        name = own_name(column, value)
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
    _set_moment(record)
    if record.get("eventName") in _SOURCES:
        record.setdefault("eventSource", _SOURCES[record["eventName"]])
    from_sql = is_sql_row(record) or isinstance(record.get("resources"), str)
    return record_from_row(record) if from_sql else record


def _set_moment(record: dict[str, Any]) -> None:
    """Write a record's moment as CloudTrail does, from any of the forms that it comes in."""
    if "eventTime" not in record and str(record.get("time", "")).isdecimal():
        record["eventTime"] = _of_milliseconds(int(record["time"]))
    if "eventTime" in record:
        record["eventTime"] = _moment(record["eventTime"])


def _put(record: dict[str, Any], path: list[str], value: str) -> None:
    for name in path[:-1][:5]:
        inner = record.setdefault(name, {})
        if not isinstance(inner, dict):
            return
        record = inner
    record[path[-1]] = value


def _of_milliseconds(number: int) -> str:
    """Return a moment from milliseconds of the epoch; empty where there is no such moment."""
    try:
        return iso(datetime.fromtimestamp(number / 1000, UTC))
    except (OverflowError, OSError, ValueError):
        return ""


def _moment(text: str) -> str:
    """Return a moment as CloudTrail writes it, from what consoles and engines print."""
    if text.isdecimal() and len(text) == 13:
        return _of_milliseconds(int(text))
    if american := _AMERICAN.match(text):
        moment = f"{american[1]} {american[2]}{american[3]}"
        return _in_form(moment, "%m/%d/%Y %I:%M:%S %p") or text
    if written := _WRITTEN.match(text):
        month = "%b" if len(written[1].split()[0]) == 3 else "%B"
        form = "%I:%M:%S %p" if written[2].endswith("M") else "%H:%M:%S"
        return _in_form(f"{written[1]} {written[2]}", f"{month} %d, %Y {form}") or text
    plain = text.strip().removesuffix(" UTC").replace(" ", "T", 1)
    return plain if plain.endswith("Z") or "+" in plain else f"{plain.partition('.')[0]}Z"


def _in_form(text: str, form: str) -> str:
    """Return a moment as CloudTrail writes it; empty where there is no such moment."""
    try:
        return iso(datetime.strptime(text, form).replace(tzinfo=UTC))
    except ValueError:
        return ""
