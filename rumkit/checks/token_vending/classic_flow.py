"""Does the identity pool allow the flow that the client uses?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rumkit.checks import fixes, links, names
from rumkit.checks.base import Check, failed, passed, skipped, unknown
from rumkit.checks.from_recording import enhanced_flow
from rumkit.checks.from_trail import rows_of, told
from rumkit.checks.observed import seen_to_work
from rumkit.checks.probed import refused
from rumkit.checks.token_vending.pools import pool_proof, widen_pool
from rumkit.checks.token_vending.refused_calls import refused_call
from rumkit.checks.trail_causes import ROLE_MAPPINGS
from rumkit.client.har.conversation import Call, Kind
from rumkit.model import Fix, Hop, NotCollected, Outcome, Section
from rumkit.trail.names import POOL_CHANGES

if TYPE_CHECKING:
    from rumkit.aws.identity import IdentityPool
    from rumkit.client.visit import Visit
    from rumkit.evidence import Evidence


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
    if _has_role_mappings(evidence):
        return failed(
            "The snippet names guestRoleArn, which selects the basic (classic) flow, and the"
            f" identity pool {pool.id} chooses roles by mappings (RoleMappings). Cognito then"
            ' answers GetOpenIdToken with 400 InvalidParameterException "Basic (classic) flow is'
            ' not supported with RoleMappings", whatever AllowClassicFlow says.',
            proof,
            fixes=_leave_role_mappings(evidence),
        )
    if pool.classic_flow is not False:
        return passed("The identity pool allows the basic (classic) flow.", proof)
    follows = (
        "the failing call is GetOpenIdToken (400 InvalidParameterException), and STS is never"
        " called"
        if evidence.behaviour.token_errors_noticed
        else "GetOpenIdToken fails with 400, this version goes on to STS with the token"
        ' "undefined", and STS answers InvalidIdentityToken'
    )
    return failed(
        "The snippet names guestRoleArn, which selects the basic (classic) flow, and the identity"
        f" pool {pool.id} has AllowClassicFlow: false. With this client {follows}.",
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


def _has_role_mappings(evidence: Evidence) -> bool:
    """Tell whether the pool is known to map its users to roles; a pool not read is not."""
    try:
        return bool(evidence.pool_roles.mappings)
    except NotCollected:
        return False


_DROP = fixes.configuration(
    "Remove guestRoleArn from the snippet: this client then uses the enhanced flow",
    "guestRoleArn: undefined",
    side_effect="The pool's own guest role is used then.",
)


def _leave_role_mappings(evidence: Evidence) -> tuple[Fix, ...]:
    another = fixes.advice(
        "Or use an identity pool of its own for RUM, without role mappings",
        "The mappings serve the users who log in; guests of RUM need no more than a pool with one"
        " unauthenticated role.",
    )
    if evidence.behaviour.enhanced_flow:
        return (_DROP, another)
    return (*enhanced_flow((1, 0), role_mappings=True), another)


def _leave_classic_flow(evidence: Evidence, pool: IdentityPool) -> tuple[Fix, ...]:
    allow, *forms = widen_pool(
        evidence,
        pool,
        "Allow the basic (classic) flow",
        AllowClassicFlow=True,
        side_effect="The classic flow lets a guest pick any role that trusts the pool.",
    )
    drop = (_DROP,) if evidence.behaviour.enhanced_flow else ()
    return (allow, *drop, *forms)


def observed(evidence: Evidence) -> Outcome | None:
    """Check GetOpenIdToken: the pool allows the basic (classic) flow."""
    visit = evidence.visit
    outcome = refused_call(
        visit,
        names.CLASSIC_FLOW,
        lambda call: _classic_sentence(visit, call),
        lambda call: enhanced_flow(
            visit.version.number, role_mappings=bool(ROLE_MAPPINGS.search(call.error_message))
        ),
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


def recorded(evidence: Evidence) -> Outcome | None:
    """Fail for calls of the basic flow that the pool does not take."""
    rows = rows_of(evidence, names.CLASSIC_FLOW)
    if not rows:
        return None
    last = rows[-1]
    mapped = bool(ROLE_MAPPINGS.search(last.error_message))
    lead = "The page chooses the basic (classic) flow (guestRoleArn), which the identity pool"
    if mapped:
        lead += " does not take beside its role mappings, whatever it allows."
    elif last.name == "GetOpenIdToken":
        lead += " does not allow."
    else:
        lead = (
            "STS got no token: clients before 1.16.2 ask it with WebIdentityToken=undefined after"
            " Cognito has refused GetOpenIdToken, most often because the pool does not allow the"
            " basic (classic) flow, which guestRoleArn selects."
        )
    snippet = evidence.snippet_or_none()
    number = snippet.version.number if snippet else None
    ways = enhanced_flow(number, role_mappings=mapped)
    return told(evidence, rows, lead, ways, certain=last.name == "GetOpenIdToken")


def _classic_sentence(visit: Visit, call: Call) -> tuple[str, bool]:
    """Say what Cognito refuses, and whether that is certain."""
    number = visit.version.number
    if ROLE_MAPPINGS.search(call.error_message):
        answer = f"{call.status} {call.error_type}: {call.error_message.rstrip('.')}"
        text = (
            f"GetOpenIdToken answers {answer}. The pool chooses roles by mappings, and the page the"
            " basic (classic) flow: remove guestRoleArn; AllowClassicFlow does not help."
        )
        return text, True
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
        f"GetOpenIdToken answers {call.status} {call.error_type}{message.rstrip('.')}. The page"
        f" chooses the basic (classic) flow, which the identity pool does not allow; {remedy}."
        f"{consequence}"
    ), bool(call.error_message)


CHECK = Check(
    id=names.CLASSIC_FLOW,
    hop=Hop.CREDENTIALS,
    section=Section.TOKEN_VENDING,
    title="The identity pool allows the flow that the client uses",
    configured=configured,
    observed=observed,
    recorded=recorded,
    probed=refused(names.CLASSIC_FLOW),
    changes=POOL_CHANGES,
    docs=(f"{links.COGNITO_GUIDE}/authentication-flow.html",),
)
