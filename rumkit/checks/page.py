"""The guide's section "Events are not being sent": the snippet and the client script."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rumkit.checks import fixes
from rumkit.checks.base import Check, failed, passed, skipped, unknown, warned
from rumkit.checks.words import shown
from rumkit.client.generations import CDN_HOST, OPTION_SINCE, ClientVersion
from rumkit.commands import REGION
from rumkit.model import Hop, Proof, Section, Table

if TYPE_CHECKING:
    from rumkit.client.snippet import Snippet
    from rumkit.evidence import Evidence
    from rumkit.model import Fix, Outcome

_INSTALL = "https://github.com/aws-observability/aws-rum-web/blob/main/docs/cdn_installation.md"
_CONFIGURATION = "https://github.com/aws-observability/aws-rum-web/blob/main/docs/configuration.md"

# What keeps a client from ever starting; other problems are judged by the check they concern.
_FATAL = {
    "placeholder",
    "initialize-command",
    "syntax",
    "insertion-throws",
    "no-queue",
    "never-called",
    "not-uuid",
    "config-not-object",
    "endpoint-no-scheme",
}
# A placeholder there is judged by the check of that option.
_ELSEWHERE = {"sessionSampleRate"}


def snippet_present(evidence: Evidence) -> Outcome:
    """Fail for a page without `window.AwsRumClient`, or with `'{{appMonitorId}}'` left in it."""
    found = evidence.snippets
    page = evidence.page
    if not found:
        return failed(
            f"{page.url} holds no RUM snippet: nothing in its inline scripts starts the client."
            " (A client inside a bundle is seen only in that bundle's source, or in a"
            " recording.)",
            Proof("page", {"scripts": len(page.scripts), "status": page.status}),
            fixes=_paste_snippet(evidence),
        )
    snippet = evidence.snippet
    proof = _snippet_proof(snippet)
    fatal = [
        problem
        for problem in snippet.problems
        if problem.code in _FATAL and problem.field not in _ELSEWHERE
    ]
    if fatal:
        return failed(
            "The snippet cannot start the client: "
            + "; ".join(problem.message.rstrip(".") for problem in fatal)
            + ".",
            proof,
            fixes=_repair(evidence, snippet, {problem.code for problem in fatal}),
        )
    others = {each.app_monitor_id for each in found if isinstance(each.app_monitor_id, str)}
    if len(others) > 1:
        return failed(
            f"The page starts {len(found)} clients for {len(others)} monitors. Both read the"
            " last window.AwsRumClient: the first monitor gets nothing, the last one every"
            " event twice.",
            proof,
            fixes=(
                fixes.advice(
                    "Keep one snippet on the page",
                    "Remove all snippets but one, or start the others as NPM clients with"
                    " cookieAttributes: {unique: true}.",
                ),
            ),
        )
    return passed("The page holds a snippet that can start the client.", proof)


def _snippet_proof(snippet: Snippet) -> Proof:
    values = {
        "kind": f"{snippet.kind}, {snippet.build} build",
        "line": snippet.line,
        "app monitor id": shown(snippet.app_monitor_id),
        "region": shown(snippet.region),
        "client": shown(snippet.client_url),
    }
    rows = tuple((problem.code, problem.message) for problem in snippet.problems)
    return Proof(
        "snippet", values, table=Table(("problem", "what it means"), rows) if rows else None
    )


def _paste_snippet(evidence: Evidence) -> tuple[Fix, ...]:
    from rumkit.checks.loader import loader

    return (
        fixes.snippet(
            "Paste this as the first script of the page's head",
            loader(evidence),
            side_effect="A content security policy must allow it: see csp-script.",
        ),
    )


def _repair(evidence: Evidence, snippet: Snippet, codes: set[str]) -> tuple[Fix, ...]:
    from rumkit.checks.loader import known_monitor

    if codes == {"insertion-throws"}:
        return (
            fixes.advice(
                "Move the snippet into the head",
                "Paste the snippet inside <head>, before any other script, or use the loader"
                " that inserts at document.head.getElementsByTagName('script')[0].",
            ),
            *_paste_snippet(evidence),
        )
    if codes == {"endpoint-no-scheme"} and _is_region(snippet.region):
        return (
            fixes.configuration(
                "Write the endpoint as a URL",
                fixes.member("endpoint", f"https://dataplane.rum.{snippet.region}.amazonaws.com"),
            ),
        )
    wrong = {problem.field for problem in snippet.problems if problem.code in _FATAL}
    monitor = known_monitor(evidence)
    if monitor and snippet.kind == "loader" and wrong == {"app_monitor_id"}:
        return (
            fixes.monitor_id("Put the monitor's own id into the snippet", monitor.id),
            *_paste_snippet(evidence),
        )
    return _paste_snippet(evidence)


def _is_region(value: object) -> bool:
    return isinstance(value, str) and bool(REGION.fullmatch(value))


def client_script_loads(evidence: Evidence) -> Outcome:
    """Fail for `https://client.rum.eu-west-1.amazonaws.com/…`: the CDN is in us-east-1 alone."""
    snippet = evidence.snippet
    if snippet.kind == "npm":
        return skipped("The client is part of the site's own bundle.")
    url = snippet.client_url
    proof = Proof("snippet", {"client URL": shown(url)})
    if not isinstance(url, str):
        return unknown(f"The client's URL is an expression: {shown(url)}.", proof)
    version = ClientVersion.parse(url)
    fix = fixes.client_url(
        "Load the client from the one host that serves it",
        f"https://{CDN_HOST}/{version.text or '1.x'}/cwr.js",
    )
    if version.host.startswith("client.rum.") and not version.cdn:
        return failed(
            f"{version.host} serves no client: the client's host is {CDN_HOST}, whatever the"
            " monitor's region.",
            proof,
            fixes=(fix,),
        )
    if version.cdn and version.number is None:
        return failed(
            f"{url} names no version of the client; the paths are /N.x/cwr.js, /N.M.x/cwr.js and"
            " /N.M.P/cwr.js.",
            proof,
            fixes=(fix,),
        )
    if version.cdn and not version.known:
        return warned(f"rumkit knows no client {version.text}; the CDN may not either.", proof)
    if url.startswith("http://"):
        return warned("The client is loaded over plain http; an https page blocks it.", proof)
    if evidence.arrival_or_none():
        return passed(f"{url} is well formed, and browsers with it have sent events.", proof)
    return unknown(
        f"The URL {url} is well formed; whether browsers get it, only a recording shows"
        " (ad blockers and DNS lists block this host).",
        proof,
        missing=("input:recording", *evidence.missing("arrival")),
    )


def client_version(evidence: Evidence) -> Outcome:
    """Fail for client 1.14 with an identity pool and no guestRoleArn."""
    snippet, behaviour = evidence.snippet, evidence.behaviour
    proof = Proof("snippet", {"client": shown(snippet.client_url), "behaves as": behaviour.label})
    if not behaviour.known:
        return unknown("The client's version is not known from its URL.", proof)
    if evidence.flow == "enhanced" and not behaviour.enhanced_flow:
        return failed(
            f"Client {behaviour.label} cannot use the enhanced flow, which a snippet without"
            " guestRoleArn selects: it asks GetCredentialsForIdentity with the pool's id and"
            " never sends an event. That works from 1.15.0 on.",
            proof,
            fixes=_newer_client(evidence),
        )
    too_new = [
        name
        for name in snippet.config
        if OPTION_SINCE.get(name, behaviour.version) > behaviour.version
    ]
    if too_new:
        return warned(
            f"Client {behaviour.label} ignores {', '.join(too_new)}: it does not know them yet.",
            proof,
        )
    return passed(f"Client {behaviour.label} suits this configuration.", proof)


def _newer_client(evidence: Evidence) -> tuple[Fix, ...]:
    newer = fixes.client_url("Load a newer client", f"https://{CDN_HOST}/1.x/cwr.js")
    role = evidence.configured_or_none("GuestRoleArn")
    if not role:
        return (newer,)
    basic = fixes.configuration(
        "Or name the guest role, for the basic flow", fixes.member("guestRoleArn", role)
    )
    return (newer, basic)


SNIPPET_CHECKS = (
    Check(
        "snippet-present",
        Hop.PAGE,
        Section.EVENTS_NOT_SENT,
        "The page holds a snippet that can start the client",
        snippet_present,
        (_INSTALL,),
    ),
)
CHECKS = (
    Check(
        "client-script-loads",
        Hop.PAGE,
        Section.EVENTS_NOT_SENT,
        "The client script's URL is one that is served",
        client_script_loads,
        (_INSTALL,),
    ),
    Check(
        "client-version",
        Hop.PAGE,
        Section.BEYOND,
        "The client's version suits its configuration",
        client_version,
        (_CONFIGURATION,),
    ),
)
