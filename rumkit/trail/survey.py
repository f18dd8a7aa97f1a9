"""Which trails and event data stores this account has, and what they record."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from rumkit.model import Fix, NotCollected, ReadRefused
from rumkit.threads import Workers
from rumkit.trail import lookup
from rumkit.trail.names import WORDS
from rumkit.trail.refused import asking
from rumkit.trail.selectors import PRICE_NOTE, recorded_by, selectors_for, setting_fix
from rumkit.trail.text import clean
from rumkit.trail.trails import LakeStore, Trail, TrailStatus
from rumkit.trail.waiting import pages

if TYPE_CHECKING:
    from collections.abc import Sequence
    from concurrent.futures import Future

    from rumkit.trail.query import Clients

_WORKERS: Final = 16
_DEADLINE: Final = 60.0
_PARTLY: Final = (
    "Its selectors name some resources or calls only: what is missing there may have happened."
)


@dataclass(frozen=True)
class TrailSurvey:
    """What the account records. `refusals` says what could not be looked at."""

    trails: tuple[Trail, ...] = ()
    stores: tuple[LakeStore, ...] = ()
    refusals: tuple[NotCollected, ...] = ()
    calls: int = 0

    def places(self, kind: str) -> tuple[str, ...]:
        """Return where a kind is recorded: names of trails and stores, and Event history."""
        places = [f"trail {trail.name}" for trail in self.trails if kind in trail.records]
        places += [f"event data store {each.name}" for each in self.stores if kind in each.records]
        return (*places, "Event history") if kind in lookup.HOLDS else tuple(places)

    def sentence(self, kind: str) -> str:
        """Return where a kind is recorded, as a sentence that can't be taken for "none"."""
        what = WORDS[kind]
        subject = what[0].upper() + what[1:]
        places = self.places(kind)
        if places:
            sentence = f"{subject} are recorded by: {', '.join(places)}."
            return f"{sentence} {_PARTLY}" if self._only_partly(kind) else sentence
        if self.refusals:
            return f"It could not be seen whether any trail records {what}."
        return (
            f"{subject} are not recorded by any trail of this account: "
            "whether there were any can't be told from CloudTrail."
        )

    def _only_partly(self, kind: str) -> bool:
        """Return whether every place that records a kind leaves some of it out."""
        places: list[Trail | LakeStore] = [*self.trails, *self.stores]
        recording = [each.recorded for each in places if kind in each.records]
        return kind not in lookup.HOLDS and all(kind in each.partly for each in recording)

    def fixes(
        self, kinds: Sequence[str], *, lacking: frozenset[str] = frozenset()
    ) -> tuple[Fix, ...]:
        """Return the settings that would record the kinds that no place records, with the cost.

        `lacking` are kinds that are recorded of other resources only, and not of ours.
        """
        missing = [kind for kind in kinds if kind in lacking or not self.places(kind)]
        if not missing:
            return ()
        active = [trail for trail in self.trails if trail.logging is not False]
        if not active:
            return (
                _advice(
                    missing,
                    "Make a trail that records data events",
                    "Create a trail here and give it these advanced event selectors:",
                ),
            )
        best = max(active, key=lambda trail: (bool(trail.log_group), trail.multi_region))
        if not best.selectors:
            # Setting selectors replaces all of them, so those that are not known would be lost.
            return (
                _advice(
                    missing,
                    f"Record {', '.join(missing)} in the trail {best.name}",
                    "Its present selectors could not be read, and a command would replace them."
                    " Read them (aws cloudtrail get-event-selectors), and put these beside them:",
                    best.arn,
                ),
            )
        return (setting_fix(best.arn, best.region, best.selectors, missing),)


def _advice(kinds: Sequence[str], title: str, text: str, target: str = "") -> Fix:
    """Return the selectors that record some kinds, to be written by hand."""
    selectors = json.dumps(selectors_for(kinds), indent=2)
    return Fix("advice", title, f"{text}\n{selectors}", side_effect=PRICE_NOTE, target=target)


def survey(clients: Clients, regions: Sequence[str]) -> TrailSurvey:
    """Return the trails and event data stores that serve some regions. Never raises NotCollected.

    Asks DescribeTrails, GetEventSelectors, GetTrailStatus, ListEventDataStores, GetEventDataStore;
    what does not depend on another answer is asked side by side.
    """
    surveyor = _Surveyor(clients)
    places = tuple(dict.fromkeys(regions))
    with Workers(_WORKERS) as pool:
        trails = [pool.submit(surveyor.trails_of, region) for region in places]
        stores = [pool.submit(surveyor.stores_of, region) for region in places]
        listed = _distinct(trails, "TrailARN")
        kept = _distinct(stores, "EventDataStoreArn")
        looked = [pool.submit(surveyor.trail, found, region) for found, region in listed]
        opened = [pool.submit(surveyor.store, found, region) for found, region in kept]
        found_trails = tuple(each.result() for each in looked)
        found_stores = tuple(store for each in opened if (store := each.result()))
    refusals = {refusal.reason: refusal for refusal in surveyor.refusals}
    in_order = tuple(refusals[reason] for reason in sorted(refusals))
    return TrailSurvey(found_trails, found_stores, in_order, surveyor.calls)


_Listed = tuple[Mapping[str, Any], str]


def _distinct(listings: Sequence[Future[list[_Listed]]], arn: str) -> list[_Listed]:
    """Return what several regions list, each trail or store once, the first region's first."""
    by_arn: dict[str, _Listed] = {}
    for listing in listings:
        for item, region in listing.result():
            if item.get(arn):
                by_arn.setdefault(str(item[arn]), (item, region))
    return list(by_arn.values())


class _Surveyor:
    """Asks for trails and stores; a refusal costs only what was refused."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients
        self.refusals: list[NotCollected] = []
        self.calls = 0

    def _ask(self, region: str, action: str, **asked: Any) -> dict[str, Any] | None:
        from botocore import xform_name

        self.calls += 1
        try:
            with asking(f"cloudtrail:{action}", region):
                answer = getattr(self._clients("cloudtrail", region), xform_name(action))(**asked)
        except NotCollected as refusal:
            self.refusals.append(refusal)
            return None
        except ReadRefused:  # the caller's list of reads leaves it out: it stays unknown
            return None
        return dict(answer)

    def trails_of(self, region: str) -> list[_Listed]:
        """Return the trails that record a region, those of other home regions included."""
        answer = self._ask(region, "DescribeTrails", includeShadowTrails=True) or {}
        return [(trail, region) for trail in answer.get("trailList", [])]

    def trail(self, listed: Mapping[str, Any], region: str) -> Trail:
        """Return a trail with its selectors and status, which are asked for together."""
        arn, home = str(listed["TrailARN"]), str(listed.get("HomeRegion") or region)
        with Workers(1) as pool:
            status_asked = pool.submit(self._ask, home, "GetTrailStatus", Name=arn)
            selectors = self._ask(home, "GetEventSelectors", TrailName=arn)
            status = status_asked.result()
        return Trail(
            name=str(listed.get("Name", "")),
            arn=arn,
            region=home,
            multi_region=bool(listed.get("IsMultiRegionTrail")),
            bucket=str(listed.get("S3BucketName") or ""),
            prefix=str(listed.get("S3KeyPrefix") or ""),
            log_group=_group(str(listed.get("CloudWatchLogsLogGroupArn") or "")),
            recorded=recorded_by(selectors or {}),
            status=None if status is None else _status(status),
            selectors=selectors,
            log_group_arn=str(listed.get("CloudWatchLogsLogGroupArn") or "").removesuffix(":*"),
            global_events=listed.get("IncludeGlobalServiceEvents") is not False,
        )

    def stores_of(self, region: str) -> list[_Listed]:
        """Return the event data stores of a region, page by page."""

        def ask(token: str = "") -> dict[str, Any]:
            named = {"NextToken": token} if token else {}
            return self._ask(region, "ListEventDataStores", **named) or {}

        listed: list[_Listed] = []
        what = f"the event data stores of {region}"
        until = time.monotonic() + _DEADLINE
        try:
            for answer in pages(ask, "NextToken", first=ask(), what=what, deadline=until):
                listed += [(each, region) for each in answer.get("EventDataStores", [])]
        except NotCollected as refusal:
            self.refusals.append(refusal)
        return listed

    def store(self, listed: Mapping[str, Any], region: str) -> LakeStore | None:
        """Return a store with its selectors, None where it could not be opened."""
        arn = str(listed["EventDataStoreArn"])
        described = self._ask(region, "GetEventDataStore", EventDataStore=arn)
        if described is None:
            return None
        return LakeStore(
            ident=arn.rsplit("/", 1)[-1],
            name=str(described.get("Name", "")),
            region=region,
            enabled=described.get("Status") == "ENABLED",
            recorded=recorded_by(described),
            selectors=described,
            multi_region=described.get("MultiRegionEnabled") is not False,
            created=_time(described.get("CreatedTimestamp")),
            retention=described.get("RetentionPeriod"),
            key=str(described.get("KmsKeyId") or ""),
        )


def _status(answer: Mapping[str, Any]) -> TrailStatus:
    return TrailStatus(
        logging=bool(answer.get("IsLogging")),
        started=_time(answer.get("StartLoggingTime")),
        stopped=_time(answer.get("StopLoggingTime")),
        delivered=_time(answer.get("LatestDeliveryTime")),
        delivery_error=clean(answer.get("LatestDeliveryError"), 300),
        logs_delivered=_time(answer.get("LatestCloudWatchLogsDeliveryTime")),
        logs_error=clean(answer.get("LatestCloudWatchLogsDeliveryError"), 300),
    )


def _time(value: object) -> datetime | None:
    return value if isinstance(value, datetime) else None


def _group(arn: str) -> str:
    """Return the name in a log group's ARN: arn:aws:logs:REGION:ACCOUNT:log-group:NAME:*."""
    return arn.split(":log-group:", 1)[1].removesuffix(":*") if ":log-group:" in arn else ""
