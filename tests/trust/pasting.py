"""Pastes what rumkit prints into what reads it: shells, node, Terraform's and YAML's parsers."""

# ruff: noqa: E501 - programs that are easier to read whole

from __future__ import annotations

import functools
import json
import os
import re
import subprocess
from typing import TYPE_CHECKING, Any

import hcl2
import yaml
from cfnlint.api import lint
from cfnlint.config import ManualArgs

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from rumkit.model import Fix

SHELLS = ("bash", "dash")
# Writes down its words and answers nothing.
_STUB = (
    '#!/bin/sh\nfor word in "$@"; do printf "%s\\0" "$word"; done >>"$OUT"\nprintf "\\n" >>"$OUT"\n'
)
_ELEMENTS = re.compile(r"(?is)<script\b([^>]*)>(.*?)</script\s*>")
# Runs a text with a browser's names that do nothing, and says whether it called the canary.
_RUN = """
const vm = require('vm'), texts = JSON.parse(require('fs').readFileSync(0, 'utf8'));
const still = () => new Proxy(function () {}, {
  get: (_, name) => name === Symbol.toPrimitive ? () => '' : still(), apply: still, construct: still});
console.log(JSON.stringify(texts.map(text => {
  let called = false, wrong = '';
  const world = {canary: () => { called = true; }, document: still(), navigator: still(), console: still()};
  world.window = world; world.self = world; world.globalThis = world;
  try { vm.runInNewContext(text, world, {timeout: 1000}); } catch (error) { wrong = String(error); }
  return [called, wrong];
})));
"""


class Bench:
    """A folder in which fixes are pasted; whatever a paste starts leaves a mark there."""

    def __init__(self, folder: Path) -> None:
        self._bin, self.work = folder / "bin", folder / "work"
        self._out = folder / "out"
        self._bin.mkdir(parents=True)
        self.work.mkdir()
        stub = self._bin / "aws"
        stub.write_text(_STUB)
        stub.chmod(0o700)

    def wrong(self, fix: Fix) -> list[str]:
        """Return what is not inert about a fix."""
        paste: Callable[[str], list[str]] | None = _PASTES.get(fix.kind)
        told = [f"{fix.kind}: {each}" for each in (paste(fix.text) if paste else ())]
        if fix.kind == "aws-cli":
            told += self.shells(fix.text)
        return told + (self.shells(fix.undo) if fix.undo else [])

    def shells(self, text: str) -> list[str]:
        """Paste commands into each shell: only `aws` runs, with the words of its own lines."""
        told = []
        for shell in SHELLS:
            self._out.write_bytes(b"")
            env = {"PATH": f"{self._bin}:{os.environ['PATH']}", "OUT": str(self._out)}
            done = subprocess.run([shell, "-c", text], cwd=self.work, env=env, check=False,
                                  capture_output=True, timeout=20)  # fmt: skip
            told += [f"{shell}: {each.name} was made" for each in self.work.iterdir()]
            calls = self._out.read_bytes().decode("utf-8", "replace").split("\0\n")[:-1]
            if done.returncode or done.stderr:
                told.append(f"{shell}: {done.stderr.decode(errors='replace')[:100]}")
            told += [f"{shell}: aws {call[:60]!r}" for call in calls if _odd(call.split("\0"))]
        return told


def _odd(words: list[str]) -> bool:
    """Tell whether the words of a call give the CLI another host, or a file to read."""
    return any(word.startswith(("--endpoint", "file:", "fileb:")) for word in words)


def _terraform(text: str) -> list[str]:
    try:
        read = hcl2.loads(text + "\n")
    except Exception as error:  # noqa: BLE001 - whatever the parser raises
        return [f"is not read: {str(error)[:80]}"]
    blocks = set(read) - {"resource", "data", "provider", "terraform"}
    live = [f"a template {each!r}" for each in _strings(read)
            if re.search(r"(?<![$%])(?:\$\$)*[$%]\{", each) and not _reference(each)]  # fmt: skip
    return [*live, *(f"a block {name}" for name in blocks)]


def _reference(text: str) -> bool:
    """Tell whether a text is how the parser writes a function or resource of ours."""
    return bool(re.match(r"\$\{(?:jsonencode\(|aws_|data\.)", text))


def _cloudformation(text: str) -> list[str]:
    try:
        read = yaml.safe_load(text)
    except yaml.YAMLError as error:
        return [f"is not read: {str(error)[:80]}"]
    words = set(_keys(read))
    told = [f"a function {name}" for name in words if name.startswith("Fn::")]
    told += [f"cfn-lint: {match}" for match in _linted(text)]
    return told + ["a dynamic reference" for each in _strings(read) if "{{resolve" in each]


@functools.lru_cache(maxsize=500)
def _linted(text: str) -> tuple[str, ...]:
    """Return cfn-lint's errors, but for what a fragment leaves out of the person's template."""
    found = lint(text, config=ManualArgs(regions=["eu-west-1"]))
    return tuple(f"{each.rule.id} {each.message[:80]}" for each in found
                 if each.rule.id.startswith("E") and each.rule.id != "E3003")  # fmt: skip


def _policy(text: str) -> list[str]:
    """Evaluate a policy on its own: nobody is let in beyond the one call, no wildcard is new."""
    try:
        document = json.loads(text)
    except ValueError as error:
        return [f"is not JSON: {error}"]
    told = []
    for each in document.get("Statement", []):
        if each.get("Effect") != "Allow":
            continue
        actions = each.get("Action", [])
        actions = [actions] if isinstance(actions, str) else actions
        principal = each.get("Principal")
        anybody = principal == "*" or (isinstance(principal, dict) and "*" in principal.values())
        if anybody and set(actions) - {"rum:PutRumEvents"}:
            told.append(f"anybody may {actions}")
        if anybody and "Resource" in each and "*" in each["Resource"]:
            told.append("anybody, on anything")
    return told


def javascript(texts: list[str]) -> list[tuple[bool, str]]:
    """Run texts in node, each in a world of its own: whether the canary was called, what failed."""
    done = subprocess.run(["node", "-e", _RUN], input=json.dumps(texts), capture_output=True,
                          text=True, timeout=60, check=True)  # fmt: skip
    return [(called, wrong) for called, wrong in json.loads(done.stdout)]


def _client(text: str) -> list[str]:
    if "<script" in text.lower():
        elements = _ELEMENTS.findall(text)
        if len(elements) != 1 or _ELEMENTS.sub("", text).strip():
            return ["more than one script element"]
        tried = [elements[0][1]]
    else:
        tried = [f"({{{text}}})", f"f({text})"]
    results = javascript([f"function f() {{}}\n{each}" for each in tried])
    told = ["calls the canary" for called, _ in results if called]
    return told + ([results[0][1]] if all("Syntax" in wrong for _, wrong in results) else [])


def _header(text: str) -> list[str]:
    lines = text.splitlines()
    return ["more than one line"] if len(lines) != 1 and not text.startswith("<meta") else []


_PASTES: dict[str, Callable[[str], list[str]]] = {
    "terraform": _terraform,
    "cloudformation": _cloudformation,
    "iam-policy": _policy,
    "trust-policy": _policy,
    "resource-policy": _policy,
    "client-config": _client,
    "csp-header": _header,
}


def _strings(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [each for item in value.values() for each in _strings(item)]
    if isinstance(value, list):
        return [each for item in value for each in _strings(item)]
    return [value] if isinstance(value, str) else []


def _keys(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [*map(str, value), *(each for item in value.values() for each in _keys(item))]
    return [each for item in value for each in _keys(item)] if isinstance(value, list) else []
