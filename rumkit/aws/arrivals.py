"""The account's app monitors in all Regions, and since when each of them is silent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rumkit.aws import metrics, monitor
from rumkit.aws.errors import AwsRefusal
from rumkit.aws.partitions import COMMERCIAL, partition_of
from rumkit.model import NotCollected
from rumkit.target import parse_window
from rumkit.threads import Workers

if TYPE_CHECKING:
    from datetime import datetime

    from rumkit.aws.monitor import Monitor, RegionMonitors
    from rumkit.aws.session import AwsSession

_WORKERS = 32
_MOST_ASKED = 200


@dataclass(frozen=True)
class Heard:
    """A monitor with the last hour (its start, UTC) in which events arrived.

    `last` is None where none did in fifteen days; `unread` says why it could not be asked, empty
    where it was.
    """

    name: str
    region: str
    last: datetime | None = None
    unread: str = ""


@dataclass(frozen=True)
class AccountArrivals:
    """An account's monitors; `unread` holds (Region, reason), `off` the Regions switched off."""

    id: str
    regions: tuple[str, ...]
    monitors: tuple[Heard, ...]
    unread: tuple[tuple[str, str], ...] = ()
    off: tuple[str, ...] = ()


def read_account(session: AwsSession, region: str | None = None) -> AccountArrivals:
    """Return the account's monitors with their last arrival, of one Region or of all with RUM.

    Raises NotCollected where nobody is signed in.
    """
    home = session.region or COMMERCIAL.home
    partition = partition_of(region or home)
    account_id = str(session.read("sts", "GetCallerIdentity", region=home)["Account"])
    everywhere = session.service_regions("rum", partition.name) or (home,)
    regions = (region,) if region else everywhere
    with Workers(_WORKERS) as pool:
        listed = list(pool.map(lambda name: _list(session, name), regions))
        there = [each for found, _ in listed if found for each in found.monitors]
        heard = list(pool.map(lambda each: _hear(session, each), there[:_MOST_ASKED]))
    rest = [Heard(each.name, each.region, unread="not asked") for each in there[_MOST_ASKED:]]
    refused = [(name, gap) for name, (_, gap) in zip(regions, listed, strict=True) if gap]
    off = tuple(name for name, gap in refused if _switched_off(gap))
    unread = tuple((name, gap.reason) for name, gap in refused if name not in off)
    return AccountArrivals(account_id, regions, (*heard, *rest), unread, off)


def _list(session: AwsSession, region: str) -> tuple[RegionMonitors | None, NotCollected | None]:
    """Return a Region's monitors, or why they could not be listed."""
    try:
        monitors = monitor.read_monitors(session, region)
    except NotCollected as gap:
        return None, gap
    return monitors, next(iter(monitors.unread), None)


def _hear(session: AwsSession, of: Monitor) -> Heard:
    try:
        last = metrics.read_last_hour_with_events(session, of, parse_window("24h"))
    except NotCollected as gap:
        return Heard(of.name, of.region, unread=gap.reason)
    return Heard(of.name, of.region, last)


def _switched_off(gap: NotCollected) -> bool:
    return isinstance(gap, AwsRefusal) and gap.kind == "region"
