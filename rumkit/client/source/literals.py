"""JavaScript's literals, operators and few pure built-in calls, on constants."""

from __future__ import annotations

import json
import math
import re
from decimal import Decimal
from typing import TYPE_CHECKING, TypeGuard

from rumkit.client.values import Expression, JSObject, RegExp, Undefined, Value, truthy

if TYPE_CHECKING:
    from collections.abc import Callable

_ESCAPE = re.compile(
    r"\\(?:u\{([0-9a-fA-F]{1,6})\}|u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(\r\n|[\s\S]))"
)
_SIMPLE = {
    "n": "\n",
    "t": "\t",
    "r": "\r",
    "b": "\b",
    "f": "\f",
    "v": "\v",
    "0": "\0",
    "\n": "",
    "\r": "",
    "\r\n": "",
    "\u2028": "",
    "\u2029": "",
}
_FLOAT = re.compile(r"[+-]?(?:Infinity|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)", re.ASCII)
_MAX_JSON = 100_000


def unescape(text: str) -> str:
    """Return what the inside of a string or template literal stands for."""
    if "\\" not in text:
        return text
    plain = _ESCAPE.sub(_character, text)
    return plain.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _character(match: re.Match[str]) -> str:
    code = match[1] or match[2] or match[3]
    if code:
        value = int(code, 16)
        return chr(value) if value <= 0x10FFFF else "\ufffd"
    return _SIMPLE.get(match[4], match[4])


def number(text: str) -> int | float | None:
    """Return a numeric literal's value; None for a BigInt or what is not a number."""
    text = text.replace("_", "").lower()
    if len(text) > 400 or text.endswith("n"):
        return None
    try:
        return tidy(float(int(text, 0) if text[:2] in {"0x", "0o", "0b"} else text))
    except OverflowError:
        return math.inf
    except ValueError:
        return None


def tidy(value: float) -> int | float:
    """Return a whole number as int, as JavaScript prints it."""
    return (
        int(value) if math.isfinite(value) and value.is_integer() and abs(value) < 2**53 else value
    )


def to_text(value: object) -> str | None:
    """Return what a value becomes when it is joined to a string; None for objects."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return "null"
    return _number_text(value) if isinstance(value, int | float) else None


def _number_text(value: float) -> str:
    """Return a number as JavaScript writes it, to which 1e-7 is the first small one with an e."""
    if not math.isfinite(value):
        return json.dumps(value)
    if value == 0 or 1e-6 <= abs(value) < 1e21:
        return f"{Decimal(repr(value)):f}".removesuffix(".0")
    return re.sub(r"e([+-])0", r"e\1", repr(value))


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
    if not isinstance(value, str):
        return None
    text = value.strip()
    parsed = number(text) if text and "_" not in text and not text[-1].isalpha() else None
    return (math.nan if text else 0) if parsed is None else parsed


def unary(operator: str, value: Value) -> Value:
    """Apply `!`, `-` or `+`; an Expression when the result is not a constant."""
    if isinstance(value, Expression):
        return value
    if operator == "!":
        return not truthy(value)
    operand = to_number(value)
    if operand is None or operator not in {"-", "+"}:
        return Expression(operator)
    return tidy(float(-operand if operator == "-" else operand))


def binary(operator: str, left: Value, right: Value) -> Value:
    """Apply an operator that configurations are written with; else an Expression."""
    if isinstance(left, Expression) or isinstance(right, Expression):
        return Expression(operator)
    if operator == "+" and (isinstance(left, str) or isinstance(right, str)):
        first, second = to_text(left), to_text(right)
        return Expression(operator) if first is None or second is None else first + second
    if operator in {"===", "!==", "==", "!="} and type(left) is type(right) and _plain(left):
        return (left == right) is (operator in {"===", "=="})
    if not _is_number(left) or not _is_number(right):
        return Expression(operator)
    if operator == "/" and right:
        return tidy(float(left) / float(right))
    if operator == "*" and abs(left) < 1e100 and abs(right) < 1e100:
        return tidy(float(left) * float(right))
    if operator in {"+", "-"}:
        return tidy(float(left) + (float(right) if operator == "+" else -float(right)))
    return Expression(operator)


def _is_number(value: Value) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _plain(value: Value) -> bool:
    return isinstance(value, str | bool | int | float) or value is None


def call(name: str, given: list[Value]) -> Value:
    """Return what a built-in gives for constants; an Expression for anything else."""
    first = given[0] if given else ""
    if name in {"Object.freeze", "Object.seal", "structuredClone"}:
        return first
    if name == "Object.assign":
        merged = JSObject()
        for value in given:
            merged.spread(value)
        return merged
    if any(isinstance(value, Expression) for value in given):
        return Expression(name)
    if name == "JSON.parse" and isinstance(first, str):
        return _json(first)
    text = to_text(first)
    if name in _OF_TEXT and text is not None:
        return _OF_TEXT[name](first, text)
    if name == "Number" and (argument := to_number(first)) is not None:
        return argument
    if name == "Boolean":
        return bool(truthy(first))
    if name == "RegExp" and isinstance(first, str):
        flags = given[1] if len(given) > 1 else ""
        return RegExp(first[:2000], flags if isinstance(flags, str) else "")
    return Expression(name)


def _stringified(value: Value, text: str) -> str:
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    return "null" if text in {"NaN", "Infinity", "-Infinity"} else text


def _parsed_float(_value: Value, text: str) -> int | float:
    begins = _FLOAT.match(text.strip())
    return tidy(float(begins[0])) if begins else math.nan


# What is made of a value and its text, where it has one.
_OF_TEXT: dict[str, Callable[[Value, str], Value]] = {
    "String": lambda _value, text: text,
    "JSON.stringify": _stringified,
    "parseFloat": _parsed_float,
}


def _json(text: str) -> Value:
    try:
        if len(text) <= _MAX_JSON:
            return _converted(from_json(text), 0)
    except (ValueError, RecursionError):
        pass
    return Expression("JSON.parse")


def from_json(text: str) -> object:
    """Read JSON as JavaScript does, to which every number is a float. Raises ValueError."""
    return json.loads(text, parse_int=lambda digits: tidy(float(digits)))


def _converted(value: object, depth: int) -> Value:
    if depth > 50:
        raise ValueError("nested too deeply")
    if isinstance(value, dict):
        return JSObject({str(k): _converted(v, depth + 1) for k, v in value.items()})
    if isinstance(value, list):
        return [_converted(v, depth + 1) for v in value]
    assert value is None or isinstance(value, bool | int | float | str)
    return value
