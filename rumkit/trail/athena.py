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
    described,
    missing_partitions,
    partition_conditions,
    partitions_statement,
)
from rumkit.trail.coverage import Gap, days_of
from rumkit.trail.query import Clients, RowCollector, TrailQuery, TrailResult, result_of
from rumkit.trail.recorders import of_trails
from rumkit.trail.refused import asking, remedy
from rumkit.trail.sql import count_successes, refuse_writing, select
from rumkit.trail.waiting import on_loopback, pages, successes, wait_until, whole

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
_DEADLINE: Final = 600.0
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

    @property
    def _where(self) -> str:
        return f"{self._parts[1]}.{self._parts[2]} in {self._region}"

    def fetch(self, query: TrailQuery) -> TrailResult:
        """Return the events of a query. Raises NotCollected when the table can't be asked."""
        table = self._described()
        text = statement(query, table)
        collector = RowCollector(query, f"athena:{table.database}.{table.table}")
        run, counting, listing = runs = [self._run(table) for _ in range(3)]
        with Workers(2) as pool:
            counted = pool.submit(successes, query, lambda: counting.whole(_count(query, table)))
            listed = pool.submit(_partitions, listing, query)
            collector.add_all(run.rows(text))
        coverage = of_trails(self._trails, query, "bucket", collector.trail_source)
        gaps = (*run.gaps, *listed.result())
        return replace(
            result_of(collector, coverage, gaps, known=bool(self._trails)),
            bytes_scanned=sum(each.scanned for each in runs),
            cost_usd=sum(each.billed for each in runs) / _TB * USD_PER_TB,
            calls=1 + sum(each.calls for each in runs),
            complete=not run.gaps,
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
        rows = self._run(table).whole(text)
        cells = [{name: cell or "" for name, cell in row.items()} for row in rows]
        return cells, self._question(text, table)

    def _described(self) -> AthenaTable:
        with asking("athena:GetTableMetadata", self._where):
            answer = self._client.get_table_metadata(
                CatalogName=self._parts[0], DatabaseName=self._parts[1], TableName=self._parts[2]
            )
        return described(answer, self._parts)

    def _run(self, table: AthenaTable) -> _AthenaQuery:
        until = time.monotonic() + _DEADLINE
        return _AthenaQuery(self._client, self._workgroup, self._where, table, until)

    def _question(self, text: str, table: AthenaTable, kinds: Sequence[str] = ()) -> Question:
        words = ("aws", "athena", "start-query-execution", "--region", self._region)
        context = f"Database={table.database},Catalog={table.catalog}"
        where = ("--work-group", self._workgroup, "--query-execution-context", context)
        asked = (*words, *where, "--query-string", text)
        return Question("athena", text, f"table {self._where}", asked, tuple(kinds))

    def explain(self, query: TrailQuery) -> str:
        """Return what a query would read and cost, before it is run, as far as that is known."""
        days = days_of(query.window)
        regions = ", ".join(query.all_regions)
        return (
            f"Reads the files of {days[0]:%Y/%m/%d} to {days[-1]:%Y/%m/%d} in {regions} only,"
            " twice: once for the failed calls and the changes, once to count the others. How many"
            f" bytes these are is not known before. Athena asks USD {USD_PER_TB:g} for a terabyte"
            " (as of 2025), 10 MB at least, and writes both answers to the result location of the"
            f" workgroup {self._workgroup}."
        )


class _AthenaQuery:
    """One query of a table, and what it cost."""

    def __init__(
        self, client: Any, workgroup: str, where: str, table: AthenaTable, until: float
    ) -> None:
        self._client = client
        self._workgroup = workgroup
        self._where = where
        self.table = table
        self._until = until
        self.calls = 0
        self.scanned = 0
        self.billed = 0
        self.gaps: list[Gap] = []

    def whole(self, text: str) -> list[dict[str, str | None]]:
        """Return all rows of a query. Raises NotCollected where a part can't be read."""
        return whole(self.rows(text), self.gaps)

    def rows(self, text: str) -> Iterator[dict[str, str | None]]:
        """Yield rows by column name; a part that can't be read is a gap. Raises NotCollected."""
        ident = self._start(text)
        execution = self._finished(ident)
        self.scanned = int(execution.get("Statistics", {}).get("DataScannedInBytes", 0))
        self.billed = max(self.scanned, _LEAST_BYTES)
        # The first row of the first page is the header.
        header: list[str] = []
        for page in self._pages(ident):
            for row in page.get("ResultSet", {}).get("Rows", []):
                cells = [cell.get("VarCharValue") for cell in row.get("Data", [])]
                if header:
                    yield dict(zip(header, cells, strict=False))
                else:
                    header = [str(cell) for cell in cells]

    def _start(self, text: str) -> str:
        """Start a query and return its id. Raises NotCollected."""
        self.calls += 1
        with asking("athena:StartQueryExecution", self._where, advice=self._advice()):
            started = self._client.start_query_execution(
                QueryString=text,
                QueryExecutionContext={
                    "Database": self.table.database,
                    "Catalog": self.table.catalog,
                },
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

    def _finished(self, ident: str) -> Mapping[str, Any]:
        """Return a query that succeeded. Raises NotCollected with why another did not."""

        def ask() -> Mapping[str, Any]:
            self.calls += 1
            with asking("athena:GetQueryExecution", self._where):
                answer = self._client.get_query_execution(QueryExecutionId=ident)
            return dict(answer.get("QueryExecution", {}))

        execution = wait_until(
            ask,
            lambda found: found.get("Status", {}).get("State") not in _RUNNING,
            deadline=self._until,
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

    def _pages(self, ident: str) -> Iterator[Mapping[str, Any]]:
        def ask(token: str = "") -> Mapping[str, Any]:
            self.calls += 1
            more = {"NextToken": token} if token else {}
            with asking("athena:GetQueryResults", self._where):
                return dict(
                    self._client.get_query_results(QueryExecutionId=ident, MaxResults=_PAGE, **more)
                )

        first = ask()
        what = f"the answer of {self.table.database}.{self.table.table}"
        try:
            yield from pages(ask, "NextToken", first=first, what=what, deadline=self._until)
        except NotCollected as refusal:
            self.gaps.append(Gap.left_by(refusal))


def _count(query: TrailQuery, table: AthenaTable) -> str:
    """Return the statement that counts the calls that succeeded."""
    partitions = partition_conditions(query, table)
    return count_successes(
        query, "athena", table.name, partitions=partitions, columns=table.columns
    )


def _partitions(run: _AthenaQuery, query: TrailQuery) -> list[Gap]:
    """Return the gaps that partitions leave which nobody has added."""
    if run.table.projected:
        return []
    try:
        rows = run.whole(partitions_statement(query, run.table))
    except NotCollected as refusal:
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
