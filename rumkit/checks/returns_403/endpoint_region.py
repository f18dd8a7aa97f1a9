"""Does the client send to the region in which the monitor lives?"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from rumkit.aws_names import is_region, known_regions
from rumkit.checks import fixes, links, names
from rumkit.checks.base import Check, failed, passed, unknown, warned
from rumkit.checks.from_trail import rows_of, told
from rumkit.checks.in_between import answered_sentence, at_that_place
from rumkit.checks.observed import not_told, seen_to_fail, seen_to_work
from rumkit.checks.probed import refused
from rumkit.checks.refusal import data_plane_region, refusal_of, refused_outcome
from rumkit.checks.words import shown
from rumkit.checks.written import ARGUMENTS_IN_ORDER, problem_proof, sentence, wrong_value
from rumkit.client.har.author import Author
from rumkit.client.har.silence import Silent
from rumkit.client.options import LeftOut, known_text
from rumkit.client.source.spelling import closest
from rumkit.model import Fix, Hop, Outcome, Proof, Section

if TYPE_CHECKING:
    from rumkit.client.har.conversation import Call
    from rumkit.client.snippet import Problem
    from rumkit.client.visit import Visit
    from rumkit.evidence import Evidence


_WHICH_REGION = fixes.advice(
    "Name the endpoint of the monitor's region",
    "Which region the monitor lives in was not read, so nothing can be pasted: give the page, or"
    " the monitor and its profile, and the line is printed with it.",
)
_DOUBLED = re.compile(r"/appmonitors/.{0,200}/appmonitors/")
_OWN_MACHINE = frozenset(("localhost", "127.0.0.1", "::1"))


def configured(evidence: Evidence) -> Outcome | None:
    """Fail for a snippet with region us-west-2 and a monitor in eu-west-1."""
    snippet, behaviour = evidence.snippet, evidence.behaviour
    if wrong := wrong_value(snippet, "region"):
        return _wrong_region(evidence, wrong)
    if wrong := wrong_value(snippet, "endpoint"):
        return _wrong_endpoint(evidence, wrong)
    region, host = snippet.signing_region, snippet.data_plane_host(behaviour)
    sends_to = data_plane_region(host or "")
    proof = Proof(
        "snippet",
        {
            "region argument": shown(region),
            "endpoint option": shown(snippet.setting("endpoint")),
            "sends to": host or "unknown",
            "client": behaviour.label,
        },
    )
    if region is None:
        return unknown(f"The region is decided by {shown(snippet.region)}.", proof)
    if host is None:
        evidence.option("endpoint")
        return unknown("The endpoint is not a URL with a host: see snippet-present.", proof)
    if not sends_to and host in _OWN_MACHINE and not _of_own_machine(evidence.page.url):
        return failed(
            f"The client sends to {host}, which is each visitor's own machine: RUM gets nothing.",
            proof,
            fixes=(_endpoint(region),) if is_region(region) else (_WHICH_REGION,),
        )
    if not sends_to:
        return unknown(
            f"The client sends to {host}, which names no region: a proxy there decides.", proof
        )
    if sends_to != region:
        return _disagree(evidence, proof, region, sends_to)
    if snippet.kind == "npm" and region != "us-west-2" and _may_be_old(evidence):
        return warned(
            "No endpoint is set, and which release of the client is built in is not known: 3.0.0 to"
            " 3.2.0 send to us-west-2 whatever the region. Where an endpoint is named, all send"
            " there.",
            proof,
            fixes=(_endpoint(region),),
            certain=False,
        )
    return _against_monitor(evidence, proof, region)


def _of_own_machine(url: str) -> bool:
    return urlsplit(url).hostname in _OWN_MACHINE


def _may_be_old(evidence: Evidence) -> bool:
    """Tell whether the client may be one that ignores the region, as nothing tells its release."""
    behaviour = evidence.behaviour
    if evidence.option("endpoint") is not None or behaviour.known or behaviour.build == "slim":
        return False
    return evidence.wanted_major() in {None, 3}


def _wrong_region(evidence: Evidence, wrong: Problem) -> Outcome:
    """Say what stands in the region's place: its host does not exist, so that nothing answers."""
    return failed(
        f"{sentence(wrong)} No host of AWS has such a name, so that no request is answered.",
        problem_proof(wrong),
        fixes=_right_region(evidence),
    )


def _wrong_endpoint(evidence: Evidence, wrong: Problem) -> Outcome:
    """Say what the endpoint names in the data plane's place."""
    snippet, monitor = evidence.snippet, evidence.monitor_or_none()
    lost = " No request to it is answered." if wrong.code == "unknown-region" else ""
    known = monitor.region if monitor else str(snippet.region)
    return failed(
        f"{sentence(wrong)}{lost}",
        problem_proof(wrong),
        fixes=(_endpoint(known),) if is_region(known) else (_WHICH_REGION,),
    )


def _right_region(evidence: Evidence) -> tuple[Fix, ...]:
    """Return the region that the account, or what the page names beside it, tells."""
    snippet, monitor = evidence.snippet, evidence.monitor_or_none()
    pool = known_text(snippet.setting("identityPoolId")).partition(":")[0]
    zone = str(snippet.region)[:-1]
    meant = closest(str(snippet.region), known_regions(), 2)
    likely = meant[0] if len(meant) == 1 else pool if pool in meant or not meant else ""
    shifted = (ARGUMENTS_IN_ORDER,) if snippet.problem("arguments-shifted") else ()
    named = [monitor.region if monitor else "", str(snippet.app_version), zone, likely]
    region = next((name for name in named if is_region(name)), "")
    if not region:
        return shifted or (_WHICH_REGION,)
    title = "Put the monitor's region into the snippet"
    if not monitor and not shifted:
        why = "the zone is in it" if region == zone else "the identity pool is in it"
        title += f" ({why if region in {zone, pool} else 'as it was likely meant'})"
    return (fixes.region(title, region), *shifted, _endpoint(region))


def _disagree(evidence: Evidence, proof: Proof, region: str, sends_to: str) -> Outcome:
    behaviour = evidence.behaviour
    by_default = evidence.option("endpoint") is None
    if by_default and behaviour.floating:
        return warned(
            f"No endpoint is set. Clients 3.0.0 to 3.2.0 then send to us-west-2 whatever the"
            f" region; the floating URL serves {behaviour.label} today, and a cached one may"
            " be older.",
            proof,
            fixes=(_endpoint(region),),
        )
    why = (
        f"client {behaviour.label} sends to {sends_to} when no endpoint is set, whatever the"
        " region argument"
        if by_default
        else f"the endpoint option names {sends_to}"
    )
    return failed(
        f"The requests are signed for {region} and sent to {sends_to}: {why}. PutRumEvents"
        " answers 403.",
        proof,
        fixes=(_endpoint(region),),
    )


def _against_monitor(evidence: Evidence, proof: Proof, region: str) -> Outcome:
    """Compare with the monitor; without an account the snippet at least agrees with itself."""
    monitor = evidence.monitor
    seen = Proof("rum:GetAppMonitor", {"monitor's region": monitor.region}, {"Name": monitor.name})
    if monitor.region != region:
        return failed(
            f"The client sends to {region}, and the monitor {monitor.name} lives in"
            f" {monitor.region}. PutRumEvents answers 403 (or likely 404).",
            proof,
            seen,
            fixes=_both_places(evidence, monitor.region),
        )
    if evidence.option("endpoint") is None and _may_default(evidence):
        return warned(
            "No endpoint is set, and 3.x is served as whatever is newest: clients 3.0.0 to"
            " 3.2.0, which a cache may still hold, send to us-west-2 whatever the region.",
            proof,
            seen,
            fixes=(_endpoint(region),),
        )
    return passed(f"The client sends to {region}, where the monitor lives.", proof, seen)


def _both_places(evidence: Evidence, region: str) -> tuple[Fix, ...]:
    """Return the region for the snippet's argument and for its endpoint, which may name another."""
    fix = fixes.region("Put the monitor's region into the snippet", region)
    if evidence.option("endpoint") is not None:
        also = "The endpoint names the other region too: paste the line for it as well."
        fix = replace(fix, side_effect=f"{also} {fix.side_effect}")
    return fix, _endpoint(region)


def _may_default(evidence: Evidence) -> bool:
    behaviour = evidence.behaviour
    return (
        behaviour.floating
        and behaviour.build == "full"
        and behaviour.version[0] == 3
        and evidence.monitor.region != "us-west-2"
    )


def _endpoint(region: str) -> Fix:
    mind = "A content security policy must let the page connect to this host."
    return fixes.endpoint("Name the endpoint of the monitor's region", region, side_effect=mind)


def observed(evidence: Evidence) -> Outcome | None:
    """Check the endpoint: a host that exists, of the signed region, where RUM itself answers."""
    visit = evidence.visit
    if cause := refusal_of(visit, names.ENDPOINT_REGION):
        text = f"PutRumEvents is refused because {cause.why}.{_default_endpoint(visit, cause.call)}"
        return refused_outcome(visit, cause, text, _of_the_signature(visit))
    for call in visit.refused:
        if trouble := _bad_endpoint(call):
            return seen_to_fail(trouble, [call], fixes=_of_the_signature(visit))
    elsewhere = visit.answered_in_between
    if elsewhere and not visit.delivered:
        first = elsewhere[0]
        return seen_to_fail(answered_sentence(first), elsewhere, fixes=at_that_place(visit, first))
    return _reached(visit)


def _reached(visit: Visit) -> Outcome | None:
    good = visit.delivered
    if good:
        where = data_plane_region(good[0].host) and f"RUM accepts events at {good[0].host}."
        return seen_to_work(where or f"{good[0].host} passes events on to RUM.", good[:1])
    unsure = [call for call in visit.puts if call.ok]
    if not unsure:
        return None
    first = unsure[0]
    bare = first.author is Author.UNKNOWN
    by, why = ("", ": it holds no response headers") if bare else (f" ({first.author_mark})", "")
    return not_told(
        f"{first.host} answered {first.status}{by}; whether RUM is behind it, the recording"
        f" does not tell{why}.",
        unsure,
        missing=("input:recording",),
    )


def _bad_endpoint(call: Call) -> str:
    if call.host in _OWN_MACHINE and not call.ok:
        return (
            f"The events are sent to {call.host}: endpoint lacks https:// in front, and this "
            "client takes it for a path."
        )
    silence = call.silence
    if silence and silence.kind is Silent.MIXED_CONTENT:
        return (
            f"The endpoint is http://{call.host}, which browsers block as mixed content on an "
            "https page: write https."
        )
    if _DOUBLED.search(call.path):
        return (
            f"The path {call.path} names /appmonitors twice: endpoint must be the bare host "
            f"(https://{call.host})."
        )
    if silence and silence.kind is Silent.DNS:
        if silence.host_possible is False:
            return f"{silence.text[:1].upper()}{silence.text[1:]}."
        if silence.host_possible is None:
            return f"{call.host} can't be resolved: the endpoint is likely misspelt."
    return ""


def _of_the_signature(visit: Visit) -> tuple[Fix, ...]:
    """Return the endpoint of the region that the requests are signed for, if that is a region."""
    regions = [call.signature.region for call in visit.puts if call.signature]
    named = [str(s.region) for s in visit.snippets if isinstance(s.region, str)]
    known = [name for name in (*regions, *named) if name in known_regions()]
    return (_endpoint(known[0]),) if known else (_WHICH_REGION,)


def _default_endpoint(visit: Visit, call: Call) -> str:
    default = visit.behaviour.default_endpoint_region
    if (
        default
        and data_plane_region(call.host) == default
        and visit.setting("endpoint") == LeftOut()
    ):
        return (
            f" {visit.label.capitalize()} sends to {default} when endpoint is left out; set "
            "endpoint to the data plane of the monitor's region, or use 3.2.1 or newer."
        )
    return ""


def recorded(evidence: Evidence) -> Outcome | None:
    """Fail for calls to this monitor that another region's RUM refused."""
    rows = rows_of(evidence, names.ENDPOINT_REGION)
    if not rows:
        return None
    region, reached = evidence.region_name() or "", rows[-1].region
    lead = (
        f"Browsers send the events of this monitor to {reached}, and the monitor is looked for in"
        f" {region}: in the wrong region no role may put its events and RUM does not know it."
        if reached != region
        else "The requests are signed for another region than the one that they go to."
    )
    paste = _endpoint(region) if region in known_regions() else _WHICH_REGION
    return told(evidence, rows, lead, (paste,))


CHECK = Check(
    id=names.ENDPOINT_REGION,
    hop=Hop.AUTHORIZE,
    section=Section.RETURNS_403,
    title="The client's requests reach RUM, in the monitor's region",
    configured=configured,
    observed=observed,
    recorded=recorded,
    probed=refused(names.ENDPOINT_REGION),
    docs=(f"{links.CLIENT_ISSUES}/854",),
)
