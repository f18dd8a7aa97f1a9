"""Fields of a CloudTrail record under the names that other products give them.

Elastic's (Elastic Common Schema, field set aws.cloudtrail), those of Security Lake (Open
Cybersecurity Schema Framework, class API Activity), and the console's Event history. Records of
which somebody kept a few fields alone (`jq`, `SELECT`) are read like them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

# A record's own names, and those of its caller, of which other products keep the letters alone:
# event_name (warehouses), EVENTNAME (Snowflake), EventName and UserIdentityArn (Microsoft
# Sentinel, table AWSCloudTrail), Vendor.eventName (Falcon LogScale), Event name (Event history).
_OWN: Final = {
    path.replace(".", "").lower(): path
    for path in (
        "eventName", "eventTime", "eventSource", "eventID", "eventCategory", "awsRegion",
        "errorCode", "errorMessage", "sourceIPAddress", "userAgent", "requestID",
        "requestParameters", "responseElements", "recipientAccountId", "resources",
        "userIdentity", "userIdentity.arn", "userIdentity.type", "userIdentity.accountId",
        "userIdentity.principalId",
    )
}  # fmt: skip
_PREFIX: Final = "vendor."
# Names in lower case, and the path in a record.
_NAMES: Final = {
    "timegenerated": "eventTime",
    "timegenerated [utc]": "eventTime",
    "awseventid": "eventID",
    "awsrequestid_": "requestID",
    "sessionissuerarn": "userIdentity.sessionContext.sessionIssuer.arn",
    "_time": "eventTime",
    "event.action": "eventName",
    "event.provider": "eventSource",
    "event.id": "eventID",
    "cloud.region": "awsRegion",
    "cloud.account.id": "recipientAccountId",
    "source.ip": "sourceIPAddress",
    "source.address": "sourceIPAddress",
    "user_agent.original": "userAgent",
    "aws.cloudtrail.error_code": "errorCode",
    "aws.cloudtrail.error_message": "errorMessage",
    "aws.cloudtrail.request_id": "requestID",
    "aws.cloudtrail.request_parameters": "requestParameters",
    "aws.cloudtrail.recipient_account_id": "recipientAccountId",
    "aws.cloudtrail.user_identity.arn": "userIdentity.arn",
    "aws.cloudtrail.user_identity.type": "userIdentity.type",
    "aws.cloudtrail.user_identity.session_context.session_issuer.arn": (
        "userIdentity.sessionContext.sessionIssuer.arn"
    ),
    "api.operation": "eventName",
    "api.service.name": "eventSource",
    "api.response.error": "errorCode",
    "api.response.message": "errorMessage",
    "api.response.error_message": "errorMessage",
    "api.request.uid": "requestID",
    "api.request.data": "requestParameters",
    "time_dt": "eventTime",
    "metadata.uid": "eventID",
    "cloud.account.uid": "recipientAccountId",
    "src_endpoint.ip": "sourceIPAddress",
    "http_request.user_agent": "userAgent",
    "actor.user.type": "userIdentity.type",
    "actor.session.issuer": "userIdentity.sessionContext.sessionIssuer.arn",
}
_FLATTENED: Final = {
    "aws.cloudtrail.flattened.request_parameters.": "requestParameters.",
    "unmapped.requestparameters.": "requestParameters.",
}
# Each may hold the caller's ARN: by the version of the source, or as the last part of its path.
_CALLERS: Final = ("actor.user.uid", "actor.user.uid_alt", "arn", "useridentity_arn")
_MARKS: Final = (
    b'"cloudtrail"', b"aws.cloudtrail", b'"class_uid"', b'"Vendor.eventName"', b'"event_name"',
    b'"EVENTNAME"', b'"EVENT_NAME"', b'"TimeGenerated',
)  # fmt: skip
# A text or an object in it is the whole record.
_HELD: Final = re.compile(rb'\\"eventName|cloud_?trail_?event"', re.IGNORECASE)
# Whole records have these, and so has what holds whole records.
_WHOLE: Final = (b"eventSource", b"eventVersion", b"EventSource", b"@message")
_MAX_NAMES: Final = 500
_MAX_DEPTH: Final = 8


def is_renamed(data: bytes) -> bool:
    """Tell by the beginning of a JSON text whether its records have other names, or few fields."""
    if _HELD.search(data):
        return False
    if b'"eventName"' in data:
        return not any(mark in data for mark in _WHOLE)
    return any(mark in data for mark in _MARKS)


def own_name(column: str, value: object) -> str:
    """Return a column's path in a record, the column itself where it has no other name."""
    low = column.lower()
    if low in _CALLERS and str(value).startswith("arn:"):
        issuer = ":role/" in str(value)
        return "userIdentity.sessionContext.sessionIssuer.arn" if issuer else "userIdentity.arn"
    for prefix, path in _FLATTENED.items():
        if low.startswith(prefix):
            return path + column[len(prefix) :]
    if low.startswith(_PREFIX):
        column, low = column[len(_PREFIX) :], low[len(_PREFIX) :]
    return _NAMES.get(low) or _OWN.get(low.replace("_", "").replace(" ", ""), column)


def renamed_records(document: object) -> Iterator[dict[str, Any]]:
    """Yield what a document holds of such records, each as its names, with dots, and values."""
    yield from _search(document, 0)


def _search(document: object, depth: int) -> Iterator[dict[str, Any]]:
    if depth > _MAX_DEPTH:
        return
    if isinstance(document, Mapping):
        if rows := _answered(document):
            document = {"rows": rows}
        names = dict(_flat(document, "", 0))
        if any(own_name(name, "") == "eventName" for name in names):
            yield names
            return
        document = list(document.values())
    if isinstance(document, list):
        for each in document:
            yield from _search(each, depth + 1)


def _answered(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the rows of an answer that names its columns first, as Elastic and Azure give it."""
    columns, rows = document.get("columns"), document.get("values") or document.get("rows")
    if not isinstance(columns, list) or not isinstance(rows, list):
        return []
    names = [str(each.get("name")) if isinstance(each, Mapping) else "" for each in columns]
    listed = (row for row in rows if isinstance(row, list))
    return [dict(zip(names, row, strict=False)) for row in listed]


def _flat(document: Mapping[str, Any], prefix: str, depth: int) -> Iterator[tuple[str, Any]]:
    """Yield names with dots and plain values, those of objects only."""
    for name, value in list(document.items())[:_MAX_NAMES]:
        path = f"{prefix}{name}"
        if isinstance(value, Mapping) and depth < _MAX_DEPTH:
            yield from _flat(value, f"{path}.", depth + 1)
        elif isinstance(value, str | int | float) and not isinstance(value, bool):
            yield path, str(value)
