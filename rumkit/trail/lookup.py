"""Event history (LookupEvents): ninety days of management events, for nothing.

It never holds data events: no PutRumEvents and no Cognito call of a browser, whatever happened.
One attribute per request, two requests a second for each account and region, fifty events a page,
newest first. Source: the CloudTrail API reference, LookupEvents.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from rumkit.model import NotCollected, Question
from rumkit.target import iso, now
from rumkit.threads import Workers
from rumkit.trail.coverage import Coverage, Gap, distinct, with_gaps
from rumkit.trail.names import (
    CHANGE_NAMES,
    CHANGES,
    COGNITO_SOURCE,
    IAM_SOURCE,
    RUM_SOURCE,
    STS,
    STS_NAMES,
    WORDS,
)
from rumkit.trail.query import Clients, RowCollector, TrailQuery, TrailResult, lost_records
from rumkit.trail.recorders import untold
from rumkit.trail.refused import asking
from rumkit.trail.waiting import on_loopback

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

HOLDS: Final = frozenset({STS, CHANGES})
_DAYS_KEPT: Final = 90
_PAGE: Final = 50
_RATE: Final = 2.0
# Up to so many roles and policies are looked up by name; more would cost more calls than that.
_FEW: Final = 4


class _Request(NamedTuple):
    """What is looked up in one go: an attribute with its value, and the kind it is for."""

    region: str
    key: str
    value: str
    kind: str


class TokenBucket:
    """Lets at most `rate` calls a second begin, whatever thread asks."""

    def __init__(
        self,
        rate: float,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._gap = 1 / rate
        self._clock = clock
        self._sleep = sleep
        self._next = 0.0
        self._lock = threading.Lock()

    def take(self) -> None:
        """Wait for the next turn."""
        with self._lock:
            current = self._clock()
            turn = max(self._next, current)
            self._next = turn + self._gap
        if turn > current:
            self._sleep(turn - current)


@dataclass
class _LookupProgress:
    """What one run of several threads has used up, and what it had to leave."""

    deadline: float
    pages_left: int
    calls: int = 0
    cut: list[tuple[_Request, datetime]] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def may_call(self) -> bool:
        with self.lock:
            if self.pages_left <= 0 or time.monotonic() >= self.deadline:
                return False
            self.pages_left -= 1
            self.calls += 1
            return True


class LookupSource:
    """Event history of some regions."""

    name = "lookup"

    def __init__(
        self,
        clients: Clients,
        *,
        deadline: float = 180.0,
        max_pages: int = 60,
    ) -> None:
        self._clients = clients
        self._deadline = deadline
        self._max_pages = max_pages

    def fetch(self, query: TrailQuery) -> TrailResult:
        """Return the management events of a query; raises NotCollected if no region answers."""
        start = _start(query)
        progress = _LookupProgress(time.monotonic() + self._deadline, self._max_pages)
        collector = RowCollector(query, self.name)
        refusals = self._ask_all(query, start, collector, progress)
        coverage = tuple(_coverage(query, start, progress, refusals))
        held = [gap for each in coverage for gap in each.gaps if each.kind in HOLDS]
        notes = tuple(gap.reason for gap in distinct(held))
        counted = query.outcomes == "failures" and STS in query.kinds
        return TrailResult(
            rows=collector.rows,
            source=self.name,
            window=query.window,
            holds=HOLDS,
            notes=notes,
            unread=dict(collector.unread),
            calls=progress.calls,
            complete=not notes,
            coverage=with_gaps(coverage, lost_records(collector.unread)),
            succeeded={STS: collector.succeeded[STS]} if counted else None,
            asked=tuple(_question(request, start, query) for request in _requests(query)),
        )

    def _ask_all(
        self, query: TrailQuery, start: datetime, collector: RowCollector, progress: _LookupProgress
    ) -> list[tuple[_Request, NotCollected]]:
        asked = _requests(query) if start < query.window.until else ()
        regions = dict.fromkeys(each.region for each in asked)
        buckets = {region: self._bucket(region) for region in regions}
        refusals: list[tuple[_Request, NotCollected]] = []
        lock = threading.Lock()

        def read(request: _Request) -> None:
            client, bucket = self._clients("cloudtrail", request.region), buckets[request.region]
            arguments: dict[str, Any] = {
                "LookupAttributes": [
                    {"AttributeKey": request.key, "AttributeValue": request.value}
                ],
                "StartTime": start,
                "EndTime": query.window.until,
                "MaxResults": _PAGE,
            }
            try:
                for document in _pages(client, request, arguments, bucket, progress):
                    with lock:
                        collector.add(document)
            except NotCollected as refusal:
                refusals.append((request, refusal))

        # The bucket keeps the rate; side by side, one slow answer holds up no other.
        with Workers(min(16, len(asked)) or 1) as pool:
            list(pool.map(read, asked))
        if refusals and len(refusals) == len(asked):
            raise refusals[0][1]
        return refusals

    def _bucket(self, region: str) -> TokenBucket | None:
        client = self._clients("cloudtrail", region)
        return None if on_loopback(client) else TokenBucket(_RATE)


def _pages(
    client: Any,
    request: _Request,
    asked: Mapping[str, Any],
    bucket: TokenBucket | None,
    progress: _LookupProgress,
) -> Iterator[Any]:
    """Yield the events of one attribute, page by page, newest first."""
    token: str | None = None
    seen: set[str] = set()
    reached: datetime = asked["EndTime"]
    while True:
        if not progress.may_call() or (token is not None and token in seen):
            progress.cut.append((request, reached))
            return
        seen.add(token or "")
        if bucket:
            bucket.take()
        with asking("cloudtrail:LookupEvents", request.region):
            page = client.lookup_events(**asked, **({"NextToken": token} if token else {}))
        events = page.get("Events", [])
        yield from events
        if events and isinstance(events[-1].get("EventTime"), datetime):
            reached = events[-1]["EventTime"]
        token = page.get("NextToken")
        if not token:
            return


def _start(query: TrailQuery) -> datetime:
    """Return where to begin: Event history holds nothing older than ninety days."""
    return max(query.window.since, now() - timedelta(days=_DAYS_KEPT))


def _coverage(
    query: TrailQuery,
    start: datetime,
    progress: _LookupProgress,
    refusals: Sequence[tuple[_Request, NotCollected]],
) -> Iterator[Coverage]:
    """Yield how far Event history covers a query: never data events, and ninety days at most."""
    for each in untold(query, "Event history"):
        window = query.window
        if each.kind not in HOLDS:
            reason = f"Event history never holds {WORDS[each.kind]}"
            setting = f"setting:record {WORDS[each.kind]} in a trail"
            yield replace(each, gaps=(Gap.of(window, reason, setting),))
            continue
        gaps = []
        if start > window.since:
            old = f"Event history keeps {_DAYS_KEPT} days: nothing before {iso(start)} is there"
            gaps.append(Gap(old, "setting:make a trail", window.since, min(start, window.until)))
        gaps += [
            Gap(
                f"Event history of {request.region} was not read to the end of the window:"
                f" {request.value} before {iso(reached)}",
                "input:since",
                window.since,
                min(reached, window.until),
            )
            for request, reached in progress.cut
            if _is_of(request, each)
        ]
        gaps += [
            Gap.left_by(refusal, window) for request, refusal in refusals if _is_of(request, each)
        ]
        yield replace(each, gaps=distinct(gaps))


def _question(request: _Request, start: datetime, query: TrailQuery) -> Question:
    attribute = f"AttributeKey={request.key},AttributeValue={request.value}"
    words = ("aws", "cloudtrail", "lookup-events", "--region", request.region)
    when = ("--start-time", iso(start), "--end-time", iso(query.window.until))
    asked = (*words, "--lookup-attributes", attribute, *when)
    return Question(
        "event history",
        f"{request.key} = {request.value}",
        f"Event history of {request.region}",
        asked,
        (request.kind,),
    )


def _is_of(request: _Request, coverage: Coverage) -> bool:
    return request.kind == coverage.kind and coverage.region in {"", request.region}


def _requests(query: TrailQuery) -> tuple[_Request, ...]:
    """Return what to look up, as little as finds everything.

    RUM and Cognito see few management calls, so their sources are read whole; IAM sees many, so
    the roles' own names are asked for while they are few, and else each change by its name.
    """
    wanted: list[_Request] = []
    pools, regions = query.pool_regions, sorted(set(query.regions))
    if STS in query.kinds:
        # The client calls STS in the pool's region; other web identities call it globally.
        wanted += [
            _Request(region, "EventName", name, STS) for region in pools for name in STS_NAMES
        ]
    if CHANGES in query.kinds:
        wanted += [_Request(each, "EventSource", RUM_SOURCE, CHANGES) for each in regions]
        wanted += [_Request(each, "EventSource", COGNITO_SOURCE, CHANGES) for each in pools]
        wanted += [
            _Request(region, key, value, CHANGES)
            for region in query.home_regions
            for key, value in _iam_requests(query)
        ]
    return tuple(dict.fromkeys(wanted))


def _iam_requests(query: TrailQuery) -> list[tuple[str, str]]:
    names = [role.rsplit("/", 1)[-1] for role in query.roles]
    named = [*dict.fromkeys(names), *(query.policies or ())]
    if 0 < len(named) <= _FEW:
        return [("ResourceName", name) for name in named]
    return [("EventName", name) for name in CHANGE_NAMES[IAM_SOURCE]]
