"""Facts of the AWS account: monitor, pool, roles, policies, arrival."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

from rumkit.aws import identity, metrics, monitor, roles, rum_logs, traces
from rumkit.aws.monitor import MonitorNotFound
from rumkit.aws.partitions import COMMERCIAL, data_plane_host, service_host
from rumkit.client.options import KnownOption, LeftOut, known_text
from rumkit.evidence.browser import BrowserFacts
from rumkit.evidence.facts import fact, or_none
from rumkit.model import Absent, NotCollected
from rumkit.target import parse_traffic
from rumkit.threads import Workers

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from rumkit.aws.identity import IdentityPool, PoolRoles
    from rumkit.aws.log_group import LogGroup
    from rumkit.aws.metrics import Arrival
    from rumkit.aws.monitor import Monitor, RegionMonitors
    from rumkit.aws.roles import NamedPolicy, Role, RolePolicies
    from rumkit.aws.rum_logs import SessionSizes, StoredEvent
    from rumkit.aws.traces import Trace


T = TypeVar("T")


@dataclass(frozen=True)
class Caller:
    """Whose credentials rumkit itself uses."""

    account: str
    arn: str
    partition: str


class AccountFacts(BrowserFacts):
    """What the account holds about the target."""

    @fact
    def caller(self) -> Caller:
        """Who asks, in which account and partition."""
        reply = self.session.read("sts", "GetCallerIdentity", region=self._any_region())
        arn = str(reply["Arn"])
        return Caller(str(reply["Account"]), arn, arn.split(":")[1])

    @fact
    def account_alias(self) -> str:
        """The account's alias, empty when it has none."""
        return roles.read_account_alias(self.session)

    def _any_region(self) -> str | None:
        """Return a region to call when the answer is the same everywhere in its partition."""
        return self.session.region or self.target.region or COMMERCIAL.home

    @fact
    def regions(self) -> tuple[str, ...]:
        """Regions in which the monitor may live, the likeliest first.

        A Region that was named is tried first, and then the page's own: one of them may be wrong.
        """
        named = [snippet.region for snippet in self.snippets_or_none()]
        usual = None if self.target.region else self.session.region
        places = (self.target.region, *named, *self.recorded_regions(), usual)
        regions = (name for name in places if isinstance(name, str))
        return tuple(
            dict.fromkeys(name for name in regions if name in self.session.known_regions())
        )

    @fact
    def named_monitor(self) -> Monitor:
        """The monitor that the user named."""
        if not self.target.monitor:
            raise NotCollected("monitor", "no monitor was named", missing=("input:monitor",))
        return monitor.find_monitor(self.session, self.target.monitor, self.regions)

    @fact
    def monitor_lookup(self) -> Monitor | Absent:
        """The monitor, or the sentence that says where there is none."""
        return _or_absent(self._find_monitor)

    @fact
    def monitor_not_found(self) -> MonitorNotFound | None:
        """What there is in place of the monitor; None where it was found."""
        try:
            self._find_monitor()
        except MonitorNotFound as failure:
            return failure
        return None

    @fact
    def monitor(self) -> Monitor:
        """The monitor under investigation: the named one, or the one that the page names."""
        return _present("monitor", self.monitor_lookup)

    def _find_monitor(self) -> Monitor:
        if self.target.monitor:
            return self.named_monitor
        wanted = self.page_monitor_id()
        if wanted is None:
            raise NotCollected(
                "monitor",
                "no monitor was named, and no page or recording names one",
                missing=("input:monitor", "input:page"),
            )
        return monitor.find_monitor(self.session, wanted, self.regions)

    @fact
    def neighbours(self) -> tuple[Monitor, ...]:
        """Other monitors of the region that name this page's host.

        Raises NotCollected where none of those that were read does and not all could be read.
        """
        host, all_of_them = urlsplit(self.page.url).hostname or "", self.region_monitors
        neighbours = tuple(each for each in all_of_them.monitors if monitor.names_host(each, host))
        if not neighbours and not all_of_them.complete:
            refused = next(iter(all_of_them.unread), None)
            raise NotCollected(
                "neighbours",
                f"{len(all_of_them.monitors)} of {all_of_them.total} other monitors of the region"
                f" could be read{f' ({refused.reason})' if refused else ''}, and none names {host}",
                missing=refused.missing if refused else (),
            )
        return neighbours

    @fact
    def region_monitors(self) -> RegionMonitors:
        """All other monitors of the monitor's region, as far as they could be read."""
        return monitor.read_monitors(self.session, self.monitor.region, but=self.monitor.name)

    @fact
    def monitor_arn(self) -> str:
        """The monitor's ARN, in the caller's account."""
        return self.monitor.arn(self.caller.account, self.caller.partition)

    @fact
    def resource_policy(self) -> Any:
        """The monitor's resource policy document, None when it has none."""
        return monitor.resource_policy(self.session, self.monitor)

    @fact
    def pool_id(self) -> str:
        """The identity pool that this client uses: the snippet's, else the monitor's."""
        snippet = self.snippet_or_none()
        if snippet is not None:
            match snippet.setting("identityPoolId"):
                case KnownOption(str(value)) if value:
                    return value
                case KnownOption() | LeftOut():
                    raise NotCollected("pool_id", "the snippet names no identity pool", absent=True)
        configured = self.monitor.config.get("IdentityPoolId")
        if not configured:
            raise NotCollected(
                "pool_id",
                f"neither a page nor the configuration of {self.monitor.name} names an"
                " identity pool",
                missing=self.missing("page"),
            )
        return str(configured)

    @fact
    def identity_pool_lookup(self) -> IdentityPool | Absent:
        """The identity pool, or the sentence that says that there is none."""
        pool_id = self.pool_id
        return _or_absent(lambda: identity.read_pool(self.session, pool_id))

    @fact
    def identity_pool(self) -> IdentityPool:
        """The identity pool."""
        return _present("identity_pool", self.identity_pool_lookup)

    @fact
    def pool_roles(self) -> PoolRoles:
        """The pool's roles."""
        return identity.read_pool_roles(self.session, self.pool_id)

    @fact
    def guest_role_arn(self) -> str:
        """The role that this client ends up with, by its flow."""
        snippet = self.snippet_or_none()
        if snippet is not None and self.flow == "basic":
            arn = known_text(snippet.setting("guestRoleArn"))
            if arn:
                return arn
        guest = self.pool_roles.guest
        if guest is None:
            raise NotCollected(
                "guest_role_arn",
                f"identity pool {self.pool_id} has no role for guests",
                absent=True,
            )
        return guest

    @fact
    def role_of_that_name(self) -> Role | Absent:
        """The role that bears the guest role's name, whatever the path in its ARN."""
        arn, account = self.guest_role_arn, self.caller.account
        return _or_absent(lambda: roles.read_role(self.session, arn, account))

    @fact
    def guest_role_lookup(self) -> Role | Absent:
        """The guest role, or the sentence that says that there is none."""
        role = self.role_of_that_name
        if isinstance(role, Absent) or role.arn == self.guest_role_arn:
            return role
        return Absent(f"the role of this name has another path, its ARN is {role.arn}")

    @fact
    def guest_role(self) -> Role:
        """The guest role with its trust policy."""
        return _present("guest_role", self.guest_role_lookup)

    @fact
    def guest_role_policies(self) -> RolePolicies:
        """The guest role's identity policies."""
        named = roles.role_name(self.guest_role_arn)
        if named.account != self.caller.account:
            # GetRole says it better, with what would help.
            _ = self.guest_role
        return roles.read_role_policies(self.session, named.name)

    @fact
    def configured_role_policies(self) -> RolePolicies:
        """The identity policies of the role that the monitor's configuration names."""
        arn = self.configured("GuestRoleArn")
        if not arn:
            raise NotCollected("configured_role_policies", "the monitor names no guest role")
        named = roles.role_name(arn)
        if named.account != self.caller.account:
            reason = f"the monitor's role {arn} belongs to account {named.account}"
            raise NotCollected("configured_role_policies", reason)
        return roles.read_role_policies(self.session, named.name)

    @fact
    def foreign_role_account(self) -> str | None:
        """The account of the guest role where it is not the pool's, None where they agree.

        In the enhanced flow Cognito assumes roles of the pool's own account alone.
        """
        _ = self.identity_pool  # a pool that can be read is in the account of the caller
        account = roles.role_name(self.guest_role_arn).account
        return account if account != self.caller.account else None

    @fact
    def rum_service_role_lookup(self) -> Role | Absent:
        """The role by which RUM publishes metrics and traces, or that there is none."""
        account = self.caller.account
        return _or_absent(lambda: roles.read_service_role(self.session, account))

    @fact
    def guest_role_boundary(self) -> NamedPolicy | None:
        """The guest role's permissions boundary, None when it has none."""
        arn = self.guest_role.boundary_arn
        return roles.read_managed_policy(self.session, arn) if arn else None

    @fact
    def simulation(self) -> str:
        """IAM's own opinion on rum:PutRumEvents, by the guest role, on this monitor."""
        return roles.simulate(
            self.session, self.guest_role_arn, "rum:PutRumEvents", self.monitor_arn
        )

    @fact
    def arrival(self) -> Arrival:
        """Events accepted over the window."""
        monitor, window = self.monitor, self.target.window
        with Workers(2) as pool:
            seen = pool.submit(metrics.read_window, self.session, monitor, window)
            last = pool.submit(metrics.read_last_hour_with_events, self.session, monitor, window)
            return metrics.arrival(window, seen.result(), last.result())

    @fact
    def traffic(self) -> Mapping[datetime, int] | None:
        """The site's requests by period of the window, None when no site was named."""
        if self.target.traffic is None:
            return None
        site = parse_traffic(self.target.traffic)
        return metrics.read_traffic(self.session, self.monitor.region, site, self.target.window)

    @fact
    def stored_events(self) -> tuple[StoredEvent, ...]:
        """A page of events that RUM stored in the window."""
        return rum_logs.read_events(self.session, self.monitor, self.target.window)

    @fact
    def monitor_log_group(self) -> LogGroup | Absent:
        """The log group that RUM writes events to, or the sentence that says that there is none.

        It appears with the first event.
        """
        return rum_logs.read_log_group(self.session, self.monitor)

    @fact
    def session_sizes(self) -> SessionSizes:
        """Events per session, counted over the whole window."""
        return rum_logs.read_session_sizes(self.session, self.monitor, self.target.window)

    @fact
    def trace_destination(self) -> str:
        """Where traces are kept: `XRay`, or `CloudWatchLogs` with Transaction Search on."""
        return traces.read_destination(self.session, self.monitor.region)

    @fact
    def traces(self) -> tuple[Trace, ...]:
        """Traces that the newest xray_trace_events of the window began."""
        events = rum_logs.read_events(
            self.session, self.monitor, self.target.window, rum_logs.XRAY_EVENT
        )
        return traces.read_traces(self.session, self.monitor.region, events)

    @fact
    def unanswered_requests(self) -> Mapping[str, int]:
        """The application's requests to other origins that never got a reply, by URL.

        A URL that was answered once lets the header through: its failures are the network's.
        """
        events = rum_logs.read_events(
            self.session, self.monitor, self.target.window, rum_logs.HTTP_EVENT
        )
        host = urlsplit(self.page.url).hostname
        answered = {event.url for event in events if event.status}
        failed = Counter(event.url for event in events if event.url and event.url not in answered)
        return {
            url: times
            for url, times in failed.items()
            if urlsplit(url).hostname not in {None, host}
        }

    def expected_urls(self) -> tuple[str, ...]:
        """Return what a client that was not read most likely connects to, by what else is known.

        The recording's own calls first, else the monitor's region and identity pool.
        """
        if recording := self.recording_or_none():
            from rumkit.client.har.conversation import AWS_CALLS

            called = [call.url for call in recording.of(*AWS_CALLS)]
            if called:
                return tuple(dict.fromkeys(called))
        app_monitor = self.monitor_or_none()
        if app_monitor is None:
            return ()
        urls = [f"https://{data_plane_host(app_monitor.region)}/appmonitors/{app_monitor.id}"]
        pool_region = str(app_monitor.config.get("IdentityPoolId") or "").partition(":")[0]
        if pool_region:
            urls.append(f"https://{service_host('cognito-identity', pool_region)}/")
        return tuple(urls)

    def monitor_or_none(self) -> Monitor | None:
        """Return the monitor, None where it is not known."""
        return or_none(lambda: self.monitor)

    def account_or_none(self) -> str | None:
        """Return the account that is asked, None where nobody is signed in."""
        return or_none(lambda: self.caller.account)

    def arrival_or_none(self) -> int | None:
        """Return the number of events that arrived in the window, None when not known."""
        return or_none(lambda: self.arrival.total)

    def stored_or_none(self) -> tuple[StoredEvent, ...] | None:
        """Return a page of events that RUM stored in the window, None when not known."""
        return or_none(lambda: self.stored_events)

    def no_service_role(self) -> bool:
        """Tell whether the role is gone by which RUM publishes metrics and sends traces."""
        return isinstance(or_none(lambda: self.rum_service_role_lookup), Absent)

    def traffic_or_none(self) -> Mapping[datetime, int] | None:
        """Return the site's requests by period, None also when they cannot be known."""
        return or_none(lambda: self.traffic)

    def last_arrival(self) -> datetime | None:
        """Return the start of the last period with accepted events, None when not known."""
        return or_none(lambda: self.arrival.last)

    def simulation_or_reason(self) -> str:
        """Return IAM's second opinion, or why there is none; it decides nothing."""
        try:
            return self.simulation
        except NotCollected as gap:
            return f"not asked: {gap.reason}"

    def mobile(self) -> bool:
        """Tell whether the monitor is known to be a mobile app's."""
        monitor = self.monitor_or_none() if self.target.monitor else None
        return monitor is not None and monitor.mobile

    def pool_elsewhere(self) -> tuple[str, str] | None:
        """Return the pool's Region and the monitor's where they differ, None where they agree.

        AWS says that RUM uses identity pools of its own Region only; the client does not mind.
        """
        pool, mine = identity.pool_region(self.pool_id), self.monitor.region
        return None if pool == mine else (pool, mine)

    def monitor_name(self) -> str | None:
        """Return the monitor's name as well as it is known."""
        monitor = self.monitor_or_none()
        return monitor.name if monitor else self.target.monitor or self.page_monitor_id()

    def region_name(self) -> str | None:
        """Return the monitor's region as well as it is known."""
        monitor = self.monitor_or_none()
        return monitor.region if monitor else next(iter(self.regions), None)

    def _matching_pools(self) -> tuple[str, ...]:
        """Return the region's identity pools that are named for the monitor, as RUM's console does.

        No fact, since it is asked for only where a fix needs it.
        """
        app_monitor = self.monitor
        pools = identity.list_pools(self.session, app_monitor.region)
        marks = (app_monitor.name.lower(), app_monitor.id[:8].lower())
        return tuple(
            pool for pool, name in pools if any(mark in name.lower() for mark in marks if mark)
        )

    def only_matching_pool(self) -> str:
        """Return the one identity pool that is named for the monitor, empty for none or several."""
        pools = or_none(self._matching_pools) or ()
        return pools[0] if len(pools) == 1 else ""

    def configured(self, key: str) -> Any:
        """Return a value of the monitor's AppMonitorConfiguration, None where it has none."""
        return self.monitor.config.get(key)

    def configured_or_none(self, key: str) -> Any:
        """Return such a value, None also when the monitor could not be read; for fixes only."""
        return or_none(lambda: self.configured(key))

    def wanted_monitor_id(self) -> str | None:
        """Return the id of the monitor that the user named, None when it cannot be found."""
        return or_none(lambda: self.named_monitor.id)


def _or_absent(collect: Callable[[], T]) -> T | Absent:
    """Return what was collected; that a thing does not exist is a result, a refusal is not."""
    try:
        return collect()
    except NotCollected as failure:
        if failure.absent:
            return Absent(failure.reason)
        raise


def _present(name: str, fact_or_absent: T | Absent) -> T:
    if isinstance(fact_or_absent, Absent):
        raise NotCollected(name, fact_or_absent.reason, absent=True)
    return fact_or_absent
