"""Does the app monitor exist, in this region and account?"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rumkit.aws_names import MONITOR_ARN, UUID, arn_parts, is_uuid
from rumkit.checks import fixes, links, names
from rumkit.checks.base import Check, failed, passed, skipped, unknown, warned
from rumkit.checks.from_recording import monitors_there
from rumkit.checks.loader import own_id
from rumkit.checks.monitor_ids import id_of_name, looks_like_a_name
from rumkit.checks.observed import seen_to_fail, seen_to_work
from rumkit.checks.probed import refused
from rumkit.checks.refusal import data_plane_region, other_regions
from rumkit.checks.trail_failures import failures_proof
from rumkit.checks.words import count, monitor_proof, shown
from rumkit.checks.written import (
    ARGUMENTS_IN_ORDER,
    holds_placeholder,
    problem_proof,
    sentence,
    wrong_value,
)
from rumkit.client.values import Expression
from rumkit.evidence.facts import or_none
from rumkit.model import Absent, Fix, Hop, Outcome, Proof, Section, ended
from rumkit.target import iso
from rumkit.trail.names import MONITOR_CHANGES

if TYPE_CHECKING:
    from rumkit.aws.monitor import Monitor
    from rumkit.client.har.conversation import Call
    from rumkit.client.snippet import Problem, Snippet
    from rumkit.client.visit import Visit
    from rumkit.evidence import Evidence


_UUID_INSIDE = re.compile(rf"(?<![\w-]){UUID}(?![\w-])")
_NEW_ID = fixes.advice(
    "Put an existing monitor's id into the snippet",
    "Create the monitor again, or take the id of an existing one from the list and put it into"
    " the snippet's second argument. A new monitor has a new id: the old one never comes back.",
)
_OTHER_IDS = frozenset({"account-as-id", "pool-as-id"})


def configured(evidence: Evidence) -> Outcome | None:
    """Fail for `cwr(…, '<id of a deleted monitor>', …)`."""
    snippet = evidence.snippet_or_none()
    if snippet and not snippet.configured:
        return skipped("The page hands the client no monitor's id: see snippet-present.")
    if snippet and (wrong := wrong_value(snippet, "app_monitor_id")):
        return _wrong_id(evidence, snippet, wrong)
    monitor = evidence.monitor_lookup
    if isinstance(monitor, Absent):
        return failed(
            f"RUM does not know the monitor: {ended(monitor.reason)}"
            f"{_of_late(evidence, 'DeleteAppMonitor', 'deleted')} PutRumEvents is answered with 404"
            " ResourceNotFoundException (or with 403 when the role names other monitors).",
            Proof("rum:GetAppMonitor", {"wanted": evidence.target.monitor or "the page's id"}),
            fixes=_find_the_monitor(evidence),
        )
    if monitor.state == "DELETING":
        return failed(f"The monitor {monitor.name} is being deleted.", monitor_proof(monitor))
    where = f"{monitor.region}{_elsewhere(evidence, monitor)}"
    if snippet is None:
        return passed(f"The monitor {monitor.name} exists in {where}.", monitor_proof(monitor))
    sent = snippet.app_monitor_id
    if not isinstance(sent, str):
        return unknown(
            f"The monitor {monitor.name} exists; the page's id is an expression ({shown(sent)}).",
            monitor_proof(monitor),
        )
    proof = Proof(
        "rum:GetAppMonitor", {"page's id": sent, "monitor's id": monitor.id}, {"Name": monitor.name}
    )
    if sent.lower() != monitor.id.lower():
        return failed(
            f"The page sends to {sent}, and the monitor {monitor.name} has the id {monitor.id}:"
            f" its events go elsewhere or nowhere.{_of_late(evidence, 'CreateAppMonitor', 'made')}",
            proof,
            fixes=own_id(evidence),
        )
    return passed(f"The page's id is that of {monitor.name} in {where}.", proof)


def _elsewhere(evidence: Evidence, monitor: Monitor) -> str:
    """Say that a person named another Region than the page, and that the page was followed."""
    named = evidence.target.region
    return f", not in {named} as was given" if named and named != monitor.region else ""


def _of_late(evidence: Evidence, call: str, verb: str) -> str:
    """Say when a monitor was deleted or made, where that was in the window and is recorded."""
    known = or_none(lambda: evidence.configuration_changes) or ()
    change = next((c for c in known if c.name == call and c.concerns and not c.error_code), None)
    return f" It was {verb} at {iso(change.time)} ({call})." if change else ""


def _wrong_id(evidence: Evidence, snippet: Snippet, wrong: Problem) -> Outcome:
    """Say what stands in the id's place; the client starts with it all the same."""
    if wrong.code == "placeholder":
        return skipped("The page's app monitor id was never filled in: see snippet-present.")
    follows = "" if "RUM refuses" in wrong.message else " RUM refuses each batch."
    ways = (*own_id(evidence), *_find_the_id(wrong, snippet)) or (_NEW_ID,)
    summary, proof = f"{sentence(wrong)}{follows}", problem_proof(wrong)
    if _by_a_proxy(snippet):
        unless = "It sends unsigned; a proxy, if endpoint names one, may put the right id in."
        return warned(f"{summary} {unless}", proof, fixes=ways, certain=False)
    return failed(summary, proof, fixes=ways)


def _by_a_proxy(snippet: Snippet) -> bool:
    """Tell whether something between page and RUM may change the path: nothing signs it."""
    endpoint = snippet.config.get("endpoint")
    text = endpoint.source if isinstance(endpoint, Expression) else endpoint
    unsigned = snippet.config.get("signing") is False
    return unsigned and isinstance(text, str) and "dataplane.rum" not in text


def _find_the_id(wrong: Problem, snippet: Snippet) -> tuple[Fix, ...]:
    """Return how the id is found that belongs in the place of a name or of an ARN."""
    value, region = str(snippet.app_monitor_id), str(snippet.region)
    if wrong.code == "arguments-shifted":
        second = str(snippet.app_version)
        here = (fixes.monitor_id("Put the id second", second),) if is_uuid(second) else ()
        return (*here, ARGUMENTS_IN_ORDER)
    uuid = _UUID_INSIDE.search(value)
    if uuid and wrong.code == "not-uuid":
        return (fixes.monitor_id("Write the id without what stands around it", uuid[0]),)
    if re.fullmatch(MONITOR_ARN, value):
        arn = arn_parts(value)
        return id_of_name(arn.name, arn.region)
    if wrong.code == "monitor-name-as-id":
        return id_of_name(value, region)
    return (*monitors_there(region), _NEW_ID) if wrong.code in _OTHER_IDS else ()


def _find_the_monitor(evidence: Evidence) -> tuple[Fix, ...]:
    region = next(iter(evidence.regions), "REGION")
    return (
        fixes.command(
            "See which monitors there are",
            ["aws", "rum", "list-app-monitors", "--region", region],
        ),
        _NEW_ID,
    )


def observed(evidence: Evidence) -> Outcome | None:
    """Check for 404, and for 400 because the id has no form of one."""
    visit = evidence.visit
    for call in visit.refused_by_rum:
        region = data_plane_region(call.host)
        if (
            call.status == 404
            and (region or call.error_type)
            and call.path.count("/appmonitors") == 1
        ):
            return seen_to_fail(
                f"RUM answers 404 {call.error_type}: no app monitor {call.monitor_id} in "
                f"{region or call.host}. It was deleted, its id is wrong, or it lives "
                f"in another region.{other_regions(visit, call)}{_stops(visit)}",
                [call],
                fixes=(*monitors_there(region), _NEW_ID),
            )
        if call.status == 400 and call.monitor_id and not is_uuid(call.monitor_id):
            return None if holds_placeholder(visit.snippets) else _no_id(visit, call)
    if visit.delivered:
        ids = ", ".join(dict.fromkeys(c.monitor_id for c in visit.delivered if c.monitor_id))
        return seen_to_work(f"RUM accepts events for {ids}.", visit.delivered[:1]) if ids else None
    return None


def _no_id(visit: Visit, call: Call) -> Outcome:
    """Say what stands in the id's place: most often the monitor's name."""
    wanted = call.monitor_id
    text = f"RUM answers {call.trouble}, to the id {wanted!r}."
    if not visit.snippets:
        name = " It looks like the monitor's name." if looks_like_a_name(wanted) else ""
        text = f"{text} That is not the form of an app monitor's id (a UUID).{name}"
    return seen_to_fail(text, [call], fixes=id_of_name(wanted, data_plane_region(call.host)))


def _stops(visit: Visit) -> str:
    stops = visit.behaviour.disables != "never" and visit.version.number
    return f" {visit.label.capitalize()} stops after it; silence follows from it." if stops else ""


def recorded(evidence: Evidence) -> Outcome | None:
    """Fail for PutRumEvents calls to which RUM knew no monitor."""
    rows = [row for row in evidence.put_events.rows if row.failure == "not-found"]
    if not rows:
        return None
    last = rows[-1]
    return failed(
        f"{count(len(rows), 'PutRumEvents call')} went to a monitor that RUM does not know, the"
        f" last at {iso(last.time)}: {last.error_code}: {last.error_message}",
        failures_proof(evidence.put_events, rows),
        fixes=_find_the_monitor(evidence),
    )


CHECK = Check(
    id=names.MONITOR_EXISTS,
    hop=Hop.INGEST,
    section=Section.RETURNS_403,
    title="The page's app monitor exists in this region and account",
    configured=configured,
    observed=observed,
    recorded=recorded,
    probed=refused(names.MONITOR_EXISTS),
    changes=MONITOR_CHANGES,
    mobile=True,
    docs=(f"{links.RUM_API}/API_GetAppMonitor.html",),
)
