"""Scripts in the strings of a script: markup in JSX, `innerHTML`, templates joined with `+`."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING

from rumkit.client.snippet import Problem
from rumkit.client.source import literals
from rumkit.client.source.conditions import condition
from rumkit.client.source.fills import Fill, Filling, has_mark, restored
from rumkit.client.source.folding import template_parts
from rumkit.client.source.javascript import (
    FUNCTIONS,
    arguments,
    bare,
    brief,
    callee_of,
    first_part,
    is_field,
    text_of,
)
from rumkit.client.source.pieces import CLIENT_NAMES, Piece, mentions, of_text, script_blocks
from rumkit.client.values import Expression, RegExp, Value

if TYPE_CHECKING:
    from tree_sitter import Node

    from rumkit.client.source.javascript import Path
    from rumkit.client.source.unit import Unit

_TEXTS = frozenset(["string", "template_string"])
_TRIMMING = frozenset(["trim", "toString", "trimStart", "trimEnd"])
_REPLACING = frozenset(["replace", "replaceAll"])
_KEPT = _TRIMMING | _REPLACING | {"join"}
_WRITERS = re.compile(
    r"(?:innerHTML|outerHTML|textContent|innerText|\btext)$"
    r"|(?:document\.writeln?|\.append|createTextNode|insertAdjacentHTML|\beval|Function)$"
)
_INNER_HTML = re.compile(r"(?:innerHTML|outerHTML|insertAdjacentHTML)$")
_SERIALISES = re.compile(r"(?i)^(?:[\w.]*\.)?\w*(?:stringify|json\w*|serializ\w*|serialis\w*)$")
_MAX_PLACES = 60
_MAX_DEPTH = 3
_MAX_TEXT = 60_000
_NEVER_RUNS = Problem(
    "inner-html",
    "the snippet's script element is put into the page with innerHTML: browsers never run such a"
    " script",
)

_RETURNS_JSX = re.compile(r"(?:\breturn|=>)\s{0,9}\(?\s{0,99}<[A-Za-z>]")
_JSX_TEXT = Problem(
    "jsx-text",
    "the snippet is the text of a script element in JSX, where braces hold expressions: the file"
    " likely does not compile; give it with dangerouslySetInnerHTML",
)


def embedded(unit: Unit) -> list[Piece]:
    """Return the scripts that stand in strings, and in script elements, of a unit's code."""
    if unit.piece.depth >= _MAX_DEPTH:
        return []
    pieces: list[Piece] = []
    seen: set[int] = set()
    hidden: list[tuple[int, int]] = []
    found = (unit.source.occurrences(word)[:_MAX_PLACES] for word in CLIENT_NAMES)
    for offset in sorted(chain.from_iterable(found)):
        path = unit.source.path(offset)
        text = _text_at(path or [])
        if path is None or text is None:
            continue
        hidden.append((text[-1].start_byte, text[-1].end_byte))
        if text[-1].id not in seen:
            seen.add(text[-1].id)
            pieces += _pieces(unit, text)
    return pieces + _elements(unit, hidden)


def _text_at(path: Path) -> Path | None:
    """Return the path to the whole text that a place is in, with what it is joined to."""
    at = next((i for i in range(len(path) - 1, 0, -1) if path[i].type in _TEXTS), None)
    if at is None:
        return None
    while at > 0 and _continues(path, at):
        at -= 1
    return path[: at + 1]


def _continues(path: Path, at: int) -> bool:
    """Say whether the parent only joins, wraps or trims the text."""
    parent, node = path[at - 1], path[at]
    if parent.type in _TEXTS or parent.type == "template_substitution":
        return True
    if parent.type == "binary_expression":
        return parent.children[1].type == "+"
    if parent.type == "parenthesized_expression":
        return at > 1 and _continues(path, at - 1)
    if parent.type == "array":
        return at > 2 and _method(path[at - 2]) == "join"
    if parent.type == "member_expression":
        return _method(parent) in _KEPT
    if parent.type == "call_expression":
        return _method(node) in _KEPT and is_field(parent, "function", node)
    return False


def _method(node: Node) -> str:
    return text_of(node.child_by_field_name("property"))


def _pieces(unit: Unit, path: Path) -> list[Piece]:
    filling = Filling(unit.source.fills)
    text = _joined(unit, path[-1], filling, 0)
    if not mentions(text) or "(" not in text or len(text) > _MAX_TEXT:
        return []
    writer = _writer(path)
    when = unit.condition(path) if writer else condition(path, start=_function_depth(path))
    template = bare(path[-1]).type == "template_string"
    inert = bool(_INNER_HTML.search(writer)) and "<script" in text
    piece = Piece(
        text,
        line=unit.line(path[-1]),
        index=unit.piece.index,
        fills=tuple(filling.fills),
        conditional=", ".join(
            filter(None, [restored(when, unit.source.fills), unit.piece.conditional])
        ),
        choices=unit.choices(path),
        started_by=_component(unit, path) or unit.piece.started_by,
        problems=(_NEVER_RUNS,) if inert else (),
        depth=unit.piece.depth + 1,
    )
    scripts = of_text(piece)
    return scripts if template else [replace(script, line=piece.line) for script in scripts]


def _function_depth(path: Path) -> int:
    """Return how deep the code of the innermost function begins."""
    holders = [at for at, node in enumerate(path) if node.type in FUNCTIONS]
    return holders[-1] + 1 if holders else 0


def _writer(path: Path) -> str:
    """Return what writes the text into the page at once: `s.innerHTML`, `document.write`."""
    for node, child in zip(reversed(path[:-1]), reversed(path), strict=False):
        if node.type == "assignment_expression":
            text = brief(node.child_by_field_name("left"))
            return text if _WRITERS.search(text) else ""
        if node.type in {"call_expression", "new_expression"} and child.type == "arguments":
            text = brief(callee_of(node))
            return text if _WRITERS.search(text) else ""
        if node.type in FUNCTIONS or node.type.startswith("jsx_"):
            return ""
    return ""


def _component(unit: Unit, path: Path) -> str:
    """Name the component or runtime that starts the text as a script."""
    for node in reversed(path):
        if node.type in {"jsx_element", "jsx_self_closing_element"}:
            opening = node.child_by_field_name("open_tag") or node
            name = opening.child_by_field_name("name")
            text = unit.source.text(name, 60) if name is not None else ""
            if text[:1].isupper():
                return "next/script" if _of_next(unit, text, node.start_byte) else ""
            if text == "script":
                return ""
        if node.type == "call_expression":
            callee = node.child_by_field_name("function")
            text = unit.source.text(callee, 200) if callee is not None else ""
            if "__next_s" in text or "__next_f" in text:
                return "next/script"
    return ""


def _of_next(unit: Unit, name: str, at: int) -> bool:
    binding = unit.constants.names.resolve(name, at)
    imported = binding is not None and binding.module == "next/script"
    return imported or (name == "Script" and unit.mentions("next"))


def _joined(unit: Unit, node: Node, filling: Filling, depth: int) -> str:
    """Return the text that an expression comes to; what is not known here becomes a mark."""
    node = bare(node)
    if depth > 200:
        return _filled(unit, node, filling)
    if node.type == "string":
        return literals.unescape(unit.source.bare_text(node, _MAX_TEXT)[1:-1])
    if node.type == "template_string":
        return "".join(_part(unit, part, filling, depth) for part in template_parts(node))
    if node.type == "binary_expression" and node.children[1].type == "+":
        sides = (node.child_by_field_name("left"), node.child_by_field_name("right"))
        return "".join(_joined(unit, side, filling, depth + 1) for side in sides if side)
    if node.type == "call_expression":
        return _call(unit, node, filling, depth)
    return _filled(unit, node, filling)


def _part(unit: Unit, part: Node, filling: Filling, depth: int) -> str:
    if part.type != "template_substitution":
        return literals.unescape(unit.source.bare_text(part, _MAX_TEXT))
    inner = first_part(part)
    return _joined(unit, inner, filling, depth + 1) if inner else ""


def _call(unit: Unit, node: Node, filling: Filling, depth: int) -> str:
    """Return what joining, trimming, replacing and serialising give."""
    callee, given = node.child_by_field_name("function"), arguments(node)
    method = _method(callee) if callee is not None else ""
    holder = callee.child_by_field_name("object") if callee is not None else None
    if holder is not None and method in _TRIMMING:
        return _joined(unit, holder, filling, depth + 1)
    if holder is not None and method == "join" and bare(holder).type == "array":
        between = literals.to_text(unit.constants.value(given[0])) if given else ","
        items = [_joined(unit, i, filling, depth + 1) for i in bare(holder).named_children]
        return (between or "").join(items)
    if holder is not None and method in _REPLACING and len(given) == 2:
        return _replaced(unit, holder, given, filling, depth)
    if callee is not None and given and _SERIALISES.match(unit.source.text(callee, 60)):
        return _serialised(unit, node, given[0], filling)
    return _filled(unit, node, filling)


def _replaced(unit: Unit, holder: Node, given: list[Node], filling: Filling, depth: int) -> str:
    text = _joined(unit, holder, filling, depth + 1)
    sought = unit.constants.value(given[0])
    name = sought.pattern.replace("\\", "") if isinstance(sought, RegExp) else None
    name = name or _joined(unit, given[0], filling, depth + 1)
    if not name or has_mark(name):
        return text
    return text.replace(name, _joined(unit, given[1], filling, depth + 1))


def _serialised(unit: Unit, node: Node, given: Node, filling: Filling) -> str:
    value = unit.constants.value(given)
    if isinstance(value, str | bool | int | float) or value is None:
        return json.dumps(value)
    return filling.mark(Fill(unit.source.text(node, 200), _named(value, unit, given)))


def _named(value: Value, unit: Unit, node: Node) -> Value:
    return unit.constants.expression(node) if isinstance(value, Expression) else value


def _filled(unit: Unit, node: Node, filling: Filling) -> str:
    value = unit.constants.value(node)
    text = literals.to_text(value)
    if text is not None and not has_mark(text):
        return text
    source = "${" + unit.source.text(node, 200) + "}"
    return filling.mark(Fill(source, _named(value, unit, node)))


def _elements(unit: Unit, hidden: list[tuple[int, int]]) -> list[Piece]:
    """Return what stands in script elements of JSX, as in HTML: braces are JavaScript's there."""
    text = unit.piece.text
    if unit.piece.depth or "<script" not in text or unit.piece.whole:
        return []
    pieces: list[Piece] = []
    in_jsx = _RETURNS_JSX.search(text) is not None
    for start, end in script_blocks(text):
        place = len(text[:start].encode("utf-8", "replace"))
        inside = text[start:end]
        if any(first <= place < last for first, last in hidden) or inside.lstrip().startswith("{"):
            continue
        line = unit.piece.line + text.count("\n", 0, start)
        span = (place, place + len(inside.encode("utf-8", "replace")))
        wrong = (_JSX_TEXT,) if in_jsx and "{" in inside else ()
        pieces.append(
            Piece(inside, line=line, index=unit.piece.index, depth=1, span=span, problems=wrong)
        )
    return pieces
