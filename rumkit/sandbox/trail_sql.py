"""Runs the SQL that rumkit asks of Athena and of CloudTrail Lake, on the sandbox's trail records.

SQLite is the engine. The few functions of Trino that the statements use are put in words that
SQLite has; anything else is an error of the statement, as it would be at AWS.
"""

from __future__ import annotations

import json
import re
import sqlite3
from typing import TYPE_CHECKING, Any, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Dialect = Literal["athena", "lake"]

PLAIN: Final = (
    "eventTime",
    "eventSource",
    "eventName",
    "awsRegion",
    "sourceIPAddress",
    "userAgent",
    "errorCode",
    "errorMessage",
    "requestID",
    "eventID",
    "readOnly",
    "recipientAccountId",
    "eventCategory",
    "managementEvent",
)
NESTED: Final = ("userIdentity", "resources", "requestParameters", "responseElements")
PARTITIONS: Final = ("account", "region", "day")

_MAX_TEXT: Final = 262_144
_AS_JSON: Final = re.compile(r"json_format\(CAST\((\w+) AS JSON\)\)", re.IGNORECASE)
_ANY_ARN: Final = re.compile(
    r"cardinality\(filter\(resources, r -> strpos\(r\.arn, ('(?:[^']|'')*')\) > 0\)\) > 0"
)
# A whole string, or a name in double quotation marks: what is inside these is never rewritten.
_QUOTED: Final = re.compile(r"'(?:[^']|'')*'")


class StatementFailed(Exception):
    """The statement is not one that this engine can run."""


def run(
    text: str, records: Iterable[Mapping[str, Any]], dialect: Dialect
) -> tuple[list[str], list[list[str | None]]]:
    """Return column names and rows of a SELECT over `trail`. Raises StatementFailed."""
    if len(text) > _MAX_TEXT or not re.match(r"\s*SELECT\b", text, re.IGNORECASE):
        raise StatementFailed("only SELECT can be run here")
    with sqlite3.connect(":memory:") as connection:
        _fill(connection, records, dialect)
        connection.create_function("any_arn", 2, _any_arn)
        connection.create_function("cardinality", 1, _cardinality)
        connection.create_function("element_at", 2, _element_at)
        connection.create_function("json_extract_scalar", 2, _extract)
        try:
            result = connection.execute(_rewritten(text))
            names = [column[0] for column in result.description]
            return names, [[_plain(cell) for cell in row] for row in result.fetchall()]
        except sqlite3.Error as error:
            raise StatementFailed(str(error)) from error


def _rewritten(text: str) -> str:
    text = _ANY_ARN.sub(r"any_arn(resources, \1)", text)
    kept: list[str] = []

    def keep(match: re.Match[str]) -> str:
        kept.append(match[0])
        return f"\0{len(kept) - 1}\0"

    bare = _AS_JSON.sub(r"\1", _QUOTED.sub(keep, text))
    return re.sub(r"\0(\d+)\0", lambda match: kept[int(match[1])], bare)


def _fill(
    connection: sqlite3.Connection, records: Iterable[Mapping[str, Any]], dialect: Dialect
) -> None:
    partitions = PARTITIONS if dialect == "athena" else ()
    names = (*PLAIN, *NESTED, *partitions)
    connection.execute(f"CREATE TABLE trail ({', '.join(f'{name} TEXT' for name in names)})")
    marks = ", ".join("?" * len(names))
    rows = (_row(record, dialect) for record in records)
    connection.executemany(f"INSERT INTO trail VALUES ({marks})", rows)  # noqa: S608 - only marks


def _row(record: Mapping[str, Any], dialect: Dialect) -> list[str | None]:
    row = [_plain(record.get(name)) for name in PLAIN]
    if dialect == "lake":
        row[0] = str(row[0]).replace("T", " ").replace("Z", ".000")
    row += [_nested(record.get(name), name, dialect) for name in NESTED]
    if dialect == "athena":
        day = str(record.get("eventTime", ""))[:10].replace("-", "/")
        account = record.get("recipientAccountId")
        row += [_plain(account), _plain(record.get("awsRegion")), day]
    return row


def _plain(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value)


def _nested(value: Any, name: str, dialect: Dialect) -> str | None:
    """Write a struct with the lower-case names that the tables have; Lake's maps hold text only."""
    if value is None:
        return None
    if name in {"userIdentity", "resources"}:
        return json.dumps(_lower(value))
    if dialect == "lake" and isinstance(value, dict):
        value = {key: _plain(inner) for key, inner in value.items()}
    return json.dumps(value)


def _lower(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            key.lower(): inner
            if key == "attributes" and "creationDate" not in inner
            else _lower(inner)
            for key, inner in value.items()
        }
    return [_lower(item) for item in value] if isinstance(value, list) else value


def _any_arn(resources: str | None, part: str) -> int:
    return int(any(part in str(item.get("arn", "")) for item in json.loads(resources or "[]")))


def _cardinality(items: str | None) -> int | None:
    return None if items is None else len(json.loads(items))


def _element_at(items: str | None, key: str) -> str | None:
    found = json.loads(items or "{}").get(key)
    return found if isinstance(found, str) else None


def _extract(text: str | None, path: str) -> str | None:
    value: Any = json.loads(text or "null")
    for key in path.removeprefix("$.").split("."):
        value = value.get(key) if isinstance(value, dict) else None
    return _plain(value)
