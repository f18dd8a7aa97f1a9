"""A trail's CloudWatch Logs group, asked through Logs Insights.

A query gives at most 10,000 rows: a window that reaches that is asked again in halves. The query
asks for whole messages, so that the rows are the same as from any other source.
Source: CloudWatch Logs API reference, StartQuery and GetQueryResults.
"""

from __future__ import annotations

import time
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from rumkit.model import NotCollected
from rumkit.target import Window, iso
from rumkit.trail.names import CHANGES, names_of, sources_of
from rumkit.trail.query import Clients, Collector, TrailQuery, TrailResult, kinds_seen
from rumkit.trail.quoting import Unquotable, quote, quote_list
from rumkit.trail.refused import asking, error_code
from rumkit.trail.waiting import on_loopback, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

LIMIT: Final = 10_000
_MAX_TEXT: Final = 10_000
_RUNNING: Final = {"Scheduled", "Running"}
_ENDINGS: Final = {
    "Failed": "failed",
    "Cancelled": "was cancelled",
    "Timeout": "ran into the time limit of Logs Insights (60 minutes): ask for a shorter window",
    "Unknown": "ended in an unknown state",
}
# CloudTrail delivers to a log group within minutes as a rule; the rows are cut to the window.
_LATE: Final = timedelta(minutes=30)
USD_PER_GB: Final = 0.005
_GB: Final = 10**9


class LogsSource:
    """A trail's log group. `recorded` are the kinds that its trail records, where known."""

    name = "logs"

    def __init__(
        self,
        group: str,
        clients: Clients,
        *,
        region: str,
        recorded: frozenset[str] | None = None,
        deadline: float = 240.0,
        max_queries: int = 64,
    ) -> None:
        self._group = group
        self._client = clients("logs", region)
        self._region = region
        self._recorded = recorded
        self._deadline = deadline
        self._max_queries = max_queries

    def fetch(self, query: TrailQuery) -> TrailResult:
        """Return the events of a query. Raises NotCollected when the group can't be asked."""
        run = _Run(self._client, self._group, self._region, self._deadline, self._max_queries)
        collector = Collector(query, f"logs:{self._group}")
        window = Window(query.window.since, query.window.until + _LATE)
        for row in run.rows(insights_text(query), window):
            collector.add(row)
        holds, notes = kinds_seen(collector, self._recorded)
        return TrailResult(
            rows=collector.rows,
            source=f"logs:{self._group}",
            window=query.window,
            holds=holds,
            notes=(*notes, *run.notes),
            unread=dict(collector.unread),
            bytes_scanned=run.bytes_scanned,
            cost_usd=run.bytes_scanned / _GB * USD_PER_GB,
            calls=run.calls,
            complete=not run.notes,
        )


class _Run:
    """The queries that one fetch needs, and what they cost."""

    def __init__(
        self, client: Any, group: str, region: str, deadline: float, max_queries: int
    ) -> None:
        self._client = client
        self._group = group
        self._where = f"{group} in {region}"
        self._until = time.monotonic() + deadline
        self._left = max_queries
        self._quick = on_loopback(client)
        self.calls = 0
        self.bytes_scanned = 0
        self.notes: list[str] = []

    def rows(self, text: str, window: Window) -> Iterator[Any]:
        """Yield the rows of a window, halving it where there are more than a query gives."""
        if self._left <= 0 or time.monotonic() >= self._until:
            self.notes.append(f"Not asked for lack of time: {' to '.join(window.iso())}.")
            return
        self._left -= 1
        found = self._ask(text, window)
        half = (window.until - window.since) / 2
        if len(found) < LIMIT:
            yield from found
        elif half < timedelta(seconds=1):
            self.notes.append(f"More than {LIMIT} rows within a second at {iso(window.since)}.")
            yield from found
        else:
            middle = (window.since + half).replace(microsecond=0)
            yield from self.rows(text, Window(window.since, middle))
            yield from self.rows(text, Window(middle, window.until))

    def _ask(self, text: str, window: Window) -> list[Any]:
        ident = self._start(text, window)
        answer = wait_until(
            lambda: self._results(ident),
            lambda answer: answer.get("status") not in _RUNNING,
            deadline=self._until,
            what=f"The Logs Insights query of {self._where}",
            quick=self._quick,
        )
        self.bytes_scanned += int(answer.get("statistics", {}).get("bytesScanned", 0))
        status = str(answer.get("status"))
        if status != "Complete":
            ending = _ENDINGS.get(status, f"ended as {status}")
            raise NotCollected("trail", f"The Logs Insights query of {self._where} {ending}.")
        return list(answer.get("results", []))

    def _start(self, text: str, window: Window) -> str:
        """Start a query, waiting for a place where too many are running."""
        from botocore.exceptions import ClientError

        def attempt() -> str | None:
            self.calls += 1
            try:
                started = self._client.start_query(
                    logGroupName=self._group,
                    startTime=int(window.since.timestamp()),
                    endTime=int(window.until.timestamp()),
                    queryString=text,
                    limit=LIMIT,
                )
            except ClientError as error:
                if error_code(error) == "LimitExceededException":
                    return None
                raise
            return str(started["queryId"])

        with asking("logs:StartQuery", self._where):
            found = wait_until(
                attempt,
                lambda ident: ident is not None,
                deadline=self._until,
                what=f"Starting a Logs Insights query of {self._where}",
                quick=self._quick,
            )
        return str(found)

    def _results(self, ident: str) -> dict[str, Any]:
        self.calls += 1
        with asking("logs:GetQueryResults", self._where):
            return dict(self._client.get_query_results(queryId=ident))


def insights_text(query: TrailQuery) -> str:
    """Return the Logs Insights query for all monitors of a query.

    It may give more than was asked for, never less: rows are filtered again when they are read.
    """
    sources = quote_list(sources_of(query.kinds), "insights")
    lines = [
        "fields @message",
        f"filter eventSource in {sources} and eventName in {quote_list(query.names, 'insights')}",
    ]
    if query.outcomes == "failures":
        changes = names_of(query.kinds & {CHANGES})
        kept = f" or eventName in {quote_list(changes, 'insights')}" if changes else ""
        lines.append(f"filter ispresent(errorCode){kept}")
    ending = ["sort @timestamp asc", f"limit {LIMIT}"]
    monitors = _monitors(query)
    narrow = "\n| ".join([*lines, *monitors, *ending])
    return narrow if len(narrow) <= _MAX_TEXT else "\n| ".join([*lines, *ending])


def _monitors(query: TrailQuery) -> list[str]:
    """Return the filter that leaves out other monitors' PutRumEvents, where it can be written.

    A call that names no monitor stays: it may be ours. Names are looked for inside the ARN.
    """
    tests = [
        'eventName != "PutRumEvents"',
        "(not ispresent(requestParameters.id) and not ispresent(resources.0.ARN))",
    ]
    try:
        for name, ident in query.monitors:
            if ident:
                tests.append(f"requestParameters.id = {quote(ident, 'insights')}")
            if name:
                part = quote(f":appmonitor/{name}", "insights")
                tests.append(f"strcontains(resources.0.ARN, {part})")
    except Unquotable:
        return []
    return [f"filter {' or '.join(tests)}"] if query.monitors else []
