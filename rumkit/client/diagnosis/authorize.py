"""What a recording says on the fourth hop: is PutRumEvents authorised."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rumkit.client.diagnosis.case import (
    Case,
    RecordingVerdict,
    failed,
    passed,
    warned,
)
from rumkit.client.diagnosis.denial import MAX_SKEW, Denial, denial, host_region
from rumkit.client.har.conversation import Kind

if TYPE_CHECKING:
    from rumkit.client.har.conversation import Call

_DOUBLED = re.compile(r"/appmonitors/.{0,200}/appmonitors/")


def _of(case: Case, check: str) -> Denial | None:
    found = denial(case)
    return found if found and found.check == check else None


def _verdict(case: Case, found: Denial, text: str) -> RecordingVerdict:
    same = [c for c in case.refused if c.status == found.call.status]
    if case.healed(found.call):
        return warned(f"{text} Later batches were accepted.", same, certain=found.certain)
    return failed(text, same, certain=found.certain)


def endpoint_region(case: Case) -> RecordingVerdict | None:
    """Judge the endpoint: a host that exists, of the region that the request is signed for."""
    if found := _of(case, "endpoint-region"):
        text = f"PutRumEvents is refused because {found.why}.{_default_endpoint(case, found.call)}"
        return _verdict(case, found, text)
    for call in case.refused:
        if trouble := _bad_endpoint(case, call):
            return failed(trouble, [call])
    if case.console and case.console.said("invalid-endpoint") and not case.delivered:
        return failed(
            "The client threw 'Invalid URL' while it started: endpoint must be a whole URL, with "
            "https:// in front.",
            certain=False,
        )
    good = [call for call in case.delivered if host_region(call)]
    return passed(f"RUM accepts events at {good[0].host}.", good[:1]) if good else None


def _bad_endpoint(case: Case, call: Call) -> str:
    if call.host in ("localhost", "127.0.0.1") and not call.ok:
        return (
            f"The events are sent to {call.host}: endpoint lacks https:// in front, and this "
            "client takes it for a path."
        )
    if call.url.startswith("http:") and not call.status:
        return (
            f"The endpoint is http://{call.host}, which browsers block as mixed content on an "
            "https page: write https."
        )
    if _DOUBLED.search(call.path):
        return (
            f"The path {call.path} names /appmonitors twice: endpoint must be the bare host "
            f"(https://{call.host})."
        )
    if "could not be resolved" in case.why_silent(call):
        return f"{call.host} can't be resolved: the endpoint or the region is misspelt."
    proxy = not host_region(call) and not call.error_type
    if proxy and call.status in (404, 405):
        return (
            f"The endpoint {call.host} answers {call.status} and is not RUM: a proxy there must "
            "pass POST /appmonitors/ID on to the data plane."
        )
    return ""


def _default_endpoint(case: Case, call: Call) -> str:
    default = case.behaviour.default_endpoint_region
    if default and host_region(call) == default and not case.option("endpoint"):
        return (
            f" {case.label.capitalize()} sends to {default} when endpoint is left out; set "
            "endpoint to the data plane of the monitor's region, or use 3.2.1 or newer."
        )
    return ""


def stored_credentials(case: Case) -> RecordingVerdict | None:
    """Judge stored credentials of another app monitor on the same origin."""
    if found := _of(case, "stored-credentials"):
        heals = " This client fetches new ones after the first 403, and loses one batch."
        keeps = (
            " This client stops after the 403, on every page load, until the credentials expire."
        )
        number = case.version.number
        after = "" if number is None else heals if number >= (2, 0, 0) else keeps
        text = (
            f"PutRumEvents is refused: {found.why}.{after} cookieAttributes: {{unique: true}} "
            "keeps them apart (client 1.19 and newer)."
        )
        return _verdict(case, found, text)
    fresh = [c for c in case.vending if c.kind in (Kind.GET_CREDENTIALS, Kind.ASSUME_ROLE)]
    if case.delivered or (denial(case) and any(c.ok for c in fresh)):
        return passed("The requests were signed with credentials that fit, or with fresh ones.")
    return None


def guest_role_permission(case: Case) -> RecordingVerdict | None:
    """Judge whether the guest role may put events on this monitor."""
    if found := _of(case, "guest-role-permission"):
        likely = "" if found.certain else " The role's policies likely lack rum:PutRumEvents."
        likely += other_regions(case, found.call)
        return _verdict(case, found, f"PutRumEvents is refused: {found.why}.{likely}")
    signed = [c for c in case.delivered if c.signature and c.signature.signed]
    return passed("The role may put events on this monitor.", signed[:1]) if signed else None


def signing(case: Case) -> RecordingVerdict | None:
    """Judge the signature, by Authorization or X-Amz-Signature."""
    if found := _of(case, "signing"):
        return _verdict(case, found, f"PutRumEvents is refused: {found.why}.{_unsigned(case)}")
    skewed = [c for c in case.delivered if abs(c.clock_skew or 0.0) > MAX_SKEW]
    if skewed:
        return warned(
            f"This computer's clock differs from AWS's by {abs(skewed[0].clock_skew or 0):.0f} s; "
            "beyond 5 minutes signatures are refused.",
            skewed,
        )
    if case.delivered:
        states = {call.signature.state for call in case.delivered if call.signature}
        if states == {"none"}:
            return passed(
                "Unsigned events are accepted (a resource policy or a proxy admits them)."
            )
        if "stripped" in states:
            return passed(
                "Events are accepted; the export dropped Authorization, as is the default."
            )
        return passed("Events are accepted as they are signed.")
    return None


def _unsigned(case: Case) -> str:
    if case.behaviour.build == "slim":
        return " The slim build does not sign unless setSigningConfigFactory is given."
    if case.option("signing") is False:
        return " The page says signing: false."
    return ""


def resource_policy(case: Case) -> RecordingVerdict | None:
    """Judge what the denial says of the monitor's resource policy."""
    if found := _of(case, "resource-policy"):
        return _verdict(case, found, f"PutRumEvents is refused: {found.why}.")
    return None


def put_events_denied(case: Case) -> RecordingVerdict | None:
    """Collect every refused PutRumEvents call; a symptom."""
    bad = [call for call in case.refused if call.status in (401, 403)]
    found = denial(case)
    if found is None:
        if case.delivered:
            return passed(f"No PutRumEvents call was refused, {len(case.delivered)} were accepted.")
        return None
    text = f"RUM answers PutRumEvents with {found.call.trouble}."
    if not found.check:
        text += f" What it means is open: {found.why}."
    elif found.check == "put-events-denied":
        text += f" The cause: {found.why}."
    if case.healed(found.call):
        return warned(f"{text} Later batches were accepted.", bad)
    return failed(text + _afterwards(case, found.call), bad)


def _afterwards(case: Case, call: Call) -> str:
    if not case.version.number:
        return ""
    if call.cors_reply is False and call.net_error:
        return (
            " The reply has no CORS headers, so the client takes it for a network error: it tries "
            "again and does not switch itself off."
        )
    if call.beacon:
        return " It is a beacon, whose reply the client never sees."
    return {
        "never": f" {case.label.capitalize()} keeps on sending; each batch is lost.",
        "any-rejection": f" {case.label.capitalize()} repeats it twice, then stops until reload.",
        "403-or-404": f" {case.label.capitalize()} stops at once; silence follows from it.",
        "second-403-or-404": (
            f" {case.label.capitalize()} fetches new credentials once, and stops at the second "
            "403; silence follows from it."
        ),
    }[case.behaviour.disables]


def other_regions(case: Case, call: Call) -> str:
    """Say that the identity pool is elsewhere, which is allowed but worth a look."""
    pools = {pool.partition(":")[0] for pool in case.pool_ids}
    host = host_region(call)
    if not host or not pools or host in pools:
        return ""
    return (
        f" The identity pool is in {', '.join(sorted(pools))}, and the events go to {host}: is "
        "the app monitor there?"
    )
