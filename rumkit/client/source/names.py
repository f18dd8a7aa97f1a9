"""Who a name is: its declarations, the writes to it, and which of them a use sees."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from rumkit.client.source.javascript import FUNCTIONS, brief, is_field, parameters, text_of

if TYPE_CHECKING:
    from tree_sitter import Node

    from rumkit.client.source.javascript import Path, ScriptSource

GLOBALS = frozenset(["window", "globalThis", "self", "top", "parent"])
_BLOCKS = FUNCTIONS | {
    "program",
    "statement_block",
    "for_statement",
    "for_in_statement",
    "switch_body",
    "class_static_block",
}
_VAR_SCOPES = FUNCTIONS | {"program"}
# Where a name is only read.
_READ_ONLY = frozenset(
    [
        "arguments",
        "array",
        "await_expression",
        "binary_expression",
        "call_expression",
        "expression_statement",
        "new_expression",
        "object",
        "pair",
        "parenthesized_expression",
        "return_statement",
        "sequence_expression",
        "spread_element",
        "string",
        "subscript_expression",
        "template_substitution",
        "ternary_expression",
        "unary_expression",
    ]
)
_PARAMETER_PARENTS = frozenset(
    ["formal_parameters", "required_parameter", "optional_parameter", "rest_pattern"]
)
BindingKind = Literal["value", "empty", "parameter", "function", "import", "class", "opaque"]


@dataclass(frozen=True)
class Binding:
    """One declaration of a name.

    `node` is the initial value, the function, or the function that a parameter belongs to;
    `key` is the member that a destructuring takes; `index` a parameter's place; `module` and
    `imported` where an import comes from (`*` for the whole module, `default`).
    """

    kind: BindingKind
    scope: Node
    at: int
    node: Node | None = None
    key: str | None = None
    index: int = 0
    default: Node | None = None
    module: str = ""
    imported: str = ""

    @cached_property
    def span(self) -> tuple[int, int]:
        """Return where in the source the name is seen, in bytes."""
        return self.scope.start_byte, self.scope.end_byte


@dataclass(frozen=True)
class Write:
    """An assignment to a name; `value` is None when it is not a plain `=`."""

    path: Path
    at: int
    value: Node | None


class Names:
    """The names of one source, looked up as they are asked for."""

    def __init__(self, source: ScriptSource) -> None:
        self.source = source
        self._bindings: dict[str, list[Binding]] = {}
        self._writes: dict[str, list[Write]] = {}

    def bindings(self, name: str) -> list[Binding]:
        """Return every declaration of the name."""
        self._look(name)
        return self._bindings[name]

    def writes(self, name: str) -> list[Write]:
        """Return every assignment to the name, `window.name = ...` included."""
        self._look(name)
        return self._writes[name]

    def resolve(self, name: str, at: int) -> Binding | None:
        """Return the declaration that a use at this offset sees; None for a global."""
        seen = [b for b in self.bindings(name) if b.span[0] <= at < b.span[1]]
        if not seen:
            return None
        inner = min(seen, key=lambda b: b.span[1] - b.span[0])
        rivals = [b for b in seen if b.span == inner.span]
        return inner if len(rivals) == 1 else replace(inner, kind="opaque")

    def writes_to(self, name: str, binding: Binding | None) -> list[Write]:
        """Return the assignments that go to this declaration (None: to the global)."""
        inside = self.writes(name)
        if binding is not None:
            inside = [w for w in inside if binding.span[0] <= w.at < binding.span[1]]
        return [write for write in inside if self.owns(binding, name, write.at)]

    def owns(self, binding: Binding | None, name: str, at: int) -> bool:
        """Say whether a use at this offset sees this declaration (None: the global)."""
        found = self.resolve(name, at)
        return found is binding or (
            found is not None and binding is not None and found.at == binding.at
        )

    def _look(self, name: str) -> None:
        if name in self._bindings:
            return
        bindings: list[Binding] = []
        writes: list[Write] = []
        self._bindings[name], self._writes[name] = bindings, writes
        for offset in self.source.occurrences(name):
            place = self.source.place(offset)
            path = self.source.path(offset) if place and _may_bind(*place) else None
            if path is None or len(path) < 2 or path[-1].start_byte != offset:
                continue
            if binding := _binding(path):
                bindings.append(binding)
            if write := _write(path):
                writes.append(write)


def _may_bind(leaf: Node, parent: Node) -> bool:
    """Say whether a name may be declared or written where its innermost node stands."""
    if parent.type in {"assignment_expression", "arrow_function", "variable_declarator"}:
        return any(is_field(parent, field, leaf) for field in ("left", "parameter", "name"))
    if parent.type == "member_expression":
        return is_field(parent, "property", leaf) and brief(parent.children[0]) in GLOBALS
    return parent.type not in _READ_ONLY


def _binding(path: Path) -> Binding | None:
    leaf, parent = path[-1], path[-2]
    if parent.type == "variable_declarator" and is_field(parent, "name", leaf):
        return _declared(path[:-1], leaf, None)
    if leaf.type == "shorthand_property_identifier_pattern" or parent.type == "pair_pattern":
        return _destructured(path)
    if parent.type in _PARAMETER_PARENTS or (
        parent.type == "arrow_function" and is_field(parent, "parameter", leaf)
    ):
        return _parameter(path)
    if parent.type == "assignment_pattern" and is_field(parent, "left", leaf):
        return _parameter(path)
    if parent.type in {"function_declaration", "generator_function_declaration"}:
        if not is_field(parent, "name", leaf):
            return None
        return Binding("function", _scope(path[:-2], _BLOCKS), leaf.start_byte, parent)
    if parent.type in {"class_declaration", "enum_declaration", "catch_clause"}:
        is_name = is_field(parent, "name", leaf) or is_field(parent, "parameter", leaf)
        scope = parent if parent.type == "catch_clause" else _scope(path[:-2], _BLOCKS)
        node = None if parent.type == "catch_clause" else parent
        return Binding("class", scope, leaf.start_byte, node) if is_name else None
    if parent.type == "for_in_statement" and parent.child_by_field_name("kind"):
        return Binding("opaque", parent, leaf.start_byte)
    return _import(path)


def _scope(path: Path, kinds: frozenset[str]) -> Node:
    for node in reversed(path):
        if node.type in kinds:
            return node
    return path[0]


def _declared(path: Path, leaf: Node, key: str | None) -> Binding:
    """Make the binding of a declarator, the path's last node."""
    declarator = path[-1]
    lexical = len(path) > 1 and path[-2].type == "lexical_declaration"
    scope = _scope(path[:-1], _BLOCKS if lexical else _VAR_SCOPES)
    value = declarator.child_by_field_name("value")
    kind: BindingKind = "empty" if value is None else "value"
    return Binding(kind, scope, leaf.start_byte, value, key)


def _destructured(path: Path) -> Binding | None:
    """Make the binding of a name in `const {a, b: c} = value`; deeper patterns stay opaque."""
    leaf, parent = path[-1], path[-2]
    key = text_of(leaf)
    at = len(path) - 2
    plain = True
    if parent.type == "pair_pattern":
        if not is_field(parent, "value", leaf):
            return None
        key = text_of(parent.child_by_field_name("key"))
        at -= 1
    elif parent.type == "object_assignment_pattern":
        at -= 1
        plain = False
    if at < 1 or path[at].type != "object_pattern":
        return None
    holder = path[at - 1]
    if holder.type == "variable_declarator" and plain:
        return _declared(path[:at], leaf, key)
    if holder.type in _PARAMETER_PARENTS and plain:
        whole = _parameter(path[: at + 1])
        return replace(whole, at=leaf.start_byte, key=key) if whole is not None else None
    if holder.type == "variable_declarator" or holder.type in _PARAMETER_PARENTS:
        return Binding("opaque", _scope(path[:at], _VAR_SCOPES), leaf.start_byte)
    return None


def _parameter(path: Path) -> Binding | None:
    leaf = path[-1]
    for depth in range(len(path) - 2, -1, -1):
        if path[depth].type in FUNCTIONS:
            break
        if path[depth].type not in _PARAMETER_PARENTS | {"assignment_pattern"}:
            return None
    else:
        return None
    function = path[depth]
    top = path[depth + 1] if path[depth + 1].type != "formal_parameters" else path[depth + 2]
    siblings = parameters(function)
    if top not in siblings or any(n.type == "rest_pattern" for n in path[depth + 1 :]):
        return Binding("opaque", function, leaf.start_byte)
    return Binding(
        "parameter",
        function,
        leaf.start_byte,
        function,
        index=siblings.index(top),
        default=top.child_by_field_name("right") or top.child_by_field_name("value"),
    )


def _import(path: Path) -> Binding | None:
    leaf, parent = path[-1], path[-2]
    statement = next((n for n in reversed(path) if n.type == "import_statement"), None)
    if statement is None:
        return None
    module = text_of(statement.child_by_field_name("source"))[1:-1]
    if parent.type == "import_specifier":
        if parent.child_by_field_name("alias") not in (None, leaf):
            return None
        name = text_of(parent.child_by_field_name("name"))
    elif parent.type == "namespace_import":
        name = "*"
    elif parent.type == "import_clause":
        name = "default"
    else:
        return None
    return Binding("import", path[0], leaf.start_byte, module=module, imported=name)


def _write(path: Path) -> Write | None:
    at = len(path) - 1
    if path[at - 1].type == "member_expression" and is_field(path[at - 1], "property", path[at]):
        if brief(path[at - 1].child_by_field_name("object")) not in GLOBALS:
            return None
        at -= 1
    return write_to(path, at)


def write_to(path: Path, at: int) -> Write | None:
    """Return what sets the name or member at a depth of the path: =, ++, a loop or a pattern."""
    while path[at - 1].type == "parenthesized_expression":
        at -= 1
    target, holder, place = path[at], path[at - 1], path[:at]
    left = is_field(holder, "left", target)
    if holder.type == "assignment_expression" and left:
        return Write(place, path[-1].start_byte, holder.child_by_field_name("right"))
    looped = holder.type == "for_in_statement" and not holder.child_by_field_name("kind")
    changed = left and (looped or holder.type == "augmented_assignment_expression")
    if changed or holder.type == "update_expression" or _in_assigned_pattern(place):
        return Write(place, path[-1].start_byte, None)
    return None


def _in_assigned_pattern(path: Path) -> bool:
    patterns = {"object_pattern", "array_pattern", "pair_pattern", "object_assignment_pattern"}
    for depth in range(len(path) - 1, 0, -1):
        if path[depth].type not in patterns:
            return path[depth].type == "assignment_expression" and depth < len(path) - 1
    return False
