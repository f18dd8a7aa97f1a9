"""How an identity pool is shown as evidence, and how it is changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rumkit.checks import authority, fixes, infrastructure
from rumkit.model import Proof

if TYPE_CHECKING:
    from rumkit.aws.identity import IdentityPool
    from rumkit.evidence import Evidence
    from rumkit.model import Fix


def pool_proof(pool: IdentityPool) -> Proof:
    """Return what DescribeIdentityPool said of a pool."""
    classic = "not named (allowed)" if pool.classic_flow is None else pool.classic_flow
    return Proof(
        "cognito-identity:DescribeIdentityPool",
        {"AllowUnauthenticatedIdentities": pool.guest_access, "AllowClassicFlow": classic},
        {"IdentityPoolId": pool.id},
    )


def widen_pool(
    evidence: Evidence, pool: IdentityPool, title: str, *, side_effect: str, **flag: bool
) -> tuple[Fix, ...]:
    """Return what switches a flag of the pool on, by its API name; withheld where in doubt."""
    doubts = authority.pool_doubts(evidence)
    if doubts:
        return (authority.withheld(title, doubts),)
    made = (
        fixes.update_pool(pool, title, side_effect=side_effect, **flag),
        *infrastructure.identity_pool(pool, **flag),
    )
    undo = fixes.update_pool(pool, "undo")
    return authority.marked(evidence, "widens access", made, undo=undo)
