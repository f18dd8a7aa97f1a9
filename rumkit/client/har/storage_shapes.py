"""The shapes in which people get a browser's storage, brought into one.

A tool's JSON, `copy(JSON.stringify(localStorage))` (a string inside a string too), the text of
`document.cookie`, rows of the Application panel, a cookie extension's list, cookies.txt.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any

MAX_PAIRS = 20_000
_LOCAL_KEYS = ("cwr_c", "cwr_i")
_COOKIE_KEYS = ("cwr_s", "cwr_u")
_COOKIE_FIELDS = frozenset(
    {"domain", "path", "expires", "expirationdate", "hostonly", "samesite", "httponly", "secure"}
)
_NAME_KEYS = ("name", "key", "Name", "Key", "Name raw")
_VALUE_KEYS = ("value", "Value", "Content raw")
_ASSIGNED = re.compile(
    r"[\"']?(?:document\.cookie\s*=\s*|cookie:\s*)?[\"']?(?=[\w.$!%*|~-]{1,256}=)", re.IGNORECASE
)
_INSPECTED = re.compile(r"\s*[\"']?(cwr_[csiu][\w-]{0,100})[\"']?\s*:\s*(.{1,20000}?),?\s*$")
# How a console prints the object itself: Storage {cwr_i: '{"IdentityId":…}', length: 1}.
_PRINTED = re.compile(r"\b(cwr_[ci][\w-]{0,100}):\s?(['\"])((?:\\.|(?!\2).){1,20000})\2")
_COOKIE_ROW = 4
_COOKIES_TXT = 7

Pairs = list[tuple[str, Any]]


@dataclass
class Shape:
    """What a storage file holds: pairs of the local storage and of the cookies.

    `local` or `cookies` is None where nobody looked. `state` is what a tool says of the client.
    """

    local: Pairs | None = None
    cookies: Pairs | None = None
    state: dict[str, Any] = field(default_factory=dict)

    def merge(self, other: Shape) -> None:
        """Take in what another file holds."""
        if other.local is not None:
            self.local = [*(self.local or []), *other.local]
        if other.cookies is not None:
            self.cookies = [*(self.cookies or []), *other.cookies]
        self.state |= other.state

    def add(self, key: str, value: Any) -> None:
        """Put a pair where a key of its name belongs."""
        if key.startswith(_COOKIE_KEYS):
            self.cookies = [*(self.cookies or []), (key, value)]
        else:
            self.local = [*(self.local or []), (key, value)]


def shape_of(text: str) -> Shape:
    """Return what the text of a storage file holds; nothing of it where no shape fits."""
    found: Any = text
    for _ in range(4):
        parsed = _json(found) if isinstance(found, str) else None
        if parsed is None:
            break
        found = parsed
    if isinstance(found, dict):
        return _from_object(found)
    if isinstance(found, list):
        return _from_list(found)
    return _from_text(found if isinstance(found, str) else text)


def _json(text: str) -> Any:
    """Return parsed JSON, None for anything else; single quotes around it don't matter."""
    text = text.strip()
    if text[:1] == "'" and text[-1:] == "'":
        text = text[1:-1]
    if text[:1] not in ('"', "{", "["):
        return None
    try:
        return json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return None


def _from_object(found: dict[str, Any]) -> Shape:
    if not {"localStorage", "cookies", "origins", "documentCookie", "clientState"} & found.keys():
        return _plain(found)
    state = found.get("clientState")
    state = state if isinstance(state, dict) else {}
    cookies = _cookies(found.get("cookies"))
    for text in (found.get("documentCookie"), state.get("documentCookie")):
        if not cookies and isinstance(text, str):
            cookies = _cookie_text(text)
    return Shape(_local(found), cookies, state)


def _plain(found: dict[str, Any]) -> Shape:
    """Read the local storage alone, as JSON.stringify writes it."""
    shape = Shape()
    if found and all(isinstance(value, str) for value in found.values()):
        shape.local = []
    for key, value in list(found.items())[:MAX_PAIRS]:
        if shape.local is not None or key.startswith((*_LOCAL_KEYS, *_COOKIE_KEYS)):
            shape.add(key, value)
    return _without_guess(shape)


def _without_guess(shape: Shape) -> Shape:
    """Leave the local storage open where the pairs turned out to be cookies."""
    if shape.cookies and not shape.local:
        shape.local = None
    return shape


def _local(found: dict[str, Any]) -> Pairs | None:
    local = found.get("localStorage")
    if isinstance(local, str):
        return shape_of(local).local
    if isinstance(local, dict):
        return [(str(key), value) for key, value in list(local.items())[:MAX_PAIRS]]
    items = local if isinstance(local, list) else []
    origins = found.get("origins")
    for origin in origins if isinstance(origins, list) else ():
        inner = origin.get("localStorage") if isinstance(origin, dict) else None
        items = items + inner if isinstance(inner, list) else items
    looked = isinstance(local, list) or isinstance(origins, list)
    return _pairs(items) if looked else None


def _cookies(cookies: Any) -> Pairs | None:
    if isinstance(cookies, str):
        return _cookie_text(cookies)
    if isinstance(cookies, dict):
        held = list(cookies.items())[:MAX_PAIRS]
        return [(k, v.get("value") if isinstance(v, dict) else v) for k, v in held]
    return _pairs(cookies) if isinstance(cookies, list) else None


def _pairs(items: list[Any]) -> Pairs:
    """Return the pairs of a list of objects or of two-element lists."""
    pairs: Pairs = []
    for item in items[:MAX_PAIRS]:
        if isinstance(item, dict):
            names = [item[key] for key in _NAME_KEYS if isinstance(item.get(key), str)]
            values = [item[key] for key in _VALUE_KEYS if key in item]
            if names and values:
                pairs.append((names[0], values[0]))
        elif isinstance(item, list) and len(item) == 2 and isinstance(item[0], str):
            pairs.append((item[0], item[1]))
    return pairs


def _from_list(found: list[Any]) -> Shape:
    """Read Object.entries of the local storage, or a cookie extension's list."""
    pairs = _pairs(found)
    named = [key.lower() for item in found[:50] if isinstance(item, dict) for key in item]
    if _COOKIE_FIELDS & set(named) or any(key.endswith(" raw") for key in named):
        return Shape(cookies=pairs)
    shape = Shape(local=[] if pairs else None)
    for key, value in pairs:
        shape.add(key, value)
    return _without_guess(shape)


def _cookie_text(text: str) -> Pairs:
    parts = (part.strip().partition("=") for part in text.split(";")[:MAX_PAIRS])
    return [(name, value) for name, mark, value in parts if mark]


def _from_text(text: str) -> Shape:
    """Read rows of a panel, a cookies.txt, or the text of document.cookie."""
    shape = Shape()
    if text.lstrip()[:9].startswith("Storage {"):
        shape.local = [(match[1], match[3]) for match in _PRINTED.finditer(text)]
        return shape
    for line in text.splitlines()[:MAX_PAIRS]:
        line = line.removeprefix("#HttpOnly_")  # noqa: PLW2901 - cookies.txt marks a row so
        cells = [cell.strip() for cell in line.split("\t")]
        if len(cells) >= _COOKIES_TXT and {cells[1], cells[3]} <= {"TRUE", "FALSE"}:
            shape.cookies = [*(shape.cookies or []), (cells[5], cells[6])]
        elif len(cells) >= _COOKIE_ROW:
            shape.cookies = [*(shape.cookies or []), (cells[0], cells[1])]
        elif len(cells) > 1:
            shape.add(cells[0], cells[1])
        elif match := _INSPECTED.match(line):
            shape.add(match[1], _json(match[2]) or match[2].strip("\"'"))
        elif (match := _ASSIGNED.match(line)) and not line.startswith("#"):
            pairs = _cookie_text(line[match.end() :].strip().rstrip("\"';"))
            shape.cookies = [*(shape.cookies or []), *pairs]
    return shape
