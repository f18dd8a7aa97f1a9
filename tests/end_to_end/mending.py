"""Does what a person does with a printed fix: runs its commands, or pastes it where it says."""

from __future__ import annotations

import html
import json
import os
import re
import subprocess
import urllib.request
from difflib import SequenceMatcher

import ready_commands  # type: ignore[import-not-found]
import tree_sitter
import tree_sitter_javascript

from rumkit.checks import fixes

_SCRIPT = re.compile(r"[ \t]*<script\b[^>]*>(.*?)</script>\n?", re.DOTALL)
_META = re.compile(r"<meta\s+http-equiv=[\"']Content-Security-Policy[\"'][^>]*>", re.IGNORECASE)
_CSP = "content-security-policy"
_PARSER = tree_sitter.Parser(tree_sitter.Language(tree_sitter_javascript.language()))


def apply(sandbox, fix):
    """Apply one fix exactly as it is printed; anything that cannot be applied is an error."""
    if fix.kind == "aws-cli":
        _run(sandbox, fix.text)
    elif fix.kind == "csp-header":
        _paste_policy(sandbox, fix)
    elif fix.target == fixes.SNIPPET:
        _paste_snippet(sandbox, fix.text)
    elif fix.target == fixes.CONFIGURATION:
        _edit_loader(sandbox, lambda call: _configured(call, fix.text))
    elif fix.target in fixes.ARGUMENTS:
        position = fixes.ARGUMENTS.index(fix.target)
        _edit_loader(sandbox, lambda call: [(*_span(call[position]), fix.text)])
    else:
        raise AssertionError(f"a fix of kind {fix.kind} onto {fix.target!r} cannot be applied")


def can_be_applied(fix):
    """Tell whether a fix is one to apply, and no advice, document or infrastructure code."""
    onto = {fixes.SNIPPET, fixes.CONFIGURATION, *fixes.ARGUMENTS}
    return fix.kind in {"aws-cli", "csp-header"} or (
        fix.kind == "client-config" and fix.target in onto
    )


def _run(sandbox, lines):
    path = f"{ready_commands.folder_with_aws()}{os.pathsep}{os.environ['PATH']}"
    env = {**sandbox.environment, "PATH": path}
    for line in lines.splitlines():
        shell = ["/bin/sh", "-c", line]
        done = subprocess.run(
            shell, env=env, capture_output=True, text=True, timeout=60, check=False
        )
        assert done.returncode == 0, f"{line}\n{done.stderr}"


def _paste_policy(sandbox, fix):
    page = _page(sandbox)
    if fix.target == fixes.META:
        found = _META.findall(page["html"])
        old = _closest(found, fix.text)
        _put(sandbox, "page", page["html"].replace(old, fix.text, 1).encode())
        return
    name, _, value = fix.text.partition(": ")
    assert name.lower() == _CSP
    served = [text for header, text in page["headers"] if header.lower() == _CSP]
    old = _closest(served, value)
    changed = [[n, value if n.lower() == _CSP and v == old else v] for n, v in page["headers"]]
    _put(sandbox, "headers", json.dumps(changed).encode())


def _closest(candidates, text):
    """The one that was corrected: it differs from its correction the least."""
    return max(
        candidates, key=lambda each: SequenceMatcher(None, html.unescape(each), text).ratio()
    )


def _paste_snippet(sandbox, text):
    page = _page(sandbox)["html"]
    mentions = re.compile(r"AwsRumClient|\bcwr\(")
    kept = _SCRIPT.sub(lambda m: "" if mentions.search(m[1]) else m[0], page)
    _put(sandbox, "page", kept.replace("<head>", f"<head>\n{text}", 1).encode())


def _edit_loader(sandbox, edit):
    page = _page(sandbox)["html"]
    script = next(m for m in _SCRIPT.finditer(page) if "AwsRumClient" in m[1])
    source = script[1].encode()
    for start, end, text in sorted(edit(_arguments(source)), reverse=True):
        source = source[:start] + text.encode() + source[end:]
    _put(
        sandbox,
        "page",
        (page[: script.start(1)] + source.decode() + page[script.end(1) :]).encode(),
    )


def _arguments(source):
    """The loader call's own arguments: the first call of a function expression."""
    todo = [_PARSER.parse(source).root_node]
    while todo:
        node = todo.pop(0)
        if node.type == "call_expression" and node.child_by_field_name("function").type == (
            "parenthesized_expression"
        ):
            return node.child_by_field_name("arguments").named_children
        todo.extend(node.children)
    raise AssertionError("there is no loader call")


def _configured(arguments, lines):
    """Put each printed line into the configuration object, in place of the line of that name."""
    wanted = _members(_PARSER.parse(f"({{{lines}}})".encode()).root_node)
    held = _members(arguments[5])
    brace = arguments[5].start_byte + 1
    edits = []
    for name, (pair, value) in wanted.items():
        text = pair.text.decode()
        if name not in held:
            edits.append((brace, brace, f" {text},"))
        elif value == "undefined":
            start, end = _span(held[name][0])
            after = held[name][0].next_sibling
            edits.append((start, after.end_byte if after.type == "," else end, ""))
        else:
            edits.append((*_span(held[name][0]), text))
    return edits


def _members(node):
    while node.type != "object":
        node = node.named_children[0]
    pairs = [each for each in node.named_children if each.type == "pair"]
    return {
        pair.child_by_field_name("key").text.decode().strip("'\""): (
            pair,
            pair.child_by_field_name("value").text.decode(),
        )
        for pair in pairs
    }


def _span(node):
    return node.start_byte, node.end_byte


def _page(sandbox):
    with urllib.request.urlopen(f"{sandbox.url}/_sandbox/page", timeout=10) as reply:
        return json.load(reply)


def _put(sandbox, what, body):
    request = urllib.request.Request(f"{sandbox.url}/_sandbox/{what}", data=body, method="PUT")
    with urllib.request.urlopen(request, timeout=10) as reply:
        assert reply.status == 200
