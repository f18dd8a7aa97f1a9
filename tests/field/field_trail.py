"""Records of CloudTrail as people export and paste them, beside the page; no account is at hand."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING, Any

from field_case import Case
from field_write import page
from har_builder import MONITOR

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_ROLE = "RUM-Monitor-shop-Unauth"
_SESSION = f"arn:aws:sts::111122223333:assumed-role/{_ROLE}/CognitoIdentityCredentials"
_DENIED = (
    f"User: {_SESSION} is not authorized to perform: rum:PutRumEvents on resource:"
    " arn:aws:rum:eu-west-1:111122223333:appmonitor/shop because no identity-based policy allows"
    " the rum:PutRumEvents action"
)


def _record(minute: int) -> dict[str, Any]:
    issuer = {"type": "Role", "arn": f"arn:aws:iam::111122223333:role/{_ROLE}", "userName": _ROLE}
    return {
        "eventVersion": "1.09",
        "userIdentity": {
            "type": "AssumedRole", "principalId": "AROAEXAMPLE:CognitoIdentityCredentials",
            "arn": _SESSION, "accountId": "111122223333",
            "sessionContext": {"sessionIssuer": issuer},
        },
        "eventTime": f"2026-03-01T09:0{minute}:00Z",
        "eventSource": "rum.amazonaws.com",
        "eventName": "PutRumEvents",
        "awsRegion": "eu-west-1",
        "sourceIPAddress": "198.51.100.7",
        "userAgent": "Mozilla/5.0",
        "errorCode": "AccessDenied",
        "errorMessage": _DENIED,
        "requestParameters": {"id": MONITOR},
        "responseElements": None,
        "eventID": f"10000000-0000-4000-8000-00000000000{minute}",
        "managementEvent": False,
        "recipientAccountId": "111122223333",
        "eventCategory": "Data",
    }  # fmt: skip


_RECORDS = [_record(minute) for minute in range(3)]


def _table(rows: Iterable[Mapping[str, Any]], delimiter: str = ",") -> str:
    listed = list(rows)
    text = io.StringIO()
    writer = csv.DictWriter(text, list(listed[0]), delimiter=delimiter)
    writer.writeheader()
    writer.writerows(listed)
    return text.getvalue()


def _struct(value: object) -> str:
    """Write a value as Athena prints its structs."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{k.lower()}={_struct(v)}" for k, v in value.items()) + "}"
    return "null" if value is None else str(value)


def _athena(record: dict[str, Any]) -> dict[str, Any]:
    row = {name.lower(): value for name, value in record.items()}
    row["useridentity"] = _struct(record["userIdentity"])
    return row | {"requestparameters": json.dumps(record["requestParameters"])}


def _insights(record: dict[str, Any]) -> dict[str, Any]:
    moment = record["eventTime"].replace("T", " ").replace("Z", ".000")
    return {"@timestamp": moment, "@message": json.dumps(record)}


def _columns(record: dict[str, Any]) -> dict[str, Any]:
    """Return a row of a query of Logs Insights that names its fields."""
    return {
        "@timestamp": _insights(record)["@timestamp"],
        "eventName": record["eventName"],
        "eventSource": record["eventSource"],
        "errorCode": record["errorCode"],
        "errorMessage": record["errorMessage"],
        "userIdentity.arn": _SESSION,
        "requestParameters.id": MONITOR,
    }


def _history(minute: int) -> dict[str, Any]:
    return {
        "Event name": "AssumeRoleWithWebIdentity",
        "Event time": f"March 01, 2026, 09:0{minute}:00 (UTC+00:00)",
        "User name": "",
        "Event source": "sts.amazonaws.com",
        "Resource type": "AWS::IAM::Role",
        "Resource name": f"arn:aws:iam::111122223333:role/{_ROLE}",
        "AWS region": "eu-west-1",
        "Error code": "AccessDenied",
        "Source IP address": "198.51.100.7",
        "Event ID": f"20000000-0000-4000-8000-00000000000{minute}",
    }


def _trail(name: str, report: str, file: str, text: str, **more: object) -> Case:
    given: dict[str, object] = {
        "verdict": "broken",
        "root": ("guest-role-permission",),
        "find": {"put-events-denied": "fail"},
        "says": (_ROLE, "no identity-based policy allows"),
        **more,
    }
    return Case(
        name,
        report,
        page=page(),
        files={file: text},
        given={"trail": file},
        plain={"since": "2026-03-01T00:00:00Z", "until": "2026-03-02T00:00:00Z"},
        **given,  # type: ignore[arg-type]
    )


_PRETTY = json.dumps(_RECORDS[0], indent=4)
CASES = (
    _trail("one-record", "the record that the console shows, copied", "event.json", _PRETTY),
    _trail(
        "record-without-its-braces",
        "the same, copied from its first name to its last",
        "event.json",
        "\n".join(_PRETTY.splitlines()[1:-1]),
    ),
    _trail(
        "record-in-a-mail",
        "the same within the words of a ticket",
        "ticket.txt",
        f"Hello,\n\nthis is what CloudTrail has of it:\n\n{_PRETTY}\n\nKind regards\n",
    ),
    _trail(
        "records-one-after-another",
        "several records pasted one below the other, with commas",
        "events.txt",
        ",\n".join(json.dumps(each, indent=2) for each in _RECORDS),
    ),
    _trail(
        "lookup-events",
        "the answer of aws cloudtrail lookup-events",
        "lookup.json",
        json.dumps({"Events": [{"CloudTrailEvent": json.dumps(each)} for each in _RECORDS]}),
    ),
    _trail(
        "athena-result",
        "the CSV that Athena writes for SELECT *",
        "result.csv",
        _table(map(_athena, _RECORDS)),
    ),
    _trail(
        "insights-messages",
        "Logs Insights' CSV of @timestamp and @message",
        "logs-insights-results.csv",
        _table(map(_insights, _RECORDS)),
    ),
    _trail(
        "insights-fields",
        "Logs Insights' CSV of a query that names its fields",
        "logs-insights-results.csv",
        _table(map(_columns, _RECORDS)),
    ),
    _trail(
        "insights-as-json",
        "Logs Insights' export as JSON, whose messages are objects",
        "logs-insights-results.json",
        json.dumps([{"@message": each} for each in _RECORDS]),
    ),
    _trail(
        "table-out-of-a-spreadsheet",
        "the same table after a spreadsheet saved it with semicolons",
        "result.csv",
        "\ufeff" + _table(map(_columns, _RECORDS), ";"),
    ),
    _trail(
        "event-history",
        "Event history's CSV names the role that was refused, and no identity pool",
        "event_history.csv",
        _table(map(_history, range(3))),
        verdict="unproven",
        root=(None,),
        find={"token-vending-failures": "unknown"},
        says=("could not be read: a row of Event history, which names no identity pool",),
    ),
    _trail(
        "records-of-another-monitor",
        "the records are of another monitor: nothing is said of this one",
        "event.json",
        _PRETTY.replace(MONITOR, "0a1b2c3d-1111-4222-8333-445566778899"),
        verdict="unproven",
        root=(None,),
        find={"put-events-denied": "unknown|pass"},
        says=(),
    ),
)
