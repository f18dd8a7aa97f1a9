"""CloudTrail asked once for all monitors of an account and Region, and told apart again."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from rumkit.fleet.session import Memory
from rumkit.model import NotCollected
from rumkit.trail import sources, survey
from rumkit.trail.names import KIND_OF, PUT_RUM_EVENTS, STS
from rumkit.trail.query import TrailQuery, attached_for_a_while

if TYPE_CHECKING:
    from rumkit.fleet.session import AccountSession
    from rumkit.trail.events import TrailEvent
    from rumkit.trail.query import TrailResult
    from rumkit.trail.survey import TrailSurvey


@dataclass(frozen=True)
class _WideQuery(TrailQuery):
    """All monitors of a Region, whatever pools and roles they use."""

    def concerns(self, event: TrailEvent) -> bool:
        """Return also the refusals of STS that name a role and nothing else: it may be ours."""
        if super().concerns(event):
            return True
        timely = self.window.since <= event.time < self.window.until
        kind = KIND_OF.get((event.source, event.name))
        return kind == STS and kind in self.kinds and timely and bool(event.role)


class SharedTrail:
    """The trail of one profile or role, for all of its targets.

    `monitors` are the (name, id) pairs of the targets, by Region.
    """

    def __init__(
        self,
        session: AccountSession,
        monitors: dict[str, tuple[tuple[str, str], ...]],
    ) -> None:
        self._session = session
        self._monitors = monitors
        self._memory = Memory()

    def survey(self, regions: tuple[str, ...]) -> TrailSurvey:
        """Return which trails and event data stores there are, and what they record."""
        trails: TrailSurvey = self._memory.get(
            ("survey", regions), lambda: survey.survey(self._session.client, regions)
        )
        return trails

    def answer(self, query: TrailQuery, spec: str) -> TrailResult | None:
        """Return what the trail holds for one target's query.

        None where the target has to ask by itself: its calls are made in more than one Region, or
        a trail records some of the monitors only, which leaves each its own gaps.
        """
        regions = query.regions
        if len(regions) != 1 or regions[0] not in self._monitors or spec in {"", "none"}:
            return None
        wide = self._wide(query)
        if not set(query.all_regions) <= set(wide.all_regions):
            return None
        if not sources.is_local(spec) and spec != "lookup" and self._tells_apart(regions):
            return None
        found: _ByMonitor = self._memory.get(
            ("trail", spec, regions, query.window, query.account),
            lambda: _ByMonitor(self._ask(wide, spec)),
        )
        return found.of(query)

    def _wide(self, query: TrailQuery) -> TrailQuery:
        return _WideQuery(
            window=query.window,
            monitors=self._monitors[query.regions[0]],
            regions=query.regions,
            account=query.account,
        )

    def _ask(self, wide: TrailQuery, spec: str) -> TrailResult:
        source = sources.choose(
            lambda: self.survey(wide.regions), spec, self._session.client, regions=wide.regions
        )
        return source.fetch(wide)

    def _tells_apart(self, regions: tuple[str, ...]) -> bool:
        """Tell whether a trail or a store names resources in its selectors."""
        try:
            trails = self.survey(regions)
        except NotCollected:
            return False
        recorded = [each.recorded for each in trails.trails]
        recorded += [each.recorded for each in trails.stores]
        return any(each.partly for each in recorded)


class _ByMonitor:
    """An answer for many monitors, whose refused calls are looked up by the monitor."""

    def __init__(self, result: TrailResult) -> None:
        self._result = result
        self._puts: dict[str, list[TrailEvent]] = {}
        self._others: list[TrailEvent] = []
        for row in result.rows:
            if KIND_OF.get((row.source, row.name)) != PUT_RUM_EVENTS:
                self._others.append(row)
                continue
            for key in {row.monitor_name, row.monitor_id}:
                self._puts.setdefault(key, []).append(row)

    def of(self, query: TrailQuery) -> TrailResult:
        """Return what concerns one target; how many calls succeeded nobody counted by monitor."""
        keys = {"", *(key for pair in query.monitors for key in pair)}
        puts = {id(row): row for key in keys for row in self._puts.get(key, ())}
        rows = [row for row in (*puts.values(), *self._others) if query.wants(row)]
        attached = attached_for_a_while(rows)
        rows += [
            row
            for row in self._others
            if row.policy
            and row.resource in attached
            and query.wants_if_attached(row)
            and not query.wants(row)
        ]
        places = {(kind, region) for kind in query.kinds for region in query.regions_of(kind)}
        return replace(
            self._result,
            rows=tuple(sorted(rows, key=lambda row: (row.time, row.event_id))),
            coverage=tuple(
                each
                for each in self._result.coverage
                if not each.region or (each.kind, each.region) in places
            ),
            succeeded=None,
        )
