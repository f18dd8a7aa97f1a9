"""What a recording and its console say of the page's content security policy."""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING

from rumkit.client.diagnosis.case import (
    Case,
    RecordingVerdict,
    blocked_by_policy,
    failed,
    passed,
    unknown,
)
from rumkit.client.generations import CDN_HOST
from rumkit.client.har.conversation import AWS_CALLS, Call, Kind
from rumkit.client.har.place import CLIENT_HOST, COGNITO_HOST, DATA_PLANE_HOST, STS_HOST

if TYPE_CHECKING:
    from rumkit.client.har.console import Violation
    from rumkit.client.har.conversation import PageLoad

ABSENCE = (
    "A request that a content security policy blocks leaves no entry in a Chromium HAR, so its "
    "absence proves nothing: save the console beside the recording, or give the page."
)


def csp_script(case: Case) -> RecordingVerdict | None:
    """Judge what the console says of blocked scripts; the page's own policy is judged apart."""
    stuck = [load for load in case.loads if not _ran(load)]
    if not stuck:
        return passed("The browser ran the snippet and the client script.") if case.loads else None
    scripts = [call for load in stuck for call in load.of(Kind.CLIENT_SCRIPT)]
    ran = len(stuck) < len(case.loads)
    found = [v for v in case.console.violations if not v.report_only] if case.console else []
    if verdict := _script_violation(case, found, asked=bool(scripts) or ran):
        return verdict
    if not scripts and not ran and (verdict := _inline(case, found)):
        return verdict
    return _blocked_entries(scripts) or (
        passed("The browser ran the snippet and the client script.") if ran else None
    )


def _ran(load: PageLoad) -> bool:
    return any(call.ok for call in load.of(Kind.CLIENT_SCRIPT)) or bool(load.puts or load.vending)


def _script_violation(
    case: Case, found: list[Violation], *, asked: bool
) -> RecordingVerdict | None:
    for violation in found:
        if _is_client(case, violation.blocked):
            return failed(
                f"The console says that {violation.directive} blocks the client script "
                f"{violation.blocked}{_quoted(violation)}."
            )
        if violation.trusted_types and not asked:
            return failed(
                "The policy requires trusted types, so the snippet's `z.src = s` throws and the "
                "client script is never requested.",
                certain=False,
            )
    return None


def _blocked_entries(scripts: list[Call]) -> RecordingVerdict | None:
    named = [call for call in scripts if blocked_by_policy(call)]
    if named:
        return failed("The content security policy blocked the client script.", named)
    silent = [c for c in scripts if c.status == 0 and c.net_error == "" and not c.blocked]
    if silent and not any(call.url.startswith("http:") for call in silent):
        return failed(
            "The client script was blocked before it was sent (status 0, empty error), which is "
            "how Chromium exports what a content security policy blocks; the page's policy or "
            "the console names the directive.",
            silent,
            certain=False,
        )
    return None


def _is_client(case: Case, url: str) -> bool:
    urls = {s.client_url for s in case.snippets if isinstance(s.client_url, str)}
    host, _, path = url.partition("://")[2].partition("/")
    own = bool(CLIENT_HOST.fullmatch(host)) or path.endswith(("cwr.js", "cwr-slim.js"))
    return own or url in urls or (bool(host) and host == CDN_HOST)


def _inline(case: Case, found: list[Violation]) -> RecordingVerdict | None:
    inline = [v for v in found if v.blocked == "inline" and v.directive.startswith(("scr", "def"))]
    if not inline:
        return None
    ours, others = _hashes(case)
    for violation in inline:
        suggested = violation.suggested_hash.replace("-", "+").replace("_", "/")
        if suggested and any(suggested == h.replace("-", "+").replace("_", "/") for h in ours):
            return failed(
                f"The console says that {violation.directive} blocks the inline snippet: allow "
                f"'{violation.suggested_hash}'{_quoted(violation)}."
            )
    unexplained = [v for v in inline if v.suggested_hash not in others]
    if not unexplained:
        return None
    hint = next((v.suggested_hash for v in unexplained if v.suggested_hash), "")
    return failed(
        f"The console says that {unexplained[0].directive} blocks an inline script, and the "
        "client script was never requested, so it likely is the snippet"
        + (f" (the browser suggests '{hint}')" if hint else "")
        + f"{_quoted(unexplained[0])}.",
        certain=False,
    )


def _hashes(case: Case) -> tuple[set[str], set[str]]:
    """Return the hashes of the snippet's inline scripts and of the others, where HTML is known."""
    from rumkit.client.page import page_from_html

    ours: set[str] = set()
    others: set[str] = set()
    wanted = {s.source.strip()[:200] for s in case.snippets if s.source.strip()}
    for document in case.recording.documents:
        if not document.html:
            continue
        page = page_from_html(document.html, url=document.url, headers=document.headers)
        for script in page.scripts:
            ours_too = "AwsRumClient" in script.text or any(w in script.text for w in wanted)
            (ours if ours_too else others).update(_all_hashes(script.text))
    return ours, others


def _all_hashes(text: str) -> set[str]:
    data = text.encode("utf-8", "replace")
    return {
        f"{name}-{base64.b64encode(hashlib.new(name, data).digest()).decode()}"
        for name in ("sha256", "sha384", "sha512")
    }


def _quoted(violation: Violation) -> str:
    return f" (policy: {violation.policy[:300]})" if violation.policy else ""


def csp_connect(case: Case) -> RecordingVerdict | None:
    """Judge what the console says of blocked connections to the data plane, Cognito and STS."""
    ours = [v for v in _violations(case) if _is_delivery(case, v.blocked)]
    if worst := _still_missing(case, ours):
        hosts = ", ".join(dict.fromkeys(_origin(v.blocked) for v in worst))
        return failed(
            f"The console says that {worst[0].directive or 'the policy'} blocks {hosts}"
            f"{_quoted(worst[0])}."
        )
    entries = [c for c in case.recording.calls if c.kind in AWS_CALLS and blocked_by_policy(c)]
    if entries and not case.delivered:
        hosts = ", ".join(dict.fromkeys(call.host for call in entries))
        return failed(f"The content security policy blocked the requests to {hosts}.", entries)
    if case.delivered:
        return passed("The data plane could be reached, and whatever the client needed before.")
    if case.puts or not case.silent_loads or any(call.failed for call in case.vending):
        return None
    if verdict := _by_recorded_policy(case):
        return verdict
    if not case.console:
        return unknown(f"The client ran, and some of its requests are not there. {ABSENCE}")
    return None


def _by_recorded_policy(case: Case) -> RecordingVerdict | None:
    """Judge what a silent load lacks by the policies that came with its document."""
    from rumkit.client.csp import judge
    from rumkit.client.page import page_from_html

    for load in case.silent_loads:
        document = load.document
        if document is None or not (document.html or document.headers):
            continue
        page = page_from_html(document.html or "", url=document.url, headers=document.headers)
        urls = _expected(case, load)
        rulings = judge(page, urls).connects
        blocked = [(url, rulings[url]) for url in urls if not rulings[url].allowed]
        if blocked:
            hosts = ", ".join(_origin(url) for url, _ in blocked)
            return failed(
                f"No request to {hosts} is in the recording, and the recorded page's policy does "
                f"not let it through: {blocked[0][1].why}",
                certain=False,
            )
    return None


def _expected(case: Case, load: PageLoad) -> list[str]:
    """Return the URLs that the client should have asked for and did not."""
    urls: list[str] = []
    for snippet in case.snippets[:1]:
        urls = list(snippet.connect_urls(case.behaviour).values())
    regions = {pool.partition(":")[0] for pool in case.pool_ids}
    if not urls and len(regions) == 1:
        # Not known without a snippet; the monitor most often is in the identity pool's region.
        urls = [f"https://dataplane.rum.{regions.pop()}.amazonaws.com/appmonitors/"]
    asked = {call.host for call in load.calls}
    return [url for url in urls if url.split("/")[2] not in asked]


def _violations(case: Case) -> list[Violation]:
    found = case.console.violations if case.console else ()
    connects = ("connect-src", "default-src", "")
    return [v for v in found if not v.report_only and v.directive in connects]


def _still_missing(case: Case, ours: list[Violation]) -> list[Violation]:
    """Leave out what was blocked although events were delivered, unless it came after them."""
    if not case.delivered:
        return ours
    last = max((call.ended for call in case.delivered if call.ended), default=None)
    later = case.loads[-1] if case.loads else None
    if last is None or later is None or any(call.ok for call in later.puts):
        return []
    return [v for v in ours if v.moment and v.moment > last]


def _origin(url: str) -> str:
    return "/".join(url.split("/")[:3])


def _is_delivery(case: Case, url: str) -> bool:
    host = url.partition("://")[2].partition("/")[0].partition(":")[0]
    own = (DATA_PLANE_HOST, COGNITO_HOST, STS_HOST)
    if any(pattern.fullmatch(host) for pattern in own) or "/appmonitors/" in url:
        return True
    endpoints = {s.get("endpoint") for s in case.snippets}
    return any(isinstance(e, str) and _origin(e) == _origin(url) for e in endpoints)
