"""Does the browser get the client script?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rumkit.checks import fixes, names
from rumkit.checks.base import Check, failed, passed, skipped, unknown, warned
from rumkit.checks.observed import not_told, seen_in_part, seen_to_fail, seen_to_work
from rumkit.checks.words import shown
from rumkit.client.generations import CDN_HOST, ClientVersion
from rumkit.client.har.conversation import Call, Kind
from rumkit.client.har.place import CLIENT_HOST
from rumkit.client.visit import Visit, blocked_by_policy, network_cause
from rumkit.model import Hop, Outcome, Proof, Section, Status

if TYPE_CHECKING:
    from rumkit.evidence import Evidence


_INSTALL = "https://github.com/aws-observability/aws-rum-web/blob/main/docs/cdn_installation.md"


def configured(evidence: Evidence) -> Outcome | None:
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


def observed(evidence: Evidence) -> Outcome | None:
    """Judge the request for the client script."""
    visit = evidence.visit
    scripts = visit.recording.of(Kind.CLIENT_SCRIPT)
    console = visit.console
    if not scripts:
        return None
    for call in scripts:
        load = visit.load_of(call)
        ran = load.puts or load.vending
        if not ran and (outcome := _script_trouble(visit, call)):
            return _unless_healed(visit, call, outcome)
    if console and console.said("remote-config") and not visit.puts:
        return seen_to_fail(
            "The client could not load its remote configuration (CWR: Failed to load remote "
            "config), so no client was created.",
        )
    good = [call for call in scripts if call.ok]
    return seen_to_work("The client script was loaded.", good[:1]) if good else None


def _unless_healed(visit: Visit, call: Call, outcome: Outcome) -> Outcome:
    if outcome.status is Status.FAIL and visit.healed(call):
        return seen_in_part(f"{outcome.summary} It loaded later in the recording.", [call])
    return outcome


def _script_trouble(visit: Visit, call: Call) -> Outcome | None:
    console = visit.console
    cause = network_cause(call)
    where = _host_advice(call)
    if call.status >= 400:
        return seen_to_fail(f"The client script answered {call.status}: {call.url}.{where}", [call])
    if call.status and ("html" in call.mime or (console and console.said("script-is-html"))):
        return seen_to_fail(
            f"{call.url} answers {call.status} with an HTML page instead of a script (a fallback "
            "page of the site): publish cwr.js there, or load it from the CDN.",
            [call],
        )
    if console and console.said("integrity") and not call.ok:
        return seen_to_fail("The integrity attribute does not match the client script.", [call])
    if call.status == 0 and call.net_error == "" and not call.blocked:
        return _silently_blocked(visit, call)
    if blocked_by_policy(call):
        return None
    if cause:
        return seen_to_fail(f"The client script did not load: {cause}.{where}", [call])
    if call.ok and console and console.said("integrity"):
        return seen_to_fail(
            "The browser rejected the client script: its integrity attribute does not match; a "
            "floating version changes, so leave the attribute out or name an exact version.",
            [call],
        )
    if call.pending:
        return not_told("The client script's reply had not come when the recording ended.", [call])
    return None


def _silently_blocked(visit: Visit, call: Call) -> Outcome | None:
    """Judge status 0 with an empty error: mixed content, else a policy (see csp-script)."""
    https = visit.load_of(call).url.startswith("https:")
    said = visit.console.said("mixed-content") if visit.console else None
    if call.url.startswith("http:") and (https or said):
        return seen_to_fail(
            "The client script's URL is http on an https page, which browsers block as mixed "
            "content: write https.",
            [call],
        )
    return not_told(
        "The browser blocked the client script before it was sent; the recording names no "
        "reason. That is how Chromium exports what a content security policy blocks.",
        [call],
    )


def _host_advice(call: Call) -> str:
    if call.host != CDN_HOST and CLIENT_HOST.fullmatch(call.host):
        return f" The CDN of the client exists in us-east-1 only: use {CDN_HOST}."
    return ""


CHECK = Check(
    id=names.CLIENT_SCRIPT_LOADS,
    hop=Hop.PAGE,
    section=Section.EVENTS_NOT_SENT,
    title="The client script's URL is one that is served",
    configured=configured,
    observed=observed,
    docs=(_INSTALL,),
)
