"""What one entry says of the answer: the exporter's errors and block reasons, and its shape.

Exporters differ: Chrome writes `response._error`, WebPageTest `_error_code`, Playwright status -1
and `response._failureText`, mitmproxy an operating system's message; Firefox writes no error at
all, and only the shape of the entry tells where the request ended.
"""

from __future__ import annotations

import re
from functools import cached_property
from ipaddress import ip_address
from itertools import product
from typing import TYPE_CHECKING, Any

from rumkit.client.har import fields
from rumkit.client.har.redact import sentence
from rumkit.client.har.silence import Shape, Silence, Silent, clause, kind_of

if TYPE_CHECKING:
    from collections.abc import Mapping

_BLOCKED = frozenset({"_blockedReason", "blockedReason", "_blocked_reason", "_blocked"})
_ABORTED = re.compile(r"(?i)abort|cancell?ed")
# Error texts that name no cause: what happened is told by other entries.
_SAYS_NOTHING = re.compile(
    r"(?i)err_failed|failed to fetch|load failed|abort|cancell?ed|ns_error_dom_bad_uri"
)
# Kinds of silence in which a reply came to the browser and not to the page.
_WITHHELD = frozenset({Silent.ORB, Silent.WITHHELD, Silent.CONTENT_TYPE, Silent.INTEGRITY})
_UNANSWERED = frozenset({Silent.REFUSED, Silent.RESET, Silent.TIMEOUT})
_NOWHERE = re.compile(r"^(?:0\.0\.0\.0|\[?::1?\]?|127\.\d{1,3}\.\d{1,3}\.\d{1,3})(?::\d{1,5})?$")


class AnswerReader:
    """Reads the answer of one entry; `sent` are the request's headers by lower-case name."""

    def __init__(self, entry: Mapping[str, Any], host: str, sent: Mapping[str, str]) -> None:
        self.entry = entry
        self.host = host
        self.sent = sent
        self.request = fields.mapping(entry.get("request"))
        self.response = fields.mapping(entry.get("response"))

    @cached_property
    def net_error(self) -> str | None:
        """Return the exporter's error text, None when it writes none."""
        for source, key in product((self.response, self.entry), ("_error", "_failureText")):
            value = source.get(key)
            if isinstance(value, str):
                return sentence(value, limit=120)
            if isinstance(value, dict):
                return sentence(value.get("errorText") or value.get("message"), limit=120)
        code = self.entry.get("_error_code")
        return f"error {code}" if type(code) is int and code and not self.status else None

    @property
    def status(self) -> int:
        """Return the status, 0 where no reply came."""
        return fields.status(self.response.get("status"), self.entry.get("_responseCode"))

    @cached_property
    def blocked(self) -> str:
        """Return the reason for which the browser blocked the request, as the exporter names it."""
        for source in (self.entry, self.response, self.request):
            for key in _BLOCKED & source.keys():
                value = source[key]
                if isinstance(value, str | int) and not isinstance(value, bool) and value:
                    return sentence(str(value), limit=80)
        return ""

    @cached_property
    def _cors_error(self) -> str:
        """Return the browser's own name of what CORS lacked, which rumkit's recorder saves."""
        return sentence(self.response.get("_corsError"), limit=80)

    @property
    def via_worker(self) -> bool:
        """Return whether the page's service worker is named as the source."""
        worker = self.response.get("_fetchedViaServiceWorker") is True
        return worker or "service worker" in self._fetch_type

    @property
    def overridden(self) -> bool:
        """Return whether a local override of the developer tools is the source."""
        return "override" in self._fetch_type

    @property
    def _fetch_type(self) -> str:
        """Return where WebKit took the reply from."""
        value = self.entry.get("_fetchType")
        return value[:40].lower() if isinstance(value, str) else ""

    @cached_property
    def silence(self) -> Silence | None:
        """Return why no reply came, as far as the entry names it."""
        error = self.net_error or ""
        if not error and not self.blocked:
            return None
        if self._cors_error:
            return Silence(Silent.CORS, f"{clause(Silent.CORS, self.host)} ({self._cors_error})")
        kind = kind_of(f"{self.blocked} {error}".strip())
        address = self.entry.get("serverIPAddress")
        if kind in (Silent.REFUSED, Silent.RESET) and _is_nowhere(address):
            text = f"{self.host} resolved to {sentence(address, limit=40)}, as lists of blocked"
            return Silence(Silent.DNS, f"{text} names answer", host_possible=True)
        if kind:
            private = _private(address) if kind in _UNANSWERED else ""
            return Silence(kind, clause(kind, self.host, error or self.blocked) + private)
        if self.blocked:
            return Silence(Silent.UNKNOWN, f"the browser blocked it ({self.blocked})")
        if error and not _SAYS_NOTHING.search(error):
            return Silence(Silent.UNKNOWN, clause(Silent.UNKNOWN, self.host, error))
        return None

    @property
    def withheld(self) -> Silence | None:
        """Return why the browser kept a reply that came from the page, None when it did not."""
        return self.silence if self.silence and self.silence.kind in _WITHHELD else None

    @property
    def shape(self) -> Shape | None:
        """Return how a request without a reply is written, None where the entry names a cause."""
        if self.silence:
            return None
        if self.net_error is None:
            return self._firefox() or Shape.OPEN
        if _ABORTED.search(self.net_error):
            return Shape.ABORTED
        return Shape.FAILED if self.net_error else Shape.EMPTY

    def _firefox(self) -> Shape | None:
        content = fields.mapping(self.response.get("content"))
        security, received = self.entry.get("_securityState"), self.response.get("bodySize")
        if isinstance(security, str):
            if security == "insecure":
                return Shape.UNREACHED
            return Shape.RESET if received == 0 and "postData" not in self.request else None
        stopped = self.entry.get("timings") == {} and received == -1 and "size" not in content
        if not stopped or self.request.get("headersSize") != 0 or not self.sent:
            return None
        return Shape.STOPPED if "connection" in self.sent else Shape.UNSENT


def _private(address: object) -> str:
    """Say in a clause that a host resolved into a private network, as VPC endpoints do."""
    try:
        inside = ip_address(str(address).strip("[]")[:64]).is_private
    except ValueError:
        return ""
    at = sentence(address, limit=40)
    return f" at {at}, a private address: a VPC endpoint's, or a proxy's" if inside else ""


def _is_nowhere(address: object) -> bool:
    """Tell 0.0.0.0 and the computer itself, to which lists of blocked names resolve a host."""
    return isinstance(address, str) and bool(_NOWHERE.match(address.strip()[:64]))
