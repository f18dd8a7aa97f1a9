"""Does the identity pool give its guests the monitor's role?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rumkit.aws.roles import is_service_linked
from rumkit.checks import fixes, links, names
from rumkit.checks.base import Check, failed, passed, skipped, warned
from rumkit.checks.from_recording import guest_role
from rumkit.checks.from_trail import rows_of, told
from rumkit.checks.mend import new_guest_role
from rumkit.checks.observed import seen_to_work
from rumkit.checks.probed import refused
from rumkit.checks.token_vending.guest_roles import give_role, other_role
from rumkit.checks.token_vending.refused_calls import refused_call
from rumkit.checks.words import NO_POOL, VENDED
from rumkit.client.har.conversation import Kind
from rumkit.client.options import known_text
from rumkit.model import Absent, Fix, Hop, Outcome, Proof, Section
from rumkit.trail.names import POOL_CHANGES, TRUST_CHANGES

if TYPE_CHECKING:
    from rumkit.evidence import Evidence


_NO_ROLE = "the pool has no role for guests, or that role's trust policy does not admit the pool."


def configured(evidence: Evidence) -> Outcome | None:
    """Fail for a pool without an unauthenticated role in the enhanced flow."""
    flow = evidence.flow_or_default()
    if flow not in VENDED:
        return skipped(NO_POOL)
    roles = evidence.pool_roles
    configured = evidence.configured("GuestRoleArn")
    snippet = evidence.snippet_or_none()
    named = known_text(snippet.setting("guestRoleArn")) if snippet else ""
    seen = {
        "pool's guest role": roles.guest or "none",
        "monitor's GuestRoleArn": configured or "none",
        "snippet's guestRoleArn": named or "none",
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
            fixes=give_role(evidence, configured) if configured else _any_role(evidence),
        )
    if account := evidence.foreign_role_account:
        return failed(
            f"The pool's guest role {roles.guest} is one of account {account}. In the enhanced flow"
            " Cognito gives roles of the pool's own account only: GetCredentialsForIdentity answers"
            " 400 InvalidIdentityPoolConfigurationException.",
            proof,
            fixes=_any_role(evidence),
        )
    if is_service_linked(roles.guest):
        return failed(
            f"The pool's guest role {roles.guest} is a service-linked role: it trusts its service"
            " alone, and nobody can change that. GetCredentialsForIdentity answers 400"
            " InvalidIdentityPoolConfigurationException.",
            proof,
            fixes=_any_role(evidence),
        )
    role = evidence.guest_role_lookup
    if isinstance(role, Absent):
        namesake = "" if isinstance(evidence.role_of_that_name, Absent) else f" ({role.reason})"
        return failed(
            f"The pool's guest role {roles.guest} does not exist{namesake}:"
            " GetCredentialsForIdentity answers 400 InvalidIdentityPoolConfigurationException.",
            proof,
            fixes=other_role(evidence),
        )
    if configured and configured != roles.guest:
        return warned(
            f"The client uses the pool's guest role {roles.guest}; the monitor names another,"
            f" {configured}. A permission added to the monitor's role changes nothing.",
            proof,
            fixes=give_role(evidence, configured),
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


def observed(evidence: Evidence) -> Outcome | None:
    """Check GetCredentialsForIdentity: the pool has a guest role that Cognito can assume."""
    visit = evidence.visit
    outcome = refused_call(
        visit,
        names.POOL_GUEST_ROLE,
        lambda call: (f"GetCredentialsForIdentity answers {call.trouble}: {_NO_ROLE}", True),
        lambda _: guest_role(visit.pool_ids),
    )
    good = [c for c in visit.vending if c.kind is Kind.GET_CREDENTIALS and c.accepted]
    if outcome or not good:
        return outcome
    return seen_to_work("Cognito gave credentials of the pool's guest role.", good[:1])


def recorded(evidence: Evidence) -> Outcome | None:
    """Fail for GetCredentialsForIdentity calls that found no role to give."""
    rows = rows_of(evidence, names.POOL_GUEST_ROLE)
    if not rows:
        return None
    pools = {row.identity_pool for row in rows if row.identity_pool}
    lead = (
        f"Cognito has no credentials for guests of {', '.join(sorted(pools)) or 'the pool'}: the"
        " pool has no role for guests, the role does not exist, or its trust policy does not admit"
        " the pool."
    )
    return told(evidence, rows, lead, guest_role(pools))


CHECK = Check(
    id=names.POOL_GUEST_ROLE,
    hop=Hop.CREDENTIALS,
    section=Section.TOKEN_VENDING,
    title="The identity pool gives its guests the monitor's role",
    configured=configured,
    observed=observed,
    recorded=recorded,
    probed=refused(names.POOL_GUEST_ROLE),
    changes=POOL_CHANGES | TRUST_CHANGES,
    docs=(f"{links.COGNITO_API}/API_GetIdentityPoolRoles.html",),
)
