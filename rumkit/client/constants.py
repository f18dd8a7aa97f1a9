"""Folds expressions whose value is a constant of the same file; runs nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rumkit.client import literals
from rumkit.client.javascript import arguments, bare, bound_arguments, immediate_call
from rumkit.client.names import GLOBALS, Names, condition
from rumkit.client.operators import binary, unary
from rumkit.client.values import UNDEFINED, Expression, JSObject, RegExp, Value, truthy

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tree_sitter import Node

    from rumkit.client.javascript import Source
    from rumkit.client.names import Binding, Write

_MAX_DEPTH = 60
_MAX_STEPS = 60_000
_MAX_TEXT = 60_000
_MAX_WEIGHT = 20_000
_MAX_JOIN = 2_000


class _TooMuch(Exception):
    """The folding went past its bounds; what was asked stays an expression."""


class Constants:
    """Folds the expressions of one source.

    `others` are the other scripts of the page, whose globals this one sees. `bound` gives
    arguments to functions, by the function's node id.
    """

    def __init__(
        self,
        source: Source,
        *,
        names: Names | None = None,
        others: Callable[[str], Sequence[Constants]] = lambda _name: (),
        bound: Mapping[int, list[Node]] | None = None,
    ) -> None:
        self.source = source
        self.names = names or Names(source)
        self._others = others
        self._bound = bound or {}
        self._memo: dict[int, Value] = {}
        self._weights: dict[int, int] = {}
        self._busy: set[int] = set()
        self._steps = 0

    def binding_arguments(self, function: Node, call: Node) -> Constants:
        """Return a folder in which a function's parameters are those of one call."""
        bound = {**self._bound, function.id: bound_arguments(call)}
        return Constants(self.source, names=self.names, others=self._others, bound=bound)

    def value(self, node: Node | None) -> Value:
        """Return the constant, or the Expression that the node is."""
        if node is None:
            return UNDEFINED
        try:
            return self._fold(node, 0)
        except _TooMuch:
            return self._expression(node)

    def _expression(self, node: Node) -> Expression:
        return Expression(self.source.text(node, 500), tuple(self._read(node)))

    def _read(self, node: Node) -> list[str]:
        """Return the first names that an expression reads."""
        found: list[str] = []
        pending = [node]
        for _ in range(200):
            if not pending or len(found) >= 5:
                break
            current = pending.pop()
            if current.type in {"identifier", "shorthand_property_identifier"}:
                name = self.source.text(current, 80)
                if name not in found:
                    found.append(name)
            pending.extend(reversed(current.named_children[:50]))
        return found

    def _fold(self, node: Node, depth: int) -> Value:
        node = bare(node)
        if node.id in self._memo:
            return self._memo[node.id]
        self._steps += 1
        if depth > _MAX_DEPTH or self._steps > _MAX_STEPS:
            raise _TooMuch
        if node.id in self._busy:
            return self._expression(node)
        fold = _FOLDS.get(node.type)
        if fold is None:
            return self._expression(node)
        self._busy.add(node.id)
        try:
            found = fold(self, node, depth + 1)
        finally:
            self._busy.discard(node.id)
        self._weigh(found)
        self._memo[node.id] = found
        return found

    def _weigh(self, value: Value) -> None:
        """Refuse values that would grow without bound by naming each other."""
        if isinstance(value, str) and len(value) > _MAX_TEXT:
            raise _TooMuch
        if not isinstance(value, list | dict) or id(value) in self._weights:
            return
        items = value.values() if isinstance(value, dict) else value
        weight = 1 + sum(self._weights.get(id(i), 1) for i in items)
        if weight > _MAX_WEIGHT:
            raise _TooMuch
        self._weights[id(value)] = weight

    def _string(self, node: Node, _depth: int) -> Value:
        return literals.unescape(self.source.text(node, _MAX_TEXT + 3)[1:-1])

    def _number(self, node: Node, _depth: int) -> Value:
        found = literals.number(self.source.text(node, 500))
        return self._expression(node) if found is None else found

    def _regex(self, node: Node, _depth: int) -> Value:
        pattern, flags = node.child_by_field_name("pattern"), node.child_by_field_name("flags")
        if pattern is None:
            return self._expression(node)
        return RegExp(self.source.text(pattern), self.source.text(flags) if flags else "")

    def _template(self, node: Node, depth: int) -> Value:
        pieces: list[str] = []
        for child in node.named_children:
            if child.type == "template_substitution":
                inner = child.named_children[0] if child.named_children else None
                text = literals.to_text(self._fold(inner, depth)) if inner else None
                if text is None:
                    return self._expression(node)
                pieces.append(text)
            elif child.type in {"string_fragment", "escape_sequence"}:
                pieces.append(literals.unescape(self.source.text(child, _MAX_TEXT)))
        return "".join(pieces)

    def _array(self, node: Node, depth: int) -> Value:
        items: list[Value] = []
        for child in node.named_children:
            if child.type == "comment":
                continue
            if child.type == "spread_element":
                spread = (
                    self._fold(child.named_children[0], depth) if child.named_children else None
                )
                if not isinstance(spread, list):
                    return self._expression(node)
                items.extend(spread)
            else:
                items.append(self._fold(child, depth))
            if len(items) > _MAX_WEIGHT:
                raise _TooMuch
        return items

    def _object(self, node: Node, depth: int) -> Value:
        found = JSObject()
        for child in node.named_children:
            if child.type == "pair":
                self._pair(found, child, depth)
            elif child.type == "shorthand_property_identifier":
                found[self.source.text(child)] = self._fold(child, depth)
            elif child.type == "spread_element":
                inner = child.named_children[0] if child.named_children else None
                self._spread(found, self._fold(inner, depth) if inner else UNDEFINED)
            elif child.type == "method_definition":
                name = child.child_by_field_name("name")
                if name is not None:
                    found[self.source.text(name)] = self._expression(child)
            elif child.type == "ERROR":
                found.open = True
        return found

    def _pair(self, found: JSObject, pair: Node, depth: int) -> None:
        key = self._key(pair.child_by_field_name("key"), depth)
        if key is None:
            found.open = True
            return
        value = pair.child_by_field_name("value")
        found[key] = self._fold(value, depth) if value is not None else UNDEFINED

    def _key(self, node: Node | None, depth: int) -> str | None:
        if node is None:
            return None
        if node.type == "property_identifier":
            return literals.unescape(self.source.text(node))
        if node.type == "computed_property_name":
            inner = node.named_children[0] if node.named_children else None
            return literals.to_text(self._fold(inner, depth)) if inner else None
        return literals.to_text(self._fold(node, depth))

    def _spread(self, found: JSObject, value: Value) -> None:
        """Apply `...value`; what cannot be folded makes the object open."""
        if isinstance(value, dict):
            found.update(value)
            found.open = found.open or getattr(value, "open", False)
        elif isinstance(value, Expression):
            # Whatever came before may be overwritten by keys unseen here.
            found.open = True

    def _unary(self, node: Node, depth: int) -> Value:
        operator = node.child_by_field_name("operator")
        inner = node.child_by_field_name("argument")
        if operator is None or inner is None:
            return self._expression(node)
        if operator.type == "void":
            return UNDEFINED
        found = unary(operator.type, self._fold(inner, depth))
        return self._expression(node) if found is None else found.value

    def _binary(self, node: Node, depth: int) -> Value:
        """Fold an operation; long chains such as 'a' + 'b' + ... are walked, not recursed."""
        chain: list[Node] = []
        left: Node = node
        while left.type == "binary_expression" and len(chain) < _MAX_JOIN:
            chain.append(left)
            inner = left.child_by_field_name("left")
            if inner is None:
                return self._expression(node)
            left = bare(inner)
        value = self._fold(left, depth)
        for link in reversed(chain):
            value = self._join(link, value, depth)
            if isinstance(value, Expression):
                return self._expression(node)
        return value

    def _join(self, node: Node, left: Value, depth: int) -> Value:
        operator, right = node.child_by_field_name("operator"), node.child_by_field_name("right")
        if operator is None or right is None or isinstance(left, Expression):
            return self._expression(node)
        if operator.type in {"&&", "||", "??"}:
            keep = truthy(left) if operator.type != "??" else left not in (None, UNDEFINED)
            if operator.type == "&&":
                return self._fold(right, depth) if keep else left
            return left if keep else self._fold(right, depth)
        found = binary(operator.type, left, self._fold(right, depth))
        if found is None:
            return self._expression(node)
        self._weigh(found.value)
        return found.value

    def _ternary(self, node: Node, depth: int) -> Value:
        test = node.child_by_field_name("condition")
        verdict = truthy(self._fold(test, depth)) if test is not None else None
        if verdict is None:
            return self._expression(node)
        branch = node.child_by_field_name("consequence" if verdict else "alternative")
        return self._fold(branch, depth) if branch is not None else UNDEFINED

    def _sequence(self, node: Node, depth: int) -> Value:
        return self._fold(node.named_children[-1], depth) if node.named_children else UNDEFINED

    def _assigned(self, node: Node, depth: int) -> Value:
        right = node.child_by_field_name("right")
        return self._fold(right, depth) if right is not None else UNDEFINED

    def _identifier(self, node: Node, depth: int) -> Value:
        name = self.source.text(node, 200)
        special: dict[str, Value] = {
            "undefined": UNDEFINED,
            "NaN": float("nan"),
            "Infinity": float("inf"),
        }
        if name in special:
            return special[name]
        found = self._named(name, node.start_byte, depth)
        return self._expression(node) if isinstance(found, Expression) else found

    def _member(self, node: Node, depth: int) -> Value:
        holder = node.child_by_field_name("object")
        if holder is None:
            return self._expression(node)
        if node.type == "member_expression":
            prop = node.child_by_field_name("property")
            key: Value = self.source.text(prop) if prop is not None else UNDEFINED
        else:
            index = node.child_by_field_name("index")
            key = self._fold(index, depth) if index is not None else UNDEFINED
        if isinstance(key, str) and holder.text in GLOBALS:
            found = self._global(key, node.start_byte, depth)
        else:
            found = member(self._fold(holder, depth), key)
        return self._expression(node) if isinstance(found, Expression) else found

    def _call(self, node: Node, depth: int) -> Value:
        from rumkit.client.builtins import call

        callee = node.child_by_field_name("function") or node.child_by_field_name("constructor")
        if callee is None or len(callee.text or b"") > 60:
            return self._expression(node)
        name = self.source.text(callee)
        given = [self._fold(a, depth) for a in arguments(node)[:20] if a.type != "spread_element"]
        found = call(name, given)
        return self._expression(node) if found is None else found.value

    def _named(self, name: str, at: int, depth: int) -> Value:
        """Return the constant that a name stands for at a place."""
        if self.source.too_common(name) and not self._bound:
            return Expression(name, (name,))
        binding = self.names.resolve(name, at)
        if binding is None:
            return self._global(name, at, depth)
        writes = self.names.writes_to(name, binding)
        if binding.kind == "parameter":
            value = Expression(name) if writes else self._argument(binding, depth)
        else:
            value = self._bound_value(binding, writes, at, depth)
        return self._mutated(name, binding, value, at, depth)

    def _bound_value(self, binding: Binding, writes: list[Write], at: int, depth: int) -> Value:
        if binding.kind == "value" and not writes and binding.node is not None:
            found = self._fold(binding.node, depth)
            return found if binding.key is None else member(found, binding.key)
        if binding.kind in {"value", "empty"} and len(writes) == 1:
            only = writes[0]
            settled = binding.kind == "empty" or only.at < at
            if only.value is not None and settled and not _conditional_in(only, binding.scope):
                return self._fold(only.value, depth)
        return Expression("")

    def _global(self, name: str, at: int, depth: int) -> Value:
        """Return the constant that a global stands for, in this script or another of the page."""
        top = [b for b in self.names.bindings(name) if b.scope.id == self.source.root.id]
        if len(top) == 1:
            writes = self.names.writes_to(name, top[0])
            return self._bound_value(top[0], writes, at, depth)
        writes = self.names.writes_to(name, None)
        if len(writes) == 1 and writes[0].value is not None and not condition(writes[0].path):
            value = self._fold(_without_itself(writes[0].value, name), depth)
            return self._mutated(name, None, value, at, depth)
        if writes or top:
            return Expression(name)
        found = [other.exported(name) for other in self._others(name)]
        settled = [value for value in found if not isinstance(value, Expression)]
        return settled[0] if len(settled) == 1 and len(found) == 1 else Expression(name)

    def exported(self, name: str) -> Value:
        """Return the constant that this script leaves in a global of the page."""
        try:
            return self._global(name, len(self.source.data), 0)
        except _TooMuch:
            return Expression(name)

    def _argument(self, binding: Binding, depth: int) -> Value:
        """Return what a function's parameter is given, when the function is called once."""
        function = binding.node
        assert function is not None
        given = self._bound.get(function.id)
        if given is None:
            path = self.source.path_to(function)
            call = immediate_call(path, len(path) - 1) if path else None
            given = bound_arguments(call) if call is not None else self._only_call(function)
        if given is None or any(a.type == "spread_element" for a in given[: binding.index + 1]):
            return Expression("")
        if binding.index < len(given):
            return self._fold(given[binding.index], depth)
        return self._fold(binding.default, depth) if binding.default is not None else UNDEFINED

    def _only_call(self, function: Node) -> list[Node] | None:
        calls = self.calls_of(function)
        return bound_arguments(calls[0]) if len(calls) == 1 else None

    def calls_of(self, function: Node) -> list[Node]:
        """Return the calls, by name, of a named function of this source."""
        named = self._name_of(function)
        if named is None:
            return []
        name, at = named
        owner = self.names.resolve(name, at)
        found = []
        for offset in self.source.occurrences(name)[:200]:
            path = self.source.path(offset)
            if path is None or len(path) < 2 or self.names.resolve(name, offset) != owner:
                continue
            callee = path[-2].child_by_field_name("function")
            if (
                path[-2].type == "call_expression"
                and callee is not None
                and callee.id == path[-1].id
            ):
                found.append(path[-2])
        return found

    def _name_of(self, function: Node) -> tuple[str, int] | None:
        if function.type.endswith("function_declaration"):
            name = function.child_by_field_name("name")
            return (self.source.text(name), name.start_byte) if name is not None else None
        path = self.source.path_to(function)
        if path is None or len(path) < 2:
            return None
        holder = path[-2]
        field = {"variable_declarator": "name", "assignment_expression": "left"}.get(holder.type)
        name = holder.child_by_field_name(field) if field else None
        if name is None or name.type != "identifier":
            return None
        return self.source.text(name), name.start_byte

    def _mutated(
        self, name: str, binding: Binding | None, value: Value, at: int, depth: int
    ) -> Value:
        """Apply `name.key = ...` and `Object.assign(name, ...)` to an object's constant."""
        if not isinstance(value, dict):
            return value
        from rumkit.client.mutations import mutations

        changes = mutations(self.source, self.names, name, binding)
        if not changes:
            return value
        changed = JSObject(value)
        changed.open = getattr(value, "open", False)
        for change in changes:
            settled = change.at < at and not change.conditional
            if change.merged:
                merged = self._fold(change.value, depth) if settled and change.value else None
                self._spread(changed, merged if merged is not None else Expression(name))
            elif change.key is None:
                changed.open = True
            elif settled and change.value is not None:
                changed[change.key] = self._fold(change.value, depth)
            else:
                changed[change.key] = Expression(f"{name}.{change.key}", (name,))
        return changed


def member(holder: Value, key: Value) -> Value:
    """Return a member of a constant; an open object's missing member is unknown."""
    if isinstance(holder, dict) and isinstance(key, str | int):
        if str(key) in holder:
            return holder[str(key)]
        return Expression(str(key)) if getattr(holder, "open", False) else UNDEFINED
    if isinstance(holder, list) and isinstance(key, int) and not isinstance(key, bool):
        return holder[key] if 0 <= key < len(holder) else UNDEFINED
    if isinstance(holder, list | str) and key == "length":
        return len(holder)
    return Expression(str(key))


def _conditional_in(write: Write, scope: Node) -> bool:
    depth = next((i for i, n in enumerate(write.path) if n.id == scope.id), 0)
    return bool(condition(write.path, start=depth + 1))


def _without_itself(node: Node, name: str) -> Node:
    """Return b of `window.name = window.name || b`."""
    node = bare(node)
    operator = node.child_by_field_name("operator")
    if node.type == "binary_expression" and operator is not None and operator.type in {"||", "??"}:
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        text = (left.text or b"") if left is not None else b""
        if right is not None and text.rpartition(b".")[2] == name.encode():
            return bare(right)
    return node


_FOLDS: dict[str, Callable[[Constants, Node, int], Value]] = {
    "string": Constants._string,
    "number": Constants._number,
    "regex": Constants._regex,
    "template_string": Constants._template,
    "array": Constants._array,
    "object": Constants._object,
    "unary_expression": Constants._unary,
    "binary_expression": Constants._binary,
    "ternary_expression": Constants._ternary,
    "sequence_expression": Constants._sequence,
    "assignment_expression": Constants._assigned,
    "identifier": Constants._identifier,
    "shorthand_property_identifier": Constants._identifier,
    "undefined": Constants._identifier,
    "member_expression": Constants._member,
    "subscript_expression": Constants._member,
    "call_expression": Constants._call,
    "new_expression": Constants._call,
    "true": lambda *_: True,
    "false": lambda *_: False,
    "null": lambda *_: None,
}
