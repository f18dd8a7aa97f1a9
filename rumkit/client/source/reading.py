"""What loaders and constructions share: the condition they run under, tags put back, options."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rumkit.client.snippet import Problem
from rumkit.client.source.javascript import FUNCTIONS, enclosing
from rumkit.client.source.names import condition
from rumkit.client.source.placeholders import STAND_IN, placeholder_in, restored
from rumkit.client.values import Expression, JSObject, Undefined, Value, rest_of

if TYPE_CHECKING:
    from rumkit.client.source.javascript import Path
    from rumkit.client.source.unit import Unit

_MAX_CALLS = 10


def condition_of(unit: Unit, place: Path, depth: int = 0) -> str:
    """Return the condition of a place, looking through functions that are called by name."""
    reason = condition(place)
    if not reason.startswith("inside a function") and not reason.startswith("inside the function"):
        return reason
    holder = enclosing(place, FUNCTIONS)
    calls = unit.constants.calls_of(holder[1]) if holder and depth < 4 else []
    found = ""
    for call in calls[:_MAX_CALLS]:
        path = unit.source.path_to(call)
        found = condition_of(unit, path, depth + 1) if path is not None else reason
        if not found:
            return ""
    return found or reason


def restore(value: Value, unit: Unit) -> Value:
    """Put template tags back where the parser saw their stand-ins."""
    tags = unit.placeholders
    if not tags:
        return value
    if isinstance(value, Expression):
        return Expression(restored(value.source, tags), value.names)
    if isinstance(value, str):
        return restored(value, tags)
    if isinstance(value, list):
        return [restore(item, unit) for item in value]
    if isinstance(value, dict):
        copy = JSObject({restored(k, tags): restore(v, unit) for k, v in value.items()})
        rest = rest_of(value)
        copy.rest = rest and Expression(restored(rest.source, tags), rest.names)
        return copy
    return value


def options(value: Value) -> tuple[JSObject, tuple[Problem, ...]]:
    """Return the options of a configuration, and what is wrong with it."""
    if isinstance(value, dict):
        return JSObject.copy_of(value), ()
    config = JSObject()
    if isinstance(value, Undefined) or value is None:
        return config, ()
    if isinstance(value, Expression):
        config.rest = value
        tag = bare_placeholder(value)
        problem = Problem("placeholder", f"config still holds the placeholder {tag}", "config")
        return config, (problem,) if tag else ()
    problem = Problem("config-not-object", "the configuration is not an object", "config")
    return config, (problem,)


def bare_placeholder(value: Expression) -> str | None:
    """Return the tag that is a whole expression: `{{ id }}`, `__ID__`."""
    if any(name.startswith(STAND_IN) for name in value.names):
        return value.source[:80]
    text = value.source.strip()
    return text if placeholder_in(text) == text and not text.startswith("`") else None
