"""Messages to and from a browser: calls with their replies, events to whoever listens.

One thread reads; everything else happens in the caller's thread while it pumps.
"""

from __future__ import annotations

import json
import os
import queue
import threading
import time
from typing import TYPE_CHECKING, Any, Protocol

from rumkit.model import RumkitError

if TYPE_CHECKING:
    from collections.abc import Callable

    Reply = Callable[[dict[str, Any]], None]
    Listener = Callable[[dict[str, Any]], None]

_CHUNK = 1 << 20
_MAX_MESSAGE = 64 << 20
_GONE = None


class BrowserGone(RumkitError):
    """The browser ended, or its connection broke."""


class NoReply(RumkitError):
    """The browser did not answer a call in time."""


class Refused(RumkitError):
    """The browser answered a call with an error."""


class Transport(Protocol):
    """What carries messages: a pipe or a web socket."""

    def send(self, text: str) -> None:
        """Send one message."""

    def receive(self) -> str | None:
        """Wait for one message; None when there will be no more."""

    def close(self) -> None:
        """Close the connection."""


class PipeTransport:
    """Messages that a zero byte ends, over two file descriptors."""

    def __init__(self, to_browser: int, from_browser: int) -> None:
        self._to, self._from = to_browser, from_browser
        self._rest = bytearray()

    def send(self, text: str) -> None:
        """Send one message."""
        data = memoryview(text.encode() + b"\0")
        while data:
            data = data[os.write(self._to, data) :]

    def receive(self) -> str | None:
        """Wait for one message; None when the browser has closed its end or floods it."""
        looked = 0
        while (end := self._rest.find(b"\0", looked)) < 0:
            looked = len(self._rest)
            chunk = os.read(self._from, _CHUNK)
            if not chunk or looked > _MAX_MESSAGE:
                return None
            self._rest += chunk
        message = self._rest[:end].decode("utf-8", "replace")
        del self._rest[: end + 1]
        return message

    def close(self) -> None:
        """Do nothing: the pipes belong to whoever made them."""


class BrowserChannel:
    """Calls and events over a transport."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._queue: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._number = 0
        self._waiting: dict[int, Reply] = {}
        self.listener: Listener = lambda _: None
        threading.Thread(target=self._read, daemon=True, name="rumkit-browser").start()

    def _read(self) -> None:
        try:
            while (message := self._transport.receive()) is not None:
                self._queue.put(message)
        except (OSError, ValueError):
            pass
        self._queue.put(_GONE)

    def post(
        self, method: str, params: dict[str, Any], then: Reply | None = None, *, session: str = ""
    ) -> None:
        """Send a call; `then` gets the whole reply when it comes. Raises BrowserGone."""
        self._number += 1
        if then is not None:
            self._waiting[self._number] = then
        message = {"id": self._number, "method": method, "params": params}
        try:
            self._transport.send(json.dumps(message | ({"sessionId": session} if session else {})))
        except (OSError, ValueError):
            raise BrowserGone("The browser ended before the recording was complete.") from None

    def call(
        self, method: str, params: dict[str, Any], *, session: str = "", seconds: float = 10.0
    ) -> dict[str, Any]:
        """Send a call and return its result. Raises Refused, NoReply or BrowserGone."""
        replies: list[dict[str, Any]] = []
        self.post(method, params, replies.append, session=session)
        deadline = time.monotonic() + seconds
        while not replies:
            if time.monotonic() >= deadline:
                raise NoReply(f"The browser did not answer {method} in {seconds:.0f} s.")
            self.pump(min(0.2, deadline - time.monotonic()))
        reply = replies[0]
        if "error" in reply:
            error = reply["error"]
            text = error.get("message", "") if isinstance(error, dict) else reply.get("message", "")
            raise Refused(f"The browser refused {method}: {str(text)[:200]}")
        result: dict[str, Any] = reply.get("result", {})
        return result

    def pump(self, seconds: float) -> None:
        """Take what has come; wait for something at most so long. Raises BrowserGone."""
        deadline = time.monotonic() + max(0.0, seconds)
        while True:
            try:
                message = self._queue.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                return
            if message is _GONE:
                raise BrowserGone("The browser ended before the recording was complete.")
            self._take(message)
            if self._queue.empty():
                return

    def _take(self, text: str) -> None:
        try:
            message = json.loads(text)
        except ValueError:
            return
        if "id" in message and message["id"] is not None:
            if then := self._waiting.pop(message["id"], None):
                then(message)
        elif "method" in message:
            self.listener(message)
