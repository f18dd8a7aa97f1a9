"""How far what records calls covers a window: trails, log groups, event data stores.

Sources: CloudTrail API reference, GetTrailStatus and GetEventDataStore; CloudTrail user guide,
"Receiving CloudTrail log files from multiple Regions"; CloudWatch Logs API reference, LogGroup.
"""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, Literal

from rumkit.aws.log_group import find_log_group
from rumkit.aws.partitions import parse_arn
from rumkit.model import NotCollected
from rumkit.target import iso, now
from rumkit.trail.coverage import DELIVERY, Coverage, Gap, best
from rumkit.trail.names import CHANGES, KINDS, WORDS
from rumkit.trail.refused import asking
from rumkit.trail.selectors import recorded_by
from rumkit.trail.waiting import pages

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rumkit.aws.log_group import LogGroup
    from rumkit.target import Window
    from rumkit.trail.query import TrailQuery
    from rumkit.trail.trails import LakeStore, Trail, TrailStatus

Medium = Literal["bucket", "log group"]
_SECONDS: Final = 15.0
_EVER: Final = datetime.min.replace(tzinfo=UTC)
DELIVERY_CLASS: Final = "DELIVERY"


def read_group(client: Any, name: str, region: str, arn: str = "") -> LogGroup | None:
    """Return a log group, None where there is none.

    Raises NotCollected when that is refused, or when the groups of that prefix have no end.
    `arn` names it in another account, whose groups a monitoring account sees as linked ones.
    """
    owner = parse_arn(arn)
    linked: dict[str, Any] = (
        {"includeLinkedAccounts": True, "accountIdentifiers": [owner.account]} if owner else {}
    )

    def ask(token: str = "") -> Any:
        paged = {"nextToken": token} if token else {}
        with asking("logs:DescribeLogGroups", region):
            return client.describe_log_groups(logGroupNamePrefix=name, **linked, **paged)

    until = time.monotonic() + _SECONDS
    for page in pages(ask, "nextToken", first=ask(), what="the log groups", deadline=until):
        # Groups come by name, and the whole name is the first of its prefix.
        if page["logGroups"]:
            return find_log_group(page["logGroups"], name)
    return None


def group_gaps(group: LogGroup | NotCollected | None, name: str, window: Window) -> list[Gap]:
    """Return what a log group does not keep of a window, whatever is delivered to it."""
    if isinstance(group, NotCollected):
        reason = f"How long {name} keeps its records is not known ({group.reason})"
        return [replace(Gap.left_by(group), reason=reason)]
    if group is None:
        return [Gap.of(window, f"There is no log group {name} in this account and Region")]
    gaps = []
    if group.log_class == DELIVERY_CLASS:
        gaps.append(Gap(f"{name} is of the class DELIVERY, which keeps its records for a day"))
    kept, created = _kept(group.retention), group.created or _EVER
    oldest = max(kept, created)
    if oldest > window.since:
        # What was before a group was made is in none of it, however long it keeps things.
        new = created >= kept
        setting = "" if new else f"setting:retention of {name}"
        why = "is new" if new else f"keeps its records for {group.retention} days"
        reason = f"{name} {why}, so it holds nothing before {iso(oldest)}"
        gaps.append(Gap(reason, setting, window.since, oldest))
    return gaps


def _kept(days: int | None) -> datetime:
    return now() - timedelta(days=days) if days else _EVER


def of_trails(
    trails: Sequence[Trail] | None,
    query: TrailQuery,
    medium: Medium,
    place: str,
) -> tuple[Coverage, ...]:
    """Return how far trails that deliver to one place cover a query, the widest of them.

    `trails` is None where they could not be read, and empty where none of this account delivers
    there: what the place holds is then not known from its trails.
    """
    if trails is None:
        reason = f"What is delivered to {place} could not be read"
        return untold(query, place, Gap(reason, "cloudtrail:DescribeTrails"))
    if not trails:
        reason = f"No trail of this account delivers to {place}: since when, and which calls, is"
        return untold(query, place, Gap(f"{reason} not known"))
    return best(each for trail in trails for each in _of_trail(trail, query, medium))


def untold(query: TrailQuery, source: str, *gaps: Gap) -> tuple[Coverage, ...]:
    """Return a coverage of which only the gaps are known, for every kind and Region of a query."""
    return tuple(
        Coverage(kind, region, query.window, source, gaps)
        for kind in KINDS
        if kind in query.kinds
        for region in query.regions_of(kind) or ("",)
    )


def _of_trail(trail: Trail, query: TrailQuery, medium: Medium) -> list[Coverage]:
    source = f"trail {trail.name}"
    running = _running(trail, query.window, medium)
    return [
        replace(
            each,
            gaps=(
                *_recording(trail.selectors, query, each.kind, source),
                *_reaching(trail, each.kind, each.region, query),
                *running,
            ),
        )
        for each in untold(query, source)
    ]


def _recording(
    selectors: Mapping[str, Any] | None, query: TrailQuery, kind: str, source: str
) -> list[Gap]:
    """Return whether selectors leave a kind out, or those of its calls that are ours."""
    words = WORDS[kind]
    setting = f"setting:record {words} in a trail"
    if selectors is None:
        return [Gap(f"What {source} records could not be read", "cloudtrail:GetEventSelectors")]
    ours, any_of = recorded_by(selectors, query.resource_arns), recorded_by(selectors)
    if kind not in any_of.kinds:
        return [Gap.of(query.window, f"{source} does not record {words}", setting)]
    if kind not in ours.kinds:
        named = ", ".join(query.resource_arns[kind])
        reason = f"The selectors of {source} leave out {words} of {named}"
        return [Gap.of(query.window, reason, setting)]
    if kind in ours.partly:
        return [Gap(f"The selectors of {source} record {words} of some resources only", setting)]
    return []


def _reaching(trail: Trail, kind: str, region: str, query: TrailQuery) -> list[Gap]:
    """Return whether a trail records the calls of a Region at all."""
    if region and not trail.multi_region and region != trail.region:
        if kind == CHANGES and region in query.home_regions and trail.global_events:
            return []
        reason = f"trail {trail.name} records the calls of {trail.region} only"
        setting = f"setting:make {trail.name} a multi-Region trail"
        return [Gap.of(query.window, reason, setting)]
    if kind == CHANGES and region in query.home_regions and not trail.global_events:
        reason = f"trail {trail.name} leaves out global services, such as changes of IAM"
        return [Gap(reason, f"setting:record global service events in {trail.name}")]
    return []


def _running(trail: Trail, window: Window, medium: Medium) -> list[Gap]:
    """Return when a trail did not run in a window, and what it has not delivered of it."""
    status = trail.status
    if status is None:
        reason = f"Whether trail {trail.name} was running could not be read"
        return [Gap(reason, "cloudtrail:GetTrailStatus")]
    return [*_stopped(trail.name, status, window), *_undelivered(trail, status, window, medium)]


def _stopped(name: str, status: TrailStatus, window: Window) -> list[Gap]:
    setting = f"setting:start logging of trail {name}"
    gaps = []
    if not status.logging:
        since = status.stopped or window.since
        when = f"at {iso(since)}" if status.stopped else "at a time that is not said"
        reason = f"trail {name} was stopped {when} and does not run"
        gaps.append(Gap(reason, setting, since, window.until))
    if status.started is None:
        gaps.append(Gap(f"Since when trail {name} runs is not said"))
    elif status.started > window.since:
        # Between its last stop and its last start a trail was off; before that it ran.
        off = status.stopped if status.stopped and status.stopped < status.started else None
        since = max(window.since, off or window.since)
        if since < status.started:
            reason = f"trail {name} began to run at {iso(status.started)}"
            gaps.append(Gap(reason, "", since, status.started))
    return [gap for gap in gaps if gap.since is None or gap.since < window.until]


def _undelivered(trail: Trail, status: TrailStatus, window: Window, medium: Medium) -> list[Gap]:
    to_group = medium == "log group"
    error = status.logs_error if to_group else status.delivery_error
    last = status.logs_delivered if to_group else status.delivered
    place = f"log group {trail.log_group}" if to_group else f"bucket {trail.bucket}"
    since = max(last or window.since, window.since)
    if error:
        reason = f"The last delivery of trail {trail.name} to its {place} failed: {error}"
        setting = f"setting:let {trail.name} deliver to its {place}"
        return [Gap(reason, setting, since, window.until)] if since < window.until else []
    ended = status.stopped if status.stopped and not status.logging else window.until
    if since >= min(ended, window.until) - DELIVERY:
        return []
    when = f"since {iso(last)}" if last else "yet"
    reason = f"trail {trail.name} has delivered nothing to its {place} {when}"
    return [Gap(reason, "later:delivery", since, window.until)]


def of_store(store: LakeStore | None, query: TrailQuery, name: str) -> tuple[Coverage, ...]:
    """Return how far an event data store covers a query; None where it could not be read."""
    source = f"event data store {store.name if store else name}"
    if store is None:
        reason = f"What {source} records could not be read"
        return untold(query, source, Gap(reason, "cloudtrail:GetEventDataStore"))
    oldest = max(_kept(store.retention), store.created or _EVER)
    general = []
    if not store.enabled:
        reason = f"{source} takes nothing in"
        general.append(Gap(reason, f"setting:start ingestion of {store.name}"))
    if oldest > query.window.since:
        reason = f"{source} holds nothing before {iso(oldest)}"
        general.append(Gap(reason, "", query.window.since, oldest))
    return tuple(
        replace(
            each,
            gaps=(
                *_recording(store.selectors, query, each.kind, source),
                *_store_region(store, each.region, source, query),
                *general,
            ),
        )
        for each in untold(query, source)
    )


def _store_region(store: LakeStore, region: str, source: str, query: TrailQuery) -> list[Gap]:
    if store.multi_region or not region or region == store.region:
        return []
    reason = f"{source} takes in the events of {store.region} only"
    return [Gap.of(query.window, reason, f"setting:make {store.name} multi-Region")]
