"""`new AwsRum(...)`: the client installed from NPM."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from rumkit.client.snippet import Snippet
from rumkit.client.source.commands import method_calls
from rumkit.client.source.javascript import FUNCTIONS, arguments, bare, enclosing
from rumkit.client.source.placeholders import restored
from rumkit.client.source.reading import condition_of, options, restore

if TYPE_CHECKING:
    from tree_sitter import Node

    from rumkit.client.source.javascript import Path
    from rumkit.client.source.unit import Unit

Build = Literal["full", "slim"]
_FULL = "aws-rum-web"
_SLIM = "@aws-rum/web-slim"
_MAX_PLACES = 500


def find_constructions(unit: Unit) -> list[Snippet]:
    """Return the constructions of the client in one source."""
    if not unit.mentions("AwsRum", "aws-rum"):
        return []
    found: list[Snippet] = []
    for offset in unit.source.occurrences("new")[:_MAX_PLACES]:
        path = unit.source.path(offset)
        if not path or len(path) < 2 or path[-2].type != "new_expression":
            continue
        build = _build(unit, path[-2])
        if build:
            found.append(_snippet(unit, path[:-1], build))
    return found


def _build(unit: Unit, construction: Node) -> Build | None:
    """Say which package a construction's class comes from; None when it is not the client's."""
    named = construction.child_by_field_name("constructor")
    if named is None:
        return None
    named = bare(named)
    if named.type == "sequence_expression":
        named = bare(named.named_children[-1])
    if named.type == "identifier":
        return _imported(unit, unit.source.text(named, 100), named.start_byte)
    if named.type == "member_expression":
        prop, holder = named.child_by_field_name("property"), named.child_by_field_name("object")
        if prop is None or holder is None or prop.text not in {b"AwsRum", b"Orchestration"}:
            return None
        return _of_namespace(unit, holder, certain=prop.text == b"AwsRum")
    return None


def _imported(unit: Unit, name: str, at: int) -> Build | None:
    binding = unit.constants.names.resolve(name, at)
    if binding is None:
        return "full" if name == "AwsRum" else None
    if binding.kind == "import":
        build = _package(binding.module)
        if build and binding.imported in {"AwsRum", "Orchestration", "default"}:
            return build
        return "full" if binding.imported == "AwsRum" else None
    if binding.node is not None and binding.kind == "value":
        wanted = binding.key or _last_member(binding.node)
        build = _required(unit.source.text(binding.node, 200))
        if build and wanted in {"AwsRum", "Orchestration", None}:
            return build
    if name == "AwsRum" and binding.kind in {"opaque", "empty", "value", "parameter"}:
        return (
            "slim"
            if unit.mentions(_SLIM) and not unit.mentions("aws-rum-web'", 'aws-rum-web"')
            else "full"
        )
    return None


def _last_member(node: Node) -> str | None:
    prop = node.child_by_field_name("property")
    return prop.text.decode() if prop is not None and prop.text else None


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


def _snippet(unit: Unit, path: Path, build: Build) -> Snippet:
    node = path[-1]
    given = arguments(node)
    values = [restore(unit.constants.argument(given, i), unit) for i in range(4)]
    config, problems = options(values[3])
    instance = _instance(unit, path)
    holder = enclosing(path, FUNCTIONS)
    return Snippet(
        kind="npm",
        build=build,
        namespace=None,
        app_monitor_id=values[0],
        app_version=values[1],
        region=values[2],
        client_url=None,
        remote_config_url=None,
        config=config,
        commands=tuple(method_calls(unit, instance, holder)) if instance else (),
        problems=problems,
        script_index=unit.script.index,
        line=unit.line(node),
        source=restored(unit.source.text(node, 4_000), unit.placeholders),
        conditional=condition_of(unit, path),
    )


def _instance(unit: Unit, path: Path) -> str | None:
    """Return what the new client is kept in: a name, or `this.name`."""
    for node in reversed(path[-4:-1]):
        name = node.child_by_field_name("name")
        if node.type == "variable_declarator" and name is not None:
            return unit.source.text(name, 100)
        if node.type == "assignment_expression":
            left = node.child_by_field_name("left")
            return unit.source.text(left, 100) if left is not None else None
        if node.type in {"field_definition", "public_field_definition"}:
            prop = name or node.child_by_field_name("property")
            return f"this.{unit.source.text(prop, 100)}" if prop is not None else None
    return None
