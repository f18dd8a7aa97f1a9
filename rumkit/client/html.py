"""HTML to the scripts and policies that a browser with scripting on would see.

The tree is lexbor's, given decoded text; html5lib is what the tests hold it against.
"""

from __future__ import annotations

import re
from collections import Counter
from concurrent.futures import wait
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from rumkit.secret import hide_secrets
from rumkit.threads import in_thread

if TYPE_CHECKING:
    from collections.abc import Iterator

# The tree builder's work grows with the square of the nesting depth (20,000 open elements take
# about half a second), so text that could nest deeper is measured first and cut where it does.
_SAFE_TAGS = 20_000
_MAX_DEPTH = 5_000
_PARSE_SECONDS = 2.0
_FALLBACK_CHARACTERS = 60_000
_MAX_ELEMENTS = 20_000
_MAX_TEMPLATES = 200
_TAG = re.compile(r"<(/?[a-zA-Z][a-zA-Z0-9-]*)")
_SCRIPT_TAG = re.compile(r"<script", re.IGNORECASE)
_VOID = frozenset({
    "area", "base", "br", "col", "embed", "frame", "hr", "img", "input", "keygen", "link", "meta",
    "param", "source", "track", "wbr",
})  # fmt: skip
_IMPLIED = frozenset({
    "body", "colgroup", "dd", "dt", "head", "html", "li", "optgroup", "option", "p", "rp", "rt",
    "tbody", "td", "tfoot", "th", "thead", "tr",
})  # fmt: skip
# https://mimesniff.spec.whatwg.org/#javascript-mime-type
_JAVASCRIPT = frozenset({
    "application/ecmascript", "application/javascript", "application/x-ecmascript",
    "application/x-javascript", "text/ecmascript", "text/javascript", "text/javascript1.0",
    "text/javascript1.1", "text/javascript1.2", "text/javascript1.3", "text/javascript1.4",
    "text/javascript1.5", "text/jscript", "text/livescript", "text/x-ecmascript",
    "text/x-javascript",
})  # fmt: skip
_SPACE = "\t\n\f\r "


@dataclass(frozen=True)
class Script:
    """One script element, in document order.

    `text` is what a browser hashes. `parent` is the tag of its parent element. `inert` is true
    when a browser runs nothing of it: a template's content or a type that is not JavaScript.
    `in_template` tells the former: such a script is not in the document at all.
    `line` counts from 1; 0 when the place could not be found.
    """

    index: int
    text: str
    attributes: dict[str, str]
    parent: str = ""
    in_head: bool = False
    inert: bool = False
    in_template: bool = False
    line: int = 0

    @property
    def src(self) -> str | None:
        """Return the src attribute; None for an inline script."""
        return self.attributes.get("src")

    @property
    def nonce(self) -> str | None:
        """Return the nonce attribute."""
        return self.attributes.get("nonce")

    @property
    def module(self) -> bool:
        """Say whether it is a module script."""
        return self.attributes.get("type", "").strip(_SPACE).lower() == "module"


@dataclass(frozen=True)
class MetaPolicy:
    """A meta element with a policy: its value, and the index of the next script after it."""

    value: str
    in_head: bool
    next_script: int
    http_equiv: str = "content-security-policy"

    @property
    def report_only(self) -> bool:
        """Say whether it is the report-only header's name, which browsers ignore in a meta."""
        return self.http_equiv.lower() == "content-security-policy-report-only"


@dataclass(frozen=True)
class HtmlDocument:
    """Scripts and policies; `cut` when the text nests too deeply and its end was left unread."""

    scripts: tuple[Script, ...]
    meta_policies: tuple[MetaPolicy, ...]
    cut: bool = False


def parse_document(text: str) -> HtmlDocument:
    """Return the scripts and policies of a decoded document; never raises."""
    text = _encodable(text)
    shallow = _without_the_deep(text)
    document = _parse_in_time(shallow)
    if document is None:
        shallow = text[:_FALLBACK_CHARACTERS]
        document = _parse_in_time(shallow) or ([], [])
    lines = _Lines(shallow)
    scripts = [replace(script, line=lines.of(script)) for script in document[0]]
    return HtmlDocument(tuple(scripts), tuple(document[1]), cut=len(shallow) < len(text))


def _encodable(text: str) -> str:
    """Replace lone surrogates, which no decoded page holds, and drop a byte order mark."""
    try:
        text.encode()
    except UnicodeEncodeError:
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text.removeprefix("\ufeff")


def _is_javascript(attributes: dict[str, str]) -> bool:
    """Apply the standard's rule for a script element's type; see HTML 4.12.1 "prepare"."""
    kind = attributes.get("type")
    if "nomodule" in attributes and (kind or "").strip(_SPACE).lower() != "module":
        return False
    if kind is None:
        language = attributes.get("language")
        return not language or f"text/{language}".lower() in _JAVASCRIPT
    if kind == "":
        return True
    kind = kind.strip(_SPACE).lower()
    return kind in _JAVASCRIPT or kind == "module"


_Found = tuple[list[Script], list[MetaPolicy]]


def _parse_in_time(text: str) -> _Found | None:
    """Parse in a thread (the parser lets go of the interpreter lock) and give up in time.

    Some text takes the tree builder quadratic time: depth that tag names don't show, or a tag
    of a hundred thousand attributes.
    """
    parsed = in_thread(lambda: _parse(text), "html")
    in_time = wait([parsed], _PARSE_SECONDS).done
    return parsed.result() if in_time and parsed.exception() is None else None


def _parse(text: str) -> _Found:
    from selectolax.lexbor import LexborHTMLParser

    tree = LexborHTMLParser(text, scripting=True)
    head = _head_elements(tree)
    scripts: list[Script] = []
    policies: list[MetaPolicy] = []
    for node, in_template in _in_order(tree):
        attributes = {name: value or "" for name, value in node.attributes.items()}
        if node.tag == "script":
            scripts.append(
                Script(
                    index=len(scripts),
                    text=node.text(deep=False) or "",
                    attributes=attributes,
                    parent=_parent(node),
                    in_head=node.mem_id in head,
                    inert=in_template or not _is_javascript(attributes),
                    in_template=in_template,
                )
            )
        elif not in_template and (name := _policy_header(attributes)):
            policies.append(
                MetaPolicy(
                    value=hide_secrets(attributes.get("content", "")),
                    in_head=node.mem_id in head,
                    next_script=len(scripts),
                    http_equiv=name,
                )
            )
        if len(scripts) + len(policies) >= _MAX_ELEMENTS:
            break
    return scripts, policies


def _parent(node: Any) -> str:
    """Return the parent's tag; the content of a template has the template for a parent."""
    tag = node.parent.tag if node.parent is not None else None
    return str(tag) if tag else "template"


def _policy_header(attributes: dict[str, str]) -> str:
    name = attributes.get("http-equiv", "").lower()
    return name if name.startswith("content-security-policy") else ""


def _head_elements(tree: Any) -> set[int]:
    """Return the identities of the scripts and metas that the head holds."""
    if tree.head is None:
        return set()
    inside = tree.head.traverse(include_text=False)
    return {node.mem_id for node in inside if node.tag in {"script", "meta"}}


def _in_order(tree: Any) -> Iterator[tuple[Any, bool]]:
    """Yield script and meta elements in document order, and whether a template holds them."""
    pending = [(tree.root.traverse(include_text=False), False)]
    while pending:
        nodes, inert = pending[-1]
        for node in nodes:
            if node.tag in {"script", "meta"}:
                yield node, inert
            elif node.tag == "template" and len(pending) < _MAX_TEMPLATES:
                contents = node.template_fragments()
                if contents:
                    pending.append((contents[0].traverse(include_text=False), True))
                    break
        else:
            pending.pop()


def _without_the_deep(text: str) -> str:
    """Cut the text where its tags, closed by name alone, would nest beyond the limit."""
    tags, closing = text.count("<"), text.count("</")
    if tags <= _SAFE_TAGS or tags - 2 * closing <= _MAX_DEPTH:
        return text
    opened: Counter[str] = Counter(_TAG.findall(text))
    unclosed = sum(
        number - opened["/" + name]
        for name, number in opened.items()
        if name[0] != "/" and name.lower() not in _VOID and number > opened["/" + name]
    )
    if unclosed <= _MAX_DEPTH:
        return text
    return text[: _depth_limit(text)]


def _depth_limit(text: str) -> int:
    """Return the offset at which the estimated depth passes the limit, or the text's length."""
    stack: list[str] = []
    for match in _TAG.finditer(text):
        name = match[1].lower()
        if name[0] == "/":
            _close(stack, name[1:])
        elif name in _IMPLIED and stack and stack[-1] in _IMPLIED:
            stack[-1] = name
        elif name not in _VOID:
            stack.append(name)
            if len(stack) > _MAX_DEPTH:
                return match.start()
    return len(text)


def _close(stack: list[str], name: str) -> None:
    for depth in range(1, min(len(stack), 50) + 1):
        if stack[-depth] == name:
            del stack[-depth:]
            return


class _Lines:
    """Finds the line on which each script starts, by searching forward through the text."""

    def __init__(self, text: str) -> None:
        if "\r" in text:
            text = text.replace("\r\n", "\n").replace("\r", "\n")
        self._text = text.replace("\0", "\ufffd") if "\0" in text else text
        self._position = 0
        self._line = 1
        self._misses = 0

    def of(self, script: Script) -> int:
        """Return the line of the script's first character, or of its tag when it has no text."""
        if self._misses > 20:
            return 0
        start = self._find(script)
        if start < 0:
            self._misses += 1
            return 0
        self._line += self._text.count("\n", self._position, start)
        self._position = start
        line = self._line
        end = start + max(len(script.text), 1)
        self._line += self._text.count("\n", start, end)
        self._position = end
        return line

    def _find(self, script: Script) -> int:
        if script.text.strip():
            return self._text.find(script.text, self._position)
        start = self._position
        for _ in range(50):
            start = self._text.find("<", start)
            if start < 0 or self._text[start + 1 : start + 7].lower() == "script":
                return start
            match = _SCRIPT_TAG.search(self._text, start)
            start = match.start() if match else len(self._text)
        return -1
