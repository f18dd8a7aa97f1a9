"""An event data store of CloudTrail Lake, for accounts that have one.

CloudTrail Lake takes no new customers since 31 May 2026 (its documentation's history).
Source: CloudTrail API reference, StartQuery, DescribeQuery and GetQueryResults.
"""

from __future__ import annotations

import re
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from rumkit.model import BadInput, NotCollected, Question
from rumkit.threads import Workers
from rumkit.trail.coverage import Gap
from rumkit.trail.query import Clients, RowCollector, TrailQuery, TrailResult, result_of
from rumkit.trail.recorders import of_store
from rumkit.trail.refused import asking, remedy
from rumkit.trail.sql import count_successes, refuse_writing, select
from rumkit.trail.waiting import on_loopback, pages, successes, wait_until, whole

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rumkit.target import Window
    from rumkit.trail.trails import LakeStore

USD_PER_GB: Final = 0.005
_GB: Final = 10**9
_MAX_TEXT: Final = 10_000
_PAGE: Final = 1000
_DEADLINE: Final = 600.0
_RUNNING: Final = {"QUEUED", "RUNNING"}
_IDENT: Final = re.compile(r"[0-9a-zA-Z._-]{3,128}")


class LakeSource:
    """An event data store, by its id; `store` is None where it could not be read.

    Raises BadInput for what can't be an id.
    """

    name = "lake"

    def __init__(
        self,
        ident: str,
        clients: Clients,
        *,
        region: str,
        store: LakeStore | None = None,
    ) -> None:
        # The id stands where SQL has a table, which no quotation can carry.
        if not _IDENT.fullmatch(ident):
            raise BadInput(f"{ident!r} is not the id of an event data store.")
        self._ident = ident
        self._client = clients("cloudtrail", region)
        self._region = region
        self._where = f"event data store {ident} in {region}"
        self._store = store

    def fetch(self, query: TrailQuery) -> TrailResult:
        """Return the events of a query. Raises NotCollected when the store can't be asked."""
        collector = RowCollector(query, f"lake:{self._ident}")
        text, run, counting = statement(query, self._ident), self._run(), self._run()

        def count() -> list[dict[str, str]]:
            return counting.whole(count_successes(query, "lake", self._ident, max_text=_MAX_TEXT))

        with Workers(1) as pool:
            counted = pool.submit(successes, query, count)
            collector.add_all(run.rows(text))
        scanned = run.scanned + counting.scanned
        coverage = of_store(self._store, query, self._ident)
        return replace(
            result_of(collector, coverage, run.gaps, known=self._store is not None),
            bytes_scanned=scanned,
            cost_usd=scanned / _GB * USD_PER_GB,
            calls=run.calls + counting.calls,
            complete=not run.gaps,
            succeeded=counted.result(),
            asked=(self._question(text, tuple(sorted(query.kinds))),),
        )

    def ask(self, text: str, window: Window) -> tuple[list[dict[str, str]], Question]:
        """Return the rows of a SELECT of one's own, which names its times itself.

        Raises BadInput for another statement, NotCollected when the store can't be asked.
        """
        del window
        refuse_writing(text)
        return self._run().whole(text), self._question(text)

    def _question(self, text: str, kinds: tuple[str, ...] = ()) -> Question:
        words = ("aws", "cloudtrail", "start-query", "--region", self._region)
        return Question("lake", text, self._where, (*words, "--query-statement", text), kinds)

    def _run(self) -> _LakeQuery:
        return _LakeQuery(self._client, self._where, time.monotonic() + _DEADLINE)


class _LakeQuery:
    """One query of a store, and what it cost."""

    def __init__(self, client: Any, where: str, until: float) -> None:
        self._client = client
        self._where = where
        self._until = until
        self.calls = 0
        self.scanned = 0
        self.gaps: list[Gap] = []

    def whole(self, text: str) -> list[dict[str, str]]:
        """Return all rows by column name. Raises NotCollected where a part can't be read."""
        # A row is a list of columns, each an object by itself.
        return [
            {str(name): str(value) for cell in row for name, value in cell.items()}
            for row in whole(self.rows(text), self.gaps)
        ]

    def rows(self, text: str) -> list[Any]:
        """Return the rows of a query; a part that can't be read is a gap. Raises NotCollected."""
        self.calls += 1
        with asking("cloudtrail:StartQuery", self._where):
            ident = str(self._client.start_query(QueryStatement=text)["QueryId"])
        described = wait_until(
            lambda: self._describe(ident),
            lambda found: found.get("QueryStatus") not in _RUNNING,
            deadline=self._until,
            what=f"The query of {self._where}",
            quick=on_loopback(self._client),
        )
        status = str(described.get("QueryStatus"))
        if status != "FINISHED":
            why = str(described.get("ErrorMessage", ""))
            reason = f"The query of {self._where} ended as {status.lower()}: {why}".rstrip(": ")
            raise NotCollected("trail", reason, missing=remedy(why, ""))
        self.scanned = int(described.get("QueryStatistics", {}).get("BytesScanned", 0))
        return self._read(ident)

    def _read(self, ident: str) -> list[Any]:
        rows: list[Any] = []
        first = self._page(ident)
        what = f"the answer of {self._where}"
        following = pages(
            lambda token: self._page(ident, NextToken=token),
            "NextToken",
            first=first,
            what=what,
            deadline=self._until,
        )
        try:
            for page in following:
                rows += page.get("QueryResultRows", [])
        except NotCollected as refusal:
            self.gaps.append(Gap.left_by(refusal))
        return rows

    def _describe(self, ident: str) -> Mapping[str, Any]:
        self.calls += 1
        with asking("cloudtrail:DescribeQuery", self._where):
            return dict(self._client.describe_query(QueryId=ident))

    def _page(self, ident: str, **more: str) -> Mapping[str, Any]:
        self.calls += 1
        with asking("cloudtrail:GetQueryResults", self._where):
            return dict(
                self._client.get_query_results(QueryId=ident, MaxQueryResults=_PAGE, **more)
            )


def statement(query: TrailQuery, ident: str) -> str:
    """Return the SELECT for an event data store."""
    return select(query, "lake", ident, max_text=_MAX_TEXT)
