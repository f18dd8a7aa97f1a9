"""An event data store of CloudTrail Lake, for accounts that have one.

CloudTrail Lake takes no new customers since 31 May 2026 (its documentation's history).
Source: CloudTrail API reference, StartQuery, DescribeQuery and GetQueryResults.
"""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, Any, Final

from rumkit.model import BadInput, NotCollected
from rumkit.trail.query import Clients, Collector, TrailQuery, TrailResult, kinds_seen
from rumkit.trail.refused import asking
from rumkit.trail.sql import select
from rumkit.trail.waiting import on_loopback, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

USD_PER_GB: Final = 0.005
_GB: Final = 10**9
_MAX_TEXT: Final = 10_000
_PAGE: Final = 1000
_RUNNING: Final = {"QUEUED", "RUNNING"}
_IDENT: Final = re.compile(r"[0-9a-zA-Z._-]{3,128}")


class LakeSource:
    """An event data store, by its id. Raises BadInput for what can't be an id."""

    name = "lake"

    def __init__(
        self,
        ident: str,
        clients: Clients,
        *,
        region: str,
        recorded: frozenset[str] | None = None,
        deadline: float = 600.0,
    ) -> None:
        # The id stands where SQL has a table, which no quotation can carry.
        if not _IDENT.fullmatch(ident):
            raise BadInput(f"{ident!r} is not the id of an event data store.")
        self._ident = ident
        self._client = clients("cloudtrail", region)
        self._where = f"event data store {ident} in {region}"
        self._recorded = recorded
        self._deadline = deadline
        self._calls = 0

    def fetch(self, query: TrailQuery) -> TrailResult:
        """Return the events of a query. Raises NotCollected when the store can't be asked."""
        self._calls = 0
        text = statement(query, self._ident)
        self._calls += 1
        with asking("cloudtrail:StartQuery", self._where):
            ident = str(self._client.start_query(QueryStatement=text)["QueryId"])
        described = self._wait(ident)
        collector = Collector(query, f"lake:{self._ident}")
        collector.add_all(self._rows(ident))
        scanned = int(described.get("QueryStatistics", {}).get("BytesScanned", 0))
        holds, notes = kinds_seen(collector, self._recorded)
        return TrailResult(
            rows=collector.rows,
            source=collector.trail_source,
            window=query.window,
            holds=holds,
            notes=notes,
            unread=dict(collector.unread),
            bytes_scanned=scanned,
            cost_usd=scanned / _GB * USD_PER_GB,
            calls=self._calls,
        )

    def _wait(self, ident: str) -> Mapping[str, Any]:
        described = wait_until(
            lambda: self._describe(ident),
            lambda found: found.get("QueryStatus") not in _RUNNING,
            deadline=time.monotonic() + self._deadline,
            what=f"The query of {self._where}",
            quick=on_loopback(self._client),
        )
        status = str(described.get("QueryStatus"))
        if status != "FINISHED":
            why = str(described.get("ErrorMessage", ""))[:300]
            reason = f"The query of {self._where} ended as {status.lower()}: {why}".rstrip(": ")
            raise NotCollected("trail", f"{reason}.")
        return described

    def _describe(self, ident: str) -> Mapping[str, Any]:
        self._calls += 1
        with asking("cloudtrail:DescribeQuery", self._where):
            return dict(self._client.describe_query(QueryId=ident))

    def _rows(self, ident: str) -> Iterator[Any]:
        token: dict[str, str] = {}
        while True:
            self._calls += 1
            with asking("cloudtrail:GetQueryResults", self._where):
                page = self._client.get_query_results(QueryId=ident, MaxQueryResults=_PAGE, **token)
            yield from page.get("QueryResultRows", [])
            if not page.get("NextToken"):
                return
            token = {"NextToken": page["NextToken"]}


def statement(query: TrailQuery, ident: str) -> str:
    """Return the SELECT for an event data store."""
    return select(query, "lake", ident, max_text=_MAX_TEXT)
