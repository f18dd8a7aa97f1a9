"""The few pure built-in calls that configurations are written with."""

from __future__ import annotations

import json

from rumkit.client.source.literals import to_text
from rumkit.client.source.operators import Folded, to_number
from rumkit.client.values import Expression, JSObject, RegExp, Value, truthy

_MAX_JSON = 100_000


def call(name: str, given: list[Value]) -> Folded | None:
    """Return what a built-in gives for constants; None for anything else."""
    first = given[0] if given else ""
    if name in {"Object.freeze", "Object.seal", "structuredClone"} and given:
        return None if isinstance(first, Expression) else Folded(first)
    if name == "Object.assign" and given:
        return _assign(given)
    if any(isinstance(value, Expression) for value in given):
        return None
    if name == "JSON.parse" and isinstance(first, str):
        return _json(first)
    if name == "String":
        text = to_text(first)
        return None if text is None else Folded(text)
    if name in {"Number", "parseFloat"} and given:
        number = to_number(first)
        return None if number is None else Folded(number)
    if name == "Boolean":
        return Folded(truthy(first))
    if name == "RegExp" and isinstance(first, str):
        flags = given[1] if len(given) > 1 else ""
        return Folded(RegExp(first[:2000], flags if isinstance(flags, str) else ""))
    return None


def _assign(given: list[Value]) -> Folded | None:
    merged = JSObject()
    for value in given:
        merged.spread(value)
    return Folded(merged)


def _json(text: str) -> Folded | None:
    if len(text) > _MAX_JSON:
        return None
    try:
        return Folded(_converted(json.loads(text), 0))
    except (ValueError, RecursionError):
        return None


def _converted(value: object, depth: int) -> Value:
    if depth > 50:
        raise ValueError("nested too deeply")
    if isinstance(value, dict):
        return JSObject({str(k): _converted(v, depth + 1) for k, v in value.items()})
    if isinstance(value, list):
        return [_converted(v, depth + 1) for v in value]
    assert value is None or isinstance(value, bool | int | float | str)
    return value
