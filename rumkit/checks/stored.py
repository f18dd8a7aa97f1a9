"""The guide's subsection "Credentials stored in localStorage are for a different AppMonitor"."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rumkit.checks import fixes
from rumkit.checks.base import Check, failed, passed, skipped, unknown, warned
from rumkit.checks.words import page_host
from rumkit.model import Hop, Proof, Section, Table

if TYPE_CHECKING:
    from rumkit.aws.monitor import Monitor
    from rumkit.evidence import Evidence
    from rumkit.model import Fix, Outcome
    from rumkit.trail.events import TrailEvent

_VENDED = frozenset({"enhanced", "basic"})


def stored_credentials(evidence: Evidence) -> Outcome:
    """Fail for two monitors on one origin whose clients share `cwr_c`, with denials to show."""
    if evidence.flow not in _VENDED:
        return skipped("This client stores no credentials of an identity pool.")
    behaviour = evidence.behaviour
    cookies = evidence.snippet.get("cookieAttributes")
    unique = isinstance(cookies, dict) and cookies.get("unique") is True
    neighbours = evidence.neighbours
    host = page_host(evidence)
    proof = Proof(
        "rum:ListAppMonitors",
        {"host": host or "unknown", "client": behaviour.label, "cookieAttributes.unique": unique},
        table=Table(
            ("other monitor on this host", "id"), tuple((each.name, each.id) for each in neighbours)
        ),
    )
    if unique and behaviour.unique_credentials:
        return passed("The client keeps its credentials under a key of its own.", proof)
    if host is None:
        return unknown("The page was read from a file, so its host is not known.", proof)
    if not neighbours:
        return passed(f"No other monitor of this account names {host}.", proof)
    return _shared(evidence, neighbours, proof)


def _shared(evidence: Evidence, neighbours: tuple[Monitor, ...], proof: Proof) -> Outcome:
    behaviour = evidence.behaviour
    names = ", ".join(each.name for each in neighbours)
    foreign = evidence.foreign_denials_or_none()
    fix = _unique(evidence)
    if foreign:
        roles = ", ".join(sorted({row.role for row in foreign})[:3])
        return failed(
            f"{len(foreign)} PutRumEvents calls to this monitor were denied to {roles}, which is"
            f" not its guest role: pages of {names} on the same host leave their credentials in"
            f" localStorage (cwr_c), and this client uses them. {_consequence(evidence)}",
            proof,
            _denials(foreign),
            fixes=fix,
        )
    if behaviour.purges_credentials_on_403 and foreign is None:
        return unknown(
            f"{names} shares this host; no trail tells whether calls were denied.", proof
        )
    if behaviour.purges_credentials_on_403:
        return passed(
            f"{names} shares this host; this client drops foreign credentials after one 403.", proof
        )
    return warned(
        f"{names} shares this host. Client {behaviour.label} keeps credentials under one key for"
        f" all of them. {_consequence(evidence)}",
        proof,
        fixes=fix,
    )


def _consequence(evidence: Evidence) -> str:
    if evidence.behaviour.purges_credentials_on_403:
        return "The client drops them after one lost batch and fetches its own."
    return "The first 403 switches the client off until the page is loaded again."


def _denials(rows: tuple[TrailEvent, ...]) -> Proof:
    last = rows[-1]
    return Proof(
        "cloudtrail",
        {"denied calls": len(rows), "last error": last.error_code, "by role": last.role},
    )


def _unique(evidence: Evidence) -> tuple[Fix, ...]:
    if not evidence.behaviour.unique_credentials:
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


STORED_CREDENTIALS = Check(
    "stored-credentials",
    Hop.AUTHORIZE,
    Section.RETURNS_403,
    "No other monitor of this origin leaves its credentials for this one",
    stored_credentials,
    ("https://github.com/aws-observability/aws-rum-web/issues/557",),
)
