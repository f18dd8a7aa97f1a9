"""AWS's Regions, and the forms of the ids that name one."""

from __future__ import annotations

import re

# As in botocore 1.44's endpoints.json; a Region that opened since is not wrong for lacking here.
REGIONS = frozenset(
    [
        "af-south-1",
        "ap-east-1",
        "ap-east-2",
        "ap-northeast-1",
        "ap-northeast-2",
        "ap-northeast-3",
        "ap-south-1",
        "ap-south-2",
        "ap-southeast-1",
        "ap-southeast-2",
        "ap-southeast-3",
        "ap-southeast-4",
        "ap-southeast-5",
        "ap-southeast-6",
        "ap-southeast-7",
        "ca-central-1",
        "ca-west-1",
        "cn-north-1",
        "cn-northwest-1",
        "eu-central-1",
        "eu-central-2",
        "eu-isoe-west-1",
        "eu-north-1",
        "eu-south-1",
        "eu-south-2",
        "eu-west-1",
        "eu-west-2",
        "eu-west-3",
        "eusc-de-east-1",
        "il-central-1",
        "me-central-1",
        "me-south-1",
        "mx-central-1",
        "sa-east-1",
        "us-east-1",
        "us-east-2",
        "us-gov-east-1",
        "us-gov-west-1",
        "us-iso-east-1",
        "us-iso-west-1",
        "us-isob-east-1",
        "us-isof-east-1",
        "us-isof-south-1",
        "us-west-1",
        "us-west-2",
    ]
)
_FORM = re.compile(r"[a-z]{2,4}(?:-[a-z]{2,12}){1,3}-[0-9]{1,2}")
_UUID = r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
_IDENTITY_POOL = re.compile(rf"[\w-]{{1,55}}:{_UUID}")
_USER_POOL = re.compile(r"[a-z]{2,4}(?:-[a-z]{2,12}){1,3}-[0-9]{1,2}_[0-9a-zA-Z]{1,55}")
_ROLE = re.compile(r"arn:aws[\w-]*:iam::\d{12}:role/[\w+=,.@/-]{1,576}")


def is_region(text: str) -> bool:
    """Say whether a text is the name of a Region that exists."""
    return text in REGIONS


def is_region_like(text: str) -> bool:
    """Say whether a text has the form of a Region's name."""
    return _FORM.fullmatch(text) is not None


def is_uuid(text: str) -> bool:
    """Say whether a text has the form of a UUID, as the API demands of a monitor's id."""
    return re.fullmatch(_UUID, text) is not None


def is_identity_pool_id(text: str) -> bool:
    """Say whether a text has the form `region:uuid` of an identity pool's id."""
    return _IDENTITY_POOL.fullmatch(text) is not None


def is_user_pool_id(text: str) -> bool:
    """Say whether a text has the form `region_id` of a user pool's id."""
    return _USER_POOL.fullmatch(text) is not None


def is_role_arn(text: str) -> bool:
    """Say whether a text has the form of an IAM role's ARN."""
    return _ROLE.fullmatch(text) is not None
