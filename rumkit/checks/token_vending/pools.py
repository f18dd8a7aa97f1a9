"""How an identity pool is shown as evidence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rumkit.model import Proof

if TYPE_CHECKING:
    from rumkit.aws.identity import IdentityPool


def pool_proof(pool: IdentityPool) -> Proof:
    """Return what DescribeIdentityPool said of a pool."""
    classic = "not named (allowed)" if pool.classic_flow is None else pool.classic_flow
    return Proof(
        "cognito-identity:DescribeIdentityPool",
        {"AllowUnauthenticatedIdentities": pool.guest_access, "AllowClassicFlow": classic},
        {"IdentityPoolId": pool.id},
    )
