"""Puts a healthy installation into the sandbox's world: monitor, pool, guest role, trail, page."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from rumkit.sandbox.iam.aws_managed import rum_service_role
from rumkit.sandbox.ids import REGION, uuid_of
from rumkit.sandbox.installation import (
    DEFAULT,
    SERVICE_ROLE,
    TRAIL_GROUP,
    Installation,
    host_of,
    plain_name,
    put_events_policy,
    trust_policy,
)
from rumkit.sandbox.resources import Monitor, Pool, Trail
from rumkit.sandbox.roles import Role
from rumkit.sandbox.snippet import Client

if TYPE_CHECKING:
    from rumkit.sandbox.world import World

_CREATED = datetime(2025, 11, 3, 10, 12, 41, tzinfo=UTC)


DATA_TYPES = ("AWS::RUM::AppMonitor", "AWS::Cognito::IdentityPool")


def install(world: World, name: str = DEFAULT) -> Installation:
    """Put a healthy installation into the world."""
    host, plain = host_of(name), plain_name(name)
    monitor = healthy_monitor(plain, host)
    pool = Pool(f"{REGION}:{uuid_of('pool', plain)}", f"RUM-Monitor-{plain}", classic=False)
    role = Role(
        f"RUM-Monitor-{plain}-Unauth",
        trust_policy(pool.id),
        {"RUMPutBatchMetrics": put_events_policy(monitor.arn)},
    )
    pool.roles = {"unauthenticated": role.arn}
    monitor.configuration["IdentityPoolId"] = pool.id
    world.monitors[monitor.region, monitor.name] = monitor
    world.pools[pool.id] = pool
    world.roles.add(role)
    if not world.roles.get(SERVICE_ROLE):
        world.roles.add(service_role())
    place = Installation(name, host, monitor, pool, role, healthy_client(monitor, pool))
    world.installations[name] = place
    if not world.trails:
        world.roles.add(rum_service_role())
        world.trails.append(
            Trail(
                "account-trail", log_group=TRAIL_GROUP, bucket="shop-trail", data_types=DATA_TYPES
            )
        )
        world.stores.append(Trail("account-store", data_types=DATA_TYPES))
    return place


def service_role() -> Role:
    """Return the role by which RUM itself publishes metrics and sends trace segments."""
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "rum.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }
    permission = {
        "Effect": "Allow",
        "Action": ["xray:PutTraceSegments", "cloudwatch:PutMetricData"],
        "Resource": "*",
    }
    return Role(
        SERVICE_ROLE,
        {"Version": "2012-10-17", "Statement": [statement]},
        {"RUM": {"Version": "2012-10-17", "Statement": [permission]}},
        path="/aws-service-role/rum.amazonaws.com/",
    )


def healthy_monitor(name: str, host: str) -> Monitor:
    """Return an app monitor whose configuration agrees with the healthy page."""
    return Monitor(
        name,
        uuid_of("monitor", name),
        [host],
        REGION,
        {
            "SessionSampleRate": 1.0,
            "AllowCookies": True,
            "EnableXRay": True,
            "Telemetries": ["errors", "performance", "http"],
        },
        _CREATED,
        _CREATED,
    )


def healthy_client(monitor: Monitor, pool: Pool) -> Client:
    """Return the loader's arguments for the enhanced flow."""
    return Client(
        monitor.id,
        monitor.region,
        {
            "sessionSampleRate": 1,
            "identityPoolId": pool.id,
            "endpoint": f"https://dataplane.rum.{monitor.region}.amazonaws.com",
            "telemetries": ["performance", "errors", ["http", {"addXRayTraceIdHeader": True}]],
            "allowCookies": True,
            "enableXRay": True,
        },
    )
