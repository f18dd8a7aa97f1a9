"""One CloudTrail record, whatever held it, as one row; the schema of every trail DataFrame."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal, get_args

from rumkit.aws.errors import ABSENT, DENIED, UNAVAILABLE, is_throttled
from rumkit.aws.partitions import canonical_source, is_cognito_name
from rumkit.secret import digest
from rumkit.trail.changed import describe_change, policy_of, resource_of
from rumkit.trail.columns import TRAIL
from rumkit.trail.names import COGNITO_SOURCE, RUM_SOURCE, STS_SOURCE
from rumkit.trail.shapes import SUMMARIES, UnreadFile, records_of
from rumkit.trail.text import NOTHING, clean

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

__all__ = ["COLUMNS", "TrailEvent", "UnreadFile", "frame", "read_record", "records_of"]

COLUMNS: Mapping[str, str] = {name: column.dtype for name, column in TRAIL.items()}

Failure = Literal["", "denial", "not-found", "validation", "throttled", "service-error", "other"]
FAILURES: tuple[Failure, ...] = get_args(Failure)
_NOT_FOUND = ("ResourceNotFound", "NoSuch", "NotFound")
_VALIDATION = (
    "Validation", "InvalidParameter", "InvalidRequest", "MalformedPolicy", "InvalidIdentityToken",
    "ResourceConflict", "Conflict",
)  # fmt: skip

# CloudTrail's own limit for a message is 1 KB; what is longer is not CloudTrail's, and is marked.
MESSAGE = 2048
# The category of records of an endpoint of a VPC, of calls that it let through or refused.
NETWORK = "NetworkActivity"
_SESSION_FLOWS = {"cwr": "basic", "CognitoIdentityCredentials": "enhanced"}
# Each of these calls exists in one flow only, so that a failure names its flow too.
_CALL_FLOWS = {"GetOpenIdToken": "basic", "GetCredentialsForIdentity": "enhanced"}
_MONITOR_ARN = re.compile(r"arn:[\w-]{1,20}:rum:[\w-]{1,30}:\d{0,12}:appmonitor/([^\s\"',]{1,255})")
_POOL_ARN = re.compile(r":identitypool/([\w-]{1,30}:[0-9A-Za-z-]{1,55})")
# A provider's name, which differs by partition, before a pool's id.
_POOL_PRINCIPAL = re.compile(r"([a-z0-9.-]{1,80}):([\w-]{1,30}:[0-9A-Za-z-]{1,55})")


@dataclass(frozen=True)
class TrailEvent:
    """One CloudTrail record as one row; the fields are those of `COLUMNS`."""

    time: datetime
    name: str
    source: str = ""
    region: str = ""
    account: str = ""
    category: str = ""
    error_code: str = ""
    error_message: str = ""
    principal: str = ""
    role: str = ""
    session_name: str = ""
    flow: str = ""
    identity_pool: str = ""
    monitor_name: str = ""
    monitor_id: str = ""
    resource: str = ""
    source_address: str = ""
    user_agent: str = ""
    request_id: str = ""
    event_id: str = ""
    credential_id: str = ""
    trail_source: str = ""
    changed: str = ""
    read_only: bool | None = None
    role_id: str = ""
    policy: str = ""
    failure: Failure = ""

    @property
    def failed(self) -> bool:
        """Return whether the call was refused or went wrong."""
        return bool(self.error_code)


def read_record(
    record: object, *, monitors: Mapping[str, str] | None = None, trail_source: str = ""
) -> TrailEvent | UnreadFile:
    """Return a CloudTrail record as a row, or why it can't be read. Never raises.

    `monitors` maps app monitor names to ids; with it both columns are filled where one is known.
    """
    if isinstance(record, UnreadFile):
        return record
    if not isinstance(record, Mapping):
        return UnreadFile("not an object")
    category = record.get("eventCategory")
    if isinstance(category, str) and category in SUMMARIES:
        return UnreadFile(SUMMARIES[category])
    moment = _moment(record.get("eventTime"))
    if moment is None:
        return UnreadFile("no readable eventTime")
    name = clean(record.get("eventName"), 128)
    if not name:
        return UnreadFile("no eventName")
    return _row(record, moment, name, monitors or {}, trail_source)


def frame(rows: Iterable[TrailEvent]) -> pd.DataFrame:
    """Return rows as a DataFrame with exactly the columns and dtypes of `COLUMNS`."""
    import pandas as pd

    events = list(rows)
    return pd.DataFrame(
        {
            name: pd.Series([getattr(row, name) for row in events], dtype=dtype)
            for name, dtype in COLUMNS.items()
        }
    )


def credential_id(access_key_id: object) -> str:
    """Return a short one-way digest of an access key id, so that calls join without the id."""
    if not isinstance(access_key_id, str) or not access_key_id:
        return ""
    return digest(access_key_id)


def _row(
    record: Mapping[str, Any],
    moment: datetime,
    name: str,
    monitors: Mapping[str, str],
    trail_source: str,
) -> TrailEvent:
    source = canonical_source(clean(record.get("eventSource"), 128))
    identity = _object(record.get("userIdentity"))
    parameters = _object(record.get("requestParameters"))
    answer = _object(record.get("responseElements"))
    session = _session_name(identity, parameters)
    code = _if_said(clean(record.get("errorCode"), 128))
    message = _if_said(clean(record.get("errorMessage"), MESSAGE))
    monitor_name, monitor_id = _monitor(
        record, source, parameters, answer, message=message, monitors=monitors
    )
    pool = _pool(record, source, identity, parameters, answer)
    return TrailEvent(
        time=moment,
        name=name,
        source=source,
        region=clean(record.get("awsRegion"), 64),
        account=clean(record.get("recipientAccountId") or identity.get("accountId"), 32),
        category=_category(record),
        error_code=code,
        error_message=message,
        principal=clean(identity.get("arn") or identity.get("principalId"), 512),
        role=_role(identity, parameters, source),
        session_name=session,
        flow=_SESSION_FLOWS.get(session, "") or _CALL_FLOWS.get(name, ""),
        identity_pool=pool,
        monitor_name=monitor_name,
        monitor_id=monitor_id,
        resource=resource_of(source, parameters, answer) or monitor_name or pool,
        source_address=clean(record.get("sourceIPAddress"), 128),
        user_agent=clean(record.get("userAgent"), 256),
        request_id=clean(record.get("requestID") or record.get("requestId"), 128),
        event_id=clean(record.get("eventID") or record.get("eventId"), 128),
        credential_id=_credential(identity, answer),
        trail_source=clean(trail_source, 256),
        changed=describe_change(source, name, parameters),
        read_only=_flag(record.get("readOnly")),
        role_id=clean(_issuer(identity).get("principalId"), 64),
        policy=policy_of(source, parameters),
        failure=failure_of(code),
    )


def _if_said(text: str) -> str:
    return "" if text.strip().lower() in NOTHING else text


def failure_of(code: str) -> Failure:
    """Return what kind of failure an error code of CloudTrail is; only a denial is a denial.

    Expired or unknown credentials and bad signatures are refused before any policy is asked: they
    are `other`.
    """
    if not code:
        return ""
    bare = code.removeprefix("Client.").removeprefix("Server.")
    if code in DENIED or bare in DENIED:
        return "denial"
    if is_throttled(bare):
        return "throttled"
    if bare in UNAVAILABLE or code.startswith("Server."):
        return "service-error"
    if bare in ABSENT or any(word in bare for word in _NOT_FOUND):
        return "not-found"
    return "validation" if bare.startswith(_VALIDATION) else "other"


def _object(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _moment(value: object) -> datetime | None:
    """Read ISO 8601, the SQL form with a blank, or an aware datetime, into UTC."""
    if isinstance(value, str) and 10 <= len(value) <= 40:
        text = value.strip().removesuffix(" UTC")
        try:
            value = datetime.fromisoformat(text)
        except ValueError:
            return None
    if not isinstance(value, datetime):
        return None
    try:
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    except (OverflowError, ValueError):
        return None


def _flag(value: object) -> bool | None:
    """Read a flag that JSON, Athena and Lake write as a boolean or as text."""
    if isinstance(value, bool):
        return value
    return {"true": True, "false": False}.get(value.lower()) if isinstance(value, str) else None


def _category(record: Mapping[str, Any]) -> str:
    """Return the category; older records have only the managementEvent flag."""
    category = clean(record.get("eventCategory"), 32)
    if category:
        return category
    management = _flag(record.get("managementEvent"))
    return "" if management is None else ("Management" if management else "Data")


def _session_name(identity: Mapping[str, Any], parameters: Mapping[str, Any]) -> str:
    """Return the session that was asked for, or the one that the caller has."""
    asked = clean(parameters.get("roleSessionName"), 128)
    if asked:
        return asked
    arn = clean(identity.get("arn"), 512)
    return arn.rsplit("/", 1)[1][:128] if ":assumed-role/" in arn else ""


def _role(identity: Mapping[str, Any], parameters: Mapping[str, Any], source: str) -> str:
    """Return the role that STS was asked for, else the role of the caller's session."""
    if source == STS_SOURCE and parameters.get("roleArn"):
        return clean(parameters.get("roleArn"), 512)
    return clean(_issuer(identity).get("arn"), 512)


def _issuer(identity: Mapping[str, Any]) -> Mapping[str, Any]:
    return _object(_object(identity.get("sessionContext")).get("sessionIssuer"))


def _arns(record: Mapping[str, Any]) -> str:
    """Return the ARNs of the record's resources, one per line, at most 20."""
    resources = record.get("resources")
    if not isinstance(resources, list):
        return ""
    arns = (_object(item).get("ARN") or _object(item).get("arn") for item in resources[:20])
    return "\n".join(clean(arn, 600) for arn in arns)


def _monitor(
    record: Mapping[str, Any],
    source: str,
    parameters: Mapping[str, Any],
    answer: Mapping[str, Any],
    *,
    message: str,
    monitors: Mapping[str, str],
) -> tuple[str, str]:
    """Return a RUM call's monitor as (name, id).

    The ARN carries the name, the parameters of PutRumEvents the id; a refused call may have
    neither, and then its message names the ARN.
    """
    if source != RUM_SOURCE:
        return "", ""
    details = _object(parameters.get("appMonitorDetails"))
    match = _MONITOR_ARN.search(_arns(record)) or _MONITOR_ARN.search(message)
    name = match[1] if match else clean(parameters.get("Name") or details.get("name"), 255)
    ident = clean(parameters.get("id") or details.get("id") or answer.get("Id"), 64)
    if name and not ident:
        ident = monitors.get(name, "")
    elif ident and not name:
        name = next((known for known, its_id in monitors.items() if its_id == ident), "")
    return name, ident


def _pool(
    record: Mapping[str, Any],
    source: str,
    identity: Mapping[str, Any],
    parameters: Mapping[str, Any],
    answer: Mapping[str, Any],
) -> str:
    """Return the identity pool that a call names, or that its web identity came from."""
    if source == COGNITO_SOURCE:
        match = _POOL_ARN.search(_arns(record))
        pool = clean(parameters.get("identityPoolId") or parameters.get("IdentityPoolId"), 64)
        return pool or (match[1] if match else clean(answer.get("identityPoolId"), 64))
    federation = _object(_object(identity.get("sessionContext")).get("webIdFederationData"))
    audience = _audience(_object(federation.get("attributes")))
    if audience:
        return audience
    if source != STS_SOURCE:
        return ""
    match = _POOL_PRINCIPAL.match(clean(identity.get("principalId"), 256))
    if match and is_cognito_name(match[1]):
        return match[2]
    by_cognito = is_cognito_name(clean(answer.get("provider"), 128))
    return clean(answer.get("audience"), 64) if by_cognito else ""


def _audience(attributes: Mapping[str, Any]) -> str:
    """Return the pool that a web identity came from: the `aud` of Cognito in any partition."""
    for key, value in list(attributes.items())[:20]:
        provider, colon, claim = str(key)[:128].rpartition(":")
        if colon and claim == "aud" and is_cognito_name(provider):
            return clean(value, 64)
    return ""


def _credential(identity: Mapping[str, Any], answer: Mapping[str, Any]) -> str:
    """Return the digest of the vended key, else of the key that the call was signed with."""
    vended = _object(answer.get("credentials")).get("accessKeyId")
    return credential_id(vended) or credential_id(identity.get("accessKeyId"))
