"""Does the identity pool exist, and does it admit guests?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rumkit.aws_names import is_region
from rumkit.checks import fixes, links, names
from rumkit.checks.base import Check, failed, passed, skipped, warned
from rumkit.checks.from_recording import guests, list_pools, pools_there
from rumkit.checks.from_trail import rows_of, told
from rumkit.checks.observed import seen_to_work
from rumkit.checks.probed import refused
from rumkit.checks.token_vending.pools import pool_proof, widen_pool
from rumkit.checks.token_vending.refused_calls import refused_call
from rumkit.checks.trail_causes import NO_GUESTS
from rumkit.checks.ways_in import ways_to_credentials
from rumkit.checks.words import NO_POOL, VENDED
from rumkit.checks.written import problem_proof, sentence, wrong_value
from rumkit.client.har.conversation import Call, Kind
from rumkit.client.visit import silence_of
from rumkit.model import Absent, Fix, Hop, NotCollected, Outcome, Proof, Section
from rumkit.trail.names import POOL_CHANGES

if TYPE_CHECKING:
    from rumkit.aws.identity import IdentityPool
    from rumkit.client.snippet import Snippet
    from rumkit.client.visit import Visit
    from rumkit.evidence import Evidence


def configured(evidence: Evidence) -> Outcome | None:
    """Fail for a pool that was deleted, or that admits no guests."""
    if evidence.flow_or_default() not in VENDED:
        return skipped(NO_POOL)
    snippet = evidence.snippet_or_none()
    if snippet and (wrong := wrong_value(snippet, "identityPoolId")):
        return failed(
            f"{sentence(wrong)} {_consequence(snippet)}",
            problem_proof(wrong),
            fixes=ways_to_credentials(evidence),
        )
    pool = evidence.identity_pool_lookup
    if isinstance(pool, Absent):
        return failed(
            f"There is no identity pool {evidence.pool_id}: {pool.reason}. GetId is answered with"
            " 400 ResourceNotFoundException.",
            Proof(
                "cognito-identity:DescribeIdentityPool",
                parameters={"IdentityPoolId": evidence.pool_id},
            ),
            fixes=_another_pool(evidence),
        )
    proof = pool_proof(pool)
    if not pool.guest_access:
        return failed(
            f"The identity pool {pool.id} admits no guests: GetId is answered with 400"
            ' NotAuthorizedException "Unauthenticated access is not supported for this identity'
            ' pool."',
            proof,
            fixes=widen_pool(
                evidence,
                pool,
                "Admit guests to the identity pool",
                AllowUnauthenticatedIdentities=True,
                side_effect=fixes.SCANNERS,
            ),
        )
    return _in_its_region(evidence, pool, proof)


def _in_its_region(evidence: Evidence, pool: IdentityPool, proof: Proof) -> Outcome:
    """Warn of a pool in another region: AWS's text excludes it, practice has it working."""
    try:
        elsewhere = evidence.pool_elsewhere()
    except NotCollected:
        elsewhere = None
    if elsewhere is None or evidence.client_seen():
        return passed(f"The identity pool {pool.id} exists and admits guests.", proof)
    return warned(
        f"The identity pool is in {elsewhere[0]}, the monitor in {elsewhere[1]}. AWS says that RUM"
        " uses identity pools of its own Region only; such pools were seen to work all the same,"
        " so it is likely not the cause.",
        proof,
        fixes=(
            fixes.advice(
                "Where nothing else names the cause, use a pool of the monitor's region",
                "Make an identity pool that admits guests in the monitor's own region, and put its"
                " id into the page and into the monitor's configuration.",
            ),
        ),
    )


def _consequence(snippet: Snippet) -> str:
    """Say what a wrong id leads to: its beginning names the host that is asked."""
    region = str(snippet.config.get("identityPoolId", "")).partition(":")[0]
    answer = (
        "Cognito knows no such pool and answers GetId with 400"
        if is_region(region)
        else "GetId is never answered"
    )
    return f"{answer}, and the client gets no credentials."


def _another_pool(evidence: Evidence) -> tuple[Fix, ...]:
    configured = evidence.configured_or_none("IdentityPoolId")
    own = fixes.configuration(
        "Put the monitor's own identity pool into the snippet",
        fixes.member("identityPoolId", configured),
    )
    create = fixes.advice(
        "Where there is none, create an identity pool and give the page its id",
        "A pool that was deleted does not come back under its id: create one that admits"
        " guests, give it the guest role, let the role trust it, and put its id into the"
        " snippet's identityPoolId and into the monitor's configuration.",
    )
    ready = (own,) if configured and configured != evidence.pool_id else ()
    return (*ready, list_pools(evidence.pool_id.partition(":")[0]), create)


def observed(evidence: Evidence) -> Outcome | None:
    """Check GetId: the pool exists, in this region, and admits guests."""
    visit = evidence.visit
    outcome = refused_call(
        visit,
        names.IDENTITY_POOL,
        lambda call: _pool_sentence(visit, call),
        lambda call: (guests if _keeps_guests_out(call) else pools_there)(visit.pool_ids),
    )
    if outcome:
        return outcome
    good = [c for c in visit.vending if c.kind is not Kind.ASSUME_ROLE and c.accepted]
    words = "Cognito knows the identity pool and admits guests."
    return seen_to_work(words, good[:1]) if good else None


def _keeps_guests_out(call: Call) -> bool:
    refused = call.error_type == "NotAuthorizedException"
    return refused or bool(NO_GUESTS.search(call.error_message))


def _pool_sentence(visit: Visit, call: Call) -> tuple[str, bool]:
    pools = ", ".join(sorted(visit.pool_ids)) or "the identity pool"
    if NO_GUESTS.search(call.error_message):
        return _guests_refused(pools), True
    if call.error_type == "ResourceNotFoundException":
        return (
            f"Cognito does not know {pools} (asked at {call.host}): it was deleted, or its id"
            " is wrong."
        ), True
    if call.error_type == "ValidationException":
        return f"Cognito does not take {pools} for an identity pool's id.", True
    if not call.status:
        certain = call.silence is not None and call.silence.certain
        return f"GetId got no reply: {silence_of(call)}.", certain
    if call.error_type == "NotAuthorizedException":
        return f"Cognito refuses {pools}: guest access is likely off.", False
    return f"{call.kind} answers {call.trouble}.", bool(call.error_type)


def _guests_refused(pools: str) -> str:
    return (
        f"Cognito refuses guests: unauthenticated access is switched off for {pools}"
        " (AllowUnauthenticatedIdentities)."
    )


def recorded(evidence: Evidence) -> Outcome | None:
    """Fail for calls to a pool that Cognito does not know, or that admits no guests."""
    rows = rows_of(evidence, names.IDENTITY_POOL)
    if not rows:
        return None
    pools = {row.identity_pool for row in rows if row.identity_pool}
    pool = ", ".join(sorted(pools)) or "the identity pool"
    if NO_GUESTS.search(rows[-1].error_message):
        return told(evidence, rows, _guests_refused(pool), guests(pools))
    lead = f"Cognito does not know {pool}: it was deleted, or its id is wrong."
    return told(evidence, rows, lead, pools_there(pools))


CHECK = Check(
    id=names.IDENTITY_POOL,
    hop=Hop.CREDENTIALS,
    section=Section.TOKEN_VENDING,
    title="The identity pool exists and admits guests",
    configured=configured,
    observed=observed,
    recorded=recorded,
    probed=refused(names.IDENTITY_POOL),
    changes=POOL_CHANGES,
    docs=(f"{links.COGNITO_API}/API_DescribeIdentityPool.html",),
)
