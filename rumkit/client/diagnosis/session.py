"""What a recording says on the second hop: is the session recorded, and why is it silent."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from rumkit.client.diagnosis.case import (
    FIRST_DISPATCH,
    Case,
    RecordingVerdict,
    failed,
    passed,
    unknown,
    warned,
)

if TYPE_CHECKING:
    from rumkit.client.har.storage import StoredSession

DEFAULT_LIMIT = 200
MANY_ERRORS = 3
MANY_UNSENT = 20


def client_enabled(case: Case) -> RecordingVerdict | None:
    """Judge whether the client records and sends on this page at all."""
    if case.puts:
        return passed("The client recorded and sent events on this page.")
    if case.console and case.console.said("telemetries-not-list", "patterns-not-regexp"):
        return failed(
            "The client threw while it started: telemetries must be a list, and pagesToInclude "
            "and pagesToExclude lists of regular expressions.",
            certain=False,
        )
    if not case.silent_loads:
        return None
    if case.option("enableRumClient") is False:
        return failed(
            "enableRumClient is false: the client fetches credentials and then stays silent."
        )
    interval = case.option("dispatchInterval")
    if isinstance(interval, int | float) and not isinstance(interval, bool) and interval <= 0:
        return warned(
            "dispatchInterval is 0: the client sends only when the page is left or on request, "
            "and such a beacon is often missing in a recording.",
            certain=False,
        )
    if _excluded(case):
        return failed(
            "The client keeps a user (cwr_u) but its session has recorded nothing: this page is "
            "likely excluded by pagesToInclude or pagesToExclude, or the client is switched off "
            "(enableRumClient: false, cwr('disable')).",
            certain=False,
        )
    return None


def _excluded(case: Case) -> bool:
    storage = case.storage
    if storage is None or not storage.cookies_seen or not storage.user or storage.stub:
        return False
    if _empty_handed(case):
        return False
    return not storage.sessions or all(
        session.record and session.event_count == 0 for session in storage.sessions
    )


def _empty_handed(case: Case) -> bool:
    return bool(case.console and case.console.said("invalid-endpoint", "remote-config"))


def session_sample_rate(case: Case) -> RecordingVerdict | None:
    """Judge sampling: the session's own cookie decides, not the rate of the page."""
    stored = case.storage.sessions if case.storage else ()
    sent = {c.batch.session_id for c in case.puts if c.batch}
    unsampled = [s for s in stored if s.record is False and s.session_id not in sent]
    rate = case.option("sessionSampleRate", 1)
    if unsampled:
        return failed(
            f"The session's cookie cwr_s says record: false{_rate(rate)}: this session was not "
            "sampled and sends nothing until it ends (30 minutes without activity), whatever "
            "the page's rate is now."
        )
    if case.console and case.console.said("unsampled") and not case.puts:
        return failed(f"The client says that the session is not sampled{_rate(rate)}.")
    if case.puts:
        return passed("The session is sampled: it sent events.")
    if any(s.record for s in stored):
        return passed("The session's cookie cwr_s says record: true.")
    if not case.silent_loads or any(call.failed for call in case.vending):
        return None
    if case.option("allowCookies") is not True and rate == 0 and not isinstance(rate, bool):
        return failed("sessionSampleRate is 0: no session is ever recorded.")
    return _silent_sampling(case, rate)


def _silent_sampling(case: Case, rate: object) -> RecordingVerdict:
    candidates = ["an unsampled session", "the event limit reached earlier in the session"]
    vended = any(call.ok for call in case.vending)
    if vended:
        candidates += ["enableRumClient: false or an excluded page"]
    else:
        candidates += ["no credentials configured"]
    candidates += ["a blocked request (it leaves no entry)", "a recording shorter than 5 s"]
    listed = f"{', '.join(candidates[:-1])} or {candidates[-1]}"
    if isinstance(rate, int | float) and not isinstance(rate, bool) and rate == 0:
        return failed("sessionSampleRate is 0, and the client sent nothing.", certain=False)
    return unknown(
        f"The client ran and sent no events{_rate(rate)}. The recording alone can't tell these "
        f"apart: {listed}. The cookie cwr_s does (record, eventCount): save the browser's "
        "storage, and the console, beside the recording."
    )


def _rate(rate: object) -> str:
    known = isinstance(rate, int | float) and not isinstance(rate, bool) and rate != 1
    return f" (sessionSampleRate is {rate})" if known else ""


def session_event_limit(case: Case) -> RecordingVerdict | None:
    """Judge the session's event limit, from the cookie's counter or from the events sent."""
    if case.console and case.console.said("event-limit"):
        return failed("The client says that the session's event limit is exceeded.")
    sent = _sent_by_session(case)
    limit, literal = _limit(case)
    for session in case.storage.sessions if case.storage else ():
        if verdict := _by_counter(case, session, sent.get(session.session_id, 0), limit, literal):
            return verdict
    for session_id, events in sent.items():
        if limit and events >= limit and session_id:
            return failed(
                f"The recorded session sent {events} events, which is its limit "
                f"(sessionEventLimit {limit}); nothing can follow in this session.",
                [c for c in case.delivered if c.batch and c.batch.session_id == session_id],
                certain=literal and events == limit,
            )
    if sent and limit and literal:
        most = max(sent.values())
        return passed(f"At most {most} of {limit} events were sent in a session.")
    return None


def _limit(case: Case) -> tuple[int, bool]:
    """Return the limit, 0 for none or unknown, and whether the page states it."""
    if not case.snippets:
        return DEFAULT_LIMIT, False
    value = case.option("sessionEventLimit")
    if isinstance(value, int | float) and not isinstance(value, bool):
        return max(0, int(value)), True
    if value is not None or case.snippets[0].config_open:
        return 0, False
    return case.behaviour.session_event_limit, True


def _sent_by_session(case: Case) -> dict[str, int]:
    sent: dict[str, int] = defaultdict(int)
    for call in case.delivered:
        if call.batch and call.batch.session_id:
            sent[call.batch.session_id] += call.batch.events
    return dict(sent)


def _by_counter(
    case: Case, session: StoredSession, sent: int, limit: int, literal: bool
) -> RecordingVerdict | None:
    count = session.event_count or 0
    if not session.record or not count:
        return None
    if limit and literal and count >= limit:
        return failed(
            f"The session's cookie cwr_s counts {count} events, and sessionEventLimit is {limit}: "
            "nothing more is sent in this session, not even by the next pages. Raise the limit "
            "(0 means none)."
        )
    if count == DEFAULT_LIMIT and not literal and not case.snippets:
        return failed(
            "The session's cookie cwr_s counts 200 events, which is the default of "
            "sessionEventLimit: nothing more is sent in this session.",
            certain=False,
        )
    if not literal and sent and _stuck(case, count, sent):
        return failed(
            f"The session sent {sent} events and then fell silent while the page went on, and "
            f"its cookie cwr_s counts {count}: it likely has reached its sessionEventLimit. The "
            "page's snippet would prove it.",
            case.delivered,
            certain=False,
        )
    return None


def _stuck(case: Case, count: int, sent: int) -> bool:
    """Tell whether the counter stands exactly at what was sent while the page made more events.

    Old clients go on counting instead; then far more is counted than was sent.
    """
    if case.refused:
        return False
    if count >= sent + MANY_UNSENT:
        return True
    types = {name for call in case.delivered if call.batch for name, _ in call.batch.event_types}
    errors = sum(
        number
        for call in case.delivered
        if call.batch
        for name, number in call.batch.event_types
        if name.endswith("js_error_event")
    )
    thrown = case.console.uncaught if case.console else 0
    resources = any(name.endswith("performance_resource_event") for name in types)
    navigation = any(name.endswith("performance_navigation_event") for name in types)
    cut_short = resources and not navigation
    return count == sent and thrown >= errors + MANY_ERRORS and (errors > 0 or cut_short)


def credentials_configured(case: Case) -> RecordingVerdict | None:
    """Judge whether the client has a way to get credentials."""
    signed = [c for c in case.puts if c.signature and c.signature.signed]
    if case.vending or signed:
        return passed("The client fetched or had AWS credentials.", (case.vending or signed)[:1])
    if case.puts:
        return None
    if case.console and case.console.said("no-credentials"):
        return failed("The client says that it has no AWS credentials, and it asked for none.")
    silent = case.silent_loads
    if not silent or case.pool_ids:
        return None
    flow = str(case.snippets[0].flow(case.behaviour)) if case.snippets else ""
    if flow == "none":
        return failed("The snippet names no identityPoolId, and the client asked for nothing.")
    if flow in ("own-credentials", "unsigned"):
        return None
    storage = case.storage
    counting = storage is not None and any(s.record and s.event_count for s in storage.sessions)
    if storage and counting and storage.local_seen and not storage.credentials and case.console:
        if case.console.said("cognito-identity", "openid-token", "cognito-credentials", "sts"):
            return None
        blocked = any(not v.report_only for v in case.console.violations)
        return None if blocked else _none_configured()
    if max(case.seconds_alive(load) for load in silent) < FIRST_DISPATCH:
        return None
    return unknown(
        "The client ran and asked neither Cognito nor STS nor RUM for anything. Either no "
        "identityPoolId is configured (and setAwsCredentials was never called), the session is "
        "not sampled, or a policy blocks Cognito; the snippet, the console and the cookie cwr_s "
        "tell."
    )


def _none_configured() -> RecordingVerdict:
    return failed(
        "The session is recorded (cwr_s counts events), yet the client has no credentials and "
        "never asked for any: no identityPoolId is configured, and setAwsCredentials was not "
        "called.",
        certain=False,
    )
