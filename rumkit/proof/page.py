"""A fix of the page, pasted into a copy of the page as its `target` says."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from rumkit.checks import fixes
from rumkit.client.html import parse_document
from rumkit.client.source.javascript import ScriptSource, arguments, bare

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from rumkit.client.page import Page
    from rumkit.client.snippet import Snippet
    from rumkit.model import Fix

    Edit = tuple[int, int, str]

_CSP = "content-security-policy"
_META = re.compile(r"<meta\b[^>]{0,200}\bcontent-security-policy[^>]{0,20000}>", re.IGNORECASE)
_SCRIPT = re.compile(r"<script\b[^>]{0,2000}>(.*?)</script\s*>\n?", re.DOTALL | re.IGNORECASE)
_HEAD = re.compile(r"<head\b[^>]{0,2000}>", re.IGNORECASE)
_CLIENT = re.compile(r"AwsRumClient|\bcwr\s*\(")
_CONFIGURATION_AT = 5


def with_fix(page: Page, snippet: Snippet | None, fix: Fix) -> Page | None:
    """Return the page with the fix in it, None for a fix that can't be pasted into what was read.

    A page whose source or bundle holds the client has no snippet to paste into.
    """
    if page.language != "html":
        return None
    if fix.target == fixes.HEADER:
        return _with_header(page, fix.text)
    if fix.target == fixes.META:
        return _with_meta(page, fix.text)
    if fix.target == fixes.SNIPPET:
        return _with_snippet(page, fix.text)
    if fix.target == fixes.CONFIGURATION or fix.target in fixes.ARGUMENTS:
        return _with_edits(page, snippet, fix)
    return None


def _with_header(page: Page, line: str) -> Page | None:
    name, _, value = line.partition(": ")
    served = [text for key, text in page.headers if key.lower() == name.lower()]
    if name.lower() != _CSP or not served:
        return None
    old = _closest(served, value)
    headers = tuple(
        (key, value if key.lower() == _CSP and text == old else text) for key, text in page.headers
    )
    return replace(page, headers=headers)


def _with_meta(page: Page, element: str) -> Page | None:
    written = _META.findall(page.html)
    if not written:
        return None
    return _of(page, page.html.replace(_closest(written, element), element, 1))


def _closest(candidates: list[str], text: str) -> str:
    """Return what was corrected: it differs from its correction the least."""
    if len(candidates) == 1:  # What a comparison of long texts costs is spared.
        return candidates[0]
    return max(
        candidates, key=lambda each: SequenceMatcher(None, html.unescape(each), text).ratio()
    )


def _with_snippet(page: Page, element: str) -> Page | None:
    kept = _SCRIPT.sub(lambda match: "" if _CLIENT.search(match[1]) else match[0], page.html)
    head = _HEAD.search(kept)
    if head is None:
        return None
    return _of(page, f"{kept[: head.end()]}\n{element}{kept[head.end() :]}")


def _with_edits(page: Page, snippet: Snippet | None, fix: Fix) -> Page | None:
    index = snippet.script_index if snippet else None
    script = next((each.text for each in page.scripts if each.index == index), "")
    if not script or page.html.count(script) != 1:
        return None
    source = ScriptSource(script)
    call = _loader_call(source)
    if call is None or source.broken:
        return None
    edits = _edits(call, fix)
    if edits is None:
        return None
    data = source.data
    for start, end, text in sorted(edits, reverse=True):
        data = data[:start] + text.encode() + data[end:]
    return _of(page, page.html.replace(script, data.decode("utf-8", "replace"), 1))


def _loader_call(source: ScriptSource) -> list[Node] | None:
    """Return the arguments of the loader's own call: the first call of a function on the spot."""
    todo = [source.root]
    for _ in range(2_000):
        if not todo:
            break
        node = todo.pop(0)
        callee = node.child_by_field_name("function") if node.type == "call_expression" else None
        if callee is not None and bare(callee).type in {"function_expression", "arrow_function"}:
            given = arguments(node)
            return given if len(given) >= _CONFIGURATION_AT else None
        todo.extend(node.children)
    return None


def _edits(call: list[Node], fix: Fix) -> list[Edit] | None:
    if fix.target in fixes.ARGUMENTS:
        at = fixes.ARGUMENTS.index(fix.target)
        return [(call[at].start_byte, call[at].end_byte, fix.text)] if at < len(call) else None
    if len(call) <= _CONFIGURATION_AT:
        return None
    written = bare(call[_CONFIGURATION_AT])
    wanted = _object(ScriptSource(f"({{{fix.text}\n}})").root)
    if written.type != "object" or wanted is None:
        return None
    return list(_merged(written, wanted))


def _object(root: Node) -> Node | None:
    node: Node | None = root
    while node is not None and node.type != "object":
        node = node.named_children[0] if node.named_children else None
    return node


def _merged(written: Node, wanted: Node) -> Iterator[Edit]:
    """Yield each wanted member in place of that of its name; `undefined` takes it away."""
    present = {name: pair for name, pair, _ in _members(written)}
    brace = written.start_byte + 1
    for name, pair, value in _members(wanted):
        text = (pair.text or b"").decode()
        old = present.get(name)
        if old is None:
            if value != "undefined":
                yield brace, brace, f" {text},"
        elif value == "undefined":
            after = old.next_sibling
            comma = after is not None and after.type == ","
            yield old.start_byte, after.end_byte if after and comma else old.end_byte, ""
        else:
            yield old.start_byte, old.end_byte, text


def _members(node: Node) -> Iterator[tuple[str, Node, str]]:
    for pair in node.named_children:
        key, value = pair.child_by_field_name("key"), pair.child_by_field_name("value")
        if pair.type == "pair" and key is not None and value is not None:
            name = (key.text or b"").decode().strip("'\"")
            yield name, pair, (value.text or b"").decode()


def _of(page: Page, text: str) -> Page:
    document = parse_document(text)
    return replace(
        page,
        html=text,
        scripts=document.scripts,
        meta_policies=document.meta_policies,
        truncated=document.cut,
    )
