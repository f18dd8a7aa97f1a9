"""Which check a failed call of the trail belongs to, told by what AWS answered.

The words by which an answer is known are those that a recording's answers are known by too.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rumkit.aws.denial import denial_of
from rumkit.checks import names
from rumkit.trail.names import COGNITO_NAMES, PUT_NAMES, STS_NAMES

if TYPE_CHECKING:
    from rumkit.checks.names import CheckId
    from rumkit.trail.events import TrailEvent

NO_GUESTS = re.compile(r"(?i)unauthenticated access is not supported")
BASIC_REFUSED = re.compile(r"(?i)classic\) flow is not (?:enabled|supported)")
# A pool that chooses roles by rules or tokens takes the enhanced flow only.
ROLE_MAPPINGS = re.compile(r"(?i)not supported with rolemappings")
_NO_TOKEN = re.compile(r"(?i)not a valid JWT")
WRONG_SCOPE = re.compile(r"(?i)credential should be scoped to a? ?(?:valid|correct) region")
CHECK_OF_LAYER = {
    "identity": names.GUEST_ROLE_PERMISSION,
    "boundary": names.GUEST_ROLE_PERMISSION,
    "session": names.GUEST_ROLE_PERMISSION,
    "resource": names.RESOURCE_POLICY,
}


def cause_of(row: TrailEvent, region: str = "") -> CheckId | None:
    """Return the check that a failed call belongs to, None where its answer names no cause.

    `region` is the monitor's, empty where it is not known.
    """
    if row.name in PUT_NAMES:
        return _put_cause(row, region)
    if row.name in STS_NAMES:
        return _sts_cause(row)
    return _cognito_cause(row) if row.name in COGNITO_NAMES else None


def _put_cause(row: TrailEvent, region: str) -> CheckId | None:
    refused = row.failure in {"denial", "not-found", "other"}
    elsewhere = bool(region and row.region and row.region != region and row.monitor_id)
    if refused and (elsewhere or WRONG_SCOPE.search(row.error_message)):
        return names.ENDPOINT_REGION
    denial = denial_of(row.error_message)
    unsigned = row.principal == "anonymous" or row.error_code.startswith("MissingAuthentication")
    if unsigned:
        by_policy = denial is not None and denial.layer == "resource"
        return names.RESOURCE_POLICY if by_policy else names.SIGNING
    if row.failure != "denial":
        return None
    if denial is not None:
        return CHECK_OF_LAYER.get(denial.layer)
    named = "not authorized to perform" in row.error_message
    return names.GUEST_ROLE_PERMISSION if named else None


def _sts_cause(row: TrailEvent) -> CheckId | None:
    if _NO_TOKEN.search(row.error_message):
        return names.CLASSIC_FLOW
    denial = denial_of(row.error_message)
    if denial is not None and denial.layer in {"organisation", "endpoint"}:
        return None
    wrong = row.error_code in {"InvalidIdentityToken", "ValidationError", "ValidationException"}
    return names.GUEST_ROLE_TRUST if wrong or row.failure == "denial" else None


def _cognito_cause(row: TrailEvent) -> CheckId | None:
    if NO_GUESTS.search(row.error_message):
        return names.IDENTITY_POOL
    if BASIC_REFUSED.search(row.error_message):
        return names.CLASSIC_FLOW
    if row.error_code == "InvalidIdentityPoolConfigurationException":
        return names.POOL_GUEST_ROLE
    gone = row.failure == "not-found" and "pool" in row.error_message.lower()
    return names.IDENTITY_POOL if gone else None
