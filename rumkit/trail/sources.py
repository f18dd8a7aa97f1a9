"""Which trails and event data stores this account has, what they record, and which one to ask."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from rumkit.model import BadInput, Fix, NotCollected, ReadRefused
from rumkit.trail import lookup
from rumkit.trail.names import ALL_KINDS, COGNITO, DATA_KINDS, KINDS, PUT_RUM_EVENTS, STS
from rumkit.trail.query import Clients, TrailQuery, TrailResult, TrailSource
from rumkit.trail.refused import asking
from rumkit.trail.selectors import PRICE_NOTE, Recorded, recorded_by, selectors_for, setting_fix

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

_NAMES_OF_KINDS: Final = {
    PUT_RUM_EVENTS: "PutRumEvents calls",
    COGNITO: "Cognito's calls of browsers",
    STS: "AssumeRoleWithWebIdentity calls",
    "changes": "configuration changes",
}


_PARTLY: Final = (
    "Its selectors name some resources or calls only: what is missing there may have happened."
)


@dataclass(frozen=True)
class Trail:
    """A trail: where it delivers, and what its selectors record."""

    name: str
    arn: str
    region: str
    multi_region: bool
    bucket: str
    prefix: str
    log_group: str
    logging: bool | None
    recorded: Recorded
    selectors: Mapping[str, Any] = field(default_factory=dict)

    @property
    def records(self) -> frozenset[str]:
        """Return the kinds that arrive from this trail; a stopped one delivers nothing."""
        return frozenset() if self.logging is False else self.recorded.kinds


@dataclass(frozen=True)
class Store:
    """An event data store of CloudTrail Lake."""

    ident: str
    name: str
    region: str
    enabled: bool
    recorded: Recorded

    @property
    def records(self) -> frozenset[str]:
        """Return the kinds that this store takes in."""
        return self.recorded.kinds if self.enabled else frozenset()


@dataclass(frozen=True)
class TrailSurvey:
    """What the account records. `refusals` says what could not be looked at."""

    trails: tuple[Trail, ...] = ()
    stores: tuple[Store, ...] = ()
    refusals: tuple[NotCollected, ...] = ()
    calls: int = 0

    def places(self, kind: str) -> tuple[str, ...]:
        """Return where a kind is recorded: names of trails and stores, and Event history."""
        found = [f"trail {trail.name}" for trail in self.trails if kind in trail.records]
        found += [f"event data store {each.name}" for each in self.stores if kind in each.records]
        return (*found, "Event history") if kind in lookup.HOLDS else tuple(found)

    def sentence(self, kind: str) -> str:
        """Return where a kind is recorded, as a sentence that can't be taken for "none"."""
        what = _NAMES_OF_KINDS[kind]
        places = self.places(kind)
        if places:
            said = f"{what[0].upper()}{what[1:]} are recorded by: {', '.join(places)}."
            return f"{said} {_PARTLY}" if self._only_partly(kind) else said
        if self.refusals:
            return f"It could not be seen whether any trail records {what}."
        return (
            f"{what[0].upper()}{what[1:]} are not recorded by any trail of this account: "
            "whether there were any can't be told from CloudTrail."
        )

    def _only_partly(self, kind: str) -> bool:
        """Return whether every place that records a kind leaves some of it out."""
        places: list[Trail | Store] = [*self.trails, *self.stores]
        recording = [each.recorded for each in places if kind in each.records]
        return kind not in lookup.HOLDS and all(kind in each.partly for each in recording)

    def fixes(self, kinds: Sequence[str]) -> tuple[Fix, ...]:
        """Return the settings that would record the kinds that no place records, with the cost."""
        missing = [kind for kind in kinds if not self.places(kind)]
        if not missing:
            return ()
        active = [trail for trail in self.trails if trail.logging is not False]
        if not active:
            return (_no_trail(missing),)
        best = max(active, key=lambda trail: (bool(trail.log_group), trail.multi_region))
        return (setting_fix(best.arn, best.region, best.selectors, missing),)


def _no_trail(missing: Sequence[str]) -> Fix:
    import json

    selectors = json.dumps(selectors_for(missing), indent=2)
    return Fix(
        kind="advice",
        title="Make a trail that records data events",
        text=f"Create a trail here and give it these advanced event selectors:\n{selectors}",
        side_effect=PRICE_NOTE,
    )


def survey(clients: Clients, regions: Sequence[str]) -> TrailSurvey:
    """Return the trails and event data stores that serve some regions. Never raises NotCollected.

    Asks DescribeTrails, GetEventSelectors, GetTrailStatus, ListEventDataStores, GetEventDataStore.
    """
    surveyor = _Surveyor(clients)
    for region in dict.fromkeys(regions):
        surveyor.trails_of(region)
        surveyor.stores_of(region)
    return TrailSurvey(
        tuple(surveyor.trails.values()),
        tuple(surveyor.stores.values()),
        tuple(surveyor.refusals),
        surveyor.calls,
    )


class _Surveyor:
    """Collects trails and stores region by region; a refusal costs only what was refused."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients
        self.trails: dict[str, Trail] = {}
        self.stores: dict[str, Store] = {}
        self.refusals: list[NotCollected] = []
        self.calls = 0

    def _ask(self, region: str, action: str, **asked: Any) -> dict[str, Any] | None:
        name = "".join(f"_{c.lower()}" if c.isupper() else c for c in action).lstrip("_")
        self.calls += 1
        try:
            with asking(f"cloudtrail:{action}", region):
                answer = getattr(self._clients("cloudtrail", region), name)(**asked)
        except NotCollected as refusal:
            self.refusals.append(refusal)
            return None
        except ReadRefused:  # the caller's list of reads leaves it out: it stays unknown
            return None
        return dict(answer)

    def trails_of(self, region: str) -> None:
        """Collect the trails that record a region, those of other home regions included."""
        answer = self._ask(region, "DescribeTrails", includeShadowTrails=True)
        for found in (answer or {}).get("trailList", []):
            arn = str(found.get("TrailARN", ""))
            if arn and arn not in self.trails:
                self.trails[arn] = self._trail(arn, found, region)

    def _trail(self, arn: str, found: Mapping[str, Any], region: str) -> Trail:
        home = str(found.get("HomeRegion") or region)
        selectors = self._ask(home, "GetEventSelectors", TrailName=arn)
        status = self._ask(home, "GetTrailStatus", Name=arn)
        return Trail(
            name=str(found.get("Name", "")),
            arn=arn,
            region=home,
            multi_region=bool(found.get("IsMultiRegionTrail")),
            bucket=str(found.get("S3BucketName") or ""),
            prefix=str(found.get("S3KeyPrefix") or ""),
            log_group=_group(str(found.get("CloudWatchLogsLogGroupArn") or "")),
            logging=None if status is None else bool(status.get("IsLogging")),
            recorded=recorded_by(selectors or {}),
            selectors=selectors or {},
        )

    def stores_of(self, region: str) -> None:
        """Collect the event data stores of a region, page by page."""
        token: dict[str, str] = {}
        while True:
            answer = self._ask(region, "ListEventDataStores", **token)
            for found in (answer or {}).get("EventDataStores", []):
                arn = str(found.get("EventDataStoreArn", ""))
                if arn and arn not in self.stores:
                    self._store(arn, region)
            if not answer or not answer.get("NextToken"):
                return
            token = {"NextToken": str(answer["NextToken"])}

    def _store(self, arn: str, region: str) -> None:
        found = self._ask(region, "GetEventDataStore", EventDataStore=arn)
        if found is None:
            return
        self.stores[arn] = Store(
            ident=arn.rsplit("/", 1)[-1],
            name=str(found.get("Name", "")),
            region=region,
            enabled=found.get("Status") == "ENABLED",
            recorded=recorded_by(found),
        )


def _group(arn: str) -> str:
    """Return the name in a log group's ARN: arn:aws:logs:REGION:ACCOUNT:log-group:NAME:*."""
    return arn.split(":log-group:", 1)[1].removesuffix(":*") if ":log-group:" in arn else ""


@dataclass(frozen=True)
class CombinedSource:
    """Several sources asked for what each is best at; rows that both have appear once."""

    parts: tuple[tuple[TrailSource, frozenset[str]], ...]

    def fetch(self, query: TrailQuery) -> TrailResult:
        """Return what the parts hold together; raises NotCollected when all of them do."""
        results: list[TrailResult] = []
        refusals: list[NotCollected] = []
        for source, kinds in self.parts:
            if kinds & query.kinds:
                try:
                    found = source.fetch(replace(query, kinds=kinds & query.kinds))
                    # A part was asked for its own kinds alone, so it answers for no others.
                    results.append(replace(found, holds=found.holds & kinds))
                except NotCollected as refusal:
                    refusals.append(refusal)
        if not results and refusals:
            raise refusals[0]
        return merge(results, query, [refusal.reason for refusal in refusals])


def merge(
    results: Sequence[TrailResult], query: TrailQuery, notes: Sequence[str] = ()
) -> TrailResult:
    """Return several answers to one query as one; each event once, the first that had it wins."""
    rows = {row.event_id or f"{number}": row for number, row in enumerate(_rows(results))}
    unread: dict[str, int] = {}
    for result in results:
        for reason, count in result.unread.items():
            unread[reason] = unread.get(reason, 0) + count
    scanned = [each.bytes_scanned for each in results if each.bytes_scanned is not None]
    costs = [each.cost_usd for each in results if each.cost_usd is not None]
    return TrailResult(
        rows=tuple(sorted(rows.values(), key=lambda row: (row.time, row.event_id))),
        source=" + ".join(each.source for each in results) or "none",
        window=query.window,
        holds=frozenset().union(*(each.holds for each in results)),
        notes=(*(note for each in results for note in each.notes), *notes),
        unread=unread,
        bytes_scanned=sum(scanned) if scanned else None,
        cost_usd=sum(costs) if costs else None,
        calls=sum(each.calls for each in results),
        complete=all(each.complete for each in results) and not notes,
    )


def _rows(results: Sequence[TrailResult]) -> list[Any]:
    """Return all rows, last results first, so that the first result wins in a dictionary."""
    return [row for result in reversed(results) for row in result.rows]


def choose(
    survey: TrailSurvey, spec: str, clients: Clients, *, regions: Sequence[str]
) -> TrailSource:
    """Return the source that `spec` names. Raises BadInput for a spec that names none.

    `auto`, `lookup`, `logs:GROUP`, `athena:DB.TABLE`, `lake:ID`, `s3://BUCKET/PREFIX`, or a file,
    folder or glob of trail files. `regions` are the monitors'; the first is asked where a
    group, table, bucket or store of unknown region is named.
    """
    if spec in {"", "auto"}:
        return _auto(survey, clients, regions)
    if spec == "lookup":
        return lookup.LookupSource(clients)
    if spec.startswith("s3://"):
        return _s3(survey, spec, clients, regions)
    scheme, _, name = spec.partition(":")
    if scheme in _NAMED and name:
        return _NAMED[scheme](survey, name, clients, regions)
    if "://" in spec or (not any(char in spec for char in "*?[") and not Path(spec).exists()):
        raise BadInput(
            f"{spec!r} is no trail source: write auto, lookup, logs:GROUP, athena:DB.TABLE, "
            "lake:ID, s3://BUCKET/PREFIX, or the path of a folder, file or glob of trail files."
        )
    from rumkit.trail.files import FileSource

    return FileSource(spec)


def _auto(survey: TrailSurvey, clients: Clients, regions: Sequence[str]) -> TrailSource:
    """Event history for management events, which costs nothing; data events where they are."""
    history = lookup.LookupSource(clients)
    best = _best(survey, clients, regions)
    if best is None:
        return history
    return CombinedSource(((history, lookup.HOLDS), (best, DATA_KINDS)))


def _best(survey: TrailSurvey, clients: Clients, regions: Sequence[str]) -> TrailSource | None:
    """Return the quickest source of data events: a log group, a store, then files in S3."""
    trails = sorted(survey.trails, key=lambda trail: -len(trail.records & DATA_KINDS))
    stores = sorted(survey.stores, key=lambda store: -len(store.records & DATA_KINDS))
    for trail in trails:
        if trail.log_group and trail.records & DATA_KINDS:
            return _logs(survey, trail.log_group, clients, regions)
    for store in stores:
        if store.records & DATA_KINDS:
            return _lake(survey, store.ident, clients, regions)
    for trail in trails:
        if trail.bucket and trail.records & DATA_KINDS:
            prefix = f"/{trail.prefix}" if trail.prefix else ""
            return _s3(survey, f"s3://{trail.bucket}{prefix}", clients, regions)
    return None


def _logs(survey: TrailSurvey, name: str, clients: Clients, regions: Sequence[str]) -> TrailSource:
    from rumkit.trail.logs import LogsSource

    trails = [trail for trail in survey.trails if trail.log_group == name]
    region = trails[0].region if trails else _first(regions)
    return LogsSource(name, clients, region=region, recorded=_recorded(survey, trails))


def _athena(
    survey: TrailSurvey, name: str, clients: Clients, regions: Sequence[str]
) -> TrailSource:
    from rumkit.trail.athena import AthenaSource

    # The table's location is not looked up: what any trail delivers to S3 may be in it.
    trails = [trail for trail in survey.trails if trail.bucket]
    return AthenaSource(name, clients, region=_first(regions), recorded=_recorded(survey, trails))


def _lake(survey: TrailSurvey, name: str, clients: Clients, regions: Sequence[str]) -> TrailSource:
    from rumkit.trail.lake import LakeSource

    ident = name.rsplit("/", 1)[-1]
    stores = [store for store in survey.stores if store.ident == ident or store.name == name]
    region = stores[0].region if stores else _first(regions)
    return LakeSource(
        stores[0].ident if stores else ident,
        clients,
        region=region,
        recorded=_recorded(survey, stores),
    )


def _s3(survey: TrailSurvey, spec: str, clients: Clients, regions: Sequence[str]) -> TrailSource:
    from rumkit.trail.files import S3Source, split_location

    bucket, _ = split_location(spec)
    trails = [trail for trail in survey.trails if trail.bucket == bucket]
    return S3Source(spec, clients, region=_first(regions), recorded=_recorded(survey, trails))


_NAMED: Final[Mapping[str, Callable[[TrailSurvey, str, Clients, Sequence[str]], TrailSource]]] = {
    "logs": _logs,
    "athena": _athena,
    "lake": _lake,
}


def _recorded(
    survey: TrailSurvey, places: Sequence[Trail] | Sequence[Store]
) -> frozenset[str] | None:
    """Return what some places record, or None where the selectors could not be read."""
    if not places or survey.refusals:
        return None
    return frozenset().union(*(place.records for place in places)) & ALL_KINDS


def _first(regions: Sequence[str]) -> str:
    if not regions:
        raise BadInput("No region is known: name one with --region.")
    return regions[0]


def missing_kinds(result: TrailResult, query: TrailQuery) -> tuple[str, ...]:
    """Return the kinds that a query asked for and a result can't hold, in a fixed order."""
    return tuple(kind for kind in KINDS if kind in query.kinds - result.holds)
