"""Kinds of installations that people published, as facts of an account."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from field_write import LEFT_OUT, Code, page
from har_builder import MONITOR, POOL, ROLE

from rumkit.aws.identity import IdentityPool, PoolRoles
from rumkit.aws.monitor import Monitor
from rumkit.aws.policy import Decision, Policies, PolicyDocument, decide
from rumkit.aws.roles import Role, RolePolicies
from rumkit.aws.rum_requests import put_rum_events_request
from rumkit.checks.ask import ask
from rumkit.checks.beyond_the_guide import monitor_domain
from rumkit.checks.returns_403 import guest_role_permission, resource_policy
from rumkit.checks.token_vending import classic_flow
from rumkit.checks.xray_tracing import xray_cors, xray_joined
from rumkit.client.page import page_from_html
from rumkit.evidence.account import Caller
from rumkit.evidence.given import evidence_of
from rumkit.model import Status
from rumkit.target import Window
from rumkit.trail.events import TrailEvent
from rumkit.trail.query import TrailResult

if TYPE_CHECKING:
    from rumkit.checks.base import Check

ARN = "arn:aws:rum:eu-west-1:111122223333:appmonitor/shop"
LOGIN = "cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEfGhI:client"
MAPPED = {LOGIN: {"Type": "Token", "AmbiguousRoleResolution": "AuthenticatedRole"}}


def _pool(*, classic: bool | None = True) -> IdentityPool:
    return IdentityPool(POOL, "shop", "eu-west-1", guest_access=True, classic_flow=classic)


def _roles(**mappings: Any) -> PoolRoles:
    return PoolRoles(guest=ROLE, authenticated=None, mappings=mappings)


def _flow(text: str, roles: PoolRoles) -> Any:
    given = {"page": page_from_html(text), "identity_pool": _pool(), "pool_roles": roles}
    return ask(classic_flow.CHECK, evidence_of(**given))


def test_role_mappings_refuse_the_basic_flow_whatever_the_pool_allows() -> None:
    found = _flow(page(guestRoleArn=ROLE), _roles(**MAPPED))
    assert found.status is Status.FAIL
    assert "RoleMappings" in found.summary
    assert "guestRoleArn: undefined" in found.fixes[0].text
    assert not any("--allow-classic-flow" in fix.text for fix in found.fixes)


@pytest.mark.parametrize(
    ("text", "roles", "status"),
    [
        (page(guestRoleArn=ROLE), _roles(), Status.PASS),
        (page(), _roles(**MAPPED), Status.SKIP),
    ],
)
def test_role_mappings_alone_or_the_basic_flow_alone_are_no_fault(
    text: str, roles: PoolRoles, status: Status
) -> None:
    assert _flow(text, roles).status is status


def _document(name: str, *statements: dict[str, Any]) -> PolicyDocument:
    return PolicyDocument(name, {"Version": "2012-10-17", "Statement": list(statements)})


def _put(**changed: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": "rum:PutRumEvents", "Resource": ARN, **changed}


def _decided(*of_the_monitor: dict[str, Any]) -> Decision:
    request = put_rum_events_request(ARN, role_arn=ROLE, pool_id=POOL, monitor_id=MONITOR)
    policies = Policies(
        identity=(_document("inline", _put()),),
        resource=_document("monitor", *of_the_monitor),
    )
    return decide(request, policies)


def _permission(decision: Decision) -> Any:
    role = Role(ROLE, "RUM-Monitor-shop-Unauth", "111122223333", {}, None)
    return ask(
        guest_role_permission.CHECK,
        evidence_of(
            page=page_from_html(page()),
            permission_decision=decision,
            guest_role=role,
            guest_role_arn=ROLE,
            guest_role_policies=RolePolicies(()),
            monitor_arn=ARN,
        ),
    )


def test_a_deny_of_the_resource_policy_is_not_laid_to_the_guest_role() -> None:
    alias = {"StringNotEquals": {"rum:alias": "shop"}}
    found = _permission(_decided(_put(Effect="Deny", Principal="*", Condition=alias)))
    assert found.status is Status.SKIP
    assert "see resource-policy" in found.summary


def test_a_deny_says_under_which_condition_it_holds() -> None:
    alias = {"StringNotEquals": {"rum:alias": "shop"}}
    decision = _decided(_put(Effect="Deny", Principal="*", Condition=alias))
    assert "StringNotEquals rum:alias `shop`" in decision.near_misses[0]


def test_a_deny_that_depends_on_the_visitor_is_named_where_nothing_can_be_told() -> None:
    """The user guide's sample for one address denies all the others."""
    address = {"NotIpAddress": {"aws:SourceIp": "192.0.2.44"}}
    found = _permission(
        _decided(_put(Principal="*"), _put(Effect="Deny", Principal="*", Condition=address))
    )
    assert found.status is Status.UNKNOWN
    assert "NotIpAddress aws:SourceIp `192.0.2.44`" in found.summary
    assert resource_policy.CHECK.id not in found.summary


def test_events_refused_for_their_domain_are_told_without_the_page_too() -> None:
    at = datetime(2026, 3, 2, 8, tzinfo=UTC)
    said = {"error_code": "ValidationException", "error_message": "domain x.example does not match"}
    calls = (TrailEvent(at, "PutRumEvents", failure="other", **said),)
    seen = TrailResult(calls, "test", Window(at, at), frozenset({"PutRumEvents"}))
    found = ask(monitor_domain.CHECK, evidence_of(put_events=seen))
    assert found.status is Status.FAIL
    assert "refused 1 PutRumEvents call for their domain" in found.summary


def test_a_resource_policy_refuses_a_client_without_any_credentials() -> None:
    given = {
        "page": page_from_html(page(identityPoolId=LEFT_OUT), url="https://www.shop.example/"),
        "monitor": Monitor("shop", MONITOR, "eu-west-1"),
        "caller": Caller("111122223333", "arn:aws:iam::111122223333:user/x", "aws"),
        "resource_policy": {
            "Version": "2012-10-17",
            "Statement": [_put(Principal="*", Condition={"StringEquals": {"rum:alias": "shop"}})],
        },
    }
    found = ask(resource_policy.CHECK, evidence_of(**given))
    assert found.status is Status.FAIL
    assert any("alias: 'shop'" in fix.text for fix in found.fixes)


def test_telemetries_that_cannot_be_read_leave_open_whether_a_header_is_sent() -> None:
    text = page(enableXRay=True, telemetries=Code("TELEMETRIES"))
    given = {"page": page_from_html(text), "unanswered_requests": {"https://api.example/": 3}}
    found = ask(xray_cors.CHECK, evidence_of(**given))
    assert found.status is Status.UNKNOWN
    assert "TELEMETRIES" in found.summary


@pytest.mark.parametrize("check", [xray_cors.CHECK, xray_joined.CHECK], ids=lambda each: each.id)
def test_traces_that_a_page_does_not_ask_for_leave_nothing_open(check: Check) -> None:
    found = ask(check, evidence_of(page=page_from_html(page(enableXRay=False))))
    assert found.status is Status.SKIP
