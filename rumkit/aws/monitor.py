"""App monitors: found by name or id, with their configuration and resource policy."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, TypeVar

from rumkit.aws.errors import AwsRefusal
from rumkit.aws.partitions import Arn, partition_of
from rumkit.aws_names import is_uuid
from rumkit.json_text import read_json
from rumkit.model import NotCollected
from rumkit.threads import Workers

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from rumkit.aws.session import AwsSession

T = TypeVar("T")

_WEB: Final = "Web"
_WORKERS: Final = 16
# Each costs a call; an account has twenty monitors unless its quota was raised.
_MOST_READ: Final = 300
_NAMES_SHOWN: Final = 10


@dataclass(frozen=True)
class Monitor:
    """An app monitor as GetAppMonitor describes it.

    `config` is its AppMonitorConfiguration, which feeds only the generated snippet. `platform` is
    Web, iOS or Android. `created` and `modified` are the service's own texts. `tags` are None where
    the answer names none: whether it has any is then not known.
    """

    name: str
    id: str
    region: str
    domains: tuple[str, ...] = ()
    state: str = ""
    platform: str = _WEB
    created: str = ""
    modified: str = ""
    config: Mapping[str, Any] = field(default_factory=dict)
    log_group: str | None = None
    custom_events: bool = False
    tags: Mapping[str, str] | None = None

    @property
    def mobile(self) -> bool:
        """Tell whether a mobile app sends to it: no page, no snippet, and other metrics."""
        return self.platform != _WEB

    def arn(self, account: str, partition: str) -> str:
        """Return the monitor's ARN, which takes its name, not its id."""
        return str(Arn(partition, "rum", self.region, account, f"appmonitor/{self.name}"))


class MonitorNotFound(NotCollected):
    """No Region that was asked has the monitor: the names that there are, and the likely ones.

    `existing` maps Regions to the names of their monitors, those Regions included that were asked
    only to help. `close` are (name, Region) pairs that may be meant, the likeliest first: the
    monitor itself in another Region, then names that are spelt alike. `unasked` says which
    Regions gave no answer.
    """

    def __init__(
        self,
        wanted: str,
        regions: Sequence[str],
        *,
        account: str,
        existing: Mapping[str, tuple[str, ...]],
        close: Sequence[tuple[str, str]],
        unasked: Sequence[NotCollected] = (),
    ) -> None:
        self.wanted = wanted
        self.regions = tuple(regions)
        self.account = account
        self.existing = existing
        self.close = tuple(close)
        self.unasked = tuple(unasked)
        super().__init__("monitor", self._sentence(), missing=("input:monitor",), absent=True)

    def _sentence(self) -> str:
        what = f"with the id {self.wanted}" if is_uuid(self.wanted) else repr(self.wanted)
        where = " or ".join(self.regions)
        lead = f"there is no app monitor {what} in {where} of account {self.account or 'unknown'}"
        if self.close:
            name, region = self.close[0]
            return f"{lead}; did you mean {name} in {region}?"
        names = [name for region in self.regions for name in self.existing.get(region, ())]
        if names:
            more = f" and {len(names) - _NAMES_SHOWN} more" if len(names) > _NAMES_SHOWN else ""
            return f"{lead}, which has {', '.join(names[:_NAMES_SHOWN])}{more} there"
        others = [region for region, found in self.existing.items() if found]
        elsewhere = f"; it has monitors in {', '.join(others)}" if others else ""
        return f"{lead}, which has none there{elsewhere}"


@dataclass(frozen=True)
class RegionMonitors:
    """The monitors of a Region: those that were read, how many there are, and what was refused."""

    monitors: tuple[Monitor, ...]
    total: int
    unread: tuple[NotCollected, ...] = ()

    @property
    def complete(self) -> bool:
        """Tell whether all of them were read."""
        return len(self.monitors) == self.total


def find_monitor(session: AwsSession, wanted: str, regions: Sequence[str]) -> Monitor:
    """Return the monitor with this name or id from the first region that has it.

    Raises MonitorNotFound when every region answered and none has it, else NotCollected.
    """
    if not regions:
        raise NotCollected(
            "monitor",
            "no region is known to look for the monitor in: name it with --region",
            missing=("input:region",),
        )
    found, failures = _side_by_side(lambda region: _find_in(session, wanted, region), regions)
    monitor = next((each for each in found if each is not None), None)
    if monitor is not None:
        return monitor
    if failures:
        raise failures[0]
    raise _not_found(session, wanted, regions)


def _find_in(session: AwsSession, wanted: str, region: str) -> Monitor | None:
    """Return the monitor of a region, None when it has none of this name or id."""
    _refuse_without_rum(session, region)
    try:
        name = _name_of(session, wanted, region) if is_uuid(wanted) else wanted
        if name is None:
            return None
        reply = session.read("rum", "GetAppMonitor", region=region, Name=name)
    except AwsRefusal as refusal:
        if refusal.absent:
            return None
        if refusal.kind == "unavailable" and not session.offers("rum", region):
            raise NotCollected("monitor", _not_offered(region), missing=("input:region",)) from None
        raise
    return _monitor(reply["AppMonitor"], region)


def _refuse_without_rum(session: AwsSession, region: str) -> None:
    partition = partition_of(region).name
    if not session.service_regions("rum", partition):
        reason = f"CloudWatch RUM is not offered in any Region of the partition {partition}"
        raise NotCollected("monitor", reason, missing=("input:region",))


def _not_offered(region: str) -> str:
    import botocore

    return (
        f"CloudWatch RUM could not be reached in {region}, and as far as botocore"
        f" {botocore.__version__} knows it is not offered there"
    )


def _side_by_side(
    work: Callable[[str], T], places: Sequence[str]
) -> tuple[list[T], list[NotCollected]]:
    """Return the results of one task for many names, in order, and the refusals."""
    results: list[T] = []
    failures: list[NotCollected] = []
    with Workers(min(_WORKERS, len(places)) or 1) as pool:
        for attempt in [pool.submit(work, place) for place in places]:
            try:
                results.append(attempt.result())
            except NotCollected as failure:
                failures.append(failure)
    return results, failures


def list_monitors(session: AwsSession, region: str) -> list[dict[str, Any]]:
    """Return the summaries (Name, Id, State, …) of all monitors of a region."""
    return session.read_all("rum", "ListAppMonitors", "AppMonitorSummaries", region=region)


def read_monitors(session: AwsSession, region: str, *, but: str = "") -> RegionMonitors:
    """Return all monitors of a region but one, each read by itself, at most 300."""
    names = [str(each["Name"]) for each in list_monitors(session, region)]
    others = [name for name in names if name != but]
    found, failures = _side_by_side(
        lambda name: _find_in(session, name, region), others[:_MOST_READ]
    )
    read = tuple(each for each in found if each is not None)
    # One that was deleted between the two calls is not there any more.
    gone = len(found) - len(read)
    return RegionMonitors(read, len(others) - gone, tuple(failures))


def _name_of(session: AwsSession, wanted: str, region: str) -> str | None:
    for summary in list_monitors(session, region):
        if str(summary.get("Id", "")).lower() == wanted.lower():
            return str(summary["Name"])
    return None


def _not_found(session: AwsSession, wanted: str, regions: Sequence[str]) -> MonitorNotFound:
    """Return what there is instead, in the Regions that were asked and in all others."""
    partition = partition_of(regions[0]).name
    everywhere = tuple(dict.fromkeys((*regions, *session.service_regions("rum", partition))))
    listed, unasked = _side_by_side(lambda each: (each, list_monitors(session, each)), everywhere)
    existing = {
        region: tuple(sorted(str(each["Name"]) for each in found)) for region, found in listed
    }
    return MonitorNotFound(
        wanted,
        regions,
        account=session.account_or_empty(),
        existing=existing,
        close=_close(wanted, listed, existing),
        unasked=unasked,
    )


def _close(
    wanted: str,
    listed: Sequence[tuple[str, list[dict[str, Any]]]],
    existing: Mapping[str, tuple[str, ...]],
) -> list[tuple[str, str]]:
    same = [
        (str(each["Name"]), region)
        for region, found in listed
        for each in found
        if wanted.lower() in {str(each["Name"]).lower(), str(each.get("Id", "")).lower()}
    ]
    alike = [
        (name, region)
        for region, names in existing.items()
        for name in difflib.get_close_matches(wanted, names, n=3, cutoff=0.6)
    ]
    return list(dict.fromkeys((*same, *alike)))


def _monitor(reply: Mapping[str, Any], region: str) -> Monitor:
    log = reply.get("DataStorage", {}).get("CwLog", {})
    domains = reply.get("DomainList") or ([reply["Domain"]] if reply.get("Domain") else [])
    return Monitor(
        name=str(reply["Name"]),
        id=str(reply.get("Id", "")),
        region=region,
        domains=tuple(domains),
        state=str(reply.get("State", "")),
        platform=str(reply.get("Platform") or _WEB),
        created=str(reply.get("Created", "")),
        modified=str(reply.get("LastModified", "")),
        config=reply.get("AppMonitorConfiguration", {}),
        log_group=log.get("CwLogGroup") if log.get("CwLogEnabled") else None,
        custom_events=reply.get("CustomEvents", {}).get("Status") == "ENABLED",
        tags=reply.get("Tags"),
    )


def names_host(monitor: Monitor, host: str) -> bool:
    """Tell whether the monitor's list of domains covers a host name."""
    return any(_covers(domain.lower().rstrip("."), host.lower()) for domain in monitor.domains)


def _covers(domain: str, host: str) -> bool:
    """Compare a host with `example.com`, `*.example.com`, `example.*` or `*.example.*`.

    Source: CloudWatch RUM API reference, CreateAppMonitor, the pattern of Domain.
    """
    front, back = domain.startswith("*."), domain.endswith(".*")
    core = re.escape(domain[2 if front else 0 : -2 if back else None])
    pattern = rf"{'(?:.+[.])?' if front else ''}{core}{'[.].+' if back else ''}"
    return re.fullmatch(pattern, host) is not None


def resource_policy(session: AwsSession, monitor: Monitor) -> Any:
    """Return the monitor's resource policy document, or None when it has none."""
    try:
        reply = session.read("rum", "GetResourcePolicy", region=monitor.region, Name=monitor.name)
    except NotCollected as failure:
        if failure.absent:
            return None
        raise
    try:
        return read_json(reply["PolicyDocument"])
    except ValueError:
        raise NotCollected(
            "resource_policy", f"the resource policy of {monitor.name} is not JSON"
        ) from None
