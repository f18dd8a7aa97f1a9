"""The guide's section "AWS token vending (Cognito or STS) fails"."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rumkit.checks import authority, fixes, infrastructure
from rumkit.checks.base import Check, failed, passed, skipped, unknown, warned
from rumkit.checks.failures import TOKEN_VENDING_FAILURES
from rumkit.checks.mend import mend_trust, new_guest_role
from rumkit.checks.policies import decision_proof, why_not
from rumkit.model import Absent, Hop, Proof, Section

if TYPE_CHECKING:
    from rumkit.aws.identity import IdentityPool
    from rumkit.evidence import Evidence
    from rumkit.model import Fix, Outcome

_COGNITO = "https://docs.aws.amazon.com/cognitoidentity/latest/APIReference"
_FLOWS = "https://docs.aws.amazon.com/cognito/latest/developerguide/authentication-flow.html"
_TRUST = "https://docs.aws.amazon.com/cognito/latest/developerguide/role-trust-and-permissions.html"

# Flows in which the browser asks the identity pool for credentials.
_VENDED = frozenset({"enhanced", "basic", "unknown"})
_NO_POOL = "This client gets its credentials elsewhere; it asks no identity pool."


def identity_pool(evidence: Evidence) -> Outcome:
    """Fail for a pool that was deleted, or that admits no guests."""
    if evidence.flow_or_default() not in _VENDED:
        return skipped(_NO_POOL)
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
    proof = _pool_proof(pool)
    if not pool.guest_access:
        return failed(
            f"The identity pool {pool.id} admits no guests: GetId is answered with 400"
            ' NotAuthorizedException "Unauthenticated access is not supported for this identity'
            ' pool."',
            proof,
            fixes=_admit_guests(evidence, pool),
        )
    return passed(f"The identity pool {pool.id} exists and admits guests.", proof)


def _admit_guests(evidence: Evidence, pool: IdentityPool) -> tuple[Fix, ...]:
    title = "Admit guests to the identity pool"
    doubts = authority.pool_doubts(evidence)
    if doubts:
        return (authority.withheld(title, doubts),)
    made = (
        fixes.update_pool(
            pool, title, AllowUnauthenticatedIdentities=True, side_effect=fixes.SCANNERS
        ),
        *infrastructure.identity_pool(pool, AllowUnauthenticatedIdentities=True),
    )
    undo = fixes.update_pool(pool, "undo")
    return authority.marked(evidence, "widens access", made, undo=undo)


def _pool_proof(pool: IdentityPool) -> Proof:
    classic = "not named (allowed)" if pool.classic_flow is None else pool.classic_flow
    return Proof(
        "cognito-identity:DescribeIdentityPool",
        {"AllowUnauthenticatedIdentities": pool.guest_access, "AllowClassicFlow": classic},
        {"IdentityPoolId": pool.id},
    )


def _another_pool(evidence: Evidence) -> tuple[Fix, ...]:
    region = evidence.pool_id.partition(":")[0]
    found: list[Fix] = []
    configured = evidence.configured_or_none("IdentityPoolId")
    if configured and configured != evidence.pool_id:
        found.append(
            fixes.configuration(
                "Put the monitor's own identity pool into the snippet",
                fixes.member("identityPoolId", configured),
            )
        )
    found.append(
        fixes.command(
            "See which identity pools there are",
            [
                *("aws", "cognito-identity", "list-identity-pools", "--max-results", "60"),
                *("--region", region),
            ],
        )
    )
    found.append(
        fixes.advice(
            "Where there is none, create an identity pool and give the page its id",
            "A pool that was deleted does not come back under its id: create one that admits"
            " guests, give it the guest role, let the role trust it, and put its id into the"
            " snippet's identityPoolId and into the monitor's configuration.",
        )
    )
    return tuple(found)


def classic_flow(evidence: Evidence) -> Outcome:
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
    proof = _pool_proof(pool)
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
        return passed("The identity pool allows both flows.", _pool_proof(pool))
    return unknown(
        f"The identity pool {pool.id} allows the enhanced flow alone; whether the client uses it,"
        " the page's snippet tells (guestRoleArn selects the basic flow).",
        _pool_proof(pool),
        missing=("input:page",),
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


def guest_role_trust(evidence: Evidence) -> Outcome:
    """Fail for a trust policy whose `aud` names another identity pool."""
    if evidence.flow_or_default() not in _VENDED:
        return skipped(_NO_POOL)
    role = evidence.guest_role_lookup
    if isinstance(role, Absent) and evidence.flow_or_default() != "basic":
        return skipped("The pool's guest role does not exist: see pool-guest-role.")
    if isinstance(role, Absent):
        return failed(
            f"The guest role {evidence.guest_role_arn} does not exist: {role.reason}.",
            Proof("iam:GetRole", parameters={"Role": evidence.guest_role_arn}),
            fixes=_other_role(evidence),
        )
    decision = evidence.trust_decision
    proof = decision_proof("iam:GetRole", decision, role=role.arn, pool=evidence.pool_id)
    if decision.outcome == "allowed":
        return passed(f"Guests of the pool may assume {role.name}.", proof)
    if decision.outcome == "cannot-tell":
        return unknown(
            f"Whether guests may assume {role.name} cannot be told: {why_not(decision)}", proof
        )
    return failed(
        f"Guests of {evidence.pool_id} may not assume {role.name}. {why_not(decision)}"
        f" {_trust_symptom(evidence)}",
        proof,
        fixes=mend_trust(evidence),
    )


def _trust_symptom(evidence: Evidence) -> str:
    if evidence.flow_or_default() == "basic":
        return "STS answers AssumeRoleWithWebIdentity with 403 AccessDenied."
    return (
        "In the enhanced flow GetCredentialsForIdentity answers 400"
        " InvalidIdentityPoolConfigurationException."
    )


def _other_role(evidence: Evidence) -> tuple[Fix, ...]:
    configured = evidence.configured_or_none("GuestRoleArn")
    if configured and configured != evidence.guest_role_arn:
        if evidence.flow_or_default() == "basic":
            return (
                fixes.configuration(
                    "Put the monitor's guest role into the snippet",
                    fixes.member("guestRoleArn", configured),
                ),
            )
        return _give_role(evidence, configured)
    return new_guest_role(evidence, evidence.guest_role_arn) or (
        fixes.advice(
            "Make the guest role again",
            "Create the role with a trust policy for guests of the identity pool and"
            " rum:PutRumEvents on this monitor, or name another role.",
        ),
    )


def _give_role(evidence: Evidence, arn: str) -> tuple[Fix, ...]:
    """Return what gives the pool the role that the monitor's configuration names."""
    doubts = authority.given_role_doubts(evidence)
    if doubts:
        return (authority.withheld("Give the identity pool its guest role", doubts),)
    roles = evidence.pool_roles
    undo = fixes.command("undo", fixes.guest_role_words(evidence.pool_id, roles, roles.guest))
    made = (fixes.set_guest_role(evidence.pool_id, roles, arn),)
    return authority.marked(evidence, "widens access", made, undo=undo)


def pool_guest_role(evidence: Evidence) -> Outcome:
    """Fail for a pool without an unauthenticated role in the enhanced flow."""
    flow = evidence.flow_or_default()
    if flow not in _VENDED:
        return skipped(_NO_POOL)
    roles = evidence.pool_roles
    configured = evidence.configured("GuestRoleArn")
    snippet = evidence.snippet_or_none()
    named = snippet.get("guestRoleArn") if snippet else None
    seen = {
        "pool's guest role": roles.guest or "none",
        "monitor's GuestRoleArn": configured or "none",
        "snippet's guestRoleArn": named if isinstance(named, str) else "none",
    }
    proof = Proof(
        "cognito-identity:GetIdentityPoolRoles", seen, {"IdentityPoolId": evidence.pool_id}
    )
    if flow == "basic":
        return skipped(
            "In the basic flow the snippet names the role; the pool's is not used.", proof
        )
    if roles.guest is None:
        return failed(
            f"The identity pool {evidence.pool_id} has no role for guests:"
            " GetCredentialsForIdentity answers 400 InvalidIdentityPoolConfigurationException.",
            proof,
            fixes=_give_role(evidence, configured) if configured else _any_role(evidence),
        )
    role = evidence.guest_role_lookup
    if isinstance(role, Absent):
        return failed(
            f"The pool's guest role {roles.guest} does not exist: GetCredentialsForIdentity"
            " answers 400 InvalidIdentityPoolConfigurationException.",
            proof,
            fixes=_other_role(evidence),
        )
    if configured and configured != roles.guest:
        return warned(
            f"The client uses the pool's guest role {roles.guest}; the monitor names another,"
            f" {configured}. A permission added to the monitor's role changes nothing.",
            proof,
            fixes=_give_role(evidence, configured),
        )
    return passed(f"The pool gives its guests {roles.guest}.", proof)


def _any_role(evidence: Evidence) -> tuple[Fix, ...]:
    return new_guest_role(evidence) or (
        fixes.advice(
            "Give the pool a guest role",
            "Create a role that trusts the pool's guests and may call rum:PutRumEvents on this"
            " monitor and nothing else, and set it as the pool's unauthenticated role.",
        ),
    )


CHECKS = (
    Check(
        "identity-pool",
        Hop.CREDENTIALS,
        Section.TOKEN_VENDING,
        "The identity pool exists and admits guests",
        identity_pool,
        (f"{_COGNITO}/API_DescribeIdentityPool.html",),
    ),
    Check(
        "classic-flow",
        Hop.CREDENTIALS,
        Section.TOKEN_VENDING,
        "The identity pool allows the flow that the client uses",
        classic_flow,
        (_FLOWS,),
    ),
    Check(
        "pool-guest-role",
        Hop.CREDENTIALS,
        Section.TOKEN_VENDING,
        "The identity pool gives its guests the monitor's role",
        pool_guest_role,
        (f"{_COGNITO}/API_GetIdentityPoolRoles.html",),
    ),
    Check(
        "guest-role-trust",
        Hop.CREDENTIALS,
        Section.TOKEN_VENDING,
        "The guest role trusts guests of the identity pool",
        guest_role_trust,
        (_TRUST,),
    ),
    TOKEN_VENDING_FAILURES,
)
