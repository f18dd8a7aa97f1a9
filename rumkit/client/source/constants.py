"""Folds expressions whose value is a constant of the same file; runs nothing."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rumkit.client.source.conditions import condition
from rumkit.client.source.fills import filled
from rumkit.client.source.folding import FOLDS, MAX_TEXT, MAX_WEIGHT, TooMuch, member
from rumkit.client.source.javascript import (
    bare,
    bound_arguments,
    brief,
    callee_of,
    first_part,
    immediate_call,
    is_field,
)
from rumkit.client.source.mutations import mutations
from rumkit.client.source.names import Names
from rumkit.client.values import UNDEFINED, Expression, JSObject, Value

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tree_sitter import Node

    from rumkit.client.source.javascript import Path, ScriptSource
    from rumkit.client.source.mutations import Mutation
    from rumkit.client.source.names import Binding, Write
    from rumkit.client.variables import Variables

_MAX_DEPTH = 60
_MAX_STEPS = 60_000
_MAX_CALLS = 200
_NAMES = frozenset(["identifier", "shorthand_property_identifier", "member_expression"])
# Modules of SvelteKit and Astro that hold the variables of the build.
_OF_THE_BUILD = frozenset(["$env/static/public", "astro:env/client"])
_DOTTED = re.compile(r"[\w$]+(?:(?:\?)?\.[\w$]+)*")


class Constants:
    """Folds the expressions of one source.

    `others` are the other scripts of the page, whose globals this one sees. `bound` gives
    arguments to functions, by the function's node id; `variables` are those of the build.
    """

    def __init__(
        self,
        source: ScriptSource,
        *,
        names: Names | None = None,
        others: Callable[[str], Sequence[Constants]] = lambda _name: (),
        bound: Mapping[int, list[Node]] | None = None,
        variables: Variables | None = None,
    ) -> None:
        self.source = source
        self.names = names or Names(source)
        self._others = others
        self._bound = bound or {}
        self._variables = variables
        self._memo: dict[int, Value] = {}
        self._weights: dict[int, int] = {}
        self._busy: set[int] = set()
        self._exporting: set[str] = set()
        self._steps = 0

    def binding_arguments(self, function: Node, call: Node) -> Constants:
        """Return a folder in which a function's parameters are those of one call."""
        bound = {**self._bound, function.id: bound_arguments(call)}
        return Constants(
            self.source,
            names=self.names,
            others=self._others,
            bound=bound,
            variables=self._variables,
        )

    def variable(self, name: str) -> str | None:
        """Return what the project's files give a variable of the build, None where none does."""
        return self._variables.value(name) if self._variables and name else None

    def value(self, node: Node | None) -> Value:
        """Return the constant, or the Expression that the node is."""
        if node is None:
            return UNDEFINED
        try:
            return self.fold(node, 0)
        except TooMuch:
            return self.expression(node)

    def argument(self, given: list[Node], index: int) -> Value:
        """Return the argument at a place, looking into spreads of constant lists."""
        try:
            return self._argument_at(given, index, 0)
        except TooMuch:
            return self.expression(given[min(index, len(given) - 1)])

    def _argument_at(self, given: list[Node], index: int, depth: int) -> Value:
        elided = next((a for a in given[: index + 1] if _is_elided(a)), None)
        if elided is not None:
            return self.expression(elided)
        if index < len(given) and not any(a.type == "spread_element" for a in given[: index + 1]):
            return self.fold(given[index], depth)
        flat: list[Value] = []
        for node in given[: index + 1]:
            if node.type != "spread_element":
                flat.append(self.fold(node, depth))
                continue
            listed = self.fold(first_part(node), depth)
            if not isinstance(listed, list):
                return self.expression(node)
            flat.extend(listed)
        return flat[index] if index < len(flat) else UNDEFINED

    def expression(self, node: Node) -> Expression:
        """Return a node as an expression, with the first names that it reads."""
        names, tag = self._read(node)
        return Expression(self.source.text(node, 500), names, tag)

    def _read(self, node: Node) -> tuple[tuple[str, ...], str]:
        """Return the first names that an expression reads, and the first tag in it."""
        names: list[str] = []
        tag = ""
        pending = [node]
        for _ in range(200):
            if not pending or len(names) >= 5:
                break
            current = pending.pop()
            text = self.source.bare_text(current, 80) if current.type in _NAMES else ""
            given = filled(text, self.source.fills)
            if isinstance(given, Expression):
                names += given.names
                tag = tag or given.tag
            elif _DOTTED.fullmatch(text):
                names.append(text)
            else:
                pending.extend(reversed(current.named_children[:50]))
        return tuple(dict.fromkeys(names)), tag

    def fold(self, node: Node | None, depth: int) -> Value:
        """Fold a node met at some depth, none to undefined; raises TooMuch past the bounds."""
        if node is None:
            return UNDEFINED
        node = bare(node)
        if node.id in self._memo:
            return self._memo[node.id]
        self._steps += 1
        if depth > _MAX_DEPTH or self._steps > _MAX_STEPS:
            raise TooMuch
        if node.id in self._busy:
            return self.expression(node)
        fold = FOLDS.get(node.type)
        if fold is None:
            return self.expression(node)
        self._busy.add(node.id)
        try:
            folded = fold(self, node, depth + 1)
        finally:
            self._busy.discard(node.id)
        self.weigh(folded)
        self._memo[node.id] = folded
        return folded

    def weigh(self, value: Value) -> None:
        """Refuse values that would grow without bound by naming each other."""
        if isinstance(value, str) and len(value) > MAX_TEXT:
            raise TooMuch
        if not isinstance(value, list | dict) or id(value) in self._weights:
            return
        items = value.values() if isinstance(value, dict) else value
        weight = 1 + sum(self._weights.get(id(i), 1) for i in items)
        if weight > MAX_WEIGHT:
            raise TooMuch
        self._weights[id(value)] = weight

    def named(self, name: str, at: int, depth: int) -> Value:
        """Return the constant that a name stands for at a place."""
        if self.source.too_common(name) and not self._bound:
            return Expression(name, (name,))
        binding = self.names.resolve(name, at)
        if binding is None:
            return self.global_value(name, at, depth)
        writes = self.names.writes_to(name, binding)
        if binding.kind == "parameter":
            value = Expression(name) if writes else self._argument(binding, depth)
        else:
            value = self._bound_value(binding, writes, at, depth)
        return self._mutated(name, binding, value, at, depth)

    def _bound_value(self, binding: Binding, writes: list[Write], at: int, depth: int) -> Value:
        if binding.kind == "class" and not writes and binding.node is not None:
            return self.fold(binding.node, depth)
        if binding.kind == "value" and not writes and binding.node is not None:
            value = self.fold(binding.node, depth)
            return value if binding.key is None else member(value, binding.key)
        if binding.kind == "import" and binding.module in _OF_THE_BUILD:
            given = self.variable(binding.imported)
            return Expression("") if given is None else given
        if binding.kind in {"value", "empty"} and len(writes) == 1:
            only = writes[0]
            settled = binding.kind == "empty" or only.at < at
            if only.value is not None and settled and not _conditional_in(only, binding.scope):
                return self.fold(only.value, depth)
        return Expression("")

    def global_value(self, name: str, at: int, depth: int) -> Value:
        """Return the constant that a global stands for, in this script or another of the page."""
        top = [b for b in self.names.bindings(name) if b.scope.id == self.source.root.id]
        if len(top) == 1:
            value = self._bound_value(top[0], self.names.writes_to(name, top[0]), at, depth)
            return self._mutated(name, top[0], value, at, depth)
        writes = self.names.writes_to(name, None)
        if len(writes) == 1 and writes[0].value is not None and not condition(writes[0].path):
            value = self.fold(_without_itself(writes[0].value, name), depth)
            return self._mutated(name, None, value, at, depth)
        if writes or top:
            return Expression(name)
        makers = [other for other in self._others(name) if other.makes(name)]
        return makers[0].exported(name) if len(makers) == 1 else Expression(name)

    def makes(self, name: str) -> bool:
        """Say whether this script declares a global of the page, or assigns to it."""
        top = any(b.scope.id == self.source.root.id for b in self.names.bindings(name))
        return top or bool(self.names.writes_to(name, None))

    def exported(self, name: str) -> Value:
        """Return the constant that this script leaves in a global of the page."""
        if name in self._exporting:
            return Expression(name)
        self._exporting.add(name)
        try:
            return self.global_value(name, len(self.source.data), 0)
        except TooMuch:
            return Expression(name)
        finally:
            self._exporting.discard(name)

    def _argument(self, binding: Binding, depth: int) -> Value:
        """Return what a function's parameter is given, when the function is called once."""
        function = binding.node
        assert function is not None
        given = self._bound.get(function.id)
        if given is None:
            path = self.source.path_to(function)
            call = immediate_call(path, len(path) - 1) if path else None
            calls = [call] if call is not None else self.calls_of(function)
            given = bound_arguments(calls[0]) if len(calls) == 1 else None
        if given is None:
            return Expression("")
        value = self._argument_at(given, binding.index, depth)
        if value is UNDEFINED and binding.default is not None:
            value = self.fold(binding.default, depth)
        return value if binding.key is None else member(value, binding.key)

    def calls_of(self, function: Node) -> list[Node]:
        """Return the calls, by name, of a named function, method or constructor of this source."""
        return [use[-2] for use in self._uses_of(function) if callee_of(use[-2]) == use[-1]]

    def handed_over(self, function: Node) -> list[Node]:
        """Return where a named function is given to another one, or assigned to a member."""
        return [path[-1] for path in self._uses_of(function) if _handed(path)]

    def _uses_of(self, function: Node) -> list[Path]:
        """Return the paths to the uses of a function's name, its declaration among them."""
        named = self._name_of(function)
        if named is None:
            return []
        name, at = named
        method = function.type == "method_definition" and function.child_by_field_name("name")
        owner = self.names.resolve(name, at) if not method else None
        uses = []
        for offset in self.source.occurrences(name)[:_MAX_CALLS]:
            path = self.source.path(offset)
            if path is None or len(path) < 3:
                continue
            if method and path[-2].type == "member_expression":
                path.pop()
            elif not self.names.owns(owner, name, offset):
                continue
            uses.append(path)
        return uses

    def _name_of(self, function: Node) -> tuple[str, int] | None:
        """Return the name that a function is called by, and where it is declared."""
        name = function.child_by_field_name("name")
        if name is not None and function.type == "method_definition":
            if name.text != b"constructor":
                return self.source.text(name), name.start_byte
            path = self.source.path_to(function)
            holder = path[-3] if path and len(path) > 2 else None
            name = holder.child_by_field_name("name") if holder is not None else None
        elif name is None:
            name = self._assigned_name(function)
        if name is None or not name.type.endswith("identifier"):
            return None
        return self.source.text(name), name.start_byte

    def _assigned_name(self, function: Node) -> Node | None:
        path = self.source.path_to(function)
        if path is None or len(path) < 2:
            return None
        holder = path[-2]
        field = {"variable_declarator": "name", "assignment_expression": "left"}.get(holder.type)
        return holder.child_by_field_name(field) if field else None

    def own_field(self, name: str, use: Node, depth: int) -> Value:
        """Return what a class keeps in `this.name`, when one field or one assignment sets it."""
        path = self.source.path_to(use)
        body = next((n for n in reversed(path or []) if n.type == "class_body"), None)
        if body is None:
            return Expression(name)
        offsets = self.source.occurrences_within(name, body.start_byte, body.end_byte)[:200]
        values = [_field_value(path) for path in map(self.source.path, offsets) if path]
        given = [value for value in values if value is not None]
        return self.fold(given[0], depth) if len(given) == 1 else Expression(name)

    def _mutated(
        self, name: str, binding: Binding | None, value: Value, at: int, depth: int
    ) -> Value:
        """Apply `name.key = ...`, `Object.assign(name, ...)` and `name.push(...)` to a constant."""
        if not isinstance(value, dict | list):
            return value
        changes = mutations(self.source, self.names, name, binding)
        if not changes:
            return value
        if isinstance(value, list):
            return self._pushed(name, value, changes, at, depth)
        changed = JSObject.copy_of(value)
        for change in changes:
            settled = change.at < at and not change.conditional
            if change.merged:
                merged = self.fold(change.value, depth) if settled and change.value else None
                changed.spread(merged if merged is not None else Expression(name, (name,)))
            elif change.key is None:
                changed.override(Expression(name, (name,)))
            elif settled and change.value is not None:
                changed[change.key] = self.fold(change.value, depth)
            else:
                changed[change.key] = Expression(f"{name}.{change.key}", (name,))
        return changed

    def _pushed(
        self, name: str, value: list[Value], changes: list[Mutation], at: int, depth: int
    ) -> Value:
        """Return a list with what is pushed to it; what may be pushed is an unknown item."""
        items = list(value)
        for change in changes:
            if change.pushed is None:
                return Expression(name, (name,))
            if change.at < at and not change.conditional:
                items += [self.fold(each, depth) for each in change.pushed]
            else:
                items.append(Expression(f"...{name}", (name,)))
        return items


def _is_elided(argument: Node) -> bool:
    """Say whether three dots stand for the arguments from here on, as in documentation."""
    return argument.type == "ERROR" or brief(argument, 3) == "..."


def _field_value(path: Path) -> Node | None:
    """Return what the field definition or the `this.name = ...` of a name's use gives it."""
    if len(path) < 3:
        return None
    outer, holder, name = path[-3:]
    if holder.type in {"field_definition", "public_field_definition"}:
        named = holder.child_by_field_name("property") or holder.child_by_field_name("name")
        # A field declared without a value is set elsewhere, if at all.
        return holder.child_by_field_name("value") if named == name else None
    assigned = "assignment" in outer.type and is_field(outer, "left", holder)
    mine = is_field(holder, "property", name) and brief(holder.children[0]) == "this"
    return outer.child_by_field_name("right") if assigned and mine else None


def _conditional_in(write: Write, scope: Node) -> bool:
    depth = write.path.index(scope) if scope in write.path else 0
    return bool(condition(write.path, start=depth + 1))


def _without_itself(node: Node, name: str) -> Node:
    """Return b of `window.name = window.name || b`."""
    node = bare(node)
    operator = node.child_by_field_name("operator")
    if node.type == "binary_expression" and operator is not None and operator.type in {"||", "??"}:
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        if right is not None and brief(left, 300).rpartition(".")[2] == name:
            return bare(right)
    return node


def _handed(use: Path) -> bool:
    """Say whether a use of a function gives it away instead of calling it."""
    parent, leaf = use[-2:]
    left = parent.child_by_field_name("left")
    member = left is not None and left.type == "member_expression" and "exports" not in brief(left)
    return parent.type == "arguments" or (member and is_field(parent, "right", leaf))
