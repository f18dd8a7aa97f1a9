"""One target of a fleet investigated, with what its account knows already."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rumkit.aws.monitor import RegionMonitors, read_monitors
from rumkit.evidence import Evidence
from rumkit.evidence.facts import fact
from rumkit.fleet.session import Memory, TargetSession
from rumkit.runner import run
from rumkit.target import Target, parse_window

if TYPE_CHECKING:
    from rumkit.fleet.places import Opened
    from rumkit.fleet.plan import FleetTarget
    from rumkit.fleet.trail import SharedTrail
    from rumkit.investigation import Investigation
    from rumkit.trail.query import TrailResult
    from rumkit.trail.survey import TrailSurvey


class SharedFacts:
    """What the targets of one place share beyond the replies of AWS.

    `moment` (ISO 8601) is the run's, at which the window of every target ends: windows that end
    at different moments would be different questions to the trail.
    """

    def __init__(self, opened: Opened, moment: str) -> None:
        self.opened = opened
        self.moment = moment
        self.trail: SharedTrail = opened.trail()
        self._memory = Memory()

    def region_monitors(self, region: str) -> RegionMonitors:
        """Return all monitors of a Region, as far as they could be read."""
        monitors: RegionMonitors = self._memory.get(
            region, lambda: read_monitors(self.opened.session, region)
        )
        return monitors


class FleetEvidence(Evidence):
    """Evidence of one target that asks for shared facts once for all of them."""

    def __init__(self, target: Target, session: TargetSession, shared: SharedFacts) -> None:
        super().__init__(target, session)
        self._shared = shared

    @fact
    def region_monitors(self) -> RegionMonitors:
        """All other monitors of the monitor's region, as far as they could be read."""
        mine, everything = self.monitor, self._shared.region_monitors(self.monitor.region)
        others = tuple(each for each in everything.monitors if each.name != mine.name)
        # Where the Region was not read whole, this one may be among those that were not.
        total = everything.total - (len(others) < len(everything.monitors))
        return RegionMonitors(others, total, everything.unread)

    @fact
    def trail_survey(self) -> TrailSurvey:
        """Which trails and event data stores there are, and what they record."""
        self._refuse_without_trail()
        self.session.require_credentials()
        return self._shared.trail.survey(self.trail_regions)

    @fact
    def trail(self) -> TrailResult:
        """All rows of the window that bear on this installation, from the chosen source."""
        self._refuse_without_trail()
        query = self.trail_query
        shared = self._shared.trail.answer(query, self.target.trail)
        return self.trail_source(query).fetch(query) if shared is None else shared


def look(target: FleetTarget, shared: SharedFacts, *, timeout: float) -> Investigation:
    """Investigate one target. Raises BadInput and RumkitError as an investigation does."""
    place = shared.opened.place
    wanted = Target(
        window=parse_window(target.since, shared.moment),
        monitor=target.monitor,
        page=target.page or None,
        region=target.region,
        profile=place.profile,
        trail=target.trail,
        traffic=target.traffic or None,
    )
    session = TargetSession(shared.opened.session)
    return run(FleetEvidence(wanted, session, shared), timeout=timeout)
