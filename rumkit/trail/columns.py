"""The columns of every table of CloudTrail rows: what they are called, hold and mean."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping


class Column(NamedTuple):
    """A column's pandas dtype, and what it means, with its unit."""

    dtype: str
    meaning: str


TIME = "datetime64[us, UTC]"

# Text that a record does not have is "", never NA; `read_only` alone may be NA. The same columns
# and dtypes hold for an empty frame.
TRAIL: Mapping[str, Column] = {
    "time": Column(TIME, "when the call was made (eventTime)"),
    "name": Column("string", "the operation (eventName)"),
    "source": Column("string", "the service, such as rum.amazonaws.com in every partition"),
    "region": Column("string", "the region that was called"),
    "account": Column("string", "recipientAccountId, or the caller's account"),
    "category": Column("string", "Data, Management, NetworkActivity, or empty where not said"),
    "error_code": Column("string", "AWS's error code; empty means that the call succeeded"),
    "error_message": Column("string", "AWS's own sentence, at most 2 KB"),
    "principal": Column("string", "the caller's ARN, or its principal id"),
    "role": Column("string", "ARN of the session's role, or of the role that was asked for"),
    "session_name": Column("string", "name of the role session"),
    "flow": Column("string", "how the browser got its credentials: basic, enhanced or empty"),
    "identity_pool": Column("string", "the identity pool, REGION:UUID"),
    "monitor_name": Column("string", "the app monitor's name"),
    "monitor_id": Column("string", "the app monitor's id"),
    "resource": Column("string", "what the call was about: monitor, pool, role or policy"),
    "source_address": Column("string", "the caller's IP address"),
    "user_agent": Column("string", "the caller's browser or SDK, at most 256 characters"),
    "request_id": Column("string", "AWS's id of the request"),
    "event_id": Column("string", "CloudTrail's id of the event"),
    "credential_id": Column("string", "digest of the access key that was vended or used"),
    "trail_source": Column("string", "where rumkit read the record"),
    "changed": Column("string", "of a configuration change: what changed, in words"),
    "read_only": Column("boolean", "whether the call only read; may be missing"),
    "role_id": Column("string", "AROA… of the session's role: a role made again has another"),
    "policy": Column("string", "ARN of the managed policy that a change of IAM is about"),
    "failure": Column(
        "string",
        "why it failed: denial, not-found, validation, throttled, service-error, other, or empty",
    ),
}
