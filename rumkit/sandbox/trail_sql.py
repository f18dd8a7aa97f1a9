"""Runs SQL that is meant for Athena or CloudTrail Lake on the sandbox's trail records.

DuckDB is the engine; sqlglot puts Trino's words into DuckDB's. Both take a while to import, so
that is done when the first statement comes.
"""

from __future__ import annotations

import atexit
import json
import re
import threading
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, Literal

from rumkit.extras import lacks, sentence

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    import duckdb
    from sqlglot import exp

    Records = Iterable[Mapping[str, Any]]

Dialect = Literal["athena", "lake"]
# A column's type: a name of DuckDB's, fields of a struct, or the one type of a list's items.
Type = str | dict[str, Any] | list[Any]

PARTITIONS: Final = ("account", "region", "day")

_MAX_TEXT: Final = 262_144
# Tables that are kept filled: a trail's and a store's, before and after a visit.
_MOST: Final = 4
MAP: Final = "MAP(VARCHAR, VARCHAR)"


def _struct(names: str, **more: Type) -> dict[str, Type]:
    return {**dict.fromkeys(names.split(), "VARCHAR"), **more}


_IDENTITY: Final = _struct(
    "type principalid arn accountid accesskeyid username identityprovider",
    sessioncontext={
        "attributes": _struct("mfaauthenticated creationdate"),
        "sessionissuer": _struct("type principalid arn accountid username"),
        "webidfederationdata": _struct("federatedprovider", attributes=MAP),
    },
)
_PLAIN: Final = (
    "eventTime eventSource eventName awsRegion sourceIPAddress userAgent errorCode errorMessage "
    "requestID eventID recipientAccountId eventCategory"
)
_NESTED: Final[dict[str, Type]] = {
    "userIdentity": _IDENTITY,
    "resources": [_struct("arn accountid type")],
}
# Athena's table as CloudTrail's documentation makes it, in the partitions that it recommends.
_ATHENA: Final = {
    name.lower(): kind
    for name, kind in _struct(
        f"{_PLAIN} readOnly requestParameters responseElements", **_NESTED
    ).items()
}
# Lake keeps CloudTrail's own names, and knows moments, truth values and maps.
_LAKE: Final = {
    **_struct(_PLAIN, **_NESTED),
    "eventTime": "TIMESTAMP",
    "readOnly": "BOOLEAN",
    "managementEvent": "BOOLEAN",
    "requestParameters": MAP,
    "responseElements": MAP,
}


class StatementFailed(Exception):
    """The statement is not one that this engine can run."""


class Tables:
    """An engine in memory with a table for each set of records, filled once; records never change.

    The oldest table goes where there are `_MOST`.
    """

    def __init__(self) -> None:
        self._connection: duckdb.DuckDBPyConnection | None = None
        self._names: dict[tuple[object, ...], str] = {}
        self._filled = 0
        self._lock = threading.Lock()

    def close(self) -> None:
        """End the engine; what asks for it again begins anew."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                atexit.unregister(self.close)
            self._connection = None
            self._names.clear()

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """Return a connection of the caller's own to the tables."""
        import duckdb

        with self._lock:
            if self._connection is None:
                # Nothing outside of the tables can be read: no file, no address, no extension.
                self._connection = duckdb.connect(
                    config={"enable_external_access": "false", "threads": "1"}
                )
                # DuckDB complains on standard error of what is open when Python ends.
                atexit.register(self.close)
            return self._connection.cursor()

    def name_of(self, cursor: duckdb.DuckDBPyConnection, records: Records, dialect: Dialect) -> str:
        """Return the name of the table that holds these records."""
        kept = list(records)
        known = (dialect, *(record.get("eventID") for record in kept))
        with self._lock:
            if known not in self._names:
                if len(self._names) == _MOST:
                    oldest = next(iter(self._names))
                    cursor.execute(f"DROP TABLE {self._names.pop(oldest)}")
                self._filled += 1
                _fill(cursor, f"trail{self._filled}", kept, dialect)
                self._names[known] = f"trail{self._filled}"
            return self._names[known]


def columns(dialect: Dialect) -> dict[str, Type]:
    """Return the columns of a table over a trail, by name; partitions are not among them."""
    return dict(_ATHENA if dialect == "athena" else _LAKE)


def run(
    text: str,
    dialect: Dialect,
    records_of: Callable[[str, str], Records],
    tables: Tables | None = None,
) -> tuple[list[str], list[list[str | None]]]:
    """Return column names and rows of a query. Raises StatementFailed.

    `records_of` gives the records of a table by its database ("" where none is written) and name;
    it raises StatementFailed for one that does not exist. `tables` keeps what was filled.
    """
    if lacks("sandbox"):
        raise StatementFailed(sentence("sandbox", "SQL asked of the sandbox"))
    import duckdb
    from sqlglot import ErrorLevel

    query = _parsed(text)
    made = tables or Tables()
    with made.cursor() as cursor:
        for table in _tables(query):
            _rename(table, made.name_of(cursor, records_of(table.db, table.name), dialect))
        try:
            # What has no counterpart is left to the engine to refuse.
            statement = query.sql(dialect="duckdb", unsupported_level=ErrorLevel.IGNORE)
            result = cursor.execute(statement)
            names = [column[0] for column in result.description or ()]
            return names, [[_text(cell) for cell in row] for row in result.fetchall()]
        except duckdb.Error as error:
            raise StatementFailed(str(error)) from error


def _parsed(text: str) -> exp.Query:
    import sqlglot
    from sqlglot import exp
    from sqlglot.errors import SqlglotError

    # For other statements sqlglot writes warnings to standard error.
    if len(text) > _MAX_TEXT or not re.match(r"[\s(]*(SELECT|WITH)\b", text, re.IGNORECASE):
        raise StatementFailed("only one SELECT can be run here")
    try:
        statements = sqlglot.parse(text, read="athena")
    except (SqlglotError, RecursionError) as error:
        raise StatementFailed(f"mismatched input: {str(error).splitlines()[0]}") from error
    if len(statements) != 1 or not isinstance(statements[0], exp.Query):
        raise StatementFailed("only one SELECT can be run here")
    for place, column in enumerate(statements[0].selects):
        if not column.output_name:
            column.replace(exp.alias_(column.copy(), f"_col{place}"))
    return statements[0]


def _tables(query: exp.Query) -> list[exp.Table]:
    """Return the tables that a query reads. Raises StatementFailed for a function in one's place.

    What `WITH` names is no table.
    """
    from sqlglot import exp

    named = {each.alias.lower() for each in query.find_all(exp.CTE)}
    tables = [
        table for table in query.find_all(exp.Table) if table.db or table.name.lower() not in named
    ]
    if not all(isinstance(table.this, exp.Identifier) for table in tables):
        raise StatementFailed("FUNCTION_NOT_FOUND")
    return tables


def _rename(table: exp.Table, name: str) -> None:
    from sqlglot import exp

    if not table.alias:
        table.set("alias", exp.TableAlias(this=exp.to_identifier(table.name, quoted=True)))
    table.set("this", exp.to_identifier(name))
    table.set("db", None)
    table.set("catalog", None)


def _fill(cursor: duckdb.DuckDBPyConnection, name: str, records: Records, dialect: Dialect) -> None:
    partitions = dict.fromkeys(PARTITIONS, "VARCHAR") if dialect == "athena" else {}
    types = {**columns(dialect), **partitions}
    rows = json.dumps([_value(_partitioned(record), types) for record in records])
    shape = json.dumps([types])
    cursor.execute(
        f"CREATE TABLE {name} AS SELECT unnest(from_json(?, '{shape}'), max_depth := 2)",
        [rows],
    )


def _partitioned(record: Mapping[str, Any]) -> dict[str, Any]:
    return {
        **record,
        "account": record.get("recipientAccountId"),
        "region": record.get("awsRegion"),
        "day": str(record.get("eventTime", ""))[:10].replace("-", "/"),
    }


def _value(value: Any, kind: Type) -> Any:
    """Return a value of a record as its column's type takes it; names have no case in SQL."""
    if value is None:
        return None
    if isinstance(kind, dict):
        given = {key.lower(): inner for key, inner in value.items()}
        return {name: _value(given.get(name.lower()), inner) for name, inner in kind.items()}
    if isinstance(kind, list):
        return [_value(item, kind[0]) for item in value]
    if kind == MAP:
        return {key: _value(inner, "VARCHAR") for key, inner in value.items()}
    return value if kind == "BOOLEAN" or isinstance(value, str) else json.dumps(value)


def _text(cell: Any) -> str | None:
    """Return a cell as both services write it, as text."""
    if cell is None or isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, datetime):
        return cell.isoformat(" ", "milliseconds")
    if isinstance(cell, dict):
        return f"{{{', '.join(f'{key}={_inner(inner)}' for key, inner in cell.items())}}}"
    return f"[{', '.join(map(_inner, cell))}]" if isinstance(cell, list) else str(cell)


def _inner(cell: Any) -> str:
    return "null" if cell is None else str(_text(cell))
