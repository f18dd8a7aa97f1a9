"""What a fleet consists of: places to ask, the monitors there, and what is known of each."""

from __future__ import annotations

import fnmatch
import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date


@dataclass(frozen=True)
class Reach:
    """Credentials and Regions to ask: a profile, or roles assumed from it one after the other.

    `monitors` are names or patterns (`shop-*`), `tags` what a monitor has to be tagged with.
    No Region means the profile's own, `all` every one in which RUM is offered. `organization`
    names a role: the place stands for all accounts of its organization, each by its own role of
    this name.
    """

    name: str
    profile: str | None = None
    regions: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    external_id: str = ""
    session_name: str = "rumkit"
    monitors: tuple[str, ...] = ("*",)
    tags: Mapping[str, str] = field(default_factory=dict)
    owner: str = ""
    organization: str = ""

    def wants(self, name: str) -> bool:
        """Tell whether a monitor's name is one of those asked for."""
        return any(fnmatch.fnmatchcase(name, pattern) for pattern in self.monitors)


@dataclass(frozen=True)
class KnownMonitor:
    """What a person knows of one monitor: its page, its owner, where its trail is kept."""

    monitor: str
    place: str = ""
    region: str = ""
    page: str = ""
    owner: str = ""
    traffic: str = ""
    trail: str = ""

    def is_about(self, place: str, region: str, monitor: str) -> bool:
        """Tell whether this is about a monitor; what is left empty is about any."""
        # An account of an organization is called `PLACE/ACCOUNT`.
        here = place == self.place or place.startswith(f"{self.place}/")
        return self.monitor == monitor and (here or not self.place) and self.region in {"", region}


@dataclass(frozen=True)
class Accepted:
    """A finding that a person takes as it is: for whom, why, and until the end of which day."""

    check: str
    monitor: str
    reason: str
    until: date | None = None

    def covers(self, check: str, monitor: str, today: date) -> bool:
        """Tell whether a finding of a monitor is accepted on a day."""
        timely = self.until is None or today <= self.until
        return timely and self.check == check and fnmatch.fnmatchcase(monitor, self.monitor)


@dataclass(frozen=True)
class FleetPlan:
    """A whole fleet, and what goes for every monitor that says nothing else."""

    places: tuple[Reach, ...]
    known: tuple[KnownMonitor, ...] = ()
    accepted: tuple[Accepted, ...] = ()
    since: str = "24h"
    trail: str = "auto"


def practised() -> tuple[KnownMonitor, ...]:
    """Return the monitor whose page the sandbox around this process serves, none outside it."""
    monitor, page = os.environ.get("RUMKIT_MONITOR"), os.environ.get("RUMKIT_PAGE")
    inside = os.environ.get("RUMKIT_SANDBOX_URL")
    return (KnownMonitor(monitor, page=page),) if inside and monitor and page else ()


@dataclass(frozen=True)
class FleetTarget:
    """One monitor to investigate; `error` says why it can't be, where that is known already.

    `account` is the account's number, empty where it could not be asked.
    """

    place: str
    account: str
    region: str
    monitor: str
    page: str = ""
    owner: str = ""
    traffic: str = ""
    trail: str = "auto"
    since: str = "24h"
    error: str = ""
    ident: str = ""

    @property
    def key(self) -> str:
        """Return what this monitor is known by from run to run."""
        return key_of(self.place, self.account, self.region, self.monitor)


def key_of(place: str, account: str, region: str, monitor: str) -> str:
    """Return what a monitor is known by: its place, where its account is not known."""
    return f"{account or place}/{region or '-'}/{monitor or '*'}"
