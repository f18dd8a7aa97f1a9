"""A trail's CloudWatch Logs group, asked through Logs Insights.

A query gives at most 100,000 rows, in pages: a window that reaches that is asked again in halves.
The query asks for whole messages, so that the rows are the same as from any other source, and
filters by their text: only groups of the class STANDARD know the fields of a JSON message, and of
those no more than 200, which a PutRumEvents call of many events exceeds.
Source: CloudWatch Logs API reference, StartQuery and GetQueryResults; CloudWatch Logs user guide,
"Log classes" and "Supported logs and discovered fields".
"""

from __future__ import annotations

import re
import time
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from rumkit.model import NotCollected, Question
from rumkit.target import Window, iso
from rumkit.threads import Workers
from rumkit.trail.coverage import Gap
from rumkit.trail.events import NETWORK
from rumkit.trail.names import CHANGES, PUT_NAMES, STS_NAMES, names_of
from rumkit.trail.query import Clients, RowCollector, TrailQuery, TrailResult, result_of
from rumkit.trail.quoting import Unquotable, quote
from rumkit.trail.recorders import group_gaps, of_trails, read_group
from rumkit.trail.refused import asking, error_code
from rumkit.trail.waiting import on_loopback, pages, successes, wait_until, whole

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from rumkit.aws.log_group import LogGroup
    from rumkit.trail.trails import Trail

LIMIT: Final = 100_000
_PAGE: Final = 10_000
_MAX_QUERIES: Final = 64
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
# Names that JSON writes as they are; RUM allows no others.
_PLAIN: Final = re.compile(r"[\w.#/@+=,-]{1,512}", re.ASCII)
_ERROR: Final = r'/"errorCode":/'


class LogsSource:
    """A trail's log group, by its name.

    `trails` are those that deliver to it, None where that could not be read. `arn` is given for
    a group of another account, which a monitoring account may query.
    """

    name = "logs"

    def __init__(
        self,
        group: str,
        clients: Clients,
        *,
        region: str,
        trails: Sequence[Trail] | None = None,
        arn: str = "",
        deadline: float = 240.0,
    ) -> None:
        self._group = group
        self._client = clients("logs", region)
        self._region = region
        self._trails = trails
        self._arn = arn
        self._deadline = deadline

    def fetch(self, query: TrailQuery) -> TrailResult:
        """Return the events of a query. Raises NotCollected when the group can't be asked."""
        text, run, counting = insights_text(query), self._run(), self._run()
        collector = RowCollector(query, f"logs:{self._group}")
        window = Window(query.window.since, query.window.until + _LATE)
        with Workers(2) as pool:
            described = pool.submit(self._describe)
            counted = pool.submit(
                successes, query, lambda: counting.whole(successes_text(query), query.window)
            )
            collector.add_all(run.rows(text, window))
        coverage = of_trails(self._trails, query, "log group", f"log group {self._group}")
        scanned = run.bytes_scanned + counting.bytes_scanned
        gaps = (*group_gaps(described.result(), self._group, query.window), *run.gaps)
        return replace(
            result_of(collector, coverage, gaps, known=bool(self._trails)),
            bytes_scanned=scanned,
            cost_usd=scanned / _GB * USD_PER_GB,
            calls=run.calls + counting.calls + 1,
            complete=not run.gaps,
            succeeded=counted.result(),
            asked=(self._question(text, window, sorted(query.kinds)),),
        )

    def ask(self, text: str, window: Window) -> tuple[list[dict[str, str]], Question]:
        """Return the rows of a query of Logs Insights, at most 100,000. Raises NotCollected."""
        rows = self._run().whole(text, window)
        # Insights adds a pointer to each row, which nobody asked for.
        cells = [{name: row[name] for name in row if name != "@ptr"} for row in rows]
        return cells, self._question(text, window)

    def _question(self, text: str, window: Window, kinds: Sequence[str] = ()) -> Question:
        named = ("--log-group-identifiers", self._arn) if self._arn else (
            "--log-group-name", self._group,
        )  # fmt: skip
        since, until = (str(int(at.timestamp())) for at in (window.since, window.until))
        words = ("aws", "logs", "start-query", "--region", self._region, *named)
        when = ("--start-time", since, "--end-time", until, "--limit", str(LIMIT))
        return Question(
            "insights",
            text,
            f"log group {self._group} in {self._region}",
            (*words, *when, "--query-string", text),
            tuple(kinds),
        )

    def _run(self) -> _InsightsQuery:
        named = {"logGroupIdentifiers": [self._arn]} if self._arn else {"logGroupName": self._group}
        where = f"{self._group} in {self._region}"
        return _InsightsQuery(self._client, named, where, self._deadline)

    def _describe(self) -> LogGroup | NotCollected | None:
        """Return the group; that it can't be described costs what is known of it, not its rows."""
        try:
            return read_group(self._client, self._group, self._region, self._arn)
        except NotCollected as refusal:
            return refusal


class _InsightsQuery:
    """The queries that one fetch needs, and what they cost."""

    def __init__(
        self,
        client: Any,
        named: Mapping[str, Any],
        where: str,
        deadline: float,
    ) -> None:
        self._client = client
        self._named = named
        self._where = where
        self._until = time.monotonic() + deadline
        self._left = _MAX_QUERIES
        self._quick = on_loopback(client)
        self.calls = 0
        self.bytes_scanned = 0
        self.gaps: list[Gap] = []

    def rows(self, text: str, window: Window) -> Iterator[Any]:
        """Yield the rows of a window, halving it where there are more than a query gives."""
        if self._left <= 0 or time.monotonic() >= self._until:
            since, until = window.iso()
            reason = f"{since} to {until} of {self._where} was not asked for, for lack of time"
            self.gaps.append(Gap.of(window, reason, "input:since"))
            return
        self._left -= 1
        lines = self._answer(text, window)
        half = (window.until - window.since) / 2
        if len(lines) < LIMIT:
            yield from lines
        elif half < timedelta(seconds=1):
            at = iso(window.since)
            reason = f"{self._where} holds more than {LIMIT} rows within a second at {at}"
            self.gaps.append(Gap.of(window, reason, "input:monitor"))
            yield from lines
        else:
            middle = (window.since + half).replace(microsecond=0)
            yield from self.rows(text, Window(window.since, middle))
            yield from self.rows(text, Window(middle, window.until))

    def whole(self, text: str, window: Window) -> list[dict[str, str]]:
        """Return the rows of one query, at most `LIMIT`, by field name.

        Raises NotCollected, also where a part of them can't be read.
        """
        return [
            {str(cell.get("field")): str(cell.get("value", "")) for cell in row}
            for row in whole(self._answer(text, window), self.gaps)
        ]

    def _answer(self, text: str, window: Window) -> list[Any]:
        """Return the rows of one query; a part that can't be read is a gap. Raises NotCollected."""
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
        rest = pages(
            lambda token: self._results(ident, nextToken=token),
            "nextToken",
            first=answer,
            what=f"the answer of {self._where}",
            deadline=self._until,
        )
        rows: list[Any] = []
        try:
            for page in rest:
                rows += page.get("results", [])
        except NotCollected as refusal:
            self.gaps.append(Gap.left_by(refusal, window))
        return rows

    def _start(self, text: str, window: Window) -> str:
        """Start a query, waiting for a place where too many are running."""
        from botocore.exceptions import ClientError

        def attempt() -> str | None:
            self.calls += 1
            try:
                started = self._client.start_query(
                    **self._named,
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
            identifier = wait_until(
                attempt,
                lambda ident: ident is not None,
                deadline=self._until,
                what=f"Starting a Logs Insights query of {self._where}",
                quick=self._quick,
            )
        return str(identifier)

    def _results(self, ident: str, **more: Any) -> dict[str, Any]:
        self.calls += 1
        with asking("logs:GetQueryResults", self._where):
            return dict(self._client.get_query_results(queryId=ident, maxItems=_PAGE, **more))


def insights_text(query: TrailQuery) -> str:
    """Return the Logs Insights query for all monitors of a query.

    It may give more than was asked for, never less: rows are filtered again when they are read.
    """
    lines = ["fields @message", f"filter @message like {_name_is(query.names)}"]
    if query.outcomes == "failures":
        changes = names_of(query.kinds & {CHANGES})
        kept = f" or @message like {_name_is(changes)}" if changes else ""
        lines.append(f"filter @message like {_ERROR}{kept}")
    return _fitting(lines, _monitors(query), ["sort @timestamp asc", f"limit {LIMIT}"])


def successes_text(query: TrailQuery) -> str:
    """Return the query that counts the calls of browsers that succeeded, by their names."""
    names = names_of(query.kinds - {CHANGES})
    lines = [
        f"filter @message like {_name_is(names)}",
        f"filter @message not like {_ERROR}",
        rf'filter @message not like /"eventCategory":\s*"{NETWORK}"/',
    ]
    ending = [
        r'parse @message /"eventName":\s*"(?<eventname>\w+)"/',
        "stats count(*) as calls by eventname",
    ]
    return _fitting(lines, [*_monitors(query), *_sessions(query)], ending)


def _fitting(lines: Sequence[str], narrow: Sequence[str], ending: Sequence[str]) -> str:
    """Return a query, without the filters that narrow it where it would be too long."""
    text = "\n| ".join([*lines, *narrow, *ending])
    return text if len(text) <= _MAX_TEXT else "\n| ".join([*lines, *ending])


def _name_is(names: Sequence[str]) -> str:
    return rf'/"eventName":\s*"(?:{"|".join(names)})"/'


def _monitors(query: TrailQuery) -> list[str]:
    """Return the filter that leaves out other monitors' PutRumEvents, where it can be written.

    A call that names no monitor stays: it may be ours. Names are looked for inside the ARN.
    """
    named = [text for pair in query.monitors for text in pair if text]
    if not named or not all(_PLAIN.fullmatch(text) for text in named):
        return []
    tests = [
        f"@message not like {_name_is(PUT_NAMES)}",
        r'@message not like /:appmonitor\/|"requestParameters":\s*\{[^}]*"id":/',
    ]
    tests += [_holds(ident) for _, ident in query.monitors if ident]
    tests += [_holds(f":appmonitor/{name}") for name, _ in query.monitors if name]
    return [f"filter {' or '.join(tests)}"]


def _sessions(query: TrailQuery) -> list[str]:
    """Return the filter that leaves out web identities of clusters and pipelines."""
    try:
        tests = [_holds(text) for text in (*query.roles, *query.pools)]
    except Unquotable:
        return []
    if not tests:
        return []
    other = f"@message not like {_name_is(STS_NAMES)}"
    return [f"filter {' or '.join([other, *tests])}"]


def _holds(text: str) -> str:
    return f"strcontains(@message, {quote(text, 'insights')})"
