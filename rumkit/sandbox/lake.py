"""CloudTrail Lake: event data stores, which the world has where `world.stores` lists some.

A store is a `Trail` as far as what it records goes; its id is made from its name.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from rumkit.sandbox.athena_access import check_store
from rumkit.sandbox.errors import AwsError
from rumkit.sandbox.ids import ACCOUNT, uuid_of
from rumkit.sandbox.trail_api import selectors_of
from rumkit.sandbox.trail_sql import StatementFailed, run

if TYPE_CHECKING:
    from rumkit.sandbox.context import Context
    from rumkit.sandbox.resources import Record, Trail

_PAGE = 1000
# A store's id stands in a statement as it is, where SQL would want quotation marks.
_BARE_ID = re.compile(r"(?i)\b(FROM|JOIN)\s+([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\b")


def store_id(store: Trail) -> str:
    """Return the id of an event data store."""
    return uuid_of(f"store {store.name}", 1)


def list_event_data_stores(call: Context) -> dict[str, Any]:
    """ListEventDataStores."""
    return {"EventDataStores": [_described(store) for store in _stores(call)]}


def get_event_data_store(call: Context) -> dict[str, Any]:
    """GetEventDataStore, by ARN or id."""
    ident = str(call.params["EventDataStore"]).rsplit("/", 1)[-1]
    store = _store(call, ident)
    return {
        **_described(store),
        "Status": "ENABLED" if store.logging else "STOPPED_INGESTION",
        "AdvancedEventSelectors": selectors_of(store),
        "MultiRegionEnabled": store.multi_region,
        "OrganizationEnabled": store.owner != ACCOUNT,
        "RetentionPeriod": 366,
        "CreatedTimestamp": store.started,
        "KmsKeyId": store.key or None,
    }


def start_query(call: Context) -> dict[str, Any]:
    """StartQuery: runs at once, and has ended when it is asked for."""
    text = _BARE_ID.sub(r'\1 "\2"', call.params["QueryStatement"])
    query: dict[str, Any] = {"status": "FINISHED", "error": None, "names": [], "rows": []}
    query["bytes"] = 0

    def records_of(_database: str, ident: str) -> list[Record]:
        store = _store(call, ident)
        check_store(call, store)
        records = [r for r in call.world.records() if store.records(r)]
        query["bytes"] += sum(len(str(record)) for record in records)
        return records

    try:
        query["names"], query["rows"] = run(text, "lake", records_of, call.world.tables)
    except StatementFailed as failure:
        query |= {"status": "FAILED", "error": str(failure)}
    ident = call.world.next_id("lake")
    call.world.queries[ident] = query
    return {"QueryId": ident}


def describe_query(call: Context) -> dict[str, Any]:
    """DescribeQuery."""
    query = _query(call)
    return {
        "QueryId": call.params["QueryId"],
        "QueryStatus": query["status"],
        "QueryStatistics": {"BytesScanned": query["bytes"]},
        "ErrorMessage": query["error"],
    }


def get_query_results(call: Context) -> dict[str, Any]:
    """GetQueryResults: rows as lists of one-column objects."""
    query = _query(call)
    token = str(call.params.get("NextToken") or "0")
    start = int(token) if token.isdigit() else 0
    size = min(int(call.params.get("MaxQueryResults") or _PAGE), _PAGE)
    rows = [
        [{name: cell} for name, cell in zip(query["names"], row, strict=True) if cell is not None]
        for row in query["rows"][start : start + size]
    ]
    more = start + size < len(query["rows"])
    return {
        "QueryStatus": query["status"],
        "QueryStatistics": {"BytesScanned": query["bytes"]},
        "QueryResultRows": rows,
        "NextToken": str(start + size) if more else None,
    }


OPERATIONS = {
    "ListEventDataStores": list_event_data_stores,
    "GetEventDataStore": get_event_data_store,
    "StartQuery": start_query,
    "DescribeQuery": describe_query,
    "GetQueryResults": get_query_results,
}


def _stores(call: Context) -> list[Trail]:
    return [store for store in call.world.stores if store.region == call.region]


def _store(call: Context, ident: str) -> Trail:
    for store in _stores(call):
        if store_id(store) == ident:
            return store
    message = f"The event data store {ident} was not found."
    raise AwsError("EventDataStoreNotFoundException", message, status=400)


def _described(store: Trail) -> dict[str, Any]:
    arn = f"arn:aws:cloudtrail:{store.region}:{ACCOUNT}:eventdatastore/{store_id(store)}"
    return {"EventDataStoreArn": arn, "Name": store.name}


def _query(call: Context) -> dict[str, Any]:
    query = call.world.queries.get(call.params["QueryId"])
    if query is None:
        raise AwsError("QueryIdNotFoundException", "The query was not found.", status=400)
    return query
