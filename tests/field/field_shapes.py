"""Records of CloudTrail as shells, queues and log tools wrap them; no account is at hand."""

from __future__ import annotations

import csv
import gzip
import io
import json
from typing import TYPE_CHECKING, Any

from field_case import Case
from field_records import DAY, GUEST, SESSION, record
from field_write import page
from har_builder import MONITOR

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_RECORDS = [record(minute) for minute in range(3)]
_TEXTS = [json.dumps(each) for each in _RECORDS]
_PRETTY = json.dumps(_RECORDS[0], indent=2)
_TYPED = {"detail-type": "AWS API Call via CloudTrail", "version": "0"}


def _wrapped(name: str, report: str, file: str, text: str | bytes, **more: Any) -> Case:
    given: dict[str, Any] = {
        "page": page(),
        "plain": DAY,
        "verdict": "broken",
        "root": ("guest-role-permission",),
        "find": {"put-events-denied": "fail"},
        "says": (GUEST, "no identity-based policy allows"),
        **more,
    }
    return Case(name, report, files={file: text}, given={"trail": file}, **given)


def _table(rows: Sequence[Mapping[str, Any]], delimiter: str = ",") -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def _named(each: Mapping[str, Any]) -> dict[str, str]:
    names = ("eventTime", "eventName", "eventSource", "errorCode", "errorMessage")
    row = {name: str(each[name]) for name in names}
    return {**row, "userIdentity.arn": SESSION, "requestParameters.id": MONITOR}


def _envelope(number: int) -> str:
    event = {"id": str(number), "timestamp": 1, "message": _TEXTS[number]}
    return json.dumps({"messageType": "DATA_MESSAGE", "logStream": "s", "logEvents": [event]})


def _elastic(each: Mapping[str, Any], *, original: bool) -> dict[str, Any]:
    caller = {"arn": SESSION, "type": "AssumedRole"}
    trail: dict[str, Any] = {
        "error_code": each["errorCode"],
        "error_message": each["errorMessage"],
        "user_identity": caller,
        "flattened": {"request_parameters": {"id": MONITOR}},
    }
    event = {"action": "PutRumEvents", "provider": "rum.amazonaws.com", "id": each["eventID"]}
    if original:
        event, trail = {"action": "PutRumEvents", "original": json.dumps(each)}, {}
    source = {"@timestamp": each["eventTime"], "event": event, "aws": {"cloudtrail": trail}}
    return {"_index": "logs-aws.cloudtrail", "_source": source}


def _security_lake(each: Mapping[str, Any], **moment: Any) -> dict[str, Any]:
    return {
        "metadata": {"product": {"name": "CloudTrail"}, "uid": each["eventID"]},
        "cloud": {"region": "eu-west-1", "provider": "AWS"},
        "api": {
            "operation": "PutRumEvents",
            "service": {"name": "rum.amazonaws.com"},
            "response": {"error": "AccessDenied", "message": each["errorMessage"]},
            "request": {"data": json.dumps({"id": MONITOR})},
        },
        "actor": {"user": {"type": "AssumedRole", "uid_alt": SESSION}},
        "class_uid": 6003,
        **moment,
    }


_COLUMNS = ("eventtime", "eventsource", "eventname", "errorcode", "errormessage")
_ATHENA = [
    [*_COLUMNS, "useridentity", "requestparameters"],
    [
        *(str(_named(_RECORDS[0])[name]) for name in
          ("eventTime", "eventSource", "eventName", "errorCode", "errorMessage")),
        f"{{type=AssumedRole, arn={SESSION}}}",
        json.dumps({"id": MONITOR}),
    ],
]  # fmt: skip
_CURLED = _PRETTY.replace('": "', "”: “").replace('  "', "  “").replace('",\n', "”,\n")
CASES = (
    _wrapped(
        "texts-of-a-query",
        "lookup-events with --query 'Events[].CloudTrailEvent'",
        "lookup.json",
        json.dumps(_TEXTS, indent=4),
    ),
    _wrapped(
        "one-text-of-a-query",
        "the same with Events[0]",
        "lookup.json",
        json.dumps(_TEXTS[0]),
    ),
    _wrapped(
        "texts-with-tabs",
        "the same with --output text",
        "lookup.txt",
        "\t".join(_TEXTS),
    ),
    _wrapped(
        "events-as-text",
        "lookup-events with --output text",
        "lookup.txt",
        "\n".join(f"EVENTS\tASIAEXAMPLE\t{each}\tPutRumEvents\tfalse" for each in _TEXTS),
    ),
    _wrapped(
        "events-as-yaml",
        "lookup-events with --output yaml",
        "lookup.yaml",
        "Events:\n" + "\n".join(f"- EventName: P\n  CloudTrailEvent: '{e}'" for e in _TEXTS),
    ),
    _wrapped(
        "written-by-powershell",
        "PowerShell's > writes UTF-16",
        "lookup.json",
        json.dumps({"Events": [{"CloudTrailEvent": each} for each in _TEXTS]}).encode("utf-16"),
    ),
    _wrapped(
        "spreadsheets-unicode-text",
        "a spreadsheet's Unicode text: UTF-16 with tabs",
        "table.txt",
        _table([_named(each) for each in _RECORDS], "\t").encode("utf-16"),
    ),
    _wrapped(
        "curled-by-a-word-processor",
        "a word processor or a chat curled the quotation marks",
        "ticket.txt",
        _CURLED.replace('": ', "”: "),
    ),
    _wrapped("fenced", "an issue with a code fence", "issue.md", f"```json\n{_PRETTY}\n```\n"),
    _wrapped(
        "lines-of-logs-tail",
        "aws logs tail",
        "tail.txt",
        "\n".join(f"2026-03-01T09:00:00+00:00 stream_eu-west-1 {each}" for each in _TEXTS),
    ),
    _wrapped(
        "filtered-log-events",
        "aws logs filter-log-events",
        "events.json",
        json.dumps({"events": [{"timestamp": 1, "message": each} for each in _TEXTS]}, indent=2),
    ),
    _wrapped(
        "insights-answer",
        "aws logs get-query-results",
        "results.json",
        json.dumps({"results": [[{"field": "@message", "value": each}] for each in _TEXTS]}),
    ),
    _wrapped(
        "firehose",
        "Firehose joins envelopes without anything between them",
        "firehose.json",
        "".join(map(_envelope, range(3))),
    ),
    _wrapped(
        "firehose-packed",
        "the same, each packed by itself",
        "firehose-2026-03-01.gz",
        b"".join(gzip.compress(_envelope(n).encode()) for n in range(3)),
    ),
    _wrapped(
        "queue-of-eventbridge",
        "aws sqs receive-message",
        "messages.json",
        json.dumps(
            {"Messages": [{"Body": json.dumps({**_TYPED, "detail": e})} for e in _RECORDS]},
            indent=2,
        ),
    ),
    _wrapped(
        "mail-of-a-topic",
        "SNS mails the event",
        "mail.txt",
        f"Subject: AWS Notification\n\n{json.dumps({**_TYPED, 'detail': _RECORDS[0]})}\n\n--\n",
    ),
    _wrapped(
        "alert-with-the-record-inside",
        "an alert of one's own",
        "alert.json",
        json.dumps({"message": "trail alert", "record": _RECORDS[0]}),
    ),
    _wrapped(
        "message-of-a-chat",
        "a chat's message with the record in its text",
        "chat.json",
        json.dumps({"attachments": [{"text": f"```{_TEXTS[0]}```"}]}),
    ),
    _wrapped(
        "splunk-as-json",
        "Splunk, export of results",
        "search.json",
        "\n".join(json.dumps({"preview": False, "result": {"_raw": each}}) for each in _TEXTS),
    ),
    _wrapped(
        "splunk-as-a-table",
        "Splunk's CSV with _raw",
        "search.csv",
        _table([{"_time": "2026-03-01T09:00:00.000+0000", "_raw": each} for each in _TEXTS]),
    ),
    _wrapped(
        "splunk-with-fields",
        "Splunk's table of fields, with its own name for the time",
        "search.csv",
        _table(
            [
                {"_time": "2026-03-01T09:00:00.000+0000"}
                | {name: value for name, value in _named(each).items() if name != "eventTime"}
                for each in _RECORDS
            ]
        ),
    ),
    _wrapped(
        "datadog",
        "Datadog, search of logs",
        "logs.json",
        json.dumps({"data": [{"attributes": {"attributes": each}} for each in _RECORDS]}),
    ),
    _wrapped(
        "elastic-with-the-original",
        "Elastic keeps the record in event.original",
        "hits.json",
        json.dumps({"hits": {"hits": [_elastic(e, original=True) for e in _RECORDS]}}),
    ),
    _wrapped(
        "elastic-without-the-original",
        "Elastic drops event.original unless told otherwise",
        "hits.json",
        json.dumps({"hits": {"hits": [_elastic(e, original=False) for e in _RECORDS]}}),
        says=("no identity-based policy allows",),
    ),
    _wrapped(
        "kibana-table",
        "Discover's CSV, with the moments that Kibana shows",
        "discover.csv",
        _table(
            [
                {
                    "@timestamp": "Mar 1, 2026 @ 09:00:00.000",
                    "event.action": "PutRumEvents",
                    "event.provider": "rum.amazonaws.com",
                    "aws.cloudtrail.error_code": "AccessDenied",
                    "aws.cloudtrail.error_message": each["errorMessage"],
                    "aws.cloudtrail.user_identity.arn": SESSION,
                    "aws.cloudtrail.request_parameters": f"{{id={MONITOR}}}",
                }
                for each in _RECORDS
            ]
        ),
        says=("no identity-based policy allows",),
    ),
    _wrapped(
        "security-lake",
        "Security Lake's schema, a line each",
        "lake.json",
        "\n".join(json.dumps(_security_lake(e, time_dt=e["eventTime"])) for e in _RECORDS),
        says=("no identity-based policy allows",),
    ),
    _wrapped(
        "security-lake-with-milliseconds",
        "the same with time as a number only",
        "lake.json",
        json.dumps([_security_lake(_RECORDS[0], time=1772355600000)]),
        says=("no identity-based policy allows",),
    ),
    _wrapped(
        "athena-answer",
        "aws athena get-query-results",
        "athena.json",
        json.dumps(
            {"ResultSet": {"Rows": [{"Data": [{"VarCharValue": c} for c in r]} for r in _ATHENA]}}
        ),
        says=("no identity-based policy allows",),
    ),
    _wrapped(
        "abridged",
        "re:Post shows records without their time: they cannot be laid into a window",
        "event.json",
        json.dumps({k: v for k, v in _RECORDS[0].items() if k not in {"eventTime", "eventID"}}),
        verdict="unproven",
        root=(None,),
        find={"put-events-denied": "unknown"},
        says=("no readable eventTime",),
    ),
    _wrapped(
        "printed-by-python",
        "a notebook's print of a dictionary, which is not JSON",
        "record.txt",
        str(_RECORDS[0]),
        verdict="unproven",
        root=(None,),
        find={"put-events-denied": "unknown"},
        says=("could not be read",),
    ),
    _wrapped(
        "of-another-day",
        "a record of last week, and nobody thinks of the window",
        "event.json",
        _TEXTS[0],
        plain={},
        verdict="unproven",
        root=(None,),
        find={"put-events-denied": "unknown"},
        says=("--since 2026-03-01T09:00:00Z --until 2026-03-01T09:00:01Z",),
    ),
    _wrapped(
        "monitors-name-beside-the-page",
        "records that hold the name, a page that holds the id: the user names both",
        "event.json",
        json.dumps({k: v for k, v in _RECORDS[0].items() if k != "requestParameters"}),
        plain={**DAY, "monitor": "shop", "region": "eu-west-1"},
    ),
)
