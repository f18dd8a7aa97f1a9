"""App monitors: found by name or id, with their configuration and resource policy."""

from __future__ import annotations

import json
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from rumkit.model import NotCollected

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rumkit.aws.session import AwsSession

_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


@dataclass(frozen=True)
class Monitor:
    """An app monitor as GetAppMonitor describes it.

    `config` is its AppMonitorConfiguration, which feeds only the generated snippet. `created`
    and `modified` are the service's own texts.
    """

    name: str
    id: str
    region: str
    domains: tuple[str, ...] = ()
    state: str = ""
    platform: str = "Web"
    created: str = ""
    modified: str = ""
    config: Mapping[str, Any] = field(default_factory=dict)
    log_group: str | None = None
    custom_events: bool = False

    def arn(self, account: str, partition: str) -> str:
        """Return the monitor's ARN, which takes its name, not its id."""
        return f"arn:{partition}:rum:{self.region}:{account}:appmonitor/{self.name}"


def is_id(text: str) -> bool:
    """Tell a monitor's id (a UUID) from a name."""
    return _UUID.fullmatch(text) is not None


def find_monitor(session: AwsSession, wanted: str, regions: Sequence[str]) -> Monitor:
    """Return the monitor with this name or id from the first region that has it.

    Raises NotCollected; `absent` is set when every region answered and none has it.
    """
    with ThreadPoolExecutor(max(1, len(regions))) as pool:
        tries = [pool.submit(_find_in, session, wanted, region) for region in regions]
        failures: list[NotCollected] = []
        for attempt in tries:
            try:
                return attempt.result()
            except NotCollected as failure:
                failures.append(failure)
    if not failures:
        raise NotCollected(
            "monitor",
            "no region is known to look for the monitor in: name it with --region",
            missing=("input:region",),
        )
    raise next((failure for failure in failures if not failure.absent), failures[0])


def _find_in(session: AwsSession, wanted: str, region: str) -> Monitor:
    name = _name_of(session, wanted, region) if is_id(wanted) else wanted
    try:
        reply = session.read("rum", "GetAppMonitor", region=region, Name=name)
    except NotCollected as failure:
        if not failure.absent:
            raise
        raise NotCollected("monitor", _not_there(session, wanted, region), absent=True) from None
    return _monitor(reply["AppMonitor"], region)


def list_monitors(session: AwsSession, region: str) -> list[dict[str, Any]]:
    """Return the summaries (Name, Id, State, …) of all monitors of a region."""
    return session.read_all("rum", "ListAppMonitors", "AppMonitorSummaries", region=region)


def _name_of(session: AwsSession, wanted: str, region: str) -> str:
    for summary in list_monitors(session, region):
        if str(summary.get("Id", "")).lower() == wanted.lower():
            return str(summary["Name"])
    raise NotCollected(
        "monitor", f"no app monitor in {region} has the id {wanted} in this account", absent=True
    )


def _not_there(session: AwsSession, wanted: str, region: str) -> str:
    try:
        names = sorted(str(summary.get("Name")) for summary in list_monitors(session, region))
    except NotCollected:
        names = []
    there = f"; it has {', '.join(names[:10])}" if names else ""
    return f"there is no app monitor {wanted!r} in {region}{there}"


def _monitor(reply: Mapping[str, Any], region: str) -> Monitor:
    log = reply.get("DataStorage", {}).get("CwLog", {})
    domains = reply.get("DomainList") or ([reply["Domain"]] if reply.get("Domain") else [])
    return Monitor(
        name=str(reply["Name"]),
        id=str(reply.get("Id", "")),
        region=region,
        domains=tuple(domains),
        state=str(reply.get("State", "")),
        platform=str(reply.get("Platform", "Web")),
        created=str(reply.get("Created", "")),
        modified=str(reply.get("LastModified", "")),
        config=reply.get("AppMonitorConfiguration", {}),
        log_group=log.get("CwLogGroup") if log.get("CwLogEnabled") else None,
        custom_events=reply.get("CustomEvents", {}).get("Status") == "ENABLED",
    )


def names_host(monitor: Monitor, host: str) -> bool:
    """Tell whether the monitor's list of domains covers a host name."""
    return any(_covers(domain.lower().rstrip("."), host.lower()) for domain in monitor.domains)


def _covers(domain: str, host: str) -> bool:
    if domain.startswith("*."):
        return host == domain[2:] or host.endswith(domain[1:])
    return host == domain


def resource_policy(session: AwsSession, monitor: Monitor) -> Any:
    """Return the monitor's resource policy document, or None when it has none."""
    try:
        reply = session.read("rum", "GetResourcePolicy", region=monitor.region, Name=monitor.name)
    except NotCollected as failure:
        if failure.absent:
            return None
        raise
    text = reply.get("PolicyDocument") or "null"
    try:
        return json.loads(text)
    except ValueError:
        raise NotCollected(
            "resource_policy", f"the resource policy of {monitor.name} is not JSON"
        ) from None
