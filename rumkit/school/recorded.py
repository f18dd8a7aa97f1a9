"""The calls of the course's recording as a table, without anything that could be a secret."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from rumkit.model import BadInput
from rumkit.show import tables, words

if TYPE_CHECKING:
    from rumkit.show.views import Drawn

_MAX_BYTES = 5_000_000
_MAX_SAID = 400


def recorded(path: str) -> Drawn:
    """Return the calls of a HAR file in order: method, address, status, what a refusal says.

    Raises BadInput for a file that is none. Queries, headers and bodies are left out.
    """
    rows = [
        [
            str(number),
            call["request"]["method"],
            _address(call),
            str(call["response"]["status"]),
            refusal,
        ]
        for number, call in enumerate(_entries(path), 1)
        for refusal in [_refusal(call["response"])]
    ]
    head = ["no.", "method", "address", "status", "what a refusal says"]
    return tables.drawn("recorded", words.count(len(rows), "recorded call"), head, rows)


def _entries(path: str) -> list[dict[str, Any]]:
    file = Path(path)
    try:
        if file.stat().st_size > _MAX_BYTES:
            raise BadInput(f"{path} is larger than a recording of this course.")
        entries = json.loads(file.read_text(encoding="utf-8"))["log"]["entries"]
        return [call for call in entries if {"method", "url"} <= set(call["request"])]
    except (OSError, ValueError, KeyError, TypeError):
        raise BadInput(f"{path} is not a recording that can be read here.") from None


def _address(call: dict[str, Any]) -> str:
    parts = urlsplit(str(call["request"]["url"]))
    return f"{parts.scheme}://{parts.hostname}{parts.path}"


def _refusal(response: dict[str, Any]) -> str:
    if int(response["status"]) < 400:
        return ""
    try:
        message = json.loads(response["content"]["text"])["message"]
    except (ValueError, KeyError, TypeError):
        return ""
    return str(message)[:_MAX_SAID]
