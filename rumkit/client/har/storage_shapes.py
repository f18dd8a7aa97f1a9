"""The shapes in which people get a browser's storage, brought into one.

A tool's JSON, `copy(JSON.stringify(localStorage))` (a string inside a string too), the text of
`document.cookie`, rows of the Application panel, a cookie extension's list, cookies.txt, what
tests print and keep by origin, a request that was copied with its cookies.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from rumkit.client.har import fields

if TYPE_CHECKING:
    from collections.abc import Mapping

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
# How consoles and tests print the object itself: Storage {cwr_i: '{"IdentityId":…}', length: 1}.
_PRINTED = re.compile(r"\b(cwr_[ci][\w-]{0,100})['\"]?:\s?(['\"])((?:\\.|(?!\2).){1,20000})\2")
# A cookie as Python and Node.js print one, and one with code or a table around it.
_OBJECT = re.compile(r"\{[^{}]{0,16000}\}")
_NAME = re.compile(r"\bname['\"]?: ?['\"](cwr_[su][\w-]{0,100})['\"]")
_VALUE = re.compile(r"\bvalue['\"]?: ?['\"]([^'\"]{0,8192})")
_NAMED = re.compile(r"\b(cwr_[su](?:_[\w-]{1,100})?)['\"]?\s?[=,]\s?['\"]?([\w%+/=-]{20,8192})")
_COOKIE_ROW = 4
_COOKIES_TXT = 7

Pairs = list[tuple[str, Any]]


@dataclass
class StoredPairs:
    """What a storage file holds: pairs of the local storage and of the cookies.

    `local` or `cookies` is None where nobody looked. `state` is what a tool says of the client.
    """

    local: Pairs | None = None
    cookies: Pairs | None = None
    state: Mapping[str, Any] = field(default_factory=dict)

    def merge(self, other: StoredPairs) -> None:
        """Take in what another file holds."""
        if other.local is not None:
            self.local = (self.local or []) + other.local
        if other.cookies is not None:
            self.cookies = (self.cookies or []) + other.cookies
        self.state = {**self.state, **other.state}

    def add_cookies(self, *pairs: tuple[str, Any]) -> None:
        """Add cookies; somebody has looked at them then."""
        self.cookies = self.cookies if self.cookies is not None else []
        self.cookies.extend(pairs)

    def add(self, key: str, value: Any) -> None:
        """Put a pair where a key of its name belongs."""
        if key.startswith(_COOKIE_KEYS):
            self.add_cookies((key, value))
        else:
            self.local = self.local if self.local is not None else []
            self.local.append((key, value))


def pairs_of(text: str) -> StoredPairs:
    """Return what the text of a storage file holds; nothing of it where no shape fits."""
    parsed: Any = text
    for _ in range(4):
        inner = _json(parsed) if isinstance(parsed, str) else None
        if inner is None:
            break
        parsed = inner
    if isinstance(parsed, dict):
        return _from_object(parsed)
    if isinstance(parsed, list):
        return _from_list(parsed)
    return _from_text(parsed if isinstance(parsed, str) else text)


def _json(text: str) -> Any:
    """Return parsed JSON, None for anything else; single quotes around it don't matter."""
    text = text.strip()
    if text[:1] == "'" and text[-1:] == "'":
        text = text[1:-1]
    return fields.parsed(text) if text[:1] in ('"', "{", "[") else None


def _from_object(parsed: dict[str, Any]) -> StoredPairs:
    if not {"localStorage", "cookies", "origins", "documentCookie", "clientState"} & parsed.keys():
        return _plain(parsed)
    state = fields.mapping(parsed.get("clientState"))
    cookies = _cookies(parsed.get("cookies"))
    for text in (parsed.get("documentCookie"), state.get("documentCookie")):
        if not cookies and isinstance(text, str):
            cookies = _cookie_text(text)
    return StoredPairs(_local(parsed), cookies, state)


def _plain(parsed: dict[str, Any]) -> StoredPairs:
    """Read the local storage alone, as JSON.stringify writes it."""
    stored = StoredPairs()
    parsed = _of_all_origins(parsed)
    if parsed and all(isinstance(value, str) for value in parsed.values()):
        stored.local = []
    for key, value in list(parsed.items())[:MAX_PAIRS]:
        if stored.local is not None or key.startswith((*_LOCAL_KEYS, *_COOKIE_KEYS)):
            stored.add(key, value)
    return _without_guess(stored)


def _without_guess(stored: StoredPairs) -> StoredPairs:
    """Leave the local storage open where the pairs turned out to be cookies."""
    if stored.cookies and not stored.local:
        stored.local = None
    return stored


def _local(parsed: dict[str, Any]) -> Pairs | None:
    local = parsed.get("localStorage")
    if isinstance(local, str):
        return pairs_of(local).local
    if isinstance(local, dict):
        local = _of_all_origins(local)
        return [(str(key), value) for key, value in list(local.items())[:MAX_PAIRS]]
    items = local if isinstance(local, list) else []
    origins = parsed.get("origins")
    for origin in origins if isinstance(origins, list) else ():
        inner = origin.get("localStorage") if isinstance(origin, dict) else None
        items = items + inner if isinstance(inner, list) else items
    looked = isinstance(local, list) or isinstance(origins, list)
    return _pairs(items) if looked else None


def _of_all_origins(kept: dict[str, Any]) -> dict[str, Any]:
    """Return what is kept under origins as one, as Cypress keeps it; anything else as it is."""
    if not all(k.startswith("http") and isinstance(v, dict) for k, v in kept.items()):
        return kept
    return {key: value for inner in kept.values() for key, value in inner.items()}


def _cookies(cookies: Any) -> Pairs | None:
    if isinstance(cookies, str):
        return _cookie_text(cookies)
    if isinstance(cookies, dict):
        items = list(cookies.items())[:MAX_PAIRS]
        return [(k, v.get("value") if isinstance(v, dict) else v) for k, v in items]
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


def _from_list(parsed: list[Any]) -> StoredPairs:
    """Read Object.entries of the local storage, or a cookie extension's list."""
    pairs = _pairs(parsed)
    named = [key.lower() for item in parsed[:50] if isinstance(item, dict) for key in item]
    if _COOKIE_FIELDS & set(named) or any(key.endswith(" raw") for key in named):
        return StoredPairs(cookies=pairs)
    stored = StoredPairs(local=[] if pairs else None)
    for key, value in pairs:
        stored.add(key, value)
    return _without_guess(stored)


def _cookie_text(text: str) -> Pairs:
    parts = (part.strip().partition("=") for part in text.split(";")[:MAX_PAIRS])
    return [(name, value) for name, mark, value in parts if mark]


def _from_text(text: str) -> StoredPairs:
    """Read rows of a panel, a cookies.txt, or the text of document.cookie."""
    stored = StoredPairs()
    printed = [(match[1], match[3]) for match in _PRINTED.finditer(text)]
    if text.lstrip().startswith("Storage {"):
        stored.local = printed
        return stored
    for line in text.splitlines()[:MAX_PAIRS]:
        line = line.removeprefix("#HttpOnly_")  # noqa: PLW2901 - cookies.txt marks a row so
        cells = [cell.strip() for cell in line.split("\t")]
        if len(cells) >= _COOKIES_TXT and {cells[1], cells[3]} <= {"TRUE", "FALSE"}:
            stored.add_cookies((cells[5], cells[6]))
        elif len(cells) >= _COOKIE_ROW:
            stored.add_cookies((cells[0], cells[1]))
        elif len(cells) > 1:
            stored.add(cells[0], cells[1])
        elif match := _INSPECTED.match(line):
            stored.add(match[1], _json(match[2]) or match[2].strip("\"'"))
        elif (match := _ASSIGNED.match(line)) and not line.startswith("#"):
            pairs = _cookie_text(line[match.end() :].strip().rstrip("\"';"))
            stored.add_cookies(*pairs)
    known = any(name.startswith(_COOKIE_KEYS) for name, _ in stored.cookies or ())
    if not known and (found := _anywhere(text)):
        stored.add_cookies(*found)
    if printed and not stored.local:
        stored.local = printed
    return stored


def _anywhere(text: str) -> Pairs:
    """Return the client's cookies out of a text around them."""
    objects = [match[0] for match in _OBJECT.finditer(text) if "cwr_" in match[0]][:100]
    named = ((_NAME.search(each), _VALUE.search(each)) for each in objects)
    printed = [(name[1], value[1]) for name, value in named if name and value]
    return printed or [(match[1], match[2]) for match in _NAMED.finditer(text)][:100]
