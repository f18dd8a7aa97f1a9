"""AWS's Regions, names, ids and ARNs: how each is written.

The constants are parts of patterns without groups and anchors, for `re.fullmatch` or for a search
inside a text. What reads somebody else's writing on purpose (a trail's records, a page that may
hold a wrong id) keeps wider patterns of its own. Source: the patterns of botocore's service models.
"""

from __future__ import annotations

import importlib.resources
import json
import re
from functools import cache
from typing import Final, NamedTuple

REGION: Final = r"[a-z]{2,4}(?:-[a-z]{2,12}){1,3}-[0-9]{1,2}"
ACCOUNT: Final = r"[0-9]{12}"
UUID: Final = r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
IDENTITY_POOL_ID: Final = rf"{REGION}:{UUID}"
MONITOR_NAME: Final = r"(?![.-])[.\-_#A-Za-z0-9]{1,255}"
ROLE_NAME: Final = r"[A-Za-z0-9_+=,.@-]{1,64}"
_PARTITION: Final = r"aws[a-z-]{0,20}"
MONITOR_ARN: Final = rf"arn:{_PARTITION}:rum:{REGION}:{ACCOUNT}:appmonitor/{MONITOR_NAME}"
ROLE_ARN: Final = rf"arn:{_PARTITION}:iam::{ACCOUNT}:role/(?:[!-~]{{1,510}}/)?{ROLE_NAME}"
POLICY_ARN: Final = rf"arn:{_PARTITION}:iam::(?:{ACCOUNT}|aws):policy/[!-~]{{1,512}}"
TRAIL_ARN: Final = rf"arn:{_PARTITION}:cloudtrail:{REGION}:{ACCOUNT}:trail/[A-Za-z0-9._-]{{3,128}}"

# The first part of a pool's id is looked at by itself: what is not a Region is a fault of its own.
_POOL_LIKE: Final = re.compile(rf"[A-Za-z0-9_-]{{1,55}}:{UUID}")
_USER_POOL: Final = re.compile(rf"{REGION}_[0-9a-zA-Z]{{1,55}}")


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


def is_account(text: str) -> bool:
    """Say whether a text has the form of an account's id."""
    return re.fullmatch(ACCOUNT, text) is not None


def is_uuid(text: str) -> bool:
    """Say whether a text has the form of a UUID, as the API demands of a monitor's id."""
    return re.fullmatch(UUID, text) is not None


def is_identity_pool_id(text: str) -> bool:
    """Say whether a text has the form of an identity pool's id, whatever stands for the Region."""
    return _POOL_LIKE.fullmatch(text) is not None


def is_user_pool_id(text: str) -> bool:
    """Say whether a text has the form `region_id` of a user pool's id."""
    return _USER_POOL.fullmatch(text) is not None


def is_role_arn(text: str) -> bool:
    """Say whether a text has the form of an IAM role's ARN."""
    return re.fullmatch(ROLE_ARN, text) is not None


class Arn(NamedTuple):
    """The parts of an ARN; `name` is what stands behind the last slash."""

    partition: str
    service: str
    region: str
    account: str
    name: str


def arn_parts(arn: str) -> Arn:
    """Return the parts of an ARN that has a form of this module."""
    _, partition, service, region, account, resource = arn.split(":", 5)
    return Arn(partition, service, region, account, resource.rpartition("/")[2])
