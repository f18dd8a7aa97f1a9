"""The guide's section "CloudWatch RUM returns 403"."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rumkit.aws.policy.excess import excess_permissions
from rumkit.checks import fixes
from rumkit.checks.base import Check, failed, passed, skipped, unknown, warned
from rumkit.checks.failures import PUT_EVENTS_DENIED
from rumkit.checks.mend import (
    admit_anonymous,
    mend_permission,
    mend_resource_policy,
    narrow_permission,
)
from rumkit.checks.policies import decision_proof, why_not
from rumkit.checks.region import ENDPOINT_REGION, region_of
from rumkit.checks.stored import STORED_CREDENTIALS
from rumkit.client.generations import CDN_HOST
from rumkit.model import Hop, Proof, Section

if TYPE_CHECKING:
    from rumkit.evidence import Evidence
    from rumkit.model import Fix, Outcome

_IAM = "https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring"
_AUTHORISE = f"{_IAM}/CloudWatch-RUM-get-started-authorization.html"
_RESOURCE_POLICIES = f"{_IAM}/CloudWatch-RUM-resource-policies.html"
_VENDED = frozenset({"enhanced", "basic", "unknown"})


def guest_role_permission(evidence: Evidence) -> Outcome:
    """Fail for a role whose policy names `appmonitor/shop` when the monitor is `shop-v2`."""
    if evidence.flow_or_default() not in _VENDED:
        return skipped("This client does not sign with the credentials of a guest role.")
    decision = evidence.permission_decision
    role = evidence.guest_role.name
    proof = decision_proof(
        "iam:GetRolePolicy",
        decision,
        role=evidence.guest_role_arn,
        resource=evidence.monitor_arn,
        simulator=evidence.simulation_or_reason(),
    )
    unread = evidence.guest_role_policies.unread
    if unread and decision.outcome != "explicitly-denied":
        raise unread[0]
    if decision.outcome == "cannot-tell":
        return unknown(
            f"Whether {role} may call PutRumEvents cannot be told: {why_not(decision)}", proof
        )
    if decision.outcome != "allowed":
        return failed(
            f"The guest role {role} may not call rum:PutRumEvents on {evidence.monitor.name}."
            f" {why_not(decision)} PutRumEvents answers 403 AccessDeniedException.",
            proof,
            fixes=mend_permission(evidence),
        )
    return _too_much(evidence, proof)


def _too_much(evidence: Evidence, proof: Proof) -> Outcome:
    role = evidence.guest_role.name
    excess = excess_permissions(evidence.permission_policies, evidence.monitor_arn)
    if not excess:
        return passed(f"{role} may call rum:PutRumEvents on {evidence.monitor.name}.", proof)
    return warned(
        f"{role} may call PutRumEvents, and more than that; anyone on the internet can hold its"
        f" credentials: {'; '.join(excess[:5])}.",
        proof,
        fixes=narrow_permission(evidence),
    )


def signing(evidence: Evidence) -> Outcome:
    """Fail for `signing: false` on a monitor that admits no unsigned calls."""
    snippet, behaviour = evidence.snippet, evidence.behaviour
    asked_unsigned = snippet.get("signing") is False
    proof = Proof(
        "snippet",
        {"signing": snippet.get("signing", "default"), "build": snippet.build,
         "client": behaviour.label},
    )  # fmt: skip
    if evidence.flow != "unsigned":
        if asked_unsigned:
            return warned(
                f"The snippet says signing: false and client {behaviour.label} signs all the"
                " same, since it has an identity pool. From 2.0 on the option is honoured and"
                " PutRumEvents would be refused.",
                proof,
                fixes=(fixes.configuration("Remove the option", "signing: true"),),
            )
        return passed("The client signs its requests.", proof)
    host = snippet.data_plane_host(behaviour)
    if host and region_of(host) is None:
        return unknown(
            f"The client sends unsigned to {host}, which is no host of AWS: a proxy there must"
            " sign the requests, and rumkit cannot see whether it does.",
            proof,
        )
    return _unsigned(evidence, proof)


def _unsigned(evidence: Evidence, proof: Proof) -> Outcome:
    decision = evidence.anonymous_decision
    seen = decision_proof("rum:GetResourcePolicy", decision, monitor=evidence.monitor.name)
    if decision.outcome == "allowed":
        return passed("The monitor's resource policy admits unsigned calls.", proof, seen)
    if evidence.resource_policy is not None:
        return skipped("The client sends unsigned; the monitor's resource policy decides.", proof)
    return failed(
        "The client sends unsigned and the monitor has no resource policy that admits it:"
        " PutRumEvents answers 403 MissingAuthenticationTokenException.",
        proof,
        seen,
        fixes=(_sign(evidence), *admit_anonymous(evidence)),
    )


def _sign(evidence: Evidence) -> Fix:
    """Return what makes the client sign: the full build, or the option."""
    snippet = evidence.snippet
    if snippet.build == "slim" and snippet.kind == "loader":
        version = snippet.version.text or "3.x"
        return fixes.client_url(
            "Load the full build, which signs with the identity pool's credentials",
            f"https://{CDN_HOST}/{version}/cwr.js",
        )
    return fixes.configuration(
        "Let the client sign (the full build does so with an identity pool)",
        _signing_lines(evidence),
    )


def _signing_lines(evidence: Evidence) -> str:
    pool = evidence.snippet.get("identityPoolId") or evidence.configured_or_none("IdentityPoolId")
    lines = f"signing: true,\n{fixes.member('identityPoolId', pool)}"
    return lines if pool else "signing: true"


def resource_policy(evidence: Evidence) -> Outcome:
    """Fail for a resource policy that demands `rum:alias` of a client that sends none."""
    document = evidence.resource_policy
    monitor = evidence.monitor
    if document is None:
        return skipped(f"{monitor.name} has no resource policy.")
    unsigned = evidence.flow_or_default() == "unsigned"
    decision = evidence.anonymous_decision if unsigned else evidence.permission_decision
    proof = decision_proof(
        "rum:GetResourcePolicy", decision, monitor=monitor.name, alias=evidence.alias() or "none"
    )
    if decision.outcome == "cannot-tell":
        return unknown(
            f"The resource policy's answer depends on the caller: {why_not(decision)}", proof
        )
    if decision.outcome == "allowed":
        return passed("The monitor's resource policy lets this client's calls pass.", proof)
    by_policy = any(name.layer == "resource" for name in decision.decisive)
    if unsigned or (decision.outcome == "explicitly-denied" and by_policy):
        return failed(
            f"The resource policy of {monitor.name} refuses this client. {why_not(decision)}",
            proof,
            fixes=mend_resource_policy(evidence),
        )
    return passed("The monitor's resource policy denies nothing to this client.", proof)


CHECKS = (
    ENDPOINT_REGION,
    STORED_CREDENTIALS,
    Check(
        "guest-role-permission",
        Hop.AUTHORIZE,
        Section.RETURNS_403,
        "The guest role may call PutRumEvents on this app monitor, and no more",
        guest_role_permission,
        (_AUTHORISE,),
    ),
    Check(
        "signing",
        Hop.AUTHORIZE,
        Section.RETURNS_403,
        "The client signs its requests, or the monitor admits unsigned ones",
        signing,
        (_AUTHORISE,),
    ),
    Check(
        "resource-policy",
        Hop.AUTHORIZE,
        Section.RETURNS_403,
        "The monitor's resource policy lets this client's calls pass",
        resource_policy,
        (_RESOURCE_POLICIES,),
    ),
    PUT_EVENTS_DENIED,
)
