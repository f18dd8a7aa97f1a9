"""What a recording says on the first hop: does the client get onto the page and out of it."""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING

from rumkit.client.conversation import AWS_CALLS, Call, Kind
from rumkit.client.diagnosis_case import (
    Case,
    RecordingVerdict,
    blocked_by_policy,
    failed,
    network_cause,
    passed,
    unknown,
    warned,
)
from rumkit.client.generations import CDN_HOST
from rumkit.client.har_place import CLIENT_HOST, COGNITO_HOST, DATA_PLANE_HOST, STS_HOST
from rumkit.model import Status

if TYPE_CHECKING:
    from rumkit.client.console import Violation
    from rumkit.client.conversation import PageLoad

ABSENCE = (
    "A request that a content security policy blocks leaves no entry in a Chromium HAR, so its "
    "absence proves nothing: save the console beside the recording, or give the page."
)


def snippet_present(case: Case) -> RecordingVerdict | None:
    """Judge whether the snippet ran: the client script was asked for, or events were sent."""
    console = case.console
    scripts = case.recording.of(Kind.CLIENT_SCRIPT)
    thrown = console.said("insertion-throws") if console else None
    if thrown and not scripts:
        return failed(
            "The snippet threw NotFoundError at insertBefore, so cwr.js was never requested: it "
            "stands where the document's first script is not in the head. Move the snippet into "
            "the head, before any other script."
        )
    if console and console.said("unsupported-command") and not case.puts:
        return failed(
            "The client refused a command (CWR: UnsupportedOperationException): the snippet's "
            "calls are not those that the client knows.",
            certain=False,
        )
    doubled = _two_snippets(case)
    if doubled or scripts:
        return doubled or passed("The page asked for the client script, so the snippet ran.")
    if case.puts or case.vending:
        return passed("The client ran on the page without a script of its own (an npm build).")
    if not any(load.whole for load in case.loads):
        return unknown(
            "The recording does not begin with the page's document, so it can't show whether the "
            "snippet ran; reload the page while the network panel records."
        )
    return unknown(
        "The client script was never requested. Either the page has no snippet, something keeps "
        "it from running (a policy, a consent banner, an error before it), or the client is "
        "bundled and silent; give the page, and the console saved beside the recording."
    )


def _two_snippets(case: Case) -> RecordingVerdict | None:
    for load in case.loads:
        named = {s.app_monitor_id for s in case.snippets_of(load) if s.kind == "loader"}
        sent = {call.monitor_id for call in load.puts if call.monitor_id}
        starved = sorted(i for i in named - sent if isinstance(i, str))
        if len(sent) == 1 and starved and sent < named:
            return failed(
                f"Two snippets are on one page: both clients take the last one's settings, so "
                f"{', '.join(starved)} gets nothing and {', '.join(sent)} everything twice.",
                load.puts,
            )
    return None


def client_script_loads(case: Case) -> RecordingVerdict | None:
    """Judge the request for the client script."""
    scripts = case.recording.of(Kind.CLIENT_SCRIPT)
    console = case.console
    if not scripts:
        return None
    for call in scripts:
        load = case.load_of(call)
        ran = load.puts or load.vending
        if not ran and (verdict := _script_trouble(case, call)):
            return _unless_healed(case, call, verdict)
    thrown = _throws(case)
    if thrown:
        return thrown
    if console and console.said("remote-config") and not case.puts:
        return failed(
            "The client could not load its remote configuration (CWR: Failed to load remote "
            "config), so no client was created.",
        )
    good = [call for call in scripts if call.ok]
    return passed("The client script was loaded.", good[:1]) if good else None


def _unless_healed(case: Case, call: Call, verdict: RecordingVerdict) -> RecordingVerdict:
    if verdict.status is Status.FAIL and case.healed(call):
        return warned(f"{verdict.summary} It loaded later in the recording.", [call])
    return verdict


def _script_trouble(case: Case, call: Call) -> RecordingVerdict | None:
    console = case.console
    cause = network_cause(call)
    where = _host_advice(call)
    if call.status >= 400:
        return failed(f"The client script answered {call.status}: {call.url}.{where}", [call])
    if call.status and ("html" in call.mime or (console and console.said("script-is-html"))):
        return failed(
            f"{call.url} answers {call.status} with an HTML page instead of a script (a fallback "
            "page of the site): publish cwr.js there, or load it from the CDN.",
            [call],
        )
    if console and console.said("integrity") and not call.ok:
        return failed("The integrity attribute does not match the client script.", [call])
    if call.status == 0 and call.net_error == "" and not call.blocked:
        return _silently_blocked(case, call)
    if blocked_by_policy(call):
        return None
    if cause:
        return failed(f"The client script did not load: {cause}.{where}", [call])
    if call.ok and console and console.said("integrity"):
        return failed(
            "The browser rejected the client script: its integrity attribute does not match; a "
            "floating version changes, so leave the attribute out or name an exact version.",
            [call],
        )
    if call.pending:
        return unknown("The client script's reply had not come when the recording ended.", [call])
    return None


def _silently_blocked(case: Case, call: Call) -> RecordingVerdict | None:
    """Judge status 0 with an empty error: mixed content, else a policy (see csp-script)."""
    https = case.load_of(call).url.startswith("https:")
    said = case.console.said("mixed-content") if case.console else None
    if call.url.startswith("http:") and (https or said):
        return failed(
            "The client script's URL is http on an https page, which browsers block as mixed "
            "content: write https.",
            [call],
        )
    return unknown(
        "The browser blocked the client script before it was sent; the recording names no "
        "reason. That is how Chromium exports what a content security policy blocks.",
        [call],
    )


def _host_advice(call: Call) -> str:
    if call.host != CDN_HOST and CLIENT_HOST.fullmatch(call.host):
        return f" The CDN of the client exists in us-east-1 only: use {CDN_HOST}."
    return ""


def _throws(case: Case) -> RecordingVerdict | None:
    console = case.console
    if not console or case.puts:
        return None
    if console.said("telemetries-not-list", "patterns-not-regexp"):
        return failed(
            "The client threw while it started: telemetries must be a list, and pagesToInclude "
            "and pagesToExclude lists of regular expressions.",
            certain=False,
        )
    return None


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


def client_version(case: Case) -> RecordingVerdict | None:
    """Judge known-bad pairs: the enhanced flow with clients before 1.15."""
    number = case.version.number
    stored = case.storage.credentials if case.storage else ()
    asked = [call for call in case.vending if call.kind is Kind.GET_CREDENTIALS]
    pool_asked = [call for call in asked if case.asked_with_pool_id(call)]
    old = number is not None and number < (1, 15, 0)
    without_id = [c for c in asked if not case.load_of(c).of(Kind.GET_ID)]
    if (old and without_id) or (pool_asked and (old or number is None)):
        return failed(
            f"{case.label.capitalize()} can't use the enhanced flow: it calls "
            "GetCredentialsForIdentity with the identity pool's id and without GetId. Use 1.15 "
            "or newer (1.x, 2.x, 3.x), or add guestRoleArn for the basic flow.",
            pool_asked or without_id,
        )
    if stored and not any(s.has_secret_key for s in stored) and (old or number is None):
        return failed(
            "The stored credentials (cwr_c) have no secretAccessKey: a client before 1.15 read "
            "the reply of the enhanced flow wrongly. Use 1.15 or newer, or add guestRoleArn.",
            certain=old,
        )
    if number is not None and case.delivered:
        return passed(f"Events of {case.label} were accepted.")
    if number is not None and number < (1, 15, 0) and case.flow == "enhanced":
        return warned(f"{case.label.capitalize()} is older than 1.15, the enhanced flow's first.")
    return None
