"""JavaScript's operators on constants."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rumkit.client.source.literals import tidy, to_text
from rumkit.client.values import Expression, RegExp, Undefined, Value, truthy

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True)
class Folded:
    """A result, so that None can mean "not a constant"."""

    value: Value


def unary(operator: str, value: Value) -> Folded | None:
    """Fold `!`, `-`, `+` or `typeof`; None when the result is no constant."""
    if isinstance(value, Expression):
        return None
    if operator == "!":
        return Folded(not truthy(value))
    number = to_number(value)
    if number is None or operator not in {"-", "+"}:
        return None
    return Folded(tidy_or_nan(-number if operator == "-" else number))


def binary(operator: str, left: Value, right: Value) -> Folded | None:
    """Fold an arithmetic, joining or comparing operator; None when it is no constant."""
    if isinstance(left, Expression) or isinstance(right, Expression):
        return None
    if operator == "+" and (isinstance(left, str) or isinstance(right, str)):
        first, second = to_text(left), to_text(right)
        return None if first is None or second is None else Folded(first + second)
    if operator in {"===", "!=="} and _plain(left) and _plain(right):
        same = type(left) is type(right) and left == right
        same = same or (_is_number(left) and _is_number(right) and left == right)
        return Folded(same if operator == "===" else not same)
    compute = _ARITHMETIC.get(operator)
    if compute is None or not _is_number(left) or not _is_number(right):
        return None
    assert isinstance(left, int | float)
    assert isinstance(right, int | float)
    try:
        return Folded(tidy_or_nan(compute(float(left), float(right))))
    except (OverflowError, ValueError):
        return None


def _divide(left: float, right: float) -> float:
    if right:
        return left / right
    return math.nan if not left or math.isnan(left) else math.copysign(math.inf, left)


_ARITHMETIC: dict[str, Callable[[float, float], float]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": _divide,
}


def tidy_or_nan(value: float) -> int | float:
    """Return a whole number as int and leave NaN and infinities alone."""
    return tidy(float(value)) if math.isfinite(value) else float(value)


def to_number(value: Value) -> float | int | None:
    """Return what `Number(value)` gives; None for objects and expressions."""
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, int | float):
        return value
    if value is None:
        return 0
    if isinstance(value, Undefined):
        return math.nan
    if isinstance(value, str):
        return _number_of_text(value)
    return None


def _number_of_text(text: str) -> float | int:
    text = text.strip()
    if not text:
        return 0
    if len(text) > 400 or "_" in text or text.lower().lstrip("+-") in {"inf", "nan", "infinity"}:
        return math.nan
    try:
        if text[:2].lower() in {"0x", "0o", "0b"}:
            return int(text, 0)
        return tidy_or_nan(float(text))
    except (ValueError, OverflowError):
        return math.nan


def _is_number(value: Value) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _plain(value: Value) -> bool:
    return not isinstance(value, list | dict | RegExp)
