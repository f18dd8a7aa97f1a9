"""Rows of Athena and CloudTrail Lake, back into the shape of CloudTrail records.

Athena's columns are lower case; its structs and Lake's come as JSON text where the query asked
for it, else as `{type=AssumedRole, arn=...}`, which loses quoting: names are needed to read it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from rumkit.json_text import read_json

# The names inside a record, by their lower-case spelling. Maps with free keys (request
# parameters, attributes of a web identity) keep their keys as they are.
_NAMES: Final = {
    name.lower(): name
    for name in [
        "eventVersion",
        "eventTime",
        "eventSource",
        "eventName",
        "awsRegion",
        "sourceIPAddress",
        "userAgent",
        "errorCode",
        "errorMessage",
        "requestParameters",
        "responseElements",
        "requestID",
        "eventID",
        "readOnly",
        "resources",
        "eventType",
        "managementEvent",
        "recipientAccountId",
        "eventCategory",
        "userIdentity",
        "type",
        "principalId",
        "arn",
        "accountId",
        "accessKeyId",
        "userName",
        "invokedBy",
        "identityProvider",
        "sessionContext",
        "sessionIssuer",
        "webIdFederationData",
        "federatedProvider",
        "attributes",
        "creationDate",
        "mfaAuthenticated",
        "additionalEventData",
        "sharedEventID",
        "vpcEndpointId",
        "apiVersion",
        "tlsDetails",
        "tlsVersion",
        "cipherSuite",
        "clientProvidedHostHeader",
    ]
}
_OBJECTS: Final = ("userIdentity", "requestParameters", "responseElements")
_STRUCT_KEYS: Final = re.compile(r"(?:^|, )([A-Za-z][A-Za-z0-9_.:-]{0,80})=")
_MAX_STRUCT: Final = 200_000
_MAX_DEPTH: Final = 8


def is_sql_row(row: Mapping[str, Any]) -> bool:
    """Return whether this is a row of Athena or of Lake, not a record."""
    if "eventname" in row and "eventtime" in row:
        return True
    return "eventName" in row and any(isinstance(row.get(key), str) for key in _OBJECTS)


def record_from_row(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row as a record; text that holds a struct or JSON is read, nulls are dropped."""
    record = {_NAMES.get(str(key).lower(), str(key)): value for key, value in row.items()}
    for name in _OBJECTS:
        value = _value(record.get(name))
        record[name] = _named(value) if name == "userIdentity" else _opened(value)
    record["resources"] = _resources(_value(record.get("resources")))
    return {name: value for name, value in record.items() if value is not None}


def _value(text: object) -> Any:
    """Read JSON text or struct text; anything else stays as it is."""
    if not isinstance(text, str):
        return text
    stripped = text.strip()
    if stripped in {"", "null"}:
        return None
    try:
        return read_json(stripped)
    except ValueError:
        return read_struct(stripped)


def _named(value: object) -> object:
    """Give a tree of lower-case structs its own names back, except in maps with free keys."""
    if not isinstance(value, Mapping):
        return value
    return {
        _NAMES.get(str(key).lower(), str(key)): inner
        if str(key).lower() == "attributes" and not _is_session(inner)
        else _named(inner)
        for key, inner in value.items()
    }


def _is_session(attributes: object) -> bool:
    return isinstance(attributes, Mapping) and "creationdate" in attributes


def _opened(value: object) -> object:
    """Read what a map of texts, which is all that Lake has, holds as text of objects and lists."""
    if not isinstance(value, Mapping):
        return value
    return {
        key: _value(inner) if isinstance(inner, str) and inner[:1] in {"{", "["} else inner
        for key, inner in value.items()
    }


def _resources(value: object) -> list[dict[str, Any]] | None:
    if not isinstance(value, list):
        return None
    resources = []
    for item in value[:20]:
        if isinstance(item, Mapping):
            low = {str(key).lower(): inner for key, inner in item.items()}
            resources.append({"ARN": low.get("arn"), "type": low.get("type")})
    return resources


def read_struct(text: str) -> Any:
    """Read `{a=1, b={c=2}}` or `[{...}]` as engines print structs; other text stays text.

    Values may hold `, ` and `=`; a comma ends a value only where a key and `=` follow it at the
    same depth. That is the best that this form allows.
    """
    return _struct(text, 0) if len(text) <= _MAX_STRUCT else text


def _struct(text: str, depth: int) -> Any:
    stripped = text.strip()
    if depth < _MAX_DEPTH and stripped[:1] == "{" and stripped[-1:] == "}":
        return _fields(stripped[1:-1], depth)
    if depth < _MAX_DEPTH and stripped[:1] == "[" and stripped[-1:] == "]":
        return [_struct(part, depth + 1) for part in _items(stripped[1:-1])]
    return None if stripped == "null" else stripped


def _fields(body: str, depth: int) -> dict[str, Any]:
    levels = _levels(body)
    keys = [match for match in _STRUCT_KEYS.finditer(body) if levels[match.start()] == 0]
    ends = [match.start() for match in keys[1:]] + [len(body)]
    return {
        match[1]: _struct(body[match.end() : end], depth + 1)
        for match, end in zip(keys, ends, strict=True)
    }


def _items(body: str) -> list[str]:
    """Split a list at the commas outside all brackets."""
    levels = _levels(body)
    cuts = [at for at, char in enumerate(body) if char == "," and levels[at] == 0]
    starts = [0, *(at + 1 for at in cuts)]
    ends = [*cuts, len(body)]
    return [
        body[start:end] for start, end in zip(starts, ends, strict=True) if body[start:end].strip()
    ]


def _levels(body: str) -> list[int]:
    """Return how deep in brackets each character is."""
    depth, levels = 0, []
    for char in body:
        if char in "]}":
            depth = max(0, depth - 1)
        levels.append(depth)
        if char in "[{":
            depth += 1
    return [*levels, 0]
