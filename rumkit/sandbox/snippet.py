"""The web client's loader as a page carries it: written from data, and read back into data."""

from __future__ import annotations

import base64
import functools
import hashlib
import json
import re
from dataclasses import dataclass, field
from typing import Any, Final

LOADER: Final = (
    "(function(n,i,v,r,s,c,u,x,z){x=window.AwsRumClient={q:[],n:n,i:i,v:v,r:r,c:c,u:u};"
    "window[n]=function(c,p){x.q.push({c:c,p:p});};z=document.createElement('script');"
    "z.async=true;z.src=s;document.head.insertBefore(z,document.getElementsByTagName('script')"
    "[0]);})"
)
CLIENT_HOST: Final = "https://client.rum.us-east-1.amazonaws.com"
_CALL = re.compile(r"\}\)\(\s*(?=['\"])")
_TOKEN = re.compile(
    r"\s*(?:(?P<string>'(?:[^'\\\n]|\\.)*'|\"(?:[^\"\\\n]|\\.)*\")|(?P<regex>/(?![*/])"
    r"(?:[^/\\\n]|\\.)+/[a-z]*)|(?P<number>-?\d+(?:\.\d+)?)|(?P<word>[A-Za-z_$][\w$]*)"
    r"|(?P<mark>[{}\[\],:()])|(?P<comment>//[^\n]*|/\*.{0,4000}?\*/))",
    re.DOTALL,
)
_WORDS: Final = {"true": True, "false": False, "null": None, "undefined": None}
_MAX_DEPTH = 20


class Source(str):
    """JavaScript that stands in the configuration as it is, such as a regular expression."""

    __slots__ = ()


@dataclass
class Client:
    """The loader's arguments."""

    monitor_id: str
    region: str
    config: dict[str, Any]
    url: str = f"{CLIENT_HOST}/1.x/cwr.js"
    version: str = "1.0.0"
    namespace: str = "cwr"
    commands: list[str] = field(default_factory=list)


def write_snippet(client: Client) -> str:
    """Return the text between the script tags."""
    arguments = (client.namespace, client.monitor_id, client.version, client.region, client.url)
    texts = ",\n    ".join([*(_javascript(text) for text in arguments), _javascript(client.config)])
    commands = "".join(f"\n  {command}" for command in client.commands)
    return f"\n  {LOADER}(\n    {texts}\n  );{commands}\n"


@functools.lru_cache(maxsize=64)
def read_snippet(html: str) -> Client | None:
    """Return the arguments of the first loader call of a page (not to be changed), or None."""
    match = _CALL.search(html)
    if match is None:
        return None
    try:
        values = _Reader(html, match.end()).arguments()
    except (ValueError, IndexError):
        return None
    if len(values) < 6 or not isinstance(values[5], dict):
        return None
    namespace, monitor_id, version, region, url = (str(value) for value in values[:5])
    return Client(monitor_id, region, values[5], url, version, namespace)


def script_hash(text: str) -> str:
    """Return a script's hash as a source expression of a content security policy."""
    digest = hashlib.sha256(text.replace("\r\n", "\n").encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


def guide_hash(text: str) -> str:
    """Return what the troubleshooting guide's shell command prints for a one-line snippet.

    The quotes inside the text close and reopen the shell's quoting, so they vanish; echo joins
    the words by single spaces and appends a newline.
    """
    mangled = " ".join(text.replace("'", "").split()) + "\n"
    digest = hashlib.sha256(mangled.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


def _javascript(value: Any, depth: int = 2) -> str:
    if isinstance(value, Source):
        return str(value)
    if isinstance(value, str):
        return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
    if isinstance(value, list):
        return "[" + ", ".join(_javascript(item, depth + 1) for item in value) + "]"
    if isinstance(value, dict):
        pad = "  " * depth
        rows = [f"{pad}  {key}: {_javascript(item, depth + 1)}" for key, item in value.items()]
        return "{\n" + ",\n".join(rows) + f"\n{pad}}}" if rows else "{}"
    return json.dumps(value)


class _Reader:
    """Reads literals only; anything else raises ValueError."""

    def __init__(self, text: str, at: int) -> None:
        self._text, self._at = text, at

    def arguments(self) -> list[Any]:
        return self._items(")", 0)

    def _items(self, end: str, depth: int) -> list[Any]:
        items: list[Any] = []
        while not self._skip(end):
            items.append(self._value(depth + 1))
            self._skip(",")
        return items

    def _value(self, depth: int) -> Any:
        if depth > _MAX_DEPTH:
            raise ValueError("nested too deeply")
        kind, text = self._next()
        if kind == "string":
            return re.sub(r"\\(.)", r"\1", text[1:-1])
        if kind == "number":
            return float(text) if "." in text else int(text)
        if kind == "regex":
            return Source(text)
        if kind == "word" and text in _WORDS:
            return _WORDS[text]
        if text == "[":
            return self._items("]", depth)
        if text == "{":
            return self._members(depth)
        raise ValueError(f"not a literal: {text}")

    def _members(self, depth: int) -> dict[str, Any]:
        members: dict[str, Any] = {}
        while not self._skip("}"):
            _, key = self._next()
            if not self._skip(":"):
                raise ValueError("a colon is missing")
            members[key.strip("'\"")] = self._value(depth + 1)
            self._skip(",")
        return members

    def _skip(self, mark: str) -> bool:
        at = self._at
        if self._next()[1] == mark:
            return True
        self._at = at
        return False

    def _next(self) -> tuple[str, str]:
        while True:
            match = _TOKEN.match(self._text, self._at)
            if match is None or match.lastgroup is None:
                raise ValueError("not JavaScript that is read here")
            self._at = match.end()
            if match.lastgroup != "comment":
                return match.lastgroup, match[match.lastgroup]
