"""Fields of a CloudTrail record under the names that other products give them.

Elastic's (Elastic Common Schema, field set aws.cloudtrail), those of Security Lake (Open
Cybersecurity Schema Framework, class API Activity), and the console's Event history. Records of
which somebody kept a few fields alone (`jq`, `SELECT`) are read like them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

# Names in lower case, and the path in a record.
_NAMES: Final = {
    "event name": "eventName",
    "event time": "eventTime",
    "event source": "eventSource",
    "aws region": "awsRegion",
    "error code": "errorCode",
    "error message": "errorMessage",
    "source ip address": "sourceIPAddress",
    "user agent": "userAgent",
    "event id": "eventID",
    "request id": "requestID",
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
_MARKS: Final = (b'"cloudtrail"', b"aws.cloudtrail", b'"class_uid"')
# Whole records have these, and so has what holds whole records.
_WHOLE: Final = (b"eventSource", b"eventVersion", b"EventSource", b"@message")
_MAX_NAMES: Final = 500
_MAX_DEPTH: Final = 8


def is_renamed(data: bytes) -> bool:
    """Tell by the beginning of a JSON text whether its records have other names, or few fields."""
    if b"eventName" in data:
        return b'"eventName"' in data and not any(mark in data for mark in _WHOLE)
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
    return _NAMES.get(low, column)


def renamed_records(document: object) -> Iterator[dict[str, Any]]:
    """Yield what a document holds of such records, each as its names, with dots, and values."""
    yield from _search(document, 0)


def _search(document: object, depth: int) -> Iterator[dict[str, Any]]:
    if depth > _MAX_DEPTH:
        return
    if isinstance(document, Mapping):
        names = dict(_flat(document, "", 0))
        if names.keys() & {"api.operation", "event.action", "eventName"}:
            yield names
            return
        document = list(document.values())
    if isinstance(document, list):
        for each in document:
            yield from _search(each, depth + 1)


def _flat(document: Mapping[str, Any], prefix: str, depth: int) -> Iterator[tuple[str, Any]]:
    """Yield names with dots and plain values, those of objects only."""
    for name, value in list(document.items())[:_MAX_NAMES]:
        path = f"{prefix}{name}"
        if isinstance(value, Mapping) and depth < _MAX_DEPTH:
            yield from _flat(value, f"{path}.", depth + 1)
        elif isinstance(value, str | int | float) and not isinstance(value, bool):
            yield path, str(value)
