"""Do credentials of another monitor lie in this origin's storage?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rumkit.checks import fixes, links, names
from rumkit.checks.base import Check, failed, passed, skipped, unknown, warned
from rumkit.checks.from_recording import fresh_storage
from rumkit.checks.observed import seen_to_work
from rumkit.checks.refusal import refusal, refusal_of, refused_outcome
from rumkit.checks.words import page_host
from rumkit.client.har.conversation import Kind
from rumkit.model import Fix, Hop, Outcome, Proof, Section, Table

if TYPE_CHECKING:
    from rumkit.aws.monitor import Monitor
    from rumkit.client.generations import Behaviour
    from rumkit.evidence import Evidence
    from rumkit.trail.events import TrailEvent


_STORING = frozenset({"enhanced", "basic"})


def configured(evidence: Evidence) -> Outcome | None:
    """Warn for two monitors on one origin whose clients share `cwr_c`."""
    if evidence.flow not in _STORING:
        return skipped("This client stores no credentials of an identity pool.")
    behaviour, apart = evidence.behaviour, _apart(evidence)
    if not apart and (outcome := _side_by_side(evidence)):
        return outcome
    neighbours = evidence.neighbours
    host = page_host(evidence)
    proof = Proof(
        "rum:ListAppMonitors",
        {"host": host or "unknown", "client": behaviour.label, "a key of its own": apart},
        table=Table(
            ("other monitor on this host", "id"), tuple((each.name, each.id) for each in neighbours)
        ),
    )
    if apart:
        return passed("The client keeps its credentials under a key of its own.", proof)
    if host is None:
        return unknown("The page was read from a file, so its host is not known.", proof)
    if not neighbours:
        return passed(f"No other monitor of this account names {host}.", proof)
    return _shared(evidence, neighbours, proof)


def _side_by_side(evidence: Evidence) -> Outcome | None:
    """Warn of two clients of the package that one source starts for two monitors."""
    started = [each for each in evidence.snippets if each.kind == "npm" and not each.conditional]
    ids = {each.app_monitor_id for each in started if isinstance(each.app_monitor_id, str)}
    if len(ids) < 2:
        return None
    return warned(
        f"{len(started)} clients for {len(ids)} monitors run side by side and keep cookies and"
        " credentials under the same keys: one may send with what the other got."
        f" {_consequence(evidence.behaviour)}",
        Proof("snippet", {"app monitors": ", ".join(sorted(ids))}),
        fixes=_unique(evidence.behaviour),
    )


def _shared(evidence: Evidence, neighbours: tuple[Monitor, ...], proof: Proof) -> Outcome:
    behaviour = evidence.behaviour
    sharing = _named(neighbours)
    if behaviour.purges_credentials_on_403:
        if evidence.foreign_denials_or_none() is None:
            return unknown(
                f"{sharing} shares this host; no trail tells whether calls were denied.",
                proof,
                missing=evidence.missing("put_events"),
            )
        return passed(
            f"{sharing} shares this host; this client drops foreign credentials after one 403.",
            proof,
        )
    return warned(
        f"{sharing} shares this host. Client {behaviour.label} keeps credentials under one key for"
        f" all of them. {_consequence(behaviour)}",
        proof,
        fixes=_unique(behaviour),
    )


def recorded(evidence: Evidence) -> Outcome | None:
    """Fail for denials to another role than the guest role, where monitors share a host."""
    if evidence.flow not in _STORING or _apart(evidence):
        return None
    neighbours, foreign = evidence.neighbours, evidence.foreign_denials_or_none()
    if not neighbours or not foreign:
        return None
    roles = ", ".join(sorted({row.role for row in foreign})[:3])
    return failed(
        f"{len(foreign)} PutRumEvents calls to this monitor were denied to {roles}, which is not"
        f" its guest role: pages of {_named(neighbours)} on the same host leave their credentials"
        f" in localStorage (cwr_c), and this client uses them. {_consequence(evidence.behaviour)}",
        _denials(foreign),
        fixes=_unique(evidence.behaviour),
    )


def _apart(evidence: Evidence) -> bool:
    """Tell whether the client keeps its credentials under a key of its own."""
    cookies = evidence.option("cookieAttributes")
    unique = isinstance(cookies, dict) and cookies.get("unique") is True
    return unique and evidence.behaviour.unique_credentials


def _named(neighbours: tuple[Monitor, ...]) -> str:
    return ", ".join(each.name for each in neighbours)


def _consequence(behaviour: Behaviour) -> str:
    if behaviour.purges_credentials_on_403:
        return "The client drops them after one lost batch and fetches its own."
    return "The first 403 switches the client off until the page is loaded again."


def _denials(rows: tuple[TrailEvent, ...]) -> Proof:
    last = rows[-1]
    return Proof(
        "cloudtrail",
        {"denied calls": len(rows), "last error": last.error_code, "by role": last.role},
    )


def _unique(behaviour: Behaviour) -> tuple[Fix, ...]:
    if not behaviour.unique_credentials:
        return (
            fixes.advice(
                "Load client 1.19.0 or newer, with cookieAttributes: {unique: true}",
                "Older clients keep their credentials under one key whatever the option says.",
            ),
        )
    return (
        fixes.configuration(
            "Keep each monitor's credentials under a key of its own, on every page of the host",
            "cookieAttributes: {unique: true}",
            side_effect="Visitors get new session cookies once.",
        ),
    )


def observed(evidence: Evidence) -> Outcome | None:
    """Check stored credentials of another app monitor on the same origin."""
    visit = evidence.visit
    if denial := refusal_of(visit, names.STORED_CREDENTIALS):
        text = f"PutRumEvents is refused: {denial.why}."
        if (number := visit.version.number) and number >= (2, 0, 0):
            text += " This client fetches new ones after the first 403, and loses one batch."
        elif number:
            text += (
                " This client stops after the 403, on every page load, until the credentials"
                " expire."
            )
        text += " cookieAttributes: {unique: true} keeps them apart (client 1.19 and newer)."
        ways = (*_unique(visit.behaviour), fresh_storage())
        return refused_outcome(visit, denial, text, ways)
    fresh = [c for c in visit.vending if c.kind in (Kind.GET_CREDENTIALS, Kind.ASSUME_ROLE)]
    if visit.delivered or (refusal(visit) and any(c.ok for c in fresh)):
        return seen_to_work(
            "The requests were signed with credentials that fit, or with fresh ones."
            f"{visit.in_fresh_profile('what other pages of the origin had left was not in it')}",
            (visit.delivered or fresh)[:1],
        )
    return None


CHECK = Check(
    id=names.STORED_CREDENTIALS,
    hop=Hop.AUTHORIZE,
    section=Section.RETURNS_403,
    title="No other monitor of this origin leaves its credentials for this one",
    configured=configured,
    observed=observed,
    recorded=recorded,
    docs=(f"{links.CLIENT_ISSUES}/557",),
)
