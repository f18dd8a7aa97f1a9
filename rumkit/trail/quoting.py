"""The one place where a value becomes part of a query's text.

Values come from users and from trails that anyone on the internet can write into.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable

Language = Literal["insights", "athena", "lake"]


class Unquotable(ValueError):
    """A value that a query language has no way to write; filter for it after the query."""


def quote(value: str, language: Language) -> str:
    r"""Return a value as a string literal of a language. Raises Unquotable.

    Athena and Lake follow the SQL standard: a quotation mark is doubled, nothing else is special.
    Logs Insights escapes `"` and `\` with a backslash and has no documented way to write control
    characters.
    """
    if "\0" in value or not _writable(value):
        raise Unquotable(repr(value[:80]))
    if language in {"athena", "lake"}:
        return "'" + value.replace("'", "''") + "'"
    if any(ord(char) < 32 or ord(char) == 127 for char in value):
        raise Unquotable(repr(value[:80]))
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def quote_list(values: Iterable[str], language: Language) -> str:
    """Return values as a list for IN: parentheses in SQL, brackets in Logs Insights."""
    items = ", ".join(quote(value, language) for value in values)
    return f"[{items}]" if language == "insights" else f"({items})"


def quote_name(name: str) -> str:
    """Return a database, table or column name for a query, in double quotation marks."""
    if "\0" in name or not _writable(name):
        raise Unquotable(repr(name[:80]))
    return '"' + name.replace('"', '""') + '"'


def _writable(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True
