"""The old name of `rumkit.aws_names`."""

from rumkit.aws_names import (
    is_identity_pool_id,
    is_region,
    is_region_like,
    is_role_arn,
    is_user_pool_id,
    is_uuid,
    known_regions,
)

__all__ = [
    "is_identity_pool_id",
    "is_region",
    "is_region_like",
    "is_role_arn",
    "is_user_pool_id",
    "is_uuid",
    "known_regions",
]
