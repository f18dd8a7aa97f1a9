"""The written cases about policies, and what their placeholders stand for."""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path
from typing import Any

CASES: list[dict[str, Any]] = json.loads(
    (Path(__file__).parent / "data" / "csp_cases.json").read_text("utf-8")
)
CLIENT_HOST = "https://client.rum.us-east-1.amazonaws.com"
DATA_HOST = "https://dataplane.rum.us-east-1.amazonaws.com"


def digest(text: str, algorithm: str = "sha256") -> str:
    """Return the base64 digest, computed without the library under test."""
    return base64.b64encode(hashlib.new(algorithm, text.encode()).digest()).decode()


def browser_source(text: str, algorithm: str = "sha256") -> str:
    """Return the hash source for the text."""
    return f"'{algorithm}-{digest(text, algorithm)}'"


def fill(text: str, snippet: str) -> str:
    """Fill the placeholders of a case for one snippet."""
    source = browser_source(snippet)
    filled = {
        "HASH": source,
        "HASH384": browser_source(snippet, "sha384"),
        "HASH512": browser_source(snippet, "sha512"),
        "HASH-URL": source.replace("+", "-").replace("/", "_"),
        "HASH-BARE": source.replace("=", ""),
        "HASH-CAPITALS": source.replace("sha256", "SHA256"),
        "HASH-DASH": source.replace("sha256", "sha-256"),
        "HASH-LOWER": source.lower(),
        "HASH-UNQUOTED": source.strip("'"),
        "HASH-DOUBLE": source.replace("'", '"'),
        "HASH-HEX": f"'sha256-{hashlib.sha256(snippet.encode()).hexdigest()}'",
        "HASH-JSON": source.replace("/", "\\/").replace("+", "\\+"),
        "HASH-NEWLINE": browser_source(snippet + "\n"),
        "HASH-CRLF": browser_source(snippet.replace("\n", "\r\n")),
        "CLIENT": CLIENT_HOST,
        "DATA": DATA_HOST,
    }
    for name, value in filled.items():
        text = text.replace("{" + name + "}", value)
    return text
