"""Judges a recording: one verdict for every check that the recording can say something about.

The order of calls decides: a later failure that follows from an earlier one is not judged. What
the recording can't show is `unknown`, with what to look at instead; a healthy second load (no
Cognito call), a short recording and a missing beacon are no faults.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rumkit.client.diagnosis import authorize, credentials, csp, ingest, page, session
from rumkit.client.diagnosis.case import Case, RecordingVerdict

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from rumkit.client.recording import Recording
    from rumkit.client.snippet import Snippet

__all__ = ["RecordingVerdict", "diagnose"]

JUDGES: tuple[tuple[str, Callable[[Case], RecordingVerdict | None]], ...] = (
    ("snippet-present", page.snippet_present),
    ("client-script-loads", page.client_script_loads),
    ("csp-script", csp.csp_script),
    ("csp-connect", csp.csp_connect),
    ("client-version", page.client_version),
    ("client-enabled", session.client_enabled),
    ("session-sample-rate", session.session_sample_rate),
    ("session-event-limit", session.session_event_limit),
    ("credentials-configured", session.credentials_configured),
    ("identity-pool", credentials.identity_pool),
    ("classic-flow", credentials.classic_flow),
    ("guest-role-trust", credentials.guest_role_trust),
    ("pool-guest-role", credentials.pool_guest_role),
    ("token-vending-failures", credentials.token_vending_failures),
    ("endpoint-region", authorize.endpoint_region),
    ("stored-credentials", authorize.stored_credentials),
    ("guest-role-permission", authorize.guest_role_permission),
    ("signing", authorize.signing),
    ("resource-policy", authorize.resource_policy),
    ("put-events-denied", authorize.put_events_denied),
    ("monitor-exists", ingest.monitor_exists),
    ("events-arriving", ingest.events_arriving),
    ("throttling", ingest.throttling),
    ("xray-enabled", ingest.xray_enabled),
    ("xray-header", ingest.xray_header),
    ("xray-cors", ingest.xray_cors),
)


def diagnose(
    recording: Recording, snippets: Sequence[Snippet] = ()
) -> Mapping[str, RecordingVerdict]:
    """Return the verdicts by check id; a check that the recording says nothing about is absent.

    `snippets` are those of the recorded page, the one that counts first; without any, they are
    looked for in the documents of the recording.
    """
    case = Case(recording, snippets or recorded_snippets(recording))
    found = ((check, judge(case)) for check, judge in JUDGES)
    return {check: verdict for check, verdict in found if verdict is not None}


def recorded_snippets(recording: Recording) -> tuple[Snippet, ...]:
    """Return the snippets of all recorded documents, each once, in the order of the pages."""
    found: dict[tuple[str, str], Snippet] = {}
    for document in recording.documents:
        if document.html:
            from rumkit.client.page import page_from_html
            from rumkit.client.snippet import find_snippets

            page_ = page_from_html(document.html, url=document.url, headers=document.headers)
            for snippet in find_snippets(page_):
                found.setdefault((str(snippet.app_monitor_id), snippet.source), snippet)
    return tuple(found.values())
