"""The two decisions that the sandbox enforces, made by rumkit's own policy evaluator."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rumkit.aws.policy import (
    ABSENT,
    Policies,
    PolicyDocument,
    Principal,
    Request,
    decide,
)
from rumkit.aws.rum_requests import (
    PUT_RUM_EVENTS,
    UNLISTED,
    put_rum_events_request,
    web_identity_request,
)
from rumkit.sandbox.errors import AwsError
from rumkit.sandbox.ids import ACCOUNT, stamp
from rumkit.sandbox.record import assumed_role_arn

if TYPE_CHECKING:
    from rumkit.aws.policy.types import Decision, KeyValue
    from rumkit.sandbox.resources import Monitor, Pool, Session
    from rumkit.sandbox.roles import Role
    from rumkit.sandbox.world import World


@dataclass(frozen=True)
class Sender:
    """Who sends events: a guest's session or nobody, and what the request carries along."""

    session: Session | None
    address: str
    referer: str = ""
    alias: str = ""


def check_put_rum_events(world: World, monitor: Monitor, sender: Sender) -> Role | None:
    """Return the sender's role when it may send to the monitor. Raises AwsError when not."""
    session = sender.session
    role = world.roles.by_arn(session.role_arn) if session else None
    if session is not None and role is None:
        raise AwsError(
            "UnrecognizedClientException",
            "The security token included in the request is invalid.",
            status=403,
        )
    policies = _policies(world, monitor, role)
    decision = _decided(world, _request(world, monitor, sender, role, policies), policies)
    if decision.outcome == "allowed":
        return role
    if session is None and monitor.policy is None:
        raise AwsError(
            "MissingAuthenticationTokenException", "Missing Authentication Token", status=403
        )
    who = assumed_role_arn(session) if session else "anonymous"
    raise AwsError(
        "AccessDeniedException",
        f"User: {who} is not authorized to perform: {PUT_RUM_EVENTS} on resource: "
        f"{monitor.arn} {decision.expected_error}".rstrip(),
        status=403,
    )


def may_assume(
    world: World, role_arn: str, pool: Pool | None, *, enhanced: bool, address: str = ""
) -> bool:
    """Tell whether a role's trust policy lets a guest of this pool assume it.

    A role of another account is none that the sandbox knows, and Cognito may use no such role.
    """
    role = world.roles.by_arn(role_arn)
    if role is None or pool is None:
        return False
    # Without a condition on it one visitor's address is like another's.
    asked = not enhanced and "aws:sourceip" in repr(role.trust).lower()
    context: dict[str, KeyValue] = {"aws:SourceIp": (address,)} if asked else {}
    if "aws:currenttime" in repr(role.trust).lower():
        context["aws:CurrentTime"] = (stamp(world.clock),)
    request = web_identity_request(pool.id, role.arn, enhanced=enhanced, context=context)
    policies = Policies(trust=PolicyDocument("trust policy", role.trust), resource_control=())
    return _decided(world, request, policies).outcome == "allowed"


def _decided(world: World, request: Request, policies: Policies) -> Decision:
    """Decide, remembering what was decided: hundreds of visitors ask the same."""
    key = repr((request, policies))
    if key not in world.decided:
        world.decided[key] = decide(request, policies)
    return world.decided[key]


def simulate(
    role: Role, actions: list[str], resources: list[str], keys: dict[str, list[str]]
) -> list[tuple[str, str, str]]:
    """Return (action, resource, decision) in SimulatePrincipalPolicy's words, trust ignored."""
    words = {"allowed": "allowed", "explicitly-denied": "explicitDeny"}
    context: dict[str, KeyValue] = {name: tuple(values) for name, values in keys.items()}
    principal = Principal("role-session", role.arn, role.arn, ACCOUNT)
    results = []
    for action in actions:
        for resource in resources:
            request = Request(action, resource, principal, context)
            outcome = decide(request, _own_policies(role)).outcome
            results.append((action, resource, words.get(outcome, "implicitDeny")))
    return results


def _request(
    world: World, monitor: Monitor, sender: Sender, role: Role | None, policies: Policies
) -> Request:
    values: dict[str, KeyValue] = {
        **UNLISTED,
        "aws:SourceIp": (sender.address,),
        "aws:Referer": (sender.referer,) if sender.referer else ABSENT,
        "aws:CurrentTime": (stamp(world.clock),),
    }
    if sender.session:
        # A visitor gets credentials on coming.
        values["aws:TokenIssueTime"] = (stamp(world.clock),)
    # What no policy asks for does not make one request different from another.
    asked = repr(policies).lower()
    context = {key: value for key, value in values.items() if key.lower() in asked}
    return put_rum_events_request(
        monitor.arn,
        role_arn=role.arn if role else "",
        session_name=sender.session.session_name if sender.session else "",
        pool_id=sender.session.pool_id if sender.session else "",
        tags=role.tags if role else None,
        monitor_tags=monitor.tags,
        alias=sender.alias or None,
        monitor_id=monitor.id,
        context=context,
    )


def _policies(world: World, monitor: Monitor, role: Role | None) -> Policies:
    own = _own_policies(role) if role else Policies()
    controls = tuple(
        PolicyDocument(name, document, level="account")
        for name, document in world.service_control.items()
    )
    return Policies(
        identity=own.identity,
        boundary=own.boundary,
        service_control=controls,
        resource_control=(),
        resource=PolicyDocument("resource policy", json.loads(monitor.policy))
        if monitor.policy
        else None,
    )


def _own_policies(role: Role) -> Policies:
    attached = {arn: policy.document for arn, policy in role.managed.items()}
    documents: dict[str, Any] = {**role.inline, **attached}
    return Policies(
        identity=tuple(PolicyDocument(name, text) for name, text in documents.items()),
        boundary=PolicyDocument("boundary", role.boundary.document) if role.boundary else None,
        service_control=(),
        resource_control=(),
    )
