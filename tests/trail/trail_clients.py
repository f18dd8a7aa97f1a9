"""AWS clients that answer from a list of records, and count what they are asked.

Athena and Lake run the very statement that they are given, transpiled, on a local engine.
"""

from __future__ import annotations

import io
import json
import re
from datetime import datetime
from threading import Lock

from botocore.exceptions import ClientError

from rumkit.sandbox import insights, trail_sql


def refusal(operation: str, code: str = "AccessDeniedException") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "not authorised"}}, operation)


class Clients:
    """`clients(service, region)`, with a log of (service, region) and one of calls."""

    def __init__(self, **services: object) -> None:
        self.services = services
        self.asked: list[tuple[str, str]] = []

    def __call__(self, service: str, region: str) -> object:
        self.asked.append((service, region))
        client = self.services[service]
        return client(region) if isinstance(client, type | _Regional) else client


class _Regional:
    def __init__(self, make):
        self.make = make

    def __call__(self, region: str):
        return self.make(region)


def by_region(make):
    return _Regional(make)


def _has(record, key, value):
    """Whether LookupEvents finds a record by an attribute."""
    if key == "ResourceName":
        named = {str(item) for item in (record.get("requestParameters") or {}).values()}
        return value in named | {item["ARN"] for item in record.get("resources") or ()}
    return record[{"EventName": "eventName", "EventSource": "eventSource"}[key]] == value


class History:
    """LookupEvents of one region: management events, newest first, `page` at a time."""

    class meta:  # noqa: N801 - botocore's attribute
        endpoint_url = "http://127.0.0.1:1"

    def __init__(self, records, region, *, page=50, calls=None):
        self.records = [
            record
            for record in records
            if record["eventCategory"] == "Management" and record["awsRegion"] == region
        ]
        self.page = page
        self.calls = calls if calls is not None else []

    def lookup_events(self, **asked):
        self.calls.append(asked)
        attribute = asked["LookupAttributes"][0]
        found = [
            record
            for record in reversed(self.records)
            if _has(record, attribute["AttributeKey"], attribute["AttributeValue"])
            and asked["StartTime"] <= datetime.fromisoformat(record["eventTime"])
            and datetime.fromisoformat(record["eventTime"]) <= asked["EndTime"]
        ]
        start = int(asked.get("NextToken", 0))
        events = [
            {
                "EventId": record["eventID"],
                "EventName": record["eventName"],
                "EventTime": datetime.fromisoformat(record["eventTime"]),
                "CloudTrailEvent": json.dumps(record),
            }
            for record in found[start : start + self.page]
        ]
        more = start + self.page < len(found)
        return {"Events": events, **({"NextToken": str(start + self.page)} if more else {})}


class Logs:
    """A log group whose queries end in `status`; `limit` rows at most."""

    class meta:  # noqa: N801
        endpoint_url = "http://127.0.0.1:1"

    def __init__(self, records, *, status="Complete", limit=10_000, polls=0, page=10_000, group=()):
        self.records, self.status, self.limit, self.polls = records, status, limit, polls
        self.page, self.group, self.lock = page, dict(group), Lock()
        self.queries: list[dict] = []
        self.polled = 0

    def start_query(self, **asked):
        with self.lock:
            self.queries.append(asked)
            return {"queryId": str(len(self.queries) - 1)}

    def describe_log_groups(self, logGroupNamePrefix):  # noqa: N803
        return {"logGroups": [self.group | {"logGroupName": logGroupNamePrefix}]}

    def get_query_results(self, queryId, maxItems=10_000, nextToken="0"):  # noqa: N803
        self.polled += 1
        if self.polls:
            self.polls -= 1
            return {"status": "Running", "results": []}
        asked = self.queries[int(queryId)]
        events = [
            (
                int(datetime.fromisoformat(record["eventTime"]).timestamp() * 1000),
                json.dumps(record),
            )
            for record in self.records
        ]
        start, end = asked["startTime"] * 1000, asked["endTime"] * 1000
        rows = insights.run(asked["queryString"], [e for e in events if start <= e[0] <= end])
        results = [[{"field": f, "value": v} for f, v in row] for row in rows[: self.limit]]
        start = int(nextToken)
        more = start + self.page < len(results)
        return {
            "status": self.status,
            "results": results[start : start + self.page] if self.status == "Complete" else [],
            "statistics": {"bytesScanned": 1000.0},
            **({"nextToken": str(start + self.page)} if more else {}),
        }


class Athena:
    """An Athena table partitioned by account, region and day."""

    class meta:  # noqa: N801
        endpoint_url = "http://127.0.0.1:1"

    def __init__(self, records, *, keys=("account", "region", "day"), state="SUCCEEDED", page=1000):
        self.records = records
        self.keys, self.state, self.page = keys, state, page
        self.statements: list[str] = []
        self.lock = Lock()

    def get_table_metadata(self, **asked):
        return {
            "TableMetadata": {
                "Columns": [
                    {"Name": name, "Type": str(kind)}
                    for name, kind in trail_sql.columns("athena").items()
                ],
                "PartitionKeys": [{"Name": key, "Type": "string"} for key in self.keys],
                "Parameters": {
                    "projection.enabled": "true",
                    "projection.day.format": "yyyy/MM/dd",
                },
            }
        }

    def start_query_execution(self, **asked):
        with self.lock:
            self.statements.append(asked["QueryString"])
            return {"QueryExecutionId": str(len(self.statements) - 1)}

    def get_query_execution(self, **asked):
        return {
            "QueryExecution": {
                "QueryExecutionId": "q",
                "Status": {"State": self.state, "StateChangeReason": "why it ended"},
                "Statistics": {"DataScannedInBytes": 5_000_000},
            }
        }

    def get_query_results(self, **asked):
        tables = {("trails", "events"): self.records}
        text = self.statements[int(asked["QueryExecutionId"])]
        names, rows = trail_sql.run(text, "athena", lambda *table: tables[table])
        cells = [names, *rows]
        start = int(asked.get("NextToken", 0))
        data = [
            {"Data": [{} if cell is None else {"VarCharValue": cell} for cell in row]}
            for row in cells[start : start + self.page]
        ]
        more = start + self.page < len(cells)
        return {
            "ResultSet": {"Rows": data},
            **({"NextToken": str(start + self.page)} if more else {}),
        }


class Lake:
    """An event data store."""

    class meta:  # noqa: N801
        endpoint_url = "http://127.0.0.1:1"

    def __init__(self, records, ident, *, status="FINISHED"):
        self.records, self.ident, self.status = records, ident, status
        self.statements: list[str] = []
        self.lock = Lock()

    def start_query(self, QueryStatement):  # noqa: N803
        with self.lock:
            self.statements.append(QueryStatement)
            return {"QueryId": str(len(self.statements) - 1)}

    def describe_query(self, QueryId):  # noqa: N803
        return {
            "QueryStatus": self.status,
            "QueryStatistics": {"BytesScanned": 2_000_000_000},
            "ErrorMessage": "why it ended",
        }

    def get_query_results(self, **asked):
        text = self.statements[int(asked["QueryId"])]
        statement = text.replace(self.ident, f'"{self.ident}"')
        tables = {self.ident: self.records}
        names, rows = trail_sql.run(statement, "lake", lambda _, table: tables[table])
        return {
            "QueryStatus": self.status,
            "QueryResultRows": [
                [{name: cell} for name, cell in zip(names, row, strict=True) if cell is not None]
                for row in rows
            ],
        }


class Bucket:
    """An S3 bucket: keys to bytes."""

    def __init__(self, objects):
        self.objects = objects
        self.listed: list[str] = []
        self.read: list[str] = []

    def list_objects_v2(self, Bucket, Prefix, Delimiter="", **_):  # noqa: N803
        self.listed.append(Prefix)
        keys = sorted(key for key in self.objects if key.startswith(Prefix))
        if not Delimiter:
            return {"Contents": [{"Key": key, "Size": len(self.objects[key])} for key in keys]}
        folders = {
            Prefix + match[0] for key in keys if (match := re.match(r"[^/]*/", key[len(Prefix) :]))
        }
        return {"CommonPrefixes": [{"Prefix": folder} for folder in sorted(folders)]}

    def get_object(self, Bucket, Key):  # noqa: N803
        self.read.append(Key)
        return {"Body": io.BytesIO(self.objects[Key])}
