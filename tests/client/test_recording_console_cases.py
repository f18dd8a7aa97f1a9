"""Console logs as each browser and tool saves them, as data, with their right reading."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest

from rumkit.client.har.console import console_from_text

CASES = json.loads((Path(__file__).parent / "data" / "consoles.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_a_console_is_read(case: dict[str, Any]) -> None:
    console = console_from_text("\n".join(case["lines"]))
    violations = [[v.directive, v.blocked, v.report_only, v.grouped] for v in console.violations]
    assert violations == case["violations"]
    failed = [[r.kind, r.status, r.url or r.file] for r in console.failed_requests]
    assert failed == case["failed"]
    assert [message.reason for message in console.client] == case["reasons"]
    assert "CANARY" not in repr(console)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_what_else_a_console_tells(case: dict[str, Any]) -> None:
    console = console_from_text("\n".join(case["lines"]))
    assert console.messages == case.get("messages", console.messages)
    assert console.uncaught == case.get("uncaught", console.uncaught)
    assert list(console.client_frames) == case.get("frames", list(console.client_frames))
    for violation in console.violations:
        assert violation.line == case.get("line", violation.line)
        assert violation.suggested_hash == case.get("hash", violation.suggested_hash)


@pytest.mark.parametrize(
    "flood",
    ["https://a.b/x ", "https://a.b/ CORS ", "cwr.js:1 ", "a @ ", "Content-Security-Policy: (",
     "Refused to execute 'https://a' ", "Mixed Content: insecure '", "client.rum."],
)  # fmt: skip
def test_a_flood_of_long_messages_ends_soon(flood: str) -> None:
    line = flood * (8_000 // len(flood)) + "CORS"
    start = time.process_time()
    console_from_text("\n".join([line] * 300))
    console_from_text("x\n" + "\n".join([f"  {line}"] * 300))
    assert time.process_time() - start < 5
