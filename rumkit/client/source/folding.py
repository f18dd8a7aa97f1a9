"""How each kind of expression folds, given the folder that knows the names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from rumkit.client.source import literals
from rumkit.client.source.fills import filled, has_mark, text_value
from rumkit.client.source.javascript import arguments, bare, brief, callee_of, first_part
from rumkit.client.source.names import GLOBALS
from rumkit.client.values import UNDEFINED, Expression, JSObject, RegExp, Value, rest_of, truthy
from rumkit.client.variables import variable_read

if TYPE_CHECKING:
    from collections.abc import Callable

    from tree_sitter import Node

    from rumkit.client.source.javascript import ScriptSource

MAX_TEXT = 60_000
MAX_WEIGHT = 20_000
_MAX_JOIN = 2_000


class Folder(Protocol):
    """What knows the names of one source, and folds the parts of an expression."""

    source: ScriptSource

    def fold(self, node: Node | None, depth: int) -> Value:
        """Fold a part, none to undefined; raises TooMuch past the bounds."""

    def expression(self, node: Node) -> Expression:
        """Return a part as it is written."""

    def weigh(self, value: Value) -> None:
        """Refuse values that would grow without bound; raises TooMuch."""

    def named(self, name: str, at: int, depth: int) -> Value:
        """Return the constant that a name stands for at a place."""

    def global_value(self, name: str, at: int, depth: int) -> Value:
        """Return the constant that a global stands for."""

    def variable(self, name: str) -> str | None:
        """Return what a variable of the build holds."""

    def own_field(self, name: str, use: Node, depth: int) -> Value:
        """Return what a class keeps in `this.name`."""


class TooMuch(Exception):
    """The folding went past its bounds; what was asked stays an expression."""


def member(holder: Value, key: Value) -> Value:
    """Return a member of a constant; an open object's missing member is unknown."""
    if isinstance(holder, dict) and isinstance(key, str | int):
        if str(key) in holder:
            return holder[str(key)]
        return Expression(str(key)) if rest_of(holder) else UNDEFINED
    if isinstance(holder, list) and any(_is_spread(item) for item in holder):
        return Expression(str(key))
    if isinstance(holder, list) and isinstance(key, int) and not isinstance(key, bool):
        return holder[key] if 0 <= key < len(holder) else UNDEFINED
    if isinstance(holder, list | str) and key == "length":
        return len(holder)
    return Expression(str(key))


def _is_spread(item: Value) -> bool:
    return isinstance(item, Expression) and item.source.startswith("...")


def _string(fold: Folder, node: Node, _depth: int) -> Value:
    text = literals.unescape(fold.source.bare_text(node, MAX_TEXT + 3)[1:-1])
    return text_value(text, fold.source.fills)


def _number(fold: Folder, node: Node, _depth: int) -> Value:
    number = literals.number(fold.source.text(node, 500))
    return fold.expression(node) if number is None else number


def _regex(fold: Folder, node: Node, _depth: int) -> Value:
    pattern, flags = node.child_by_field_name("pattern"), node.child_by_field_name("flags")
    if pattern is None:
        return fold.expression(node)
    return RegExp(fold.source.text(pattern), fold.source.text(flags) if flags else "")


def _template(fold: Folder, node: Node, depth: int) -> Value:
    pieces: list[str] = []
    for child in template_parts(node):
        if child.type == "template_substitution":
            text = literals.to_text(fold.fold(first_part(child), depth))
            if text is None:
                return fold.expression(node)
            pieces.append(text)
        else:
            pieces.append(literals.unescape(fold.source.bare_text(child, MAX_TEXT)))
    return text_value("".join(pieces), fold.source.fills)


def template_parts(node: Node) -> list[Node]:
    """Return the fragments and substitutions of a template string."""
    kinds = {"template_substitution", "string_fragment", "escape_sequence"}
    return [child for child in node.named_children if child.type in kinds]


def _array(fold: Folder, node: Node, depth: int) -> Value:
    items: list[Value] = []
    for child in node.named_children:
        if child.type == "comment":
            continue
        if child.type == "spread_element":
            listed = fold.fold(first_part(child), depth)
            items.extend(listed if isinstance(listed, list) else [fold.expression(child)])
        else:
            items.append(fold.fold(child, depth))
        if len(items) > MAX_WEIGHT:
            raise TooMuch
    return items


def _object(fold: Folder, node: Node, depth: int) -> Value:
    members = JSObject()
    for child in node.named_children:
        if child.type == "pair":
            _pair(fold, members, child, depth)
        elif child.type == "shorthand_property_identifier":
            _shorthand(fold, members, child, depth)
        elif child.type == "spread_element":
            _spread(fold, members, child, depth)
        elif child.type == "method_definition":
            name = child.child_by_field_name("name")
            if name is not None:
                members[fold.source.text(name)] = fold.expression(child)
        elif child.type == "ERROR":
            members.rest = members.rest or fold.expression(child)
    return members


def _spread(fold: Folder, members: JSObject, element: Node, depth: int) -> None:
    """Apply `...value`; of `...(condition && {a: 1})` no other key than `a` may be set."""
    inner = first_part(element)
    value = fold.fold(inner, depth)
    if not isinstance(value, Expression) or inner is None:
        members.spread(value)
        return
    likely = [fold.fold(branch, depth) for branch in _branches(bare(inner))]
    objects = [branch for branch in likely if isinstance(branch, dict) and not rest_of(branch)]
    if likely and len(objects) == len(likely):
        quoted = fold.expression(element)
        members.update({key: quoted for branch in objects for key in branch})
    else:
        members.spread(fold.expression(element))


def _branches(node: Node) -> list[Node]:
    """Return what a conditional expression may come to, apart from a false condition."""
    if node.type == "ternary_expression":
        fields = ["consequence", "alternative"]
    elif node.type == "binary_expression" and node.children[1].type == "&&":
        fields = ["right"]
    else:
        return []
    return [bare(branch) for f in fields if (branch := node.child_by_field_name(f)) is not None]


def _shorthand(fold: Folder, members: JSObject, child: Node, depth: int) -> None:
    name = fold.source.bare_text(child)
    if has_mark(name):
        members.override(fold.expression(child))
    else:
        members[name] = fold.fold(child, depth)


def _pair(fold: Folder, members: JSObject, pair: Node, depth: int) -> None:
    key = _key(fold, pair.child_by_field_name("key"), depth)
    if key is None:
        members.override(fold.expression(pair))
        return
    members[key] = fold.fold(pair.child_by_field_name("value"), depth)
    ways = fold.source.ways(pair.start_byte)
    if ways and pair.parent is not None and ways != fold.source.ways(pair.parent.start_byte):
        members[key] = Expression(f"{ways[-1].quote} {fold.source.text(pair, 80)}")


def _key(fold: Folder, node: Node | None, depth: int) -> str | None:
    if node is None:
        return None
    if node.type == "property_identifier":
        name = literals.unescape(fold.source.bare_text(node))
        return None if has_mark(name) else name
    if node.type == "computed_property_name":
        node = first_part(node)
    return literals.to_text(fold.fold(node, depth))


def _unary(fold: Folder, node: Node, depth: int) -> Value:
    operator = node.child_by_field_name("operator")
    inner = node.child_by_field_name("argument")
    if operator is None or inner is None:
        return fold.expression(node)
    if operator.type == "void":
        return UNDEFINED
    folded = literals.unary(operator.type, fold.fold(inner, depth))
    return fold.expression(node) if isinstance(folded, Expression) else folded


def _binary(fold: Folder, node: Node, depth: int) -> Value:
    """Fold an operation; long chains such as 'a' + 'b' + ... are walked, not recursed."""
    chain: list[Node] = []
    left: Node = node
    while left.type == "binary_expression" and len(chain) < _MAX_JOIN:
        chain.append(left)
        inner = left.child_by_field_name("left")
        if inner is None:
            return fold.expression(node)
        left = bare(inner)
    value = fold.fold(left, depth)
    for link in reversed(chain):
        value = _join(fold, link, value, depth)
        if isinstance(value, Expression):
            return fold.expression(node)
    return value


def _join(fold: Folder, node: Node, left: Value, depth: int) -> Value:
    operator, right = node.child_by_field_name("operator"), node.child_by_field_name("right")
    if operator is None or right is None or isinstance(left, Expression):
        return fold.expression(node)
    if operator.type in {"&&", "||", "??"}:
        keep = truthy(left) if operator.type != "??" else left not in (None, UNDEFINED)
        if operator.type == "&&":
            return fold.fold(right, depth) if keep else left
        return left if keep else fold.fold(right, depth)
    folded = literals.binary(operator.type, left, fold.fold(right, depth))
    fold.weigh(folded)
    return folded


def _ternary(fold: Folder, node: Node, depth: int) -> Value:
    true = truthy(fold.fold(node.child_by_field_name("condition"), depth))
    if true is None:
        return fold.expression(node)
    return fold.fold(node.child_by_field_name("consequence" if true else "alternative"), depth)


def _sequence(fold: Folder, node: Node, depth: int) -> Value:
    return fold.fold(node.named_children[-1], depth)


def _assigned(fold: Folder, node: Node, depth: int) -> Value:
    return fold.fold(node.child_by_field_name("right"), depth)


def _identifier(fold: Folder, node: Node, depth: int) -> Value:
    name = fold.source.bare_text(node, 200)
    given = filled(name, fold.source.fills)
    if given is not None:
        return given
    special: dict[str, Value] = {
        "undefined": UNDEFINED,
        "NaN": float("nan"),
        "Infinity": float("inf"),
    }
    if name in special:
        return special[name]
    return _as_written(fold, node, fold.named(name, node.start_byte, depth))


def _as_written(fold: Folder, node: Node, value: Value) -> Value:
    """Return a constant; what is not one keeps the source of its use, a placeholder its own."""
    unknown = isinstance(value, Expression) and not value.tag
    return fold.expression(node) if unknown else value


def _member(fold: Folder, node: Node, depth: int) -> Value:
    holder = node.child_by_field_name("object")
    if holder is None:
        return fold.expression(node)
    if node.type == "member_expression":
        prop = node.child_by_field_name("property")
        key: Value = fold.source.text(prop) if prop is not None else UNDEFINED
    else:
        key = fold.fold(node.child_by_field_name("index"), depth)
    given = fold.variable(variable_read(fold.source.text(node, 150)))
    if given is not None:
        return given
    if isinstance(key, str) and brief(holder) in GLOBALS:
        value = fold.global_value(key, node.start_byte, depth)
    elif isinstance(key, str) and holder.type == "this":
        value = fold.own_field(key, node, depth)
    else:
        value = member(fold.fold(holder, depth), key)
    return _as_written(fold, node, value)


def _class(fold: Folder, node: Node, depth: int) -> Value:
    """Return an enum's members, or a class's static fields; what else it has is unseen."""
    members = JSObject()
    body = node.child_by_field_name("body")
    if node.type == "class_declaration":
        members.rest = Expression(fold.source.text(node, 60))
    for child in body.named_children if body is not None else ():
        name = child.child_by_field_name("name") or child.child_by_field_name("property")
        value = child.child_by_field_name("value")
        static = child.type == "enum_assignment" or any(c.type == "static" for c in child.children)
        if static and name is not None and value is not None:
            members[fold.source.text(name).strip("'\"")] = fold.fold(value, depth)
    return members


def _call(fold: Folder, node: Node, depth: int) -> Value:
    name = brief(callee_of(node), 60)
    if not name:
        return fold.expression(node)
    given = [fold.fold(a, depth) for a in arguments(node)[:20] if a.type != "spread_element"]
    folded = literals.call(name, given)
    return fold.expression(node) if isinstance(folded, Expression) else folded


FOLDS: dict[str, Callable[[Folder, Node, int], Value]] = {
    "string": _string,
    "number": _number,
    "regex": _regex,
    "template_string": _template,
    "array": _array,
    "object": _object,
    "unary_expression": _unary,
    "binary_expression": _binary,
    "ternary_expression": _ternary,
    "sequence_expression": _sequence,
    "assignment_expression": _assigned,
    "identifier": _identifier,
    "shorthand_property_identifier": _identifier,
    "undefined": _identifier,
    "member_expression": _member,
    "subscript_expression": _member,
    "class_declaration": _class,
    "enum_declaration": _class,
    "call_expression": _call,
    "new_expression": _call,
    "true": lambda *_: True,
    "false": lambda *_: False,
    "null": lambda *_: None,
}
