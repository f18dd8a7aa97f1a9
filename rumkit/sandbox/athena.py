"""Amazon Athena: a table over each trail that delivers to a bucket, in the database `trails`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from rumkit.sandbox.athena_access import check_catalog, check_workgroup, refusal
from rumkit.sandbox.errors import AwsError
from rumkit.sandbox.trail_sql import MAP, PARTITIONS, StatementFailed, columns, run

if TYPE_CHECKING:
    from rumkit.sandbox.context import Context
    from rumkit.sandbox.resources import Record, Trail
    from rumkit.sandbox.trail_sql import Type

DATABASE: Final = "trails"
_PAGE: Final = 1000


def table_of(trail: Trail) -> str:
    """Return the name of a trail's table."""
    return trail.name.replace("-", "_")


def get_table_metadata(call: Context) -> dict[str, Any]:
    """GetTableMetadata: the columns of CloudTrail's table, partitioned by account, region, day."""
    params = call.params
    check_catalog(call, params["TableName"])
    trail = _trail(call, params["DatabaseName"], params["TableName"])
    if trail is None:
        raise AwsError(
            "MetadataException", f"EntityNotFoundException: Table {params['TableName']} not found."
        )
    return {
        "TableMetadata": {
            "Name": table_of(trail),
            "TableType": "EXTERNAL_TABLE",
            "Columns": [
                {"Name": name, "Type": _hive(kind)} for name, kind in columns("athena").items()
            ],
            "PartitionKeys": [{"Name": name, "Type": "string"} for name in PARTITIONS],
            "Parameters": {"projection.enabled": "true", "projection.day.format": "yyyy/MM/dd"},
        }
    }


def start_query_execution(call: Context) -> dict[str, Any]:
    """StartQueryExecution: runs at once, and has ended when it is asked for."""
    check_workgroup(call)
    text = call.params["QueryString"]
    ident = call.world.next_id("athena")
    query: dict[str, Any] = {"text": text, "state": "SUCCEEDED", "reason": "", "bytes": 0}
    try:
        query |= _answered(call, text)
    except StatementFailed as failure:
        query |= {"state": "FAILED", "reason": str(failure)}
    call.world.queries[ident] = query
    return {"QueryExecutionId": ident}


def _answered(call: Context, text: str) -> dict[str, Any]:
    default = call.params.get("QueryExecutionContext", {}).get("Database", "")
    scanned = 0

    def records_of(database: str, table: str) -> list[Record]:
        nonlocal scanned
        trail = _trail(call, database or default, table)
        if trail is None:
            raise StatementFailed(f"TABLE_NOT_FOUND: Table '{table}' does not exist")
        if why := refusal(call.world, trail):
            raise StatementFailed(why)
        records = [r for r in call.world.records() if trail.delivers(r, "bucket")]
        scanned += sum(len(str(record)) for record in records)
        return records

    names, rows = run(text, "athena", records_of, call.world.tables)
    return {"names": names, "rows": rows, "bytes": scanned}


def get_query_execution(call: Context) -> dict[str, Any]:
    """GetQueryExecution."""
    ident = call.params["QueryExecutionId"]
    query = _query(call, ident)
    return {
        "QueryExecution": {
            "QueryExecutionId": ident,
            "Query": query["text"],
            "Status": {"State": query["state"], "StateChangeReason": query["reason"]},
            "Statistics": {"DataScannedInBytes": query["bytes"]},
        }
    }


def get_query_results(call: Context) -> dict[str, Any]:
    """GetQueryResults, the names of the columns first."""
    query = _query(call, call.params["QueryExecutionId"])
    if query["state"] != "SUCCEEDED":
        raise AwsError("InvalidRequestException", f"Query did not finish: {query['state']}.")
    rows = [query["names"], *query["rows"]]
    token = str(call.params.get("NextToken") or "0")
    start = int(token) if token.isdigit() else 0
    size = min(int(call.params.get("MaxResults") or _PAGE), _PAGE)
    data = [
        {"Data": [{} if cell is None else {"VarCharValue": cell} for cell in row]}
        for row in rows[start : start + size]
    ]
    more = start + size < len(rows)
    return {"ResultSet": {"Rows": data}, "NextToken": str(start + size) if more else None}


OPERATIONS = {
    "GetTableMetadata": get_table_metadata,
    "StartQueryExecution": start_query_execution,
    "GetQueryExecution": get_query_execution,
    "GetQueryResults": get_query_results,
}


def _hive(kind: Type) -> str:
    """Return a column's type as Athena's catalogue writes it."""
    if isinstance(kind, dict):
        return f"struct<{','.join(f'{name}:{_hive(inner)}' for name, inner in kind.items())}>"
    if isinstance(kind, list):
        return f"array<{_hive(kind[0])}>"
    return {"VARCHAR": "string", MAP: "map<string,string>"}.get(kind, kind.lower())


def _trail(call: Context, database: str, table: str) -> Trail | None:
    if database != DATABASE:
        return None
    trails = (t for t in call.world.trails if t.bucket and table_of(t) == table)
    return next(trails, None)


def _query(call: Context, ident: str) -> dict[str, Any]:
    query = call.world.queries.get(ident)
    if query is None:
        raise AwsError("InvalidRequestException", f"QueryExecution {ident} was not found.")
    return query
