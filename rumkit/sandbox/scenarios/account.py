"""What the account itself keeps from working: roles of others, RUM's own role, platforms, keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rumkit.sandbox.ids import ONSET
from rumkit.sandbox.installation import SERVICE_ROLE, text, trust_policy
from rumkit.sandbox.resources import LogGroup
from rumkit.sandbox.scenarios.base import Scenario
from rumkit.sandbox.scenarios.parts import (
    DENIED,
    UNVENDED,
    basic_flow,
    set_trust,
)

if TYPE_CHECKING:
    from rumkit.sandbox.installation import Installation
    from rumkit.sandbox.world import World

_BEYOND = "beyond-the-guide"
_VENDING = "token-vending"
_OTHER_ACCOUNT = "999988887777"
_VISITORS = "203.0.113.0/24"


def _foreign_role(_world: World, place: Installation) -> None:
    arn = f"arn:aws:iam::{_OTHER_ACCOUNT}:role/{place.role.name}"
    place.pool.roles = {"unauthenticated": arn}
    place.changed(
        "cognito-identity",
        "SetIdentityPoolRoles",
        identityPoolId=place.pool.id,
        roles={"unauthenticated": arn},
    )


def _by_address(place: Installation) -> dict[str, Any]:
    document = trust_policy(place.pool.id)
    document["Statement"][0]["Condition"]["IpAddress"] = {"aws:SourceIp": _VISITORS}
    return document


def _trust_by_address(_world: World, place: Installation) -> None:
    set_trust(place, _by_address(place))


def _basic_by_address(world: World, place: Installation) -> None:
    basic_flow(world, place)
    set_trust(place, _by_address(place))


def _role_remade(_world: World, place: Installation) -> None:
    place.role.inline.clear()
    place.role.again, place.role.created = 1, ONSET
    place.changed("iam", "DeleteRole", roleName=place.role.name)
    place.changed(
        "iam",
        "CreateRole",
        roleName=place.role.name,
        assumeRolePolicyDocument=text(place.role.trust),
    )


def _xray_off(_world: World, place: Installation) -> None:
    place.monitor.configuration["EnableXRay"] = False
    place.changed(
        "rum",
        "UpdateAppMonitor",
        Name=place.monitor.name,
        AppMonitorConfiguration={"EnableXRay": False},
    )


def _no_service_role(world: World, place: Installation) -> None:
    world.roles.remove(SERVICE_ROLE)
    place.changed("iam", "DeleteServiceLinkedRole", roleName=SERVICE_ROLE)


def _transaction_search(world: World, _place: Installation) -> None:
    world.trace_destination = "CloudWatchLogs"


def _mobile(_world: World, place: Installation) -> None:
    place.monitor.platform = "iOS"
    place.app = True


def _key_refused(world: World, place: Installation) -> None:
    key = "arn:aws:kms:eu-west-1:111122223333:key/0b1c2d3e-4f50-4a6b-8c7d-9e0f1a2b3c4d"
    world.groups[place.monitor.log_group] = LogGroup(key=key, readable=False)


SCENARIOS = (
    Scenario(
        "guest-role-other-account",
        "The pool's guest role is one of another account",
        _VENDING,
        _foreign_role,
        "pool-guest-role",
        "command",
        also=UNVENDED,
    ),
    Scenario(
        "trust-source-ip",
        "The guest role's trust asks for the visitors' addresses, which Cognito never shows",
        _VENDING,
        _trust_by_address,
        "guest-role-trust",
        "command",
        also=UNVENDED,
    ),
    Scenario(
        "healthy-trust-source-ip",
        "The guest role's trust asks for the visitors' addresses, and they call STS themselves",
        "",
        _basic_by_address,
        None,
        why_not="nothing to mend",
    ),
    Scenario(
        "guest-role-remade",
        "The guest role was deleted and made again, without its permission",
        "returns-403",
        _role_remade,
        "guest-role-permission",
        "command",
        also=DENIED,
    ),
    Scenario(
        "xray-monitor-off",
        "The client records trace segments, and the monitor is set not to send them on",
        "xray-tracing",
        _xray_off,
        "xray-enabled",
        "command",
    ),
    Scenario(
        "service-linked-role",
        "RUM's own role was deleted: events are kept, and their metrics and traces are not",
        _BEYOND,
        _no_service_role,
        None,
        why_not="the role comes back by itself when an app monitor is created or updated",
        also=("events-arriving", "xray-joined"),
        warns=True,
        alone=True,
    ),
    Scenario(
        "transaction-search",
        "Traces go to CloudWatch Logs, where X-Ray's API does not see them",
        "xray-tracing",
        _transaction_search,
        None,
        why_not="nothing to mend",
        unknown=("xray-joined",),
        alone=True,
    ),
    Scenario(
        "healthy-mobile",
        "A mobile app sends to the monitor: there is no page and no snippet",
        "",
        _mobile,
        None,
        why_not="nothing to mend",
        browser=False,
    ),
    Scenario(
        "log-group-key",
        "The monitor's log group is encrypted with a key that CloudWatch Logs may not use",
        _BEYOND,
        _key_refused,
        None,
        why_not="the key's policy belongs to whoever owns the key",
        unknown=("session-event-limit",),
    ),
)
