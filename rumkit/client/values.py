"""What a JavaScript expression comes to when nothing is run: literals, or the expression itself."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias


class Undefined(Enum):
    """JavaScript's `undefined`; falsy, one instance."""

    UNDEFINED = "undefined"

    def __repr__(self) -> str:
        return "undefined"

    __str__ = __repr__

    def __bool__(self) -> bool:
        return False


UNDEFINED = Undefined.UNDEFINED


@dataclass(frozen=True)
class Expression:
    """An expression that is no constant of this file: its source text and the names it reads.

    `tag` is the placeholder when a template engine, a build or a person has yet to fill it in.
    """

    source: str
    names: tuple[str, ...] = ()
    tag: str = ""

    def __str__(self) -> str:
        return self.source


@dataclass(frozen=True)
class RegExp:
    """A regular expression literal."""

    pattern: str
    flags: str = ""

    def matches(self, text: str) -> bool | None:
        """Say whether `RegExp.test` is true for the text; None when that cannot be told.

        Runs in time linear in the text whatever the pattern (no backtracking).
        """
        from rumkit.client.regexp import matches

        return matches(self.pattern, self.flags, text)

    def __str__(self) -> str:
        return f"/{self.pattern}/{self.flags}"


class JSObject(dict[str, "Value"]):
    """An object literal; `rest` is the first thing in it that may hold keys unseen here.

    Such is a spread, a computed key, or the whole object when it comes from elsewhere.
    """

    rest: Expression | None = None

    @classmethod
    def copy_of(cls, value: dict[str, Value]) -> JSObject:
        """Return a copy that may be changed."""
        made = cls(value)
        made.rest = rest_of(value)
        return made

    def spread(self, value: Value) -> None:
        """Apply `...value`; what is unseen may override every key before it."""
        unseen = value if isinstance(value, Expression) else rest_of(value)
        if unseen:
            self.override(unseen)
        if isinstance(value, dict):
            self.update(value)

    def override(self, source: Expression) -> None:
        """Note that any key may be set again, to something unseen here."""
        for key in self:
            self[key] = source
        self.rest = self.rest or source


def rest_of(value: Value) -> Expression | None:
    """Return what may hold further keys of an object; None when all are seen."""
    return value.rest if isinstance(value, JSObject) else None


Value: TypeAlias = (
    bool
    | int
    | float
    | str
    | list["Value"]
    | dict[str, "Value"]
    | RegExp
    | Expression
    | Undefined
    | None
)


def truthy(value: Value) -> bool | None:
    """Return JavaScript's truth of the value; None when it is an expression."""
    if isinstance(value, Expression):
        return None
    if isinstance(value, list | dict | RegExp):
        return True
    if isinstance(value, float) and value != value:  # noqa: PLR0124 - NaN
        return False
    return bool(value)


def written(value: Value) -> str:
    """Write a value as JavaScript source, short enough to show."""
    text = _written(value, 0)
    return text if len(text) <= 200 else text[:197] + "..."


def _written(value: Value, depth: int) -> str:
    import json

    if depth > 6:
        return "..."
    if isinstance(value, dict):
        inner = ", ".join(f"{k}: {_written(v, depth + 1)}" for k, v in list(value.items())[:50])
        return "{" + inner + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_written(v, depth + 1) for v in value[:50]) + "]"
    if isinstance(value, RegExp | Expression | Undefined):
        return str(value)
    if isinstance(value, float) and value != value:  # noqa: PLR0124 - NaN
        return "NaN"
    return json.dumps(value, ensure_ascii=False)
