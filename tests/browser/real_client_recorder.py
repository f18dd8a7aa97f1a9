"""Records a page as a person does with DevTools: the HAR, the console, the storage."""

from __future__ import annotations

import base64
import contextlib
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

_MAX_BODY = 1_000_000
# DevTools leaves these out of the export that it offers first.
_SENSITIVE = ("authorization", "cookie", "set-cookie")


@dataclass
class _Request:
    page: str
    sent: dict[str, Any]
    headers: dict[str, str] = field(default_factory=dict)
    response: dict[str, Any] = field(default_factory=dict)
    received: dict[str, str] = field(default_factory=dict)
    status: int = 0
    end: float = 0.0
    error: str | None = None
    body: dict[str, Any] | None = None
    cached: bool = False

    @property
    def type(self) -> str:
        return str(self.sent.get("type") or "other").lower()


class Recorder:
    """Listens to one page from before its first request."""

    def __init__(self, page: Any) -> None:
        self._page = page
        self._cdp = page.context.new_cdp_session(page)
        self._requests: dict[str, _Request] = {}
        self._early: dict[str, dict[str, Any]] = {}
        self._order: list[_Request] = []
        self._pages: list[tuple[str, str, float]] = []
        self.console: list[str] = []
        listeners = {
            "Network.requestWillBeSent": self._sent,
            "Network.requestWillBeSentExtraInfo": self._sent_more,
            "Network.responseReceived": self._received,
            "Network.responseReceivedExtraInfo": self._received_more,
            "Network.requestServedFromCache": self._from_cache,
            "Network.loadingFinished": self._finished,
            "Network.loadingFailed": self._failed,
            "Log.entryAdded": self._logged,
            "Runtime.exceptionThrown": self._thrown,
            "Runtime.consoleAPICalled": self._said,
        }
        for event, listener in listeners.items():
            self._cdp.on(event, listener)
        self._cdp.send("Network.enable", {"maxPostDataSize": _MAX_BODY})
        self._cdp.send("Log.enable")
        self._cdp.send("Runtime.enable")

    # What the browser tells, in the order in which it tells it.

    def _sent(self, event: dict[str, Any]) -> None:
        number = event["requestId"]
        if event.get("type") == "Document" and event.get("requestId") == event.get("loaderId"):
            self._pages.append((f"page_{len(self._pages) + 1}", event["documentURL"],
                                event["wallTime"]))  # fmt: skip
        page = self._pages[-1][0] if self._pages else "page_1"
        request = _Request(page, event)
        request.headers = self._early.pop(number, {}).get("headers", {})
        if redirect := event.get("redirectResponse"):
            before = self._requests[number]
            before.response, before.status = redirect, redirect["status"]
            before.end = event["timestamp"]
        self._requests[number] = request
        self._order.append(request)

    def _sent_more(self, event: dict[str, Any]) -> None:
        request = self._requests.get(event["requestId"])
        if request is None:
            self._early[event["requestId"]] = event
        else:
            request.headers = event["headers"]

    def _received(self, event: dict[str, Any]) -> None:
        if request := self._requests.get(event["requestId"]):
            request.response = event["response"]
            request.status = request.status or event["response"]["status"]

    def _received_more(self, event: dict[str, Any]) -> None:
        if request := self._requests.get(event["requestId"]):
            request.received, request.status = event["headers"], event["statusCode"]

    def _from_cache(self, event: dict[str, Any]) -> None:
        if request := self._requests.get(event["requestId"]):
            request.cached = True

    def _finished(self, event: dict[str, Any]) -> None:
        if request := self._requests.get(event["requestId"]):
            request.end = event["timestamp"]

    def _failed(self, event: dict[str, Any]) -> None:
        if request := self._requests.get(event["requestId"]):
            request.end, request.error = event["timestamp"], event["errorText"]

    def _logged(self, event: dict[str, Any]) -> None:
        entry = event["entry"]
        self._line(entry.get("url", ""), entry.get("lineNumber"), entry["text"])

    def _thrown(self, event: dict[str, Any]) -> None:
        details = event["exceptionDetails"]
        said = details.get("exception", {}).get("description", "")
        self._line(details.get("url", ""), details.get("lineNumber"), f"{details['text']} {said}")

    def _said(self, event: dict[str, Any]) -> None:
        words = [str(a.get("value", a.get("description", ""))) for a in event["args"]]
        frames = event.get("stackTrace", {}).get("callFrames") or [{}]
        self._line(frames[0].get("url", ""), frames[0].get("lineNumber"), " ".join(words))

    def _line(self, url: str, line: int | None, text: str) -> None:
        # "Save as" of the console writes the file's name and the line before the message.
        self.console.append(f"{url.rsplit('/', 1)[-1]}:{(line or 0) + 1} {text}")

    # What is asked of the browser before the page is left.

    def keep_bodies(self) -> None:
        """Fetch the replies' bodies; a page that was left has none any more."""
        for number, request in list(self._requests.items()):
            wanted = request.type in {"document", "fetch", "xhr", "preflight"} or (
                request.type == "script" and "//client.rum." not in request.sent["request"]["url"]
            )
            if wanted and request.body is None and request.status:
                with contextlib.suppress(Exception):
                    request.body = self._cdp.send("Network.getResponseBody", {"requestId": number})

    def storage(self) -> dict[str, Any]:
        """Return the origin's localStorage and cookies."""
        local = self._page.evaluate("() => ({...localStorage})")
        return {"localStorage": local, "cookies": self._page.context.cookies()}

    def save(self, file: Path, *, sanitised: bool = False) -> None:
        """Write the HAR, and the console and the storage beside it."""
        har = {"log": {
            "version": "1.2",
            "creator": {"name": "WebInspector", "version": "537.36"},
            "pages": [_page(*page) for page in self._pages],
            "entries": [_entry(request, sanitised=sanitised) for request in self._order],
        }}  # fmt: skip
        file.write_text(json.dumps(har))
        file.with_suffix(".console.txt").write_text("\n".join(self.console))
        file.with_suffix(".storage.json").write_text(json.dumps(self.storage()))


def _page(number: str, url: str, wall: float) -> dict[str, Any]:
    timings = {"onContentLoad": 50, "onLoad": 100}
    return {"startedDateTime": _moment(wall), "id": number, "title": url, "pageTimings": timings}


def _moment(wall: float) -> str:
    return datetime.fromtimestamp(wall, UTC).isoformat(timespec="milliseconds")[:-6] + "Z"


def _entry(request: _Request, *, sanitised: bool) -> dict[str, Any]:
    sent = request.sent
    time = max(0.0, (request.end - sent["timestamp"]) * 1000) if request.end else 0
    entry = {
        "_initiator": sent.get("initiator", {}),
        "_resourceType": request.type,
        "cache": {},
        "pageref": request.page,
        "request": _sent(request, sanitised=sanitised),
        "response": _received(request, sanitised=sanitised),
        "startedDateTime": _moment(sent["wallTime"]),
        "time": time,
        "timings": {"send": 0, "wait": time, "receive": 0},
    }
    if request.cached:
        entry["_fromCache"] = "memory"
    return entry


def _sent(request: _Request, *, sanitised: bool) -> dict[str, Any]:
    asked = request.sent["request"]
    found = {
        "method": asked["method"],
        "url": asked["url"],
        "httpVersion": "http/1.1" if request.status else "",
        "headers": _headers(request.headers or asked["headers"], sanitised=sanitised),
        "queryString": [],
        "cookies": [],
        "headersSize": -1,
        "bodySize": len(asked.get("postData", "")),
    }
    if asked.get("postData"):
        kind = {name.lower(): v for name, v in asked["headers"].items()}.get("content-type", "")
        found["postData"] = {"mimeType": kind, "text": asked["postData"]}
    return found


def _received(request: _Request, *, sanitised: bool) -> dict[str, Any]:
    reply = request.response
    content: dict[str, Any] = {"size": 0, "mimeType": reply.get("mimeType", "x-unknown")}
    if request.body is not None:
        content["text"] = request.body["body"]
        if request.body["base64Encoded"]:
            content["encoding"] = "base64"
            with contextlib.suppress(ValueError):
                content["size"] = len(base64.b64decode(content["text"]))
    return {
        "status": request.status,
        "statusText": reply.get("statusText", ""),
        "httpVersion": "http/1.1" if request.status else "",
        "headers": _headers(request.received or reply.get("headers", {}), sanitised=sanitised),
        "cookies": [],
        "content": content,
        "redirectURL": "",
        "headersSize": -1,
        "bodySize": -1,
        "_transferSize": 0,
        "_error": request.error,
    }


def _headers(found: dict[str, str], *, sanitised: bool) -> list[dict[str, str]]:
    hidden = _SENSITIVE if sanitised else ()
    # A header that came several times is one value with a newline between.
    return [
        {"name": name, "value": part}
        for name, value in found.items()
        if name.lower() not in hidden
        for part in value.split("\n")
    ]
