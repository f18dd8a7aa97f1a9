"""The words of an investigation: statuses, verdicts, hops, conditions, sections and witnesses."""

from __future__ import annotations

from enum import StrEnum


class Status(StrEnum):
    """What a check found. Missing data is `UNKNOWN`, never `PASS` and never `FAIL`."""

    PASS = "pass"  # noqa: S105 - a status, not a password
    FAIL = "fail"
    WARN = "warn"
    UNKNOWN = "unknown"
    SKIP = "skip"


class Verdict(StrEnum):
    """What an investigation concludes; `HEALTHY` needs events that were seen to arrive."""

    HEALTHY = "healthy"
    DEGRADED = "degraded"
    BROKEN = "broken"
    UNPROVEN = "unproven"

    @property
    def exit_code(self) -> int:
        """Return 0 for healthy and degraded, 1 for broken, 3 for unproven."""
        return {Verdict.BROKEN: 1, Verdict.UNPROVEN: 3}.get(self, 0)


class Hop(StrEnum):
    """The six hops of the delivery path, in the order in which an event lives."""

    PAGE = "page"
    SESSION = "session"
    CREDENTIALS = "credentials"
    AUTHORIZE = "authorize"
    INGEST = "ingest"
    TRACE = "trace"

    @property
    def sentence(self) -> str:
        """Return the hop as a person reads it."""
        return _HOP_TITLES[self]


_HOP_TITLES = {
    Hop.PAGE: "the snippet runs on the page",
    Hop.SESSION: "the session is recorded",
    Hop.CREDENTIALS: "the client gets AWS credentials",
    Hop.AUTHORIZE: "PutRumEvents is authorised",
    Hop.INGEST: "RUM accepts and stores the events",
    Hop.TRACE: "client and server traces join up",
}


class Condition(StrEnum):
    """What is known of a hop or a check: seen working, only configured well, or why neither."""

    WORKS = "works"
    CONFIGURED = "configured well"
    CLEAR = "nothing amiss"
    AT_RISK = "at risk"
    BROKEN = "broken"
    NOT_REACHED = "not reached"
    NOT_LOOKED_AT = "not looked at"
    NOT_KNOWN = "not known"
    NOT_APPLICABLE = "does not apply"


class Section(StrEnum):
    """The sections of the troubleshooting guide, and what lies beyond it."""

    EVENTS_NOT_SENT = "events-not-sent"
    RETURNS_403 = "returns-403"
    TOKEN_VENDING = "token-vending"  # noqa: S105 - a section's name
    CONTENT_SECURITY_POLICY = "content-security-policy"
    XRAY_TRACING = "xray-tracing"
    BEYOND = "beyond-the-guide"

    @property
    def heading(self) -> str:
        """Return the guide's own heading."""
        return _SECTION_TITLES[self]


_SECTION_TITLES = {
    Section.EVENTS_NOT_SENT: "Events are not being sent by the web client",
    Section.RETURNS_403: "CloudWatch RUM returns 403",
    Section.TOKEN_VENDING: "AWS token vending (Cognito or STS) fails",
    Section.CONTENT_SECURITY_POLICY: "Content security policy blocks the web client",
    Section.XRAY_TRACING: "X-Ray does not connect client and server traces",
    Section.BEYOND: "Beyond the guide",
}


class Witness(StrEnum):
    """Who can answer a check: what is configured, or one of three who saw what happened."""

    CONFIGURED = "configured"
    OBSERVED = "observed"
    RECORDED = "recorded"
    PROBED = "probed"
