"""What only calls of Cognito, STS and PutRumEvents have: signature, error, credentials, batch."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from rumkit.client.har import body as har_body
from rumkit.client.har import fields
from rumkit.client.har.conversation import COGNITO_CALLS, Cors, Kind, Signature, Vending
from rumkit.client.har.redact import sentence, unmangle

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rumkit.client.har.place import NamedByUrl

_SCOPE = re.compile(r"Credential=[^/\s,]{1,256}/(\d{8})/([a-z0-9-]{1,32})/([a-z0-9-]{1,32})/")
_SIGNED_TRACES = ("x-amz-date", "x-amz-security-token", "x-amz-content-sha256")


@dataclass(frozen=True, slots=True)
class AwsCall:
    """A call of Cognito, STS or PutRumEvents; headers are by lower-case name.

    `post` is the request's body as the exporter wrote it, `body` the same as text; `utf8` tells
    that strings are UTF-8 bytes read as Latin-1.
    """

    sent: Mapping[str, str]
    received: Mapping[str, str]
    place: NamedByUrl
    post: Any
    body: har_body.RequestBody
    reply: str
    utf8: bool

    def facts(
        self, kind: Kind, resource: str, status: int, started: datetime | None
    ) -> dict[str, Any]:
        """Return the fields of a Call that only these calls have."""
        error_type, message = self._error(status)
        put = kind is Kind.PUT_EVENTS
        batch = har_body.batch(self.body.text) if put else None
        return {
            "beacon": put and bool(resource in ("ping", "beacon") or self.place.query_signature),
            "error_type": error_type,
            "error_message": message,
            "signature": self._signature(),
            "vending": None if put or kind is Kind.SITE_TOKEN else self._vending(kind),
            "batch": batch,
            "body_lost": self._why_lost() if put and batch is None else "",
            "clock_skew": self._skew(started),
            "monitor_id": self.place.monitor_id if put else "",
        }

    def _why_lost(self) -> str:
        return self.body.lost or ("it is cut off or no JSON" if self.body.text else "")

    def _signature(self) -> Signature:
        authorization = self.sent.get("authorization", "")
        if authorization:
            match = _SCOPE.search(authorization[:4096])
            return Signature("header", *match.groups()) if match else Signature("header")
        if self.place.query_signature:
            return self.place.query_signature
        if not self.sent:
            return Signature("hidden")
        if any(name in self.sent for name in _SIGNED_TRACES):
            return Signature("stripped", date=self.sent.get("x-amz-date", "")[:8])
        return Signature("none")

    def _error(self, status: int) -> tuple[str, str]:
        if status < 400 and not self.received.get("x-amzn-errortype"):
            return "", ""
        error_type, message = har_body.error(self.reply)
        header = self.received.get("x-amzn-errortype", "").split(":")[0]
        message = message or self.received.get("x-amzn-errormessage", "")
        if self.utf8:
            message = unmangle(message[:2000])
        return sentence(header or error_type, limit=100), sentence(message)

    def _vending(self, kind: Kind) -> Vending:
        if kind in COGNITO_CALLS:
            return har_body.cognito(self.body.text, kind)
        return har_body.assume_role(self.post, self.body.text)

    def _skew(self, started: datetime | None) -> float | None:
        """Return how far the browser's clock is ahead of the server's, in seconds."""
        signed = fields.amz_moment(self.sent.get("x-amz-date", "")) or started
        served = self.received.get("date", "")
        if signed is None or not served:
            return None
        from email.utils import parsedate_to_datetime

        try:
            there = parsedate_to_datetime(served[:64])
        except (ValueError, TypeError, IndexError, OverflowError):
            return None
        there = there.replace(tzinfo=UTC) if there.tzinfo is None else there
        return round((signed - there).total_seconds(), 1)


def cors_of(sent: Mapping[str, str], received: Mapping[str, str]) -> Cors:
    """Return what a preflight asked for and what it was allowed."""

    def names(value: str) -> tuple[str, ...]:
        return tuple(part.strip().lower() for part in value[:4096].split(",") if part.strip())

    return Cors(
        names(sent.get("access-control-request-headers", "")),
        names(received.get("access-control-allow-headers", "")),
        sentence(received.get("access-control-allow-origin", ""), limit=256),
        received.get("access-control-allow-credentials", "").lower() == "true",
        bool(received),
    )


def allows_reading(received: Mapping[str, str]) -> bool | None:
    """Return whether a reply lets other origins read it, None when the headers are not there."""
    return "access-control-allow-origin" in received if received else None
