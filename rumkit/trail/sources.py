"""Which source of CloudTrail records to ask: named by the user, or the best that there is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from rumkit.aws.partitions import parse_arn
from rumkit.aws_names import is_uuid
from rumkit.model import BadInput, NotCollected
from rumkit.plain_file import given_path, is_there
from rumkit.threads import Workers
from rumkit.trail import lookup
from rumkit.trail.coverage import Coverage, Gap, best
from rumkit.trail.names import CHANGES, DATA_KINDS, STS
from rumkit.trail.query import Clients, TrailQuery, TrailResult, TrailSource
from rumkit.trail.recorders import of_store, of_trails, untold

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from rumkit.trail.survey import TrailSurvey
    from rumkit.trail.trails import Trail

_UNASKED_BYTES: Final = 500_000_000

Part = tuple[Callable[[], TrailSource | None], frozenset[str]]
"""What makes a source when it is needed (None where there is none), and what it is asked for."""


@dataclass(frozen=True)
class CombinedSource:
    """Several sources asked for what each is best at; rows that both have appear once."""

    parts: tuple[Part, ...]

    def fetch(self, query: TrailQuery) -> TrailResult:
        """Return what the parts hold together; raises NotCollected when all of them do."""
        results: list[TrailResult] = []
        refusals: list[NotCollected] = []
        asked = [(make, kinds & query.kinds) for make, kinds in self.parts if kinds & query.kinds]
        with Workers(max(1, len(asked))) as pool:
            answers = [pool.submit(_ask, make, query, kinds) for make, kinds in asked]
        for answer in answers:
            try:
                result = answer.result()
            except NotCollected as refusal:
                refusals.append(refusal)
            else:
                results += [result] if result else []
        if not results and refusals:
            raise refusals[0]
        return merge(results, query, [refusal.reason for refusal in refusals])


def _ask(
    make: Callable[[], TrailSource | None], query: TrailQuery, kinds: frozenset[str]
) -> TrailResult | None:
    source = make()
    if source is None:
        return None
    result = source.fetch(replace(query, kinds=kinds))
    # A part was asked for its own kinds alone, so it answers for no others.
    coverage = tuple(each for each in result.coverage if each.kind in kinds)
    return replace(result, holds=result.holds & kinds, coverage=coverage)


def merge(
    results: Sequence[TrailResult], query: TrailQuery, notes: Sequence[str] = ()
) -> TrailResult:
    """Return several answers to one query as one; each event once, the first that had it wins."""
    # Last results first, so that the first that has an event wins.
    found = (row for result in reversed(results) for row in result.rows)
    rows = {row.event_id or f"{number}": row for number, row in enumerate(found)}
    unread: Counter[str] = Counter()
    for result in results:
        unread.update(result.unread)
    scanned = [each.bytes_scanned for each in results if each.bytes_scanned is not None]
    costs = [each.cost_usd for each in results if each.cost_usd is not None]
    return TrailResult(
        rows=tuple(sorted(rows.values(), key=lambda row: (row.time, row.event_id))),
        source=" + ".join(each.source for each in results) or "none",
        window=query.window,
        holds=frozenset().union(*(each.holds for each in results)),
        notes=(*(note for each in results for note in each.notes), *notes),
        unread=dict(unread),
        bytes_scanned=sum(scanned) if scanned else None,
        cost_usd=sum(costs) if costs else None,
        calls=sum(each.calls for each in results),
        complete=all(each.complete for each in results) and not notes,
        coverage=_covered(results, query),
        succeeded=_succeeded(results),
        asked=tuple(question for each in results for question in each.asked),
    )


def _covered(results: Sequence[TrailResult], query: TrailQuery) -> tuple[Coverage, ...]:
    """Return the widest coverage of each kind and Region; nobody answered for the rest."""
    coverages = best(each for result in results for each in result.coverage)
    answered = {(each.kind, each.region) for each in coverages}
    reason = "No source that could be asked records them"
    nobody = untold(query, "none", Gap.of(query.window, reason))
    return (*coverages, *(each for each in nobody if (each.kind, each.region) not in answered))


def _succeeded(results: Sequence[TrailResult]) -> dict[str, int] | None:
    """Return the counts of all that counted; a kind that several count has the highest."""
    counts: dict[str, int] = {}
    for result in results:
        for kind, count in (result.succeeded or {}).items():
            counts[kind] = max(count, counts.get(kind, 0))
    return counts if any(result.succeeded is not None for result in results) else None


def is_local(spec: str) -> bool:
    """Tell whether a trail source is a path on this machine, which needs no account."""
    return spec not in {"", "auto", "none", "lookup"} and spec.partition(":")[0] not in (
        *_NAMED,
        "s3",
    )


def choose(
    survey: Callable[[], TrailSurvey], spec: str, clients: Clients, *, regions: Sequence[str]
) -> TrailSource:
    """Return the source that `spec` names. Raises BadInput for a spec that names none.

    `auto`, `lookup`, `logs:GROUP` (its name, or its ARN where it is another account's),
    `athena:DB.TABLE` (with `@WORKGROUP` where that is not `primary`), `lake:ID`,
    `s3://BUCKET/PREFIX`, or a file, folder or glob of trail files. `regions` are the monitors';
    the first is asked where a group, table, bucket or store of unknown region is named. `survey`
    is called when it is needed: Event history and files need none.
    """
    if spec in {"", "auto"}:
        return _auto(survey, clients, regions)
    if spec == "lookup":
        return lookup.LookupSource(clients)
    if spec.startswith("s3://"):
        return _s3(survey(), spec, clients, regions)
    scheme, _, name = spec.partition(":")
    if scheme in _NAMED and name:
        return _NAMED[scheme](survey(), name, clients, regions)
    is_path = is_there(given_path(spec)) or any(char in spec for char in "*?[")
    if "://" in spec or not is_path:
        raise BadInput(
            f"{spec!r} is not a trail source: write auto, lookup, logs:GROUP, athena:DB.TABLE, "
            "lake:ID, s3://BUCKET/PREFIX, or the path of a folder, file or glob of trail files."
        )
    from rumkit.trail.files import FileSource

    return FileSource(spec)


def _auto(
    survey: Callable[[], TrailSurvey], clients: Clients, regions: Sequence[str]
) -> TrailSource:
    """Event history for changes, which are few; browsers' calls from where a trail keeps them.

    Event history knows no filter by error, and a busy site's browsers make STS calls by the
    thousand: it is asked for them only where nothing else holds them.
    """
    history = lookup.LookupSource(clients)
    return CombinedSource(
        (
            (lambda: history, frozenset({CHANGES})),
            (lambda: _Browsers(survey(), clients, regions, history), DATA_KINDS | {STS}),
        )
    )


@dataclass(frozen=True)
class _Browsers:
    """Browsers' calls: from the best source, and STS from Event history where that has none."""

    survey: TrailSurvey
    clients: Clients
    regions: Sequence[str]
    history: TrailSource

    def fetch(self, query: TrailQuery) -> TrailResult:
        """Return what the best source holds, completed by Event history."""
        results: list[TrailResult] = []
        refused: list[str] = []
        source = best_source(self.survey, self.clients, self.regions, query)
        if source is not None:
            try:
                results.append(source.fetch(query))
            except NotCollected as refusal:
                refused.append(refusal.reason)
        if STS in query.kinds and not any(STS in result.holds for result in results):
            results.append(self.history.fetch(replace(query, kinds=frozenset({STS}))))
        merged = merge(results, query, refused)
        unseen = (refusal.reason for refusal in self.survey.refusals)
        return replace(merged, notes=(*merged.notes, *unseen))


def best_source(
    survey: TrailSurvey, clients: Clients, regions: Sequence[str], query: TrailQuery
) -> TrailSource | None:
    """Return the source that covers most of the browsers' calls, None where none holds any.

    Of those that cover as much the quickest is taken: a log group, a store, then files in S3.
    """
    wanted = replace(query, kinds=DATA_KINDS & query.kinds or DATA_KINDS)
    candidates = [
        (_seconds(coverage), make)
        for coverage, make in _candidates(survey, clients, regions, wanted)
    ]
    most = max((seconds for seconds, _ in candidates), default=0.0)
    return next((make() for seconds, make in candidates if most and seconds == most), None)


def _seconds(coverage: Sequence[Coverage]) -> float:
    spans = [span for each in coverage for span in each.spans]
    return sum((end - start).total_seconds() for start, end in spans)


def _candidates(
    survey: TrailSurvey, clients: Clients, regions: Sequence[str], query: TrailQuery
) -> Iterator[tuple[Sequence[Coverage], Callable[[], TrailSource]]]:
    """Yield what could be asked, the quickest first, with how far it covers a query."""
    for trail in survey.trails:
        if trail.log_group and (query.account or trail.logs_account) == trail.logs_account:
            group = trail.log_group
            coverage = of_trails([trail], query, "log group", group)
            yield coverage, partial(_logs, survey, group, clients, regions)
    for store in survey.stores:
        coverage = of_store(store, query, store.name)
        yield coverage, partial(_lake, survey, store.ident, clients, regions)
    for trail in survey.trails:
        if trail.bucket:
            prefix = f"/{trail.prefix}" if trail.prefix else ""
            # Nobody asked for this by name, so it may not take long.
            bounds = {"max_bytes": _UNASKED_BYTES, "deadline": 60.0}
            spec = f"s3://{trail.bucket}{prefix}"
            coverage = of_trails([trail], query, "bucket", spec)
            yield coverage, partial(_s3, survey, spec, clients, regions, **bounds)


def _logs(survey: TrailSurvey, name: str, clients: Clients, regions: Sequence[str]) -> TrailSource:
    from rumkit.trail.logs import LogsSource

    arn = parse_arn(name.removesuffix(":*"))
    group = arn.resource.removeprefix("log-group:") if arn else name
    trails = [trail for trail in survey.trails if trail.log_group == group]
    region = arn.region if arn else trails[0].region if trails else _first(regions)
    known = _known(survey, trails)
    return LogsSource(group, clients, region=region, trails=known, arn=str(arn) if arn else "")


def _athena(
    survey: TrailSurvey, name: str, clients: Clients, regions: Sequence[str]
) -> TrailSource:
    from rumkit.trail.athena import AthenaSource

    # The table's location is not looked up: what any trail delivers to S3 may be in it.
    trails = [trail for trail in survey.trails if trail.bucket]
    return AthenaSource(name, clients, region=_first(regions), trails=_known(survey, trails))


def _lake(survey: TrailSurvey, name: str, clients: Clients, regions: Sequence[str]) -> TrailSource:
    from rumkit.trail.lake import LakeSource

    ident = name.rsplit("/", 1)[-1]
    stores = [store for store in survey.stores if store.ident == ident or store.name == name]
    region = stores[0].region if stores else _first(regions)
    if not stores and not is_uuid(ident):
        # A name is the account's to know: it stands for nothing in a query.
        if survey.refusals:
            raise survey.refusals[0]
        names = ", ".join(store.name for store in survey.stores) or "none"
        raise BadInput(f"There is no event data store {name!r}; the account has {names}.")
    first = stores[0] if stores else None
    return LakeSource(first.ident if first else ident, clients, region=region, store=first)


def _s3(
    survey: TrailSurvey, spec: str, clients: Clients, regions: Sequence[str], **bounds: Any
) -> TrailSource:
    from rumkit.trail.bucket import S3Source, split_location

    bucket, _ = split_location(spec)
    trails = _known(survey, [trail for trail in survey.trails if trail.bucket == bucket])
    return S3Source(spec, clients, region=_first(regions), trails=trails, **bounds)


_NAMED: Final[Mapping[str, Callable[[TrailSurvey, str, Clients, Sequence[str]], TrailSource]]] = {
    "logs": _logs,
    "athena": _athena,
    "lake": _lake,
}


def _known(survey: TrailSurvey, trails: Sequence[Trail]) -> Sequence[Trail] | None:
    """Return trails, or None where there are none of them and not all could be read."""
    return None if not trails and survey.refusals else trails


def _first(regions: Sequence[str]) -> str:
    if not regions:
        raise BadInput("No region is known: name one with --region.")
    return regions[0]
