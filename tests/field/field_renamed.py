"""Records of CloudTrail out of warehouses and of others' tables, which rename their fields."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from field_case import Case
from field_records import DAY, GUEST, SESSION, record
from field_shapes import _table as table
from field_write import page
from har_builder import MONITOR

if TYPE_CHECKING:
    from collections.abc import Mapping

_RECORDS = [record(minute) for minute in range(3)]
_ROLE = f"arn:aws:iam::111122223333:role/{GUEST}"
_LACKS = "no identity-based policy allows"


def _renamed(name: str, report: str, file: str, text: str, **more: Any) -> Case:
    given: dict[str, Any] = {
        "page": page(), "plain": DAY, "verdict": "broken", "root": ("guest-role-permission",),
        "find": {"put-events-denied": "fail"}, "says": (_LACKS,), **more,
    }  # fmt: skip
    return Case(name, report, files={file: text}, given={"trail": file}, **given)


def _sentinel(one: Mapping[str, Any], **moment: str) -> dict[str, str]:
    return {
        **moment,
        "AwsEventId": one["eventID"],
        "EventSource": one["eventSource"],
        "EventName": one["eventName"],
        "AWSRegion": one["awsRegion"],
        "ErrorCode": one["errorCode"],
        "ErrorMessage": one["errorMessage"],
        "RequestParameters": json.dumps(one["requestParameters"]),
        "UserIdentityType": "AssumedRole",
        "UserIdentityArn": SESSION,
        "SessionIssuerArn": _ROLE,
        "Type": "AWSCloudTrail",
    }


def _warehouse(one: Mapping[str, Any]) -> dict[str, str]:
    return {
        "event_id": one["eventID"],
        "event_time": one["eventTime"].replace("T", " ").replace("Z", ".000 UTC"),
        "event_name": one["eventName"],
        "event_source": one["eventSource"],
        "error_code": one["errorCode"],
        "error_message": one["errorMessage"],
        "request_parameters": json.dumps(one["requestParameters"]),
        "user_identity_arn": SESSION,
    }


def _shouted(one: Mapping[str, Any]) -> dict[str, str]:
    names = ("eventTime", "eventName", "eventSource", "errorCode", "errorMessage")
    texts = ("requestParameters", "userIdentity")
    return {name.upper(): one[name] for name in names} | {
        name.upper(): json.dumps(one[name]) for name in texts
    }


def _log_scale(one: Mapping[str, Any]) -> dict[str, Any]:
    names = ("eventTime", "eventName", "eventSource", "errorCode", "errorMessage", "eventID")
    kept = {f"Vendor.{name}": one[name] for name in names}
    more = {"Vendor.userIdentity.arn": SESSION, "Vendor.requestParameters.id": MONITOR}
    return {"@timestamp": 1772355600000, **kept, **more}


def _accepted(nothing: str) -> dict[str, Any]:
    names = ("eventTime", "eventName", "eventSource")
    rows = [
        {
            **{name: one[name] for name in names},
            "errorCode": nothing,
            "errorMessage": nothing,
            "userIdentity.arn": SESSION,
            "requestParameters.id": MONITOR,
        }
        for one in _RECORDS
    ]
    return {
        "file": "calls.csv", "text": table(rows), "verdict": "unproven", "root": (None,),
        "find": {"put-events-denied": "pass|unknown"}, "says": (), "never": ("calls failed",),
    }  # fmt: skip


_COLUMNS = {
    "@timestamp": "eventTime",
    "event.action": "eventName",
    "event.provider": "eventSource",
    "aws.cloudtrail.error_code": "errorCode",
    "aws.cloudtrail.error_message": "errorMessage",
}
_ANSWER = {
    "columns": [{"name": name, "type": "keyword"} for name in _COLUMNS]
    + [{"name": "aws.cloudtrail.flattened.request_parameters.id", "type": "keyword"}],
    "values": [[*(one[name] for name in _COLUMNS.values()), MONITOR] for one in _RECORDS],
}
_NOTICE = {
    "eventVersion": "2.1",
    "eventSource": "aws:s3",
    "awsRegion": "eu-west-1",
    "eventTime": "2026-03-01T09:05:00.124Z",
    "eventName": "ObjectCreated:Put",
    "s3": {
        "bucket": {"name": "shop-trail"},
        "object": {"key": "AWSLogs/111122223333/CloudTrail/eu-west-1/2026/03/01/a.json.gz"},
    },
}
CASES = (
    _renamed(
        "sentinel-table",
        "Microsoft Sentinel, table AWSCloudTrail, exported by the portal",
        "query_data.csv",
        table(
            [
                _sentinel(one, **{"TimeGenerated [UTC]": f"3/1/2026, 9:0{n}:00.000 AM"})
                for n, one in enumerate(_RECORDS)
            ]
        ),
        says=(GUEST, _LACKS),
    ),
    _renamed(
        "sentinel-answer",
        "the same by az monitor log-analytics query",
        "rows.json",
        json.dumps([_sentinel(one, TimeGenerated=one["eventTime"]) for one in _RECORDS]),
        says=(GUEST, _LACKS),
    ),
    _renamed(
        "warehouse-table",
        "Fivetran's schema of CloudTrail",
        "events.csv",
        table([_warehouse(one) for one in _RECORDS]),
    ),
    _renamed(
        "warehouse-lines",
        "the same as lines of JSON",
        "events.json",
        "\n".join(json.dumps(_warehouse(one)) for one in _RECORDS),
    ),
    _renamed(
        "upper-case-columns",
        "Snowflake writes the names of columns in upper case",
        "result.csv",
        table([_shouted(one) for one in _RECORDS]),
        says=(GUEST, _LACKS),
    ),
    _renamed(
        "log-scale",
        "Falcon LogScale puts Vendor. before each name",
        "result.json",
        json.dumps([_log_scale(one) for one in _RECORDS]),
    ),
    _renamed(
        "log-scale-table",
        "the same as a table",
        "result.csv",
        table([_log_scale(one) for one in _RECORDS]),
    ),
    _renamed(
        "columns-and-values",
        "Elastic's ES|QL names the columns once",
        "answer.json",
        json.dumps(_ANSWER),
    ),
    _renamed(
        "record-beside-its-columns",
        "Steampipe keeps the whole record in a column of its own",
        "result.csv",
        table(
            [
                {"event_name": "PutRumEvents", "event_time": one["eventTime"],
                 "cloud_trail_event": json.dumps(one)}
                for one in _RECORDS
            ]
        ),
    ),
    _renamed("accepted-with-null", "null stands where there is no error", **_accepted("null")),
    _renamed("accepted-with-a-dash", "a dash stands there", **_accepted("-")),
    _renamed(
        "notice-of-a-bucket",
        "traildash 24: what a bucket says of a new file looks like a trail's record",
        "notice.json",
        json.dumps({"Records": [_NOTICE]}),
        verdict="unproven",
        root=(None,),
        find={"put-events-denied": "unknown"},
        says=("a bucket's notice of a new file",),
        never=("The files begin at",),
    ),
)  # fmt: skip
