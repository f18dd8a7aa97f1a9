"""What is known of one option: its value, that it is left out, or that this file does not say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from rumkit.client.values import Expression, Undefined, Value

_MAX_SOURCE = 200
_MAX_NAMES = 5


@dataclass(frozen=True)
class KnownOption:
    """The option is set to this literal; a list or object may hold an Expression further in."""

    value: Value


@dataclass(frozen=True)
class LeftOut:
    """The configuration surely does not set the option: the client's default applies."""


@dataclass(frozen=True)
class UnreadOption:
    """The option is, or may be, set to something that this file does not say.

    `source` quotes what decides it (at most 200 characters): an expression, the spread that may
    override it, or the configuration that comes from elsewhere. `names` are the names it reads.
    """

    source: str
    names: tuple[str, ...] = ()

    def __str__(self) -> str:
        return self.source


Option: TypeAlias = KnownOption | LeftOut | UnreadOption


def option_of(value: Value) -> Option:
    """Return what a value, or the lack of one, says of its option."""
    if isinstance(value, Expression):
        text = " ".join(value.source.split())
        shown = text if len(text) <= _MAX_SOURCE else text[: _MAX_SOURCE - 3] + "..."
        return UnreadOption(shown, value.names[:_MAX_NAMES])
    return LeftOut() if isinstance(value, Undefined) else KnownOption(value)


def known_text(option: Option) -> str:
    """Return an option's literal text; empty when it is no text, left out or unread."""
    return option.value if isinstance(option, KnownOption) and isinstance(option.value, str) else ""
