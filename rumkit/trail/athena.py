"""A trail's S3 files through Amazon Athena, reading only the days and regions of the window.

Plain boto3: what a client library adds (cursors, DataFrames) is not needed here, and the final
states, the deadline, the bytes scanned and the refusals would be left to write all the same.
Athena writes the answer of every query to the result location of its workgroup.
"""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from rumkit.model import BadInput, NotCollected, Question
from rumkit.threads import Workers
from rumkit.trail.athena_table import (
    AthenaTable,
    days_of,
    described,
    missing_partitions,
    partition_conditions,
    partitions_statement,
)
from rumkit.trail.coverage import Gap
from rumkit.trail.names import CHANGES
from rumkit.trail.query import Clients, RowCollector, TrailQuery, TrailResult, result_of
from rumkit.trail.recorders import of_trails
from rumkit.trail.refused import asking, remedy
from rumkit.trail.sql import count_successes, refuse_writing, select, successes
from rumkit.trail.waiting import on_loopback, pages, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from rumkit.target import Window
    from rumkit.trail.trails import Trail

USD_PER_TB: Final = 5.0
DEFAULT_WORKGROUP: Final = "primary"
_TB: Final = 10**12
_LEAST_BYTES: Final = 10_000_000
_RUNNING: Final = {"QUEUED", "RUNNING"}
_PAGE: Final = 1000
_NO_LOCATION: Final = "No output location provided"


class AthenaSource:
    """A table over a trail's files: `[CATALOG.]DB.TABLE[@WORKGROUP]`.

    `trails` are those that deliver to a bucket, None where that could not be read. Raises
    BadInput for another form. The answer is written to the workgroup's own result location, as
    every Athena query does.
    """

    name = "athena"

    def __init__(
        self,
        table: str,
        clients: Clients,
        *,
        region: str,
        trails: Sequence[Trail] | None = None,
        deadline: float = 600.0,
    ) -> None:
        name, at, workgroup = table.partition("@")
        parts = name.split(".")
        if len(parts) not in {2, 3} or not all(parts) or (at and not workgroup):
            raise BadInput(
                f"{table!r} is not an Athena table: write athena:DATABASE.TABLE, or"
                " athena:DATABASE.TABLE@WORKGROUP."
            )
        self._parts = ("AwsDataCatalog", *parts) if len(parts) == 2 else tuple(parts)
        self._workgroup = workgroup or DEFAULT_WORKGROUP
        self._client = clients("athena", region)
        self._region = region
        self._trails = trails
        self._deadline = deadline

    @property
    def _where(self) -> str:
        return f"{self._parts[1]}.{self._parts[2]} in {self._region}"

    def fetch(self, query: TrailQuery) -> TrailResult:
        """Return the events of a query. Raises NotCollected when the table can't be asked."""
        until = time.monotonic() + self._deadline
        table = self._described()
        text = statement(query, table)
        collector = RowCollector(query, f"athena:{table.database}.{table.table}")
        run, counting, listing = (_AthenaQuery(self, table, until) for _ in range(3))
        with Workers(2) as pool:
            counted = pool.submit(_successes, counting, query)
            listed = pool.submit(_partitions, listing, query)
            gaps = run.collect(text, collector)
        runs = (run, counting, listing)
        scanned = sum(each.scanned for each in runs)
        coverage = of_trails(self._trails, query, "bucket", collector.trail_source)
        return replace(
            result_of(collector, coverage, (*gaps, *listed.result()), known=bool(self._trails)),
            bytes_scanned=scanned,
            cost_usd=sum(each.billed for each in runs) / _TB * USD_PER_TB,
            calls=1 + sum(each.calls for each in runs),
            complete=not gaps,
            succeeded=counted.result(),
            asked=(self._question(text, table, sorted(query.kinds)),),
        )

    def ask(self, text: str, window: Window) -> tuple[list[dict[str, str]], Question]:
        """Return the rows of a SELECT of one's own, which names its days itself.

        Raises BadInput for another statement, NotCollected when the table can't be asked.
        """
        del window
        refuse_writing(text)
        table = self._described()
        run = _AthenaQuery(self, table, time.monotonic() + self._deadline)
        try:
            rows = [{name: cell or "" for name, cell in row.items()} for row in run.rows(text)]
        except _PartRead as cut:
            raise cut.refusal from None
        return rows, self._question(text, table)

    def _described(self) -> AthenaTable:
        with asking("athena:GetTableMetadata", self._where):
            answer = self._client.get_table_metadata(
                CatalogName=self._parts[0], DatabaseName=self._parts[1], TableName=self._parts[2]
            )
        return described(answer, self._parts)

    def _question(self, text: str, table: AthenaTable, kinds: Sequence[str] = ()) -> Question:
        words = ("aws", "athena", "start-query-execution", "--region", self._region)
        context = f"Database={table.database},Catalog={table.catalog}"
        where = ("--work-group", self._workgroup, "--query-execution-context", context)
        asked = (*words, *where, "--query-string", text)
        return Question("athena", text, f"table {self._where}", asked, tuple(kinds))

    def explain(self, query: TrailQuery) -> str:
        """Return what a query would read and cost, before it is run, as far as that is known."""
        days = days_of(query)
        regions = ", ".join(query.all_regions)
        return (
            f"Reads the files of {days[0]:%Y/%m/%d} to {days[-1]:%Y/%m/%d} in {regions} only,"
            " twice: once for the failed calls and the changes, once to count the others. How many"
            f" bytes these are is not known before. Athena asks USD {USD_PER_TB:g} for a terabyte"
            " (as of 2025), 10 MB at least, and writes both answers to the result location of the"
            f" workgroup {self._workgroup}."
        )

    def start(self, text: str, table: AthenaTable) -> str:
        """Start a query and return its id. Raises NotCollected."""
        with asking("athena:StartQueryExecution", self._where, advice=self._advice()):
            started = self._client.start_query_execution(
                QueryString=text,
                QueryExecutionContext={"Database": table.database, "Catalog": table.catalog},
                WorkGroup=self._workgroup,
            )
        return str(started["QueryExecutionId"])

    def _advice(self) -> Mapping[str, tuple[str, str]]:
        sentence = (
            f"The workgroup {self._workgroup} has no place for results: give it one, or name"
            " another workgroup (athena:DATABASE.TABLE@WORKGROUP)"
        )
        setting = f"setting:result location of the workgroup {self._workgroup}"
        return {_NO_LOCATION: (sentence, setting)}

    def execution(self, ident: str) -> Mapping[str, Any]:
        """Return how a query stands."""
        with asking("athena:GetQueryExecution", self._where):
            answer = self._client.get_query_execution(QueryExecutionId=ident)
        execution: Mapping[str, Any] = answer.get("QueryExecution", {})
        return execution

    def page(self, ident: str, **more: str) -> Mapping[str, Any]:
        """Return a page of a query's answer."""
        with asking("athena:GetQueryResults", self._where):
            page: Mapping[str, Any] = self._client.get_query_results(
                QueryExecutionId=ident, MaxResults=_PAGE, **more
            )
        return page

    def finished(self, ident: str, until: float, count: _AthenaQuery) -> Mapping[str, Any]:
        """Return a query that succeeded. Raises NotCollected with why another did not."""

        def ask() -> Mapping[str, Any]:
            count.calls += 1
            return self.execution(ident)

        execution = wait_until(
            ask,
            lambda found: found.get("Status", {}).get("State") not in _RUNNING,
            deadline=until,
            what=f"The Athena query of {self._where}",
            quick=on_loopback(self._client),
        )
        status = execution.get("Status", {})
        if status.get("State") != "SUCCEEDED":
            why = str(status.get("StateChangeReason", ""))
            state = str(status.get("State", "unknown")).lower()
            reason = f"The Athena query of {self._where} ended as {state}: {why}"
            raise NotCollected("trail", reason, missing=remedy(why, ""))
        return execution


class _AthenaQuery:
    """One query of a table, and what it cost."""

    def __init__(self, source: AthenaSource, table: AthenaTable, until: float) -> None:
        self._source = source
        self.table = table
        self._until = until
        self.calls = 0
        self.scanned = 0
        self.billed = 0

    def collect(self, text: str, collector: RowCollector) -> list[Gap]:
        """Read the rows of a query into a collector; a part that can't be read is a gap."""
        try:
            collector.add_all(self.rows(text))
        except _PartRead as cut:
            return [Gap(cut.refusal.reason, next(iter(cut.refusal.missing), ""))]
        return []

    def rows(self, text: str) -> Iterator[dict[str, str | None]]:
        """Yield rows by column name; the first row of the first page is the header."""
        self.calls += 1
        ident = self._source.start(text, self.table)
        execution = self._source.finished(ident, self._until, self)
        self.scanned = int(execution.get("Statistics", {}).get("DataScannedInBytes", 0))
        self.billed = max(self.scanned, _LEAST_BYTES)
        header: list[str] = []
        for page in self._pages(ident):
            for row in page.get("ResultSet", {}).get("Rows", []):
                cells = [cell.get("VarCharValue") for cell in row.get("Data", [])]
                if header:
                    yield dict(zip(header, cells, strict=False))
                else:
                    header = [str(cell) for cell in cells]

    def _pages(self, ident: str) -> Iterator[Mapping[str, Any]]:
        def ask(token: str | None) -> Mapping[str, Any]:
            self.calls += 1
            return self._source.page(ident, **({"NextToken": token} if token else {}))

        first = ask(None)
        what = f"the answer of {self.table.database}.{self.table.table}"
        try:
            yield from pages(ask, "NextToken", first=first, what=what, deadline=self._until)
        except NotCollected as refusal:
            raise _PartRead(refusal) from refusal


class _PartRead(Exception):
    """The rows so far are there, and the rest could not be read."""

    def __init__(self, refusal: NotCollected) -> None:
        super().__init__(refusal.reason)
        self.refusal = refusal


def _successes(run: _AthenaQuery, query: TrailQuery) -> dict[str, int] | None:
    """Return how many calls of each kind succeeded, None where that could not be counted."""
    if query.outcomes == "all" or query.kinds == {CHANGES}:
        return None
    partitions = partition_conditions(query, run.table)
    columns = run.table.columns
    text = count_successes(query, "athena", run.table.name, partitions=partitions, columns=columns)
    try:
        return successes(query, run.rows(text))
    except (NotCollected, _PartRead):
        return None


def _partitions(run: _AthenaQuery, query: TrailQuery) -> list[Gap]:
    """Return the gaps that partitions leave which nobody has added."""
    if run.table.projected:
        return []
    try:
        rows = list(run.rows(partitions_statement(query, run.table)))
    except (NotCollected, _PartRead) as refusal:
        reason = f"Whether all partitions were added could not be read: {refusal}"
        return [Gap(reason, "glue:GetPartitions")]
    # Listing partitions reads no data.
    run.billed = 0
    return missing_partitions(query, run.table, rows)


def statement(query: TrailQuery, table: AthenaTable) -> str:
    """Return the SELECT for a table, with conditions on its partitions.

    Raises NotCollected for a table that is not partitioned by day: it would be read whole.
    """
    partitions = partition_conditions(query, table)
    return select(query, "athena", table.name, partitions=partitions, columns=table.columns)
