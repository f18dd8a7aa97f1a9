"""Runs a Logs Insights query over a list of log events, for the commands that rumkit uses."""

from __future__ import annotations

import contextlib
import json
import math
from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from rumkit.sandbox.insights_parse import Column, Command, MalformedQuery, Node, parse

if TYPE_CHECKING:
    from collections.abc import Iterable

Row = dict[str, Any]
Reader = Callable[[Row], Any]
_DEFAULT_LIMIT = 10_000
_SPANS = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000}
_AGGREGATES = {"count", "count_distinct", "sum", "min", "max", "avg", "earliest", "latest"}


def run(
    text: str, events: Iterable[tuple[int, str]], *, discovered: int = 200
) -> list[list[tuple[str, str]]]:
    """Return the result rows of a query over (epoch milliseconds, message) pairs.

    Of each message so many fields are `discovered`. Raises MalformedQuery.
    """
    commands = parse(text)
    rows = [_row(when, message, discovered) for when, message in events]
    shown: list[str] = ["@timestamp", "@message"]
    limit = _DEFAULT_LIMIT
    if not any(command.name in {"stats", "sort"} for command in commands):
        rows.sort(key=lambda row: -row["@timestamp"])
    for command in commands:
        if command.name in {"fields", "display"}:
            rows = _computed(command.columns, rows)
            shown = [column.name for column in command.columns]
        elif command.name == "parse":
            rows = _parsed(command, rows)
        elif command.name == "filter":
            kept = _reader(command.columns[0].node)
            rows = [row for row in rows if _true(kept(row))]
        elif command.name == "stats":
            rows = _stats(command, rows)
            shown = [column.name for column in (*command.keys, *command.columns)]
        elif command.name == "sort":
            rows = _sorted(command, rows)
        elif command.name == "dedup":
            rows = _dedup(command, rows)
        else:
            limit = command.number
            rows = rows[:limit]
    return [_shown(row, shown) for row in rows[:limit]]


def _row(when: int, message: str, discovered: int) -> Row:
    return {"@timestamp": when, "@message": message, **_fields(message, discovered)}


@lru_cache(maxsize=50_000)
def _fields(message: str, discovered: int) -> Row:
    """Return a message's own fields; the same message is asked about again and again."""
    row: Row = {}
    if discovered:
        with contextlib.suppress(ValueError):
            _flatten(json.loads(message), "", row, 0)
    return dict(list(row.items())[:discovered])


def _flatten(value: Any, name: str, row: Row, depth: int) -> None:
    items: Iterable[tuple[Any, Any]] = ()
    if isinstance(value, dict):
        items = value.items()
    elif isinstance(value, list):
        items = enumerate(value)
    elif value is not None and name:
        # Insights shows a Boolean as 1 or 0.
        row[name] = int(value) if isinstance(value, bool) else value
    if depth < 12:
        for key, item in items:
            _flatten(item, f"{name}.{key}" if name else str(key), row, depth + 1)


def _parsed(command: Command, rows: list[Row]) -> list[Row]:
    """Return the rows with the named groups of a pattern as fields, where it matches."""
    read, pattern = _reader(command.columns[0].node), command.pattern

    def groups(value: Any) -> Row:
        match = pattern.search(_text(value)) if pattern and value is not None else None
        return {k: v for k, v in match.groupdict().items() if v is not None} if match else {}

    return [row | groups(read(row)) for row in rows]


def _computed(columns: Iterable[Column], rows: list[Row]) -> list[Row]:
    readers = [(column.name, _reader(column.node)) for column in columns]
    return [row | {name: read(row) for name, read in readers} for row in rows]


def _reader(node: Node) -> Reader:
    """Return the function that works an expression out for a row."""
    kind, parts = node.kind, node.parts
    if kind == "value":
        return lambda _: parts[0]
    if kind == "field":
        return lambda row: row.get(parts[0])
    if kind == "call":
        return _call(parts[0], parts[1:])
    if kind in {"compare", "math"}:
        function, operator = (_compare if kind == "compare" else _math), parts[0]
        one, two = _reader(parts[1]), _reader(parts[2])
        return lambda row: function(operator, one(row), two(row))
    return _condition(kind, parts)


def _condition(kind: str, parts: tuple[Any, ...]) -> Reader:
    left = _reader(parts[0])
    if kind == "not":
        return lambda row: not _true(left(row))
    if kind == "like":
        search = parts[1].search
        return lambda row: (value := left(row)) is not None and search(_text(value)) is not None
    if kind == "in":
        return _listed(left, [_reader(item) for item in parts[1]])
    right = _reader(parts[1])
    if kind == "and":
        return lambda row: _true(left(row)) and _true(right(row))
    return lambda row: _true(left(row)) or _true(right(row))


def _listed(left: Reader, items: list[Reader]) -> Reader:
    def listed(row: Row) -> bool:
        value = left(row)
        return any(_equal(value, item(row)) for item in items)

    return listed


def _true(value: Any) -> bool:
    return bool(value) and value != "0"


def _number(value: Any) -> float | None:
    """Return a number; `NaN` and `Infinity` are texts, which a name may well be."""
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return number if math.isfinite(number) else None


def _equal(left: Any, right: Any) -> bool:
    if left is None or right is None:
        return False
    if type(left) is type(right) is str and (left[:1].isalpha() or right[:1].isalpha()):
        # A text that begins with a letter is no number.
        return bool(left == right)
    value, two = _number(left), _number(right)
    return value == two if value is not None and two is not None else _text(left) == _text(right)


def _compare(operator: str, left: Any, right: Any) -> bool:
    if operator == "=":
        return _equal(left, right)
    if operator == "!=":
        # A field that is absent is not equal to anything.
        return not _equal(left, right)
    if left is None or right is None:
        return False
    value, two = _number(left), _number(right)
    if value is None or two is None:
        return _ordered(operator, _text(left), _text(right))
    return _ordered(operator, value, two)


def _ordered(operator: str, left: Any, right: Any) -> bool:
    order: int = (left > right) - (left < right)
    return {"<": order < 0, "<=": order <= 0, ">": order > 0, ">=": order >= 0}[operator]


def _math(operator: str, left: Any, right: Any) -> float | None:
    number, two = _number(left), _number(right)
    if number is None or two is None or (operator in "/%" and two == 0):
        return None
    return {
        "+": lambda: number + two,
        "-": lambda: number - two,
        "*": lambda: number * two,
        "/": lambda: number / two,
        "%": lambda: number % two,
    }[operator]()


def _call(name: str, arguments: tuple[Node, ...]) -> Reader:
    if name == "bin":
        width = _span(str(arguments[0].parts[0]))
        return lambda row: _Moment(int(row["@timestamp"] // width * width))
    readers = [_reader(argument) for argument in arguments]
    function = _FUNCTIONS.get(name)
    if function is None:
        raise MalformedQuery(f"the sandbox has no function {name}")

    def called(row: Row) -> Any:
        try:
            return function(*(read(row) for read in readers))
        except (TypeError, IndexError) as error:
            raise MalformedQuery(f"wrong arguments for {name}") from error

    return called


_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "ispresent": lambda value: int(value is not None),
    "isempty": lambda value: int(value in (None, "")),
    "isblank": lambda value: int(value is None or not str(value).strip()),
    "strcontains": lambda text, part: int(text is not None and str(part) in str(text)),
    "tolower": lambda text: None if text is None else str(text).lower(),
    "toupper": lambda text: None if text is None else str(text).upper(),
    "strlen": lambda text: None if text is None else len(str(text)),
    "coalesce": lambda *values: next((value for value in values if value is not None), None),
    "floor": lambda value: None if value is None else float(value) // 1,
    "concat": lambda *values: "".join(_text(value) for value in values),
    "tomillis": lambda value: value,
}


class _Moment(int):
    """Milliseconds since the epoch that are shown as a moment."""


def _span(text: str) -> int:
    for unit in ("ms", "s", "m", "h", "d", "w"):
        number = text.removesuffix(unit)
        if number.isdigit() and number != text:
            return int(number) * _SPANS[unit] or 1
    raise MalformedQuery(f"{text!r} is not a span of time")


def _stats(command: Command, rows: list[Row]) -> list[Row]:
    groups: dict[tuple[Any, ...], list[Row]] = {}
    readers = [_reader(column.node) for column in command.keys]
    for row in rows:
        key = tuple(read(row) for read in readers)
        groups.setdefault(key, []).append(row)
    if not command.keys:
        groups = {(): rows}
    names = [column.name for column in command.keys]
    return [
        dict(zip(names, key, strict=True))
        | {column.name: _aggregate(column.node, group) for column in command.columns}
        for key, group in groups.items()
    ]


def _aggregate(node: Node, rows: list[Row]) -> Any:
    if node.kind == "math":
        return _math(
            node.parts[0], _aggregate(node.parts[1], rows), _aggregate(node.parts[2], rows)
        )
    if node.kind == "value":
        return node.parts[0]
    if node.kind != "call" or node.parts[0] not in _AGGREGATES:
        raise MalformedQuery("stats takes aggregate functions")
    name, arguments = node.parts[0], node.parts[1:]
    if not arguments:
        return len(rows)
    ordered = sorted(rows, key=lambda row: row.get("@timestamp", 0)) if "st" in name else rows
    read = _reader(arguments[0])
    values = [value for row in ordered if (value := read(row)) is not None]
    return _REDUCE[name](values)


def _extreme(values: list[Any], pick: Callable[..., Any]) -> Any:
    if not values:
        return None
    numbers = [_number(value) for value in values]
    if None not in numbers:
        return pick(values, key=float)
    return pick(values, key=_text)


_REDUCE: dict[str, Callable[[list[Any]], Any]] = {
    "count": len,
    "count_distinct": lambda values: len({_text(value) for value in values}),
    "sum": lambda values: sum(n for n in map(_number, values) if n is not None),
    "avg": lambda values: sum(map(float, values)) / len(values) if values else None,
    "min": lambda values: _extreme(values, min),
    "max": lambda values: _extreme(values, max),
    "earliest": lambda values: values[0] if values else None,
    "latest": lambda values: values[-1] if values else None,
}


def _sorted(command: Command, rows: list[Row]) -> list[Row]:
    for column, descending in reversed(list(zip(command.keys, command.descending, strict=True))):
        read = _of(column)
        rows = sorted(rows, key=lambda row: _sort_key(read(row)), reverse=descending)
    return rows


def _of(column: Column) -> Reader:
    name, read = column.name, _reader(column.node)
    return lambda row: row[name] if name in row else read(row)


def _sort_key(value: Any) -> tuple[int, float, str]:
    number = _number(value)
    if value is None:
        return 0, 0.0, ""
    return (1, number, "") if number is not None else (2, 0.0, _text(value))


def _dedup(command: Command, rows: list[Row]) -> list[Row]:
    seen: set[tuple[str, ...]] = set()
    kept = []
    readers = [_of(column) for column in command.columns]
    for row in rows:
        key = tuple(_text(read(row)) for read in readers)
        if key not in seen:
            seen.add(key)
            kept.append(row)
    return kept


def _shown(row: Row, names: list[str]) -> list[tuple[str, str]]:
    columns = []
    for name in names:
        value = row.get(name)
        if value is not None:
            moment = name == "@timestamp" or isinstance(value, _Moment)
            columns.append((name, _moment(value) if moment else _text(value)))
    return columns


def _moment(milliseconds: int) -> str:
    moment = datetime.fromtimestamp(milliseconds / 1000, UTC)
    return moment.strftime("%Y-%m-%d %H:%M:%S.") + f"{milliseconds % 1000:03d}"


def _text(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
