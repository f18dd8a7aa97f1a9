"""Changes to an object after it was made: `config.key = ...`, `Object.assign(config, ...)`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rumkit.client.source.conditions import condition
from rumkit.client.source.javascript import arguments, brief
from rumkit.client.source.names import GLOBALS

if TYPE_CHECKING:
    from tree_sitter import Node

    from rumkit.client.source.javascript import Path, ScriptSource
    from rumkit.client.source.names import Binding, Names


# What holds a name that is changed from within.
_CHANGED = frozenset(["member_expression", "subscript_expression", "arguments"])


@dataclass(frozen=True)
class Mutation:
    """One change: a member set, or (`merged`) another object's members copied in.

    `key` is None when the member's name is not a literal; `value` is None for `delete` and for
    changes inside the member.
    """

    at: int
    key: str | None
    value: Node | None
    conditional: bool
    merged: bool = False


def mutations(
    source: ScriptSource, names: Names, name: str, binding: Binding | None
) -> list[Mutation]:
    """Return the changes to the object that a name holds, in source order."""
    if source.too_common(name):
        return [Mutation(0, None, None, conditional=True)]
    changes = []
    start, end = binding.span if binding is not None else (0, len(source.data))
    for offset in source.occurrences_within(name, start, end):
        place = source.place(offset)
        if place is None or place[1].type not in _CHANGED or not names.owns(binding, name, offset):
            continue
        path = source.path(offset)
        if path is None or len(path) < 3:
            continue
        change = _mutation(path)
        if change:
            changes.append(change)
    return changes


def _mutation(path: Path) -> Mutation | None:
    at = len(path) - 2
    if path[at].type == "member_expression" and _field(path[at], "property") == path[-1]:
        holder = _field(path[at], "object")
        if brief(holder) not in GLOBALS:
            return None
        at -= 1
    if at < 1:
        return None
    parent = path[at]
    if parent.type == "arguments":
        return _merge(path, at)
    if parent.type not in {"member_expression", "subscript_expression"}:
        return None
    if _field(parent, "object") != path[at + 1]:
        return None
    return _set(path, at)


def _field(node: Node, name: str) -> Node | None:
    return node.child_by_field_name(name)


def _merge(path: Path, at: int) -> Mutation | None:
    call = path[at - 1]
    callee = _field(call, "function")
    given = arguments(call)
    if brief(callee) != "Object.assign" or not given or given[0] != path[at + 1]:
        return None
    value = given[1] if len(given) == 2 else None
    return Mutation(call.start_byte, None, value, bool(condition(path[:at])), merged=True)


def _set(path: Path, at: int) -> Mutation | None:
    target, key = path[at], _key(path[at])
    outer = at - 1
    inside = False
    while outer > 0 and path[outer].type in {"member_expression", "subscript_expression"}:
        inside = True
        outer -= 1
    holder = path[outer]
    if holder.type in {"assignment_expression", "augmented_assignment_expression"}:
        if _field(holder, "left") != path[outer + 1]:
            return None
        plain = holder.type == "assignment_expression" and not inside
        value = _field(holder, "right") if plain else None
        conditional = bool(condition(path[: outer + 1])) or not plain
        return Mutation(target.start_byte, key, value, conditional)
    operator = _field(holder, "operator")
    if holder.type == "unary_expression" and operator is not None and operator.type == "delete":
        return Mutation(target.start_byte, key, None, conditional=True)
    if holder.type == "call_expression" and inside and _method(path[outer + 1]) in _CHANGING:
        return Mutation(target.start_byte, key, None, conditional=True)
    return None


_CHANGING = frozenset([b"push", b"unshift", b"splice", b"pop", b"shift"])


def _method(node: Node) -> bytes | None:
    prop = _field(node, "property")
    return prop.text if prop is not None else None


def _key(node: Node) -> str | None:
    if node.type == "member_expression":
        prop = _field(node, "property")
        return prop.text.decode("utf-8", "replace") if prop is not None and prop.text else None
    index = _field(node, "index")
    if index is not None and index.type == "string" and index.text:
        return index.text[1:-1].decode("utf-8", "replace")
    return None
