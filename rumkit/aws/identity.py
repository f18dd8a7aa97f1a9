"""Cognito identity pools: guest access, classic flow, roles."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from rumkit.aws_names import IDENTITY_POOL_ID
from rumkit.model import NotCollected

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rumkit.aws.session import AwsSession


@dataclass(frozen=True)
class IdentityPool:
    """An identity pool as DescribeIdentityPool describes it.

    `classic_flow` is None when the reply does not name AllowClassicFlow, which behaves as
    allowed. `configuration` is the whole reply, since UpdateIdentityPool replaces the whole.
    """

    id: str
    name: str
    region: str
    guest_access: bool
    classic_flow: bool | None
    configuration: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class PoolRoles:
    """The roles that GetIdentityPoolRoles names; `guest` is the unauthenticated one."""

    guest: str | None
    authenticated: str | None
    mappings: Mapping[str, Any] = field(default_factory=dict)


def pool_region(pool_id: str) -> str:
    """Return the region in front of the colon. Raises NotCollected for another shape."""
    if re.fullmatch(IDENTITY_POOL_ID, pool_id) is None:
        raise NotCollected(
            "identity_pool",
            f"{pool_id[:100]!r} is not an identity pool id (region:UUID), so there is no pool"
            " to ask for",
            absent=True,
        )
    return pool_id.partition(":")[0]


def read_pool(session: AwsSession, pool_id: str) -> IdentityPool:
    """Return the pool. Raises NotCollected, `absent` when there is none of this id."""
    region = pool_region(pool_id)
    reply = session.read(
        "cognito-identity", "DescribeIdentityPool", region=region, IdentityPoolId=pool_id
    )
    return IdentityPool(
        id=pool_id,
        name=str(reply.get("IdentityPoolName", "")),
        region=region,
        guest_access=bool(reply.get("AllowUnauthenticatedIdentities")),
        classic_flow=reply.get("AllowClassicFlow"),
        configuration=reply,
    )


def list_pools(session: AwsSession, region: str) -> list[tuple[str, str]]:
    """Return id and name of a region's identity pools, the first 60 of them."""
    reply = session.read("cognito-identity", "ListIdentityPools", region=region, MaxResults=60)
    return [
        (str(pool["IdentityPoolId"]), str(pool.get("IdentityPoolName", "")))
        for pool in reply.get("IdentityPools", [])
    ]


def read_pool_roles(session: AwsSession, pool_id: str) -> PoolRoles:
    """Return the pool's roles. Raises NotCollected, `absent` when there is no such pool."""
    reply = session.read(
        "cognito-identity",
        "GetIdentityPoolRoles",
        region=pool_region(pool_id),
        IdentityPoolId=pool_id,
    )
    roles = reply.get("Roles", {})
    return PoolRoles(
        guest=roles.get("unauthenticated"),
        authenticated=roles.get("authenticated"),
        mappings=reply.get("RoleMappings", {}),
    )
