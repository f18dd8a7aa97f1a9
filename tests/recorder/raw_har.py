"""Writes a capture as DevTools would, secrets and all: what the saved file is held against."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from rumkit.recorder.allowed import iso

if TYPE_CHECKING:
    from pathlib import Path

    from rumkit.recorder.capture import Capture, Exchange


def write_raw(capture: Capture, file: Path) -> Path:
    """Write the HAR, and the console and the storage beside it."""
    entries = [_entry(exchange) for exchange in capture.exchanges]
    file.write_text(json.dumps({"log": {"version": "1.2", "entries": entries}}))
    file.with_suffix(".console.json").write_text(json.dumps(capture.messages))
    file.with_suffix(".storage.json").write_text(json.dumps(capture.states[-1]))
    return file


def _entry(exchange: Exchange) -> dict[str, Any]:
    request: dict[str, Any] = {
        "method": exchange.method,
        "url": exchange.url,
        "headers": _headers(exchange.sent),
    }
    if exchange.body:
        request["postData"] = {"text": exchange.body}
        if exchange.binary:
            request["postData"]["encoding"] = "base64"
    entry = {
        "_initiator": {"url": exchange.initiator},
        "_resourceType": exchange.resource,
        "pageref": exchange.page,
        "request": request,
        "response": {
            "status": exchange.status,
            "statusText": exchange.status_text,
            "headers": _headers(exchange.received),
            "content": {"mimeType": exchange.mime, "text": exchange.reply},
            "_error": exchange.error,
            "_blockedReason": exchange.blocked,
            "_corsError": exchange.cors_error,
            "_fetchedViaServiceWorker": exchange.via_worker,
        },
        "serverIPAddress": exchange.address,
        "startedDateTime": iso(exchange.started),
        "time": round(max(0, exchange.ended - exchange.started) * 1000, 1) if exchange.done else 0,
    }
    return entry | ({"_fromCache": "disk"} if exchange.from_cache else {})


def _headers(pairs: list[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in pairs]
