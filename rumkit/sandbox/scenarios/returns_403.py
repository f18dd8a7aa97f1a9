"""CloudWatch RUM returns 403."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rumkit.sandbox.healthy import healthy_client, healthy_monitor
from rumkit.sandbox.installation import monitor_arn, put_events_policy, text, trust_policy
from rumkit.sandbox.markup import render
from rumkit.sandbox.resources import Pool
from rumkit.sandbox.roles import ManagedPolicy, Role, Version
from rumkit.sandbox.scenarios.base import Scenario
from rumkit.sandbox.scenarios.healthy import open_policy, send_unsigned
from rumkit.sandbox.scenarios.parts import DENIED, SILENT, set_permissions
from rumkit.sandbox.snippet import CLIENT_HOST

if TYPE_CHECKING:
    from rumkit.sandbox.installation import Installation
    from rumkit.sandbox.world import World

_SECTION = "returns-403"
_ELSEWHERE = "us-west-2"


def endpoint_elsewhere(_world: World, place: Installation) -> None:
    """Send the events to another region's endpoint."""
    place.client.config["endpoint"] = f"https://dataplane.rum.{_ELSEWHERE}.amazonaws.com"


def _default_endpoint(_world: World, place: Installation) -> None:
    place.client.url = f"{CLIENT_HOST}/3.0.0/cwr.js"
    place.client.config.pop("endpoint")


def _no_scheme(_world: World, place: Installation) -> None:
    place.client.config["endpoint"] = f"dataplane.rum.{place.monitor.region}.amazonaws.com"


def _region_argument(world: World, place: Installation) -> None:
    place.client.region = _ELSEWHERE
    endpoint_elsewhere(world, place)


def two_monitors(world: World, place: Installation) -> None:
    """Let another page of the same origin send to a monitor of its own."""
    name = f"{place.monitor.name}-blog"
    monitor = healthy_monitor(name, place.host)
    pool = Pool(f"{monitor.region}:{monitor.id}", f"RUM-Monitor-{name}", classic=False)
    role = Role(
        f"RUM-Monitor-{name}-Unauth",
        trust_policy(pool.id),
        {"RUMPutBatchMetrics": put_events_policy(monitor.arn)},
    )
    pool.roles = {"unauthenticated": role.arn}
    monitor.configuration["IdentityPoolId"] = pool.id
    world.monitors[monitor.region, name] = monitor
    world.pools[pool.id] = pool
    world.roles.add(role)
    url = f"{CLIENT_HOST}/1.25.0/cwr.js"
    other = healthy_client(monitor, pool)
    other.url = place.client.url = url
    place.files["/blog/"] = render(other, title="Blog")
    place.links.append("/blog/")
    place.stale_role = role.arn


def older_monitor(_world: World, place: Installation) -> None:
    """Let the guest role's policy name an older monitor."""
    set_permissions(place, put_events_policy(monitor_arn(f"{place.monitor.name}-2024")))


def _by_id(_world: World, place: Installation) -> None:
    set_permissions(place, put_events_policy(monitor_arn(place.monitor.id)))


def _other_region(_world: World, place: Installation) -> None:
    set_permissions(place, put_events_policy(monitor_arn(place.monitor.name, _ELSEWHERE)))


def _boundary(world: World, place: Installation) -> None:
    document = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}],
    }
    boundary = ManagedPolicy(f"{place.role.name}-boundary", {"v1": Version(document)})
    place.role.boundary = world.roles.add_policy(boundary)
    place.changed(
        "iam",
        "PutRolePermissionsBoundary",
        roleName=place.role.name,
        permissionsBoundary=boundary.arn,
    )


def _explicit_deny(_world: World, place: Installation) -> None:
    document: dict[str, Any] = put_events_policy(place.monitor.arn)
    deny = {"Sid": "NoTelemetry", "Effect": "Deny", "Action": "rum:*", "Resource": "*"}
    document["Statement"].append(deny)
    set_permissions(place, document)


def _unsigned(_world: World, place: Installation) -> None:
    place.client.url = f"{CLIENT_HOST}/2.x/cwr.js"
    place.client.config["signing"] = False


def _slim(_world: World, place: Installation) -> None:
    place.client.url = f"{CLIENT_HOST}/3.x/cwr-slim.js"


def _conditional(place: Installation, operator: str, key: str, value: str) -> None:
    send_unsigned(place)
    document: dict[str, Any] = open_policy(place)
    document["Statement"][0]["Condition"] = {operator: {key: value}}
    place.monitor.policy = text(document)
    place.changed(
        "rum", "PutResourcePolicy", Name=place.monitor.name, PolicyDocument=text(document)
    )


def _alias(_world: World, place: Installation) -> None:
    place.client.config["alias"] = "shop"
    _conditional(place, "StringEquals", "rum:alias", "checkout")


def _referer(_world: World, place: Installation) -> None:
    _conditional(place, "StringLike", "aws:Referer", "https://old.shop.example/*")


def service_control(world: World, place: Installation) -> None:
    """Let a policy of the organisation deny PutRumEvents."""
    world.service_control[f"NoTelemetryOf-{place.name}"] = {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Action": "*", "Resource": "*"},
            {"Effect": "Deny", "Action": "rum:PutRumEvents", "Resource": place.monitor.arn},
        ],
    }


def _deleted_monitor(_world: World, place: Installation) -> None:
    place.client.monitor_id = place.pool.id.partition(":")[2]


def _unrecorded(world: World, place: Installation) -> None:
    older_monitor(world, place)
    for each in (*world.trails, *world.stores):
        each.data_types = ()


SCENARIOS = (
    Scenario(
        "endpoint-region",
        "The endpoint names another region than the monitor's",
        _SECTION,
        endpoint_elsewhere,
        "endpoint-region",
        "page",
        also=SILENT,
    ),
    Scenario(
        "endpoint-default",
        "Client 3.0.0 sends to us-west-2 when no endpoint is given",
        _SECTION,
        _default_endpoint,
        "endpoint-region",
        "page",
        also=SILENT,
    ),
    Scenario(
        "endpoint-no-scheme",
        "The endpoint lacks https://, and the client throws",
        _SECTION,
        _no_scheme,
        "snippet-present",
        "page",
        also=SILENT,
    ),
    Scenario(
        "region-argument",
        "The snippet names another region in both places",
        _SECTION,
        _region_argument,
        "endpoint-region",
        "page",
        also=SILENT,
    ),
    Scenario(
        "stored-credentials",
        "Two monitors on one origin share the credentials in localStorage",
        _SECTION,
        two_monitors,
        "stored-credentials",
        "page",
        also=("put-events-denied",),
    ),
    Scenario(
        "guest-role-permission",
        "The guest role's policy names an older monitor",
        _SECTION,
        older_monitor,
        "guest-role-permission",
        "command",
        also=DENIED,
    ),
    Scenario(
        "permission-by-id",
        "The guest role's policy names the monitor by its id",
        _SECTION,
        _by_id,
        "guest-role-permission",
        "command",
        also=DENIED,
    ),
    Scenario(
        "permission-other-region",
        "The guest role's policy names the monitor in another region",
        _SECTION,
        _other_region,
        "guest-role-permission",
        "command",
        also=DENIED,
    ),
    Scenario(
        "permission-boundary",
        "A permissions boundary allows the guest role nothing of RUM",
        _SECTION,
        _boundary,
        "guest-role-permission",
        "command",
        also=DENIED,
    ),
    Scenario(
        "permission-explicit-deny",
        "The guest role's policy allows and denies PutRumEvents",
        _SECTION,
        _explicit_deny,
        "guest-role-permission",
        "command",
        also=DENIED,
    ),
    Scenario(
        "permission-unrecorded",
        "The guest role may not send, and no trail records data events",
        _SECTION,
        _unrecorded,
        "guest-role-permission",
        "command",
        also=SILENT,
        alone=True,
    ),
    Scenario(
        "signing",
        "Events are sent unsigned, and no resource policy admits them",
        _SECTION,
        _unsigned,
        "signing",
        "page",
        also=SILENT,
    ),
    Scenario(
        "slim-build",
        "The slim build ignores identityPoolId and sends unsigned",
        _SECTION,
        _slim,
        "signing",
        "page",
        also=SILENT,
    ),
    Scenario(
        "resource-policy",
        "The resource policy admits another alias than the client's",
        _SECTION,
        _alias,
        "resource-policy",
        "command",
        also=SILENT,
    ),
    Scenario(
        "resource-policy-referer",
        "The resource policy admits events of the old site only",
        _SECTION,
        _referer,
        "resource-policy",
        "command",
        also=SILENT,
    ),
    Scenario(
        "put-events-denied",
        "A service control policy denies PutRumEvents; only the trail shows it",
        _SECTION,
        service_control,
        "put-events-denied",
        why_not="the policy belongs to the organisation's management account",
        also=SILENT,
    ),
    Scenario(
        "monitor-exists",
        "The snippet holds the id of a monitor that was deleted",
        _SECTION,
        _deleted_monitor,
        "monitor-exists",
        "page",
        also=SILENT,
    ),
)
