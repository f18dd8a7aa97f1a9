"""Do the page's policies let the client reach every host that it calls?"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from rumkit.aws.partitions import data_plane_host, region_of_host, service_host
from rumkit.checks import fixes, links, names
from rumkit.checks.base import Check, failed, passed, unknown
from rumkit.checks.content_security_policy.csp_results import (
    allow_in,
    allowed_words,
    no_page,
    not_settled,
    origin,
    policy_fixes,
    quoted,
    results_proof,
    written_in,
)
from rumkit.checks.observed import not_told, seen_to_fail, seen_to_work
from rumkit.client.csp.meant import meant_for
from rumkit.client.csp.rules import CONNECT_CHAIN
from rumkit.client.csp.written import may_allow
from rumkit.client.har.conversation import AWS_CALLS
from rumkit.client.har.place import COGNITO_HOST, DATA_PLANE_HOST, STS_HOST
from rumkit.client.options import known_text
from rumkit.client.visit import Visit, blocked_by_policy
from rumkit.model import Fix, Hop, Outcome, Section

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from rumkit.client.csp import Evaluation, PolicyResult
    from rumkit.client.har.console import Violation
    from rumkit.client.har.conversation import PageLoad
    from rumkit.evidence import Evidence


_DATA_PLANE = re.compile(r"\bdataplane\.rum[\w.-]+")


def configured(evidence: Evidence) -> Outcome | None:
    """Fail for `connect-src 'self'`: no call of the client leaves the page."""
    evaluation = evidence.evaluation
    refused = {url: result for url, result in evaluation.connects.items() if not result.allowed}
    blocked = {url: result for url, result in refused.items() if result.directive}
    proof = results_proof(evaluation)
    if blocked:
        closed = {u: each for u, each in blocked.items() if not may_allow(each.directive, u)}
        blocked = closed or blocked
        if outcome := not_settled(evidence, blocked.values(), closed=bool(closed)):
            return outcome
        file = written_in(evidence)
        where = f"{file} sets the policy. " if file else ""
        return failed(
            f"{where}{_blocked_words(blocked)}{_slips(evaluation, blocked)} A blocked connection"
            " leaves no trace at AWS.",
            proof,
            fixes=policy_fixes(evidence, blocked.values()),
            certain=evidence.snippet_or_none() is not None,
        )
    if outcome := no_page(evidence):
        return outcome
    if not evaluation.connects:
        words = "Which hosts this configuration calls is not known."
        return unknown(f"{words}{_left_out(evidence)}", proof)
    if refused:
        return unknown(
            f"No browser connects to {', '.join(refused)}, whatever the policy: that is no URL.",
            proof,
        )
    return passed(allowed_words(evidence, ", ".join(evaluation.connects)), proof)


def _blocked_words(blocked: Mapping[str, PolicyResult]) -> str:
    """Return which URLs a page may not connect to, and by which directive, each once."""
    urls: dict[str, list[str]] = {}
    for url, result in blocked.items():
        urls.setdefault(result.directive, []).append(url)
    sentences = []
    for directive, listed in urls.items():
        result = blocked[listed[0]]
        stands_in = ", which stands in for connect-src," if "stands in" in result.why else ""
        sentences.append(
            f"The page may not connect to {', '.join(listed)}: no source of its policy's"
            f" {directive!r}{stands_in} covers {'it' if len(listed) == 1 else 'them'}."
        )
    return " ".join(sentences)


def _left_out(evidence: Evidence) -> str:
    """Say what a file's policies leave out beside the data plane that they name; empty if nothing.

    Whether the client asks for it depends on a configuration that was not read.
    """
    from rumkit.client.csp import evaluate

    page = evidence.page
    hosts = {host for _, value in page.written for host in _DATA_PLANE.findall(value)}
    regions = sorted({region for host in hosts if (region := region_of_host(host))})
    urls = [f"https://{service_host('cognito-identity', region)}/" for region in regions]
    missing = [url for url, result in evaluate(page, urls).connects.items() if not result.allowed]
    if not missing:
        return ""
    return (
        f" {written_in(evidence)} lets the page reach the data plane and not {', '.join(missing)},"
        " where a client with an identity pool in that Region gets its credentials; the source"
        " that constructs the client (--source FILE) tells whether this one does."
    )


def _slips(evaluation: Evaluation, blocked: Mapping[str, PolicyResult]) -> str:
    """Return what in the policies was meant for the hosts that they do not cover."""
    hosts = [host for url in blocked if (host := urlsplit(url).hostname)]
    slips = meant_for(hosts, blocked.values(), evaluation.policies, CONNECT_CHAIN)
    return "".join(f" {slip}" for slip in slips)


def observed(evidence: Evidence) -> Outcome | None:
    """Check what the console says of blocked connections to the data plane, Cognito and STS."""
    visit = evidence.visit
    ours = [v for v in _violations(visit) if _is_delivery(visit, v.blocked)]
    if worst := _still_missing(visit, ours):
        origins = dict.fromkeys(origin(v.blocked) for v in worst)
        return seen_to_fail(
            f"The console says that {worst[0].directive or 'the policy'} blocks"
            f" {', '.join(origins)}{quoted(worst[0])}.",
            fixes=(allow_in(worst[0], " ".join(origins)),),
        )
    entries = [c for c in visit.recording.calls if c.kind in AWS_CALLS and blocked_by_policy(c)]
    if entries and not visit.delivered:
        hosts = dict.fromkeys(call.host for call in entries)
        return seen_to_fail(
            f"The content security policy blocked the requests to {', '.join(hosts)}.",
            entries,
            fixes=(_allow(f"https://{host}" for host in hosts),),
        )
    if visit.delivered:
        return seen_to_work(
            "The data plane could be reached, and whatever the client needed before.",
            visit.delivered[:1],
        )
    if visit.puts or not visit.silent_loads or any(call.failed for call in visit.vending):
        return None
    if outcome := _by_recorded_policy(visit):
        return outcome
    if not visit.console:
        return not_told(
            "The client ran, and some of its requests are not there. A request that a content"
            " security policy blocks leaves no entry in a Chromium HAR, so its absence proves"
            " nothing: save the console beside the recording, or give the page."
        )
    return None


def _by_recorded_policy(visit: Visit) -> Outcome | None:
    """Check what a silent load lacks by the policies that came with its document."""
    from rumkit.client.csp import evaluate

    for load in visit.silent_loads:
        document = load.document
        if document is None or not (document.html or document.headers):
            continue
        urls = _expected(visit, load)
        results = evaluate(document.as_page(), urls).connects
        blocked = [url for url in urls if results[url].directive and not results[url].allowed]
        if blocked:
            return seen_to_fail(
                f"No request to {', '.join(map(origin, blocked))} is in the recording, and the"
                f" recorded page's policy does not let it through: {results[blocked[0]].why}",
                certain=False,
                fixes=(_allow(dict.fromkeys(map(origin, blocked))),),
            )
    return None


def _allow(hosts: Iterable[str]) -> Fix:
    return fixes.advice(
        "Allow these hosts in connect-src",
        f"connect-src {' '.join(hosts)} beside what the directive holds today; the page's URL, or"
        " its headers, gives the whole line.",
    )


def _expected(visit: Visit, load: PageLoad) -> list[str]:
    """Return the URLs that the client should have asked for and did not."""
    snippet = next(iter(visit.snippets), None)
    urls = list(snippet.connect_urls(visit.behaviour).values()) if snippet else []
    regions = {pool.partition(":")[0] for pool in visit.pool_ids}
    if not urls and len(regions) == 1:
        # Not known without a snippet; the monitor most often is in the identity pool's region.
        urls = [f"https://{data_plane_host(regions.pop())}/appmonitors/"]
    asked = {call.host for call in load.calls}
    return [url for url in urls if url.split("/")[2] not in asked]


def _violations(visit: Visit) -> list[Violation]:
    violations = visit.console.violations if visit.console else ()
    connects = ("connect-src", "default-src", "")
    return [v for v in violations if not v.report_only and v.directive in connects]


def _still_missing(visit: Visit, ours: list[Violation]) -> list[Violation]:
    """Leave out what was blocked although events were delivered, unless it came after them."""
    if not visit.delivered:
        return ours
    last = max((call.ended for call in visit.delivered if call.ended), default=None)
    later = visit.loads[-1] if visit.loads else None
    if last is None or later is None or any(call.ok for call in later.puts):
        return []
    return [v for v in ours if v.moment and v.moment > last]


def _is_delivery(visit: Visit, url: str) -> bool:
    host = url.partition("://")[2].partition("/")[0].partition(":")[0]
    own = (DATA_PLANE_HOST, COGNITO_HOST, STS_HOST)
    if any(pattern.fullmatch(host) for pattern in own) or "/appmonitors/" in url:
        return True
    endpoints = {known_text(s.setting("endpoint")) for s in visit.snippets}
    return any(endpoint and origin(endpoint) == origin(url) for endpoint in endpoints)


CHECK = Check(
    id=names.CSP_CONNECT,
    hop=Hop.PAGE,
    section=Section.CONTENT_SECURITY_POLICY,
    title="The page's policies let the client reach every host it calls",
    configured=configured,
    observed=observed,
    docs=(f"{links.CSP}/connect-src",),
)
