"""The web socket of Firefox's WebDriver BiDi, on a loopback port that Firefox chose."""

from __future__ import annotations

from typing import Any

from rumkit.model import RumkitError

_CONNECT_SECONDS = 10.0


class SocketTransport:
    """Messages over a web socket; Firefox refuses one that names an origin, as pages do."""

    def __init__(self, url: str) -> None:
        import websocket

        try:
            self._socket: Any = websocket.create_connection(
                url, suppress_origin=True, timeout=_CONNECT_SECONDS, enable_multithread=True,
                http_no_proxy=["*"], max_size=None,
            )  # fmt: skip
        except (OSError, websocket.WebSocketException):
            raise RumkitError("Firefox did not accept the connection that records it.") from None
        self._socket.settimeout(None)
        self._errors = (OSError, websocket.WebSocketException)

    def send(self, text: str) -> None:
        """Send one message."""
        try:
            self._socket.send(text)
        except self._errors:
            raise OSError("the web socket is closed") from None

    def receive(self) -> str | None:
        """Wait for one message; None when Firefox has closed the connection."""
        try:
            message = self._socket.recv()
        except self._errors:
            return None
        return message if isinstance(message, str) and message else None

    def close(self) -> None:
        """Close the connection at once."""
        self._socket.shutdown()
