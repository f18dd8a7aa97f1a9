"""`new AwsRum(...)`: the client installed from NPM."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from rumkit.aws_names import UUID, is_region_like, is_uuid
from rumkit.client.generations import OPTION_NAMES
from rumkit.client.snippet import Problem, Snippet
from rumkit.client.source.commands import method_calls
from rumkit.client.source.conditions import renders
from rumkit.client.source.javascript import (
    FUNCTIONS,
    arguments,
    bare,
    brief,
    call_around,
    enclosing,
    text_of,
)
from rumkit.client.source.loaders import around, options
from rumkit.client.source.misplaced import misplaced
from rumkit.client.source.pieces import OPTIONS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from rumkit.client.source.javascript import Path
    from rumkit.client.source.names import Binding
    from rumkit.client.source.unit import Unit
    from rumkit.client.values import Value

Build = Literal["full", "slim"]
_FULL = "aws-rum-web"
_SLIM = "@aws-rum/web-slim"
_MAX_PLACES = 500
_MAX_FOUND = 50
_UUID = re.compile(rf"['\"`]{UUID}['\"`]".encode())
_OPTION = re.compile(rf"\b(?:{'|'.join(OPTIONS)})\b".encode())
_REFLECT = re.compile(rb"(?<=Reflect\.construct\()")


def find_constructions(unit: Unit) -> list[tuple[Snippet, Node]]:
    """Return the constructions of the client in one source, by its name and by their arguments."""
    constructions: list[tuple[Snippet, Node]] = []
    seen: set[int] = set()
    for path in _places(unit):
        node = path[-1]
        if len(constructions) >= _MAX_FOUND:
            break
        if node.id in seen:
            continue
        seen.add(node.id)
        named = _constructed(unit, node)
        if named is not None:
            for place, values in _called(unit, path, named[1]):
                snippet = _snippet(unit, path, place, values, named[0])
                if named[0] or _is_client(snippet):
                    constructions.append((snippet, place[-1]))
    return constructions


def _places(unit: Unit) -> Iterator[Path]:
    """Yield the paths to what may be a construction of the client."""
    if unit.mentions("AwsRum", "aws-rum", "web-slim"):
        for offset in unit.source.occurrences("new")[:_MAX_PLACES]:
            path = unit.source.path(offset)
            if path and len(path) > 1 and path[-2].type == "new_expression":
                yield path[:-1]
    words = [
        *unit.source.places(_UUID),
        *unit.source.places(_OPTION),
        *unit.source.places(_REFLECT),
    ]
    for offset in words:
        path = unit.source.path(offset)
        if path and (call := call_around(path)):
            yield call


def _constructed(unit: Unit, node: Node) -> tuple[Build | None, list[Node]] | None:
    """Return the build that a node constructs (None: by its arguments only) and its arguments."""
    given = arguments(node)
    if node.type == "new_expression":
        named = node.child_by_field_name("constructor")
        return _build(unit, named), given
    callee = node.child_by_field_name("function")
    if brief(callee) != "Reflect.construct" or len(given) < 2:
        return None
    listed = bare(given[1])
    return (_build(unit, given[0]), listed.named_children) if listed.type == "array" else None


def _called(unit: Unit, path: Path, given: list[Node]) -> list[tuple[Path, list[Value]]]:
    """Return where a construction happens, and with which arguments.

    Once for each call of the function around it, unless all of them give the same.
    """
    calls = [
        (place, [folder.argument(given, index) for index in range(4)])
        for folder, place, _, _ in around(unit, path)
    ]
    same = all(values == calls[0][1] for _, values in calls)
    return [(path, calls[0][1])] if same else calls


def _is_client(snippet: Snippet) -> bool:
    """Say whether a construction's arguments are those of the client, whatever its class."""
    monitor, region = snippet.app_monitor_id, snippet.region
    known = set(snippet.config) & OPTION_NAMES
    id_fits = isinstance(monitor, str) and is_uuid(monitor)
    region_fits = isinstance(region, str) and is_region_like(region)
    if isinstance(monitor, str) and not id_fits:
        return False
    strong = len(known) >= 2 and bool(set(OPTIONS) & known)
    return (id_fits and region_fits and bool(known)) or (strong and (id_fits or region_fits))


def _build(unit: Unit, named: Node | None, depth: int = 0) -> Build | None:
    """Say which package a class comes from; None when it is not the client's."""
    if named is None:
        return None
    named = bare(named)
    if named.type == "sequence_expression":
        named = bare(named.named_children[-1])
    if named.type == "identifier":
        return _imported(unit, unit.source.text(named, 100), named.start_byte, depth)
    if named.type == "member_expression":
        prop, holder = named.child_by_field_name("property"), named.child_by_field_name("object")
        if prop is None or holder is None or prop.text not in {b"AwsRum", b"Orchestration"}:
            return None
        return _of_namespace(unit, holder, certain=prop.text == b"AwsRum")
    return None


def _imported(unit: Unit, name: str, at: int, depth: int) -> Build | None:
    binding = unit.constants.names.resolve(name, at)
    if binding is None:
        return "full" if name == "AwsRum" else None
    if binding.kind == "import":
        build = _package(binding.module)
        if build and binding.imported in {"AwsRum", "Orchestration", "default"}:
            return build
        return "full" if binding.imported == "AwsRum" else None
    if binding.kind == "parameter" and binding.key in {"AwsRum", "Orchestration"}:
        return "full"
    original = _original(binding)
    if original is not None and depth < 5:
        return _build(unit, original, depth + 1)
    if binding.node is not None and binding.kind == "value":
        wanted = binding.key or text_of(binding.node.child_by_field_name("property"))
        build = _required(unit.source.text(binding.node, 200))
        if build and wanted in {"AwsRum", "Orchestration", ""}:
            return build
    if name == "AwsRum" and binding.kind in {"opaque", "empty", "value", "parameter"}:
        return (
            "slim"
            if unit.mentions(_SLIM) and not unit.mentions("aws-rum-web'", 'aws-rum-web"')
            else "full"
        )
    return None


def _original(binding: Binding) -> Node | None:
    """Return the class that a name is another name of, or that its class extends."""
    node = binding.node
    if node is None:
        return None
    if binding.kind == "value" and binding.key is None and node.type == "identifier":
        return node
    heritage = next((c for c in node.named_children if c.type == "class_heritage"), None)
    if binding.kind != "class" or heritage is None or not heritage.named_children:
        return None
    clause = heritage.named_children[0]
    return clause.child_by_field_name("value") if clause.type == "extends_clause" else clause


def _of_namespace(unit: Unit, holder: Node, *, certain: bool) -> Build | None:
    build = _required(unit.source.text(holder, 200))
    if build:
        return build
    if holder.type == "identifier":
        binding = unit.constants.names.resolve(unit.source.text(holder, 100), holder.start_byte)
        if binding is not None and binding.kind == "import":
            build = _package(binding.module)
        elif binding is not None and binding.node is not None:
            build = _required(unit.source.text(binding.node, 200))
    return build or ("full" if certain else None)


def _package(module: str) -> Build | None:
    if module == _SLIM or module.startswith(_SLIM + "/") or "cwr-slim" in module:
        return "slim"
    if module == _FULL or module.startswith((_FULL + "/", _FULL + "@")):
        return "full"
    return (
        "slim" if "/@aws-rum/web-slim" in module else "full" if "/aws-rum-web" in module else None
    )


def _required(text: str) -> Build | None:
    """Read the package of `require('...')` or `import('...')`."""
    if "require" not in text and "import" not in text:
        return None
    return "slim" if _SLIM in text else "full" if _FULL in text else None


def _snippet(
    unit: Unit, path: Path, place: Path, values: list[Value], build: Build | None
) -> Snippet:
    node = path[-1]
    config, problems = options(values[3])
    instance = _instance(unit, path)
    holder = enclosing(path, FUNCTIONS)
    component = renders(path)
    if component:
        problems += (_each_render(component),)
    problems += tuple(misplaced(unit, node))
    return Snippet(
        kind="npm",
        build=build or "full",
        namespace=None,
        app_monitor_id=values[0],
        app_version=values[1],
        region=values[2],
        client_url=None,
        remote_config_url=None,
        config=config,
        commands=tuple(method_calls(unit, instance, holder)) if instance else (),
        problems=problems,
        line=unit.line(node),
        source=unit.source.text(node, 4_000),
        conditional=unit.condition(place),
    )


def _each_render(component: str) -> Problem:
    return Problem(
        "constructed-each-render",
        f"{component} constructs a client at each render, and all of them record: construct it"
        " once, outside of the component or in an effect",
    )


def _instance(unit: Unit, path: Path) -> str | None:
    """Return what the new client is kept in: a name, or `this.name`."""
    for node in reversed(path[-4:-1]):
        name = node.child_by_field_name("name")
        if node.type == "variable_declarator" and name is not None:
            return unit.source.text(name, 100)
        if node.type in {"assignment_expression", "augmented_assignment_expression"}:
            left = node.child_by_field_name("left")
            return unit.source.text(left, 100) if left is not None else None
        if node.type in {"field_definition", "public_field_definition"}:
            prop = name or node.child_by_field_name("property")
            return f"this.{unit.source.text(prop, 100)}" if prop is not None else None
    return None
