"""Does the identity pool allow the flow that the client uses?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rumkit.checks import authority, fixes, infrastructure, names
from rumkit.checks.base import Check, failed, passed, skipped, unknown
from rumkit.checks.from_recording import enhanced_flow
from rumkit.checks.observed import seen_to_work
from rumkit.checks.probed import refused
from rumkit.checks.token_vending.pools import pool_proof
from rumkit.checks.token_vending.refused_calls import refused_call
from rumkit.client.har.conversation import Call, Kind
from rumkit.model import Fix, Hop, Outcome, Section
from rumkit.trail.names import POOL_CHANGES

if TYPE_CHECKING:
    from rumkit.aws.identity import IdentityPool
    from rumkit.client.visit import Visit
    from rumkit.evidence import Evidence


_FLOWS = "https://docs.aws.amazon.com/cognito/latest/developerguide/authentication-flow.html"


def configured(evidence: Evidence) -> Outcome | None:
    """Fail for a snippet with guestRoleArn on a pool with `AllowClassicFlow: false`."""
    flow = evidence.flow_or_default()
    if flow == "unknown":
        return _flow_unknown(evidence)
    if flow != "basic":
        return skipped(
            "This client uses the enhanced flow."
            if flow == "enhanced"
            else "This client does not use the basic (classic) flow."
        )
    pool = evidence.identity_pool
    proof = pool_proof(pool)
    if pool.classic_flow is not False:
        return passed("The identity pool allows the basic (classic) flow.", proof)
    told = (
        "the failing call is GetOpenIdToken (400 InvalidParameterException), and STS is never"
        " called"
        if evidence.behaviour.token_errors_noticed
        else "GetOpenIdToken fails with 400, this version goes on to STS with the token"
        ' "undefined", and STS answers InvalidIdentityToken'
    )
    return failed(
        "The snippet names guestRoleArn, which selects the basic (classic) flow, and the identity"
        f" pool {pool.id} has AllowClassicFlow: false. With this client {told}.",
        proof,
        fixes=_leave_classic_flow(evidence, pool),
    )


def _flow_unknown(evidence: Evidence) -> Outcome:
    """Say what the pool allows; which flow a client uses only its snippet tells."""
    pool = evidence.identity_pool
    if pool.classic_flow is not False:
        return passed("The identity pool allows both flows.", pool_proof(pool))
    return unknown(
        f"The identity pool {pool.id} allows the enhanced flow alone; whether the client uses it,"
        " the page's snippet tells (guestRoleArn selects the basic flow).",
        pool_proof(pool),
        missing=evidence.missing("page"),
    )


def _leave_classic_flow(evidence: Evidence, pool: IdentityPool) -> tuple[Fix, ...]:
    allow, *forms = _allow_classic_flow(evidence, pool)
    if not evidence.behaviour.enhanced_flow:
        return (allow, *forms)
    drop = fixes.configuration(
        "Remove guestRoleArn from the snippet: this client then uses the enhanced flow",
        "guestRoleArn: undefined",
        side_effect="The pool's own guest role is used then.",
    )
    return (allow, drop, *forms)


def _allow_classic_flow(evidence: Evidence, pool: IdentityPool) -> tuple[Fix, ...]:
    title = "Allow the basic (classic) flow"
    doubts = authority.pool_doubts(evidence)
    if doubts:
        return (authority.withheld(title, doubts),)
    made = (
        fixes.update_pool(
            pool,
            title,
            AllowClassicFlow=True,
            side_effect="The classic flow lets a guest pick any role that trusts the pool.",
        ),
        *infrastructure.identity_pool(pool, AllowClassicFlow=True),
    )
    undo = fixes.update_pool(pool, "undo")
    return authority.marked(evidence, "widens access", made, undo=undo)


def observed(evidence: Evidence) -> Outcome | None:
    """Check GetOpenIdToken: the pool allows the basic (classic) flow."""
    visit = evidence.visit
    outcome = refused_call(
        visit,
        names.CLASSIC_FLOW,
        lambda call: _classic_sentence(visit, call),
        lambda _: enhanced_flow(visit),
    )
    if outcome:
        return outcome
    tokens = [c for c in visit.vending if c.kind is Kind.GET_OPEN_ID_TOKEN]
    good = [c for c in tokens if c.accepted and not (c.vending and c.vending.token_undefined)]
    if good:
        return seen_to_work("The identity pool allows the basic (classic) flow.", good[:1])
    vended = [c for c in visit.vending if c.kind is Kind.GET_CREDENTIALS and c.accepted]
    if not tokens and vended:
        words = "The client uses the enhanced flow, which needs no classic flow."
        return seen_to_work(words, vended[:1])
    return None


def _classic_sentence(visit: Visit, call: Call) -> tuple[str, bool]:
    number = visit.version.number
    remedy = (
        "remove guestRoleArn from the page's configuration, or set AllowClassicFlow: true"
        if number is None or number >= (1, 15, 0)
        else "set AllowClassicFlow: true, or use client 1.15 or newer without guestRoleArn"
    )
    follows = any(c.vending and c.vending.token_undefined for c in visit.vending)
    consequence = (
        " The STS reply (InvalidIdentityToken) is its consequence: this client goes on with "
        "WebIdentityToken=undefined."
        if follows
        else ""
    )
    message = f": {call.error_message}" if call.error_message else ""
    return (
        (
            f"GetOpenIdToken answers {call.status} {call.error_type}{message.rstrip('.')}. The"
            " page "
            f"chooses the basic (classic) flow, which the identity pool does not allow; {remedy}."
            f"{consequence}"
        ),
        bool(call.error_message),
    )


CHECK = Check(
    id=names.CLASSIC_FLOW,
    hop=Hop.CREDENTIALS,
    section=Section.TOKEN_VENDING,
    title="The identity pool allows the flow that the client uses",
    configured=configured,
    observed=observed,
    probed=refused(names.CLASSIC_FLOW),
    changes=POOL_CHANGES,
    docs=(_FLOWS,),
)
