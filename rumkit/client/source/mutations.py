"""Changes to an object or list after it was made: `config.key = ...`, `names.push(...)`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rumkit.client.source.conditions import condition
from rumkit.client.source.javascript import arguments, brief, is_field, text_of
from rumkit.client.source.names import GLOBALS, write_to

if TYPE_CHECKING:
    from tree_sitter import Node

    from rumkit.client.source.javascript import Path, ScriptSource
    from rumkit.client.source.names import Binding, Names


_MEMBERS = frozenset(["member_expression", "subscript_expression"])
# What holds a name that is changed from within.
_CHANGED = _MEMBERS | {"arguments"}
_CHANGING = frozenset(["push", "unshift", "splice", "pop", "shift", "sort", "reverse", "fill"])


@dataclass(frozen=True)
class Mutation:
    """One change: a member set, (`merged`) another object's members copied in, or items `pushed`.

    `key` is None when the member's name is not a literal; `value` is None for `delete` and for
    changes inside the member.
    """

    at: int
    key: str | None
    value: Node | None
    conditional: bool
    merged: bool = False
    pushed: tuple[Node, ...] | None = None


def mutations(
    source: ScriptSource, names: Names, name: str, binding: Binding | None
) -> list[Mutation]:
    """Return the changes to the object or list that a name holds, in source order."""
    if source.too_common(name):
        return [Mutation(0, None, None, conditional=True)]
    changes = []
    start, end = binding.span if binding is not None else (0, len(source.data))
    for offset in source.occurrences_within(name, start, end):
        place = source.place(offset)
        if place is None or place[1].type not in _CHANGED or not names.owns(binding, name, offset):
            continue
        path = source.path(offset)
        if path and len(path) > 2 and (change := _mutation(path)):
            changes.append(change)
    return changes


def _mutation(path: Path) -> Mutation | None:
    at = len(path) - 2
    if path[at].type == "member_expression" and is_field(path[at], "property", path[-1]):
        if brief(path[at].child_by_field_name("object")) not in GLOBALS:
            return None
        at -= 1
    if path[at].type == "arguments":
        return _merge(path, at)
    inside = path[at].type in _MEMBERS and is_field(path[at], "object", path[at + 1])
    return _set(path, at) if inside else None


def _merge(path: Path, at: int) -> Mutation | None:
    call = path[at - 1]
    given = arguments(call)
    if not given or given[0] != path[at + 1]:
        return None
    if brief(call.child_by_field_name("function")) != "Object.assign":
        return None
    value = given[1] if len(given) == 2 else None
    return Mutation(call.start_byte, None, value, bool(condition(path[:at])), merged=True)


def _set(path: Path, at: int) -> Mutation | None:
    start, key = path[at].start_byte, _key(path[at])
    outer = at
    while path[outer - 1].type in _MEMBERS and is_field(path[outer - 1], "object", path[outer]):
        outer -= 1
    inside, holder = outer < at, path[outer - 1]
    if write := write_to(path, outer):
        value = None if inside else write.value
        return Mutation(start, key, value, value is None or bool(condition(write.path)))
    if holder.type == "unary_expression" and holder.children[0].type == "delete":
        return Mutation(start, key, None, conditional=True)
    method = text_of(path[outer].child_by_field_name("property"))
    if method not in _CHANGING or not is_field(holder, "function", path[outer]):
        return None
    if inside or method != "push":
        return Mutation(start, key if inside else None, None, conditional=True)
    pushed = tuple(arguments(holder))
    return Mutation(start, None, None, bool(condition(path[:outer])), pushed=pushed)


def _key(node: Node) -> str | None:
    if node.type == "member_expression":
        return text_of(node.child_by_field_name("property"))
    index = node.child_by_field_name("index")
    return text_of(index)[1:-1] if index is not None and index.type == "string" else None
