"""Firefox, over WebDriver BiDi, which needs no driver program beside it."""

from __future__ import annotations

import base64
import json
import re
import time
from functools import partial
from typing import TYPE_CHECKING, Any, Self

from rumkit.model import RumkitError
from rumkit.recorder import held_back, page_scripts
from rumkit.recorder.capture import Capture, Exchange
from rumkit.recorder.channel import BrowserChannel, BrowserGone
from rumkit.recorder.driver import let_flush
from rumkit.recorder.process import BrowserProcess
from rumkit.recorder.states import keep_state, keep_violation
from rumkit.recorder.websocket import SocketTransport

if TYPE_CHECKING:
    from collections.abc import Callable

    from rumkit.recorder.driver import Launch

_EVENTS = (
    "network.beforeRequestSent", "network.responseStarted", "network.responseCompleted",
    "network.fetchError", "log.entryAdded", "script.message",
)  # fmt: skip
_CHANNEL = "rumkit"
_START_SECONDS = 60.0
_MAX_KEPT = 20_000_000
_ADDRESS = re.compile(r"ws://127\.0\.0\.1:\d{1,5}|ws://localhost:\d{1,5}|ws://\[::1\]:\d{1,5}")
_RESOURCES = {"iframe": "document", "frame": "document", "style": "stylesheet", "audio": "media",
              "video": "media", "track": "texttrack"}  # fmt: skip
_INITIATORS = {"xmlhttprequest": "xhr", "beacon": "ping"}
_UNOBSERVED = ("Firefox names no reason for a request that CORS refused but in its console.",)


class Firefox:
    """A running Firefox with one tab that is recorded."""

    def __init__(self, launch: Launch) -> None:
        self._launch = launch
        self._process = BrowserProcess()
        self._transport: SocketTransport | None = None
        self.version = ""
        self.unobserved = _UNOBSERVED

    def __enter__(self) -> Self:
        try:
            self._start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def _start(self) -> None:
        profile = self._process.profile / "profile"
        profile.mkdir()
        (profile / "user.js").write_text(_preferences(self._launch))
        log = self._process.profile / "browser.log"
        headless = ["--headless"] if self._launch.headless else []
        self._process.start(
            [self._launch.browser.path, *headless, "--no-remote", "--profile", str(profile),
             "--remote-debugging-port", "0", "about:blank"],
            log=log,
        )  # fmt: skip
        self._transport = SocketTransport(f"{self._address(log)}/session")
        self._channel = BrowserChannel(self._transport)
        self._channel.listener = self._take
        self._open_requests: dict[str, Exchange] = {}
        self._tab = ""
        self._capture = Capture()
        self._begin()

    def _address(self, log: Any) -> str:
        """Return where Firefox listens, which it says on its standard error."""
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline:
            if match := _ADDRESS.search(log.read_text(errors="replace")):
                return match[0]
            if not self._process.alive:
                break
            time.sleep(0.05)
        raise RumkitError("Firefox did not start, or said nothing of where it can be reached.")

    def _begin(self) -> None:
        wanted = {"alwaysMatch": {"acceptInsecureCerts": bool(self._launch.front)}}
        session = self._channel.call("session.new", {"capabilities": wanted}, seconds=30)
        self.version = f"Firefox/{session['capabilities'].get('browserVersion', '')}"[:80]
        call = self._channel.call
        call("session.subscribe", {"events": list(_EVENTS)})
        kept = {"dataTypes": ["request", "response"], "maxEncodedDataSize": _MAX_KEPT}
        call("network.addDataCollector", kept)
        channel = {"type": "channel", "value": {"channel": _CHANNEL}}
        preload = {"functionDeclaration": page_scripts.VIOLATIONS, "arguments": [channel]}
        call("script.addPreloadScript", preload)
        if self._launch.dry:
            call("network.addIntercept", {"phases": ["beforeRequestSent"]})

    def __exit__(self, *_: object) -> None:
        if self._transport:
            self._transport.close()
        self._process.end()

    def record(self, capture: Capture, *, private: bool = False) -> None:
        """Open a tab, in a user context of its own if `private`, and record it from now on."""
        self._capture = capture
        asked: dict[str, Any] = {"type": "tab"}
        if private:
            asked["userContext"] = self._channel.call("browser.createUserContext", {})[
                "userContext"
            ]
        before = self._tab
        self._tab = self._channel.call("browsingContext.create", asked, seconds=30)["context"]
        if before:
            self._channel.call("browsingContext.close", {"context": before})

    def open(self, url: str) -> None:
        """Begin to load a page."""
        self._post("browsingContext.navigate", {"url": url, "wait": "none"})

    def reload(self) -> None:
        """Load the page again."""
        self._post("browsingContext.reload", {"wait": "none"})

    def leave(self) -> None:
        """Hide the page behind another tab first, then leave it."""
        other = self._channel.call("browsingContext.create", {"type": "tab"}, seconds=2)["context"]
        let_flush(self)
        self._post("browsingContext.navigate", {"url": "about:blank", "wait": "none"})
        self.pump(0.1)
        self._channel.call("browsingContext.close", {"context": other}, seconds=2)

    def run(self, script: str) -> None:
        """Run a script of ours in the page."""
        self._evaluate(script, None)

    def ask_state(self) -> None:
        """Ask the page for the client's state."""
        self._evaluate(page_scripts.STATE, partial(_keep_state, self._capture, self._capture.page))

    def _evaluate(self, script: str, then: Callable[[dict[str, Any]], None] | None) -> None:
        target = {"context": self._tab}
        asked = {"expression": script, "target": target, "awaitPromise": False}
        self._channel.post("script.evaluate", asked, then)

    def _post(self, method: str, params: dict[str, Any]) -> None:
        self._channel.post(method, {"context": self._tab, **params})

    def pump(self, seconds: float) -> None:
        """Take what has come, and wait for more at most so long. Raises BrowserGone."""
        self._channel.pump(seconds)
        if not self._process.alive:
            raise BrowserGone("The browser ended before the recording was complete.")

    def _take(self, message: dict[str, Any]) -> None:
        params = message.get("params", {})
        handlers = {
            "network.beforeRequestSent": self._sent,
            "network.responseStarted": self._received,
            "network.responseCompleted": self._completed,
            "network.fetchError": self._failed,
            "log.entryAdded": self._logged,
            "script.message": self._told,
        }
        if handler := handlers.get(message["method"]):
            handler(params)

    def _sent(self, event: dict[str, Any]) -> None:
        request = event["request"]
        number = f"{request['request']}/{event.get('redirectCount', 0)}"
        if event.get("isBlocked"):
            self._let_through_or_not(request)
        url, moment = str(request["url"]), event["timestamp"] / 1000
        resource = _resource(request, event)
        top = event.get("context") == self._tab and resource == "document"
        if top and event.get("navigation") and not event.get("redirectCount"):
            self._capture.open_page(url, moment)
        exchange = Exchange(url, str(request["method"]), resource, self._capture.page, moment)
        exchange.sent = _headers(request.get("headers"))
        frames = ((event.get("initiator") or {}).get("stackTrace") or {}).get("callFrames") or [{}]
        exchange.initiator = str(frames[0].get("url") or "")
        self._open_requests[number] = self._capture.add(exchange)
        if exchange.method == "POST":
            self._data("request", request, partial(_keep_body, exchange))

    def _let_through_or_not(self, request: dict[str, Any]) -> None:
        asked = {"request": request["request"]}
        sends = held_back.PATH in request["url"]
        self._channel.post("network.failRequest" if sends else "network.continueRequest", asked)

    def _data(self, kind: str, request: dict[str, Any], then: Callable[[Any], None]) -> None:
        asked = {"dataType": kind, "request": request["request"]}
        self._channel.post("network.getData", asked, then)

    def _exchange(self, event: dict[str, Any]) -> Exchange | None:
        number = event["request"]["request"]
        return self._open_requests.get(f"{number}/{event.get('redirectCount', 0)}")

    def _received(self, event: dict[str, Any]) -> None:
        exchange = self._exchange(event)
        if exchange is None:
            return
        reply = event.get("response") or {}
        exchange.sent = _headers(event["request"].get("headers")) or exchange.sent
        exchange.status = int(reply.get("status") or 0)
        exchange.status_text = str(reply.get("statusText") or "")
        exchange.received = _headers(reply.get("headers"))
        exchange.mime = str(reply.get("mimeType") or "")
        exchange.from_cache = bool(reply.get("fromCache"))

    def _completed(self, event: dict[str, Any]) -> None:
        self._received(event)
        if exchange := self._exchange(event):
            exchange.ended = max(event["timestamp"] / 1000, exchange.started + 0.0005)
            if exchange.wants_reply:
                self._data("response", event["request"], partial(_keep_reply, exchange))

    def _failed(self, event: dict[str, Any]) -> None:
        if exchange := self._exchange(event):
            exchange.ended = max(event["timestamp"] / 1000, exchange.started + 0.0005)
            exchange.error = str(event.get("errorText") or "")

    def _logged(self, event: dict[str, Any]) -> None:
        frames = (event.get("stackTrace") or {}).get("callFrames") or []
        message: dict[str, Any] = {"text": event.get("text") or "", "timestamp": event["timestamp"]}
        if frames:
            message["url"] = str(frames[0].get("url", ""))
            message["line"] = int(frames[0].get("lineNumber") or 0) + 1
            message["stack"] = [str(frame.get("url", "")) for frame in frames[:20]]
        uncaught = event.get("type") == "javascript" and "Error" in message["text"][:60]
        if uncaught and event.get("level") == "error":
            message["type"] = "exception"
        self._capture.say(message)

    def _told(self, event: dict[str, Any]) -> None:
        if event.get("channel") == _CHANNEL:
            keep_violation(self._capture, (event.get("data") or {}).get("value"))


def _preferences(launch: Launch) -> str:
    """Return the profile's preferences: nothing of the browser's own goes over the network."""
    chosen: dict[str, Any] = {
        "datareporting.policy.dataSubmissionEnabled": False,
        "toolkit.telemetry.enabled": False,
        "browser.shell.checkDefaultBrowser": False,
        "network.captive-portal-service.enabled": False,
        "network.connectivity-service.enabled": False,
        "remote.log.truncate": True,
        # A fresh profile has no extension, and looking for one elsewhere costs 0.6 s.
        "extensions.enabledScopes": 0,
    }
    if launch.front:
        chosen |= {
            "network.proxy.type": 1,
            "network.proxy.ssl": "127.0.0.1",
            "network.proxy.ssl_port": launch.front,
            "network.proxy.http": "127.0.0.1",
            "network.proxy.http_port": launch.front,
            "network.proxy.no_proxies_on": ",".join(launch.dead_hosts),
        }
    if launch.dry:
        chosen |= held_back.in_firefox(launch.front)
    lines = (f"user_pref({json.dumps(k)}, {json.dumps(v)});" for k, v in chosen.items())
    return "\n".join(lines)


def _resource(request: dict[str, Any], event: dict[str, Any]) -> str:
    """Return DevTools' kind of a request, in lower case."""
    if request["method"] == "OPTIONS" and _has(request, "access-control-request-method"):
        return "preflight"
    destination = str(request.get("destination") or "")
    if destination:
        return _RESOURCES.get(destination, destination)
    if event.get("navigation"):
        return "document"
    kind = str(request.get("initiatorType") or "fetch")
    return _INITIATORS.get(kind, kind)


def _has(request: dict[str, Any], name: str) -> bool:
    return any(header["name"].lower() == name for header in request.get("headers", ()))


def _headers(headers: Any) -> list[tuple[str, str]]:
    return [(str(h["name"]), _text(h.get("value"))) for h in headers or ()]


def _text(value: Any) -> str:
    """Return a value as the protocol writes it: text, or base64 where it is none."""
    value = value if isinstance(value, dict) else {}
    text = str(value.get("value", ""))
    if value.get("type") != "base64":
        return text
    try:
        return base64.b64decode(text).decode("latin-1")
    except ValueError:
        return ""


def _keep_state(capture: Capture, page: str, reply: dict[str, Any]) -> None:
    result = reply.get("result", {}).get("result", {})
    keep_state(capture, page, result.get("value") if isinstance(result, dict) else None)


def _keep_reply(exchange: Exchange, reply: dict[str, Any]) -> None:
    value = reply.get("result", {}).get("bytes") or {}
    exchange.take_reply(str(value.get("value", "")), binary=value.get("type") == "base64")


def _keep_body(exchange: Exchange, reply: dict[str, Any]) -> None:
    value = reply.get("result", {}).get("bytes") or {}
    exchange.body = str(value.get("value", ""))[:8_000_000]
    exchange.binary = value.get("type") == "base64"
