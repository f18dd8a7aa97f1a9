"""AWS's Regions, and the forms of the ids that name one."""

from __future__ import annotations

import importlib.resources
import json
import re
from functools import cache
from typing import Final

# Forms, to be put into larger patterns.
REGION: Final = r"[a-z]{2,4}(?:-[a-z]{2,12}){1,3}-[0-9]{1,2}"
UUID: Final = r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
_IDENTITY_POOL = re.compile(rf"[\w-]{{1,55}}:{UUID}")
_USER_POOL = re.compile(rf"{REGION}_[0-9a-zA-Z]{{1,55}}")
_ROLE = re.compile(r"arn:aws[\w-]*:iam::\d{12}:role/[\w+=,.@/-]{1,576}")


@cache
def known_regions() -> frozenset[str]:
    """Return the names of all Regions of all partitions, as botocore's partitions.json has them."""
    data = importlib.resources.files("botocore").joinpath("data/partitions.json").read_bytes()
    names = (name for part in json.loads(data)["partitions"] for name in part["regions"])
    return frozenset(name for name in names if not name.endswith("-global"))


def is_region(text: str) -> bool:
    """Say whether a text is the name of a Region that exists."""
    return text in known_regions()


def is_region_like(text: str) -> bool:
    """Say whether a text has the form of a Region's name."""
    return re.fullmatch(REGION, text) is not None


def is_uuid(text: str) -> bool:
    """Say whether a text has the form of a UUID, as the API demands of a monitor's id."""
    return re.fullmatch(UUID, text) is not None


def is_identity_pool_id(text: str) -> bool:
    """Say whether a text has the form `region:uuid` of an identity pool's or an identity's id."""
    return _IDENTITY_POOL.fullmatch(text) is not None


def is_user_pool_id(text: str) -> bool:
    """Say whether a text has the form `region_id` of a user pool's id."""
    return _USER_POOL.fullmatch(text) is not None


def is_role_arn(text: str) -> bool:
    """Say whether a text has the form of an IAM role's ARN."""
    return _ROLE.fullmatch(text) is not None
