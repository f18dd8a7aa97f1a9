"""Runs a Logs Insights query over a list of log events, for the commands that rumkit uses."""

from __future__ import annotations

import contextlib
import json
import math
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from rumkit.sandbox.insights_parse import Column, Command, MalformedQuery, Node, parse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

Row = dict[str, Any]
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
            rows = [row | _computed(command.columns, row) for row in rows]
            shown = [column.name for column in command.columns]
        elif command.name == "parse":
            rows = [row | _parsed(command, row) for row in rows]
        elif command.name == "filter":
            rows = [row for row in rows if _true(_value(command.columns[0].node, row))]
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


def _parsed(command: Command, row: Row) -> Row:
    """Return the named groups of a pattern as fields, none where it does not match."""
    value = _value(command.columns[0].node, row)
    match = command.pattern.search(_text(value)) if command.pattern and value is not None else None
    return {k: v for k, v in match.groupdict().items() if v is not None} if match else {}


def _computed(columns: Iterable[Column], row: Row) -> Row:
    return {column.name: _value(column.node, row) for column in columns}


def _value(node: Node, row: Mapping[str, Any]) -> Any:
    kind, parts = node.kind, node.parts
    if kind == "value":
        return parts[0]
    if kind == "field":
        return row.get(parts[0])
    if kind == "and":
        return _true(_value(parts[0], row)) and _true(_value(parts[1], row))
    if kind == "or":
        return _true(_value(parts[0], row)) or _true(_value(parts[1], row))
    if kind == "not":
        return not _true(_value(parts[0], row))
    if kind == "in":
        value = _value(parts[0], row)
        return any(_equal(value, _value(item, row)) for item in parts[1])
    if kind == "like":
        value = _value(parts[0], row)
        return value is not None and parts[1].search(_text(value)) is not None
    if kind == "compare":
        return _compare(parts[0], _value(parts[1], row), _value(parts[2], row))
    if kind == "math":
        return _math(parts[0], _value(parts[1], row), _value(parts[2], row))
    return _call(parts[0], parts[1:], row)


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


def _call(name: str, arguments: tuple[Node, ...], row: Mapping[str, Any]) -> Any:
    if name == "bin":
        width = _span(str(arguments[0].parts[0]))
        return _Moment(int(row["@timestamp"] // width * width))
    values = [_value(argument, row) for argument in arguments]
    function = _FUNCTIONS.get(name)
    if function is None:
        raise MalformedQuery(f"the sandbox has no function {name}")
    try:
        return function(*values)
    except (TypeError, IndexError) as error:
        raise MalformedQuery(f"wrong arguments for {name}") from error


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
    for row in rows:
        key = tuple(_value(column.node, row) for column in command.keys)
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
    values = [v for v in (_value(arguments[0], row) for row in ordered) if v is not None]
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
        rows = sorted(rows, key=lambda row: _sort_key(_of(column, row)), reverse=descending)
    return rows


def _of(column: Column, row: Row) -> Any:
    return row[column.name] if column.name in row else _value(column.node, row)


def _sort_key(value: Any) -> tuple[int, float, str]:
    number = _number(value)
    if value is None:
        return 0, 0.0, ""
    return (1, number, "") if number is not None else (2, 0.0, _text(value))


def _dedup(command: Command, rows: list[Row]) -> list[Row]:
    seen: set[tuple[str, ...]] = set()
    kept = []
    for row in rows:
        key = tuple(_text(_of(column, row)) for column in command.columns)
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
