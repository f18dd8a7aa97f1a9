"""Constructions that throw wherever they run: of what is no class, or where no browser is."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rumkit.client.snippet import Problem
from rumkit.client.source.javascript import bare

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from rumkit.client.source.unit import Unit

_PACKAGE = "aws-rum-web"
_WHOLE = re.compile(r"""require\(\s*['"]aws-rum-web['"]\s*\)""")


def misplaced(unit: Unit, construction: Node) -> Iterator[Problem]:
    """Yield what keeps a construction from working, whatever its arguments are."""
    name = _class(construction)
    if name is not None and _is_module(unit, name):
        called = unit.source.text(name, 60)
        yield Problem(
            "no-constructor",
            f"{called} is the whole package aws-rum-web here, which has no default export: new"
            f" {called}(…) throws that {called} is not a constructor",
        )
    if unit.server:
        yield Problem(
            "on-the-server",
            f"the client is constructed in a file that Node.js runs, as it loads {unit.server}: the"
            " client needs a browser's window and throws without one",
        )
    elif unit.server_component:
        yield Problem(
            "on-the-server",
            "the client is constructed in a server component of Next.js: a file without"
            " 'use client' that exports metadata or reads headers runs on the server, and in no"
            " browser",
        )


def _class(construction: Node) -> Node | None:
    if construction.type != "new_expression":
        return None
    named = construction.child_by_field_name("constructor")
    named = bare(named) if named is not None else None
    return named if named is not None and named.type == "identifier" else None


def _is_module(unit: Unit, name: Node) -> bool:
    """Say whether a name stands for the package as a whole, not for its class."""
    binding = unit.constants.names.resolve(unit.source.text(name, 100), name.start_byte)
    if binding is None:
        return False
    if binding.kind == "import":
        return binding.module == _PACKAGE and binding.imported in {"default", "*"}
    if binding.kind != "value" or binding.key is not None or binding.node is None:
        return False
    return _WHOLE.fullmatch(unit.source.text(binding.node, 200).strip()) is not None
