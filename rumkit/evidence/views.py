"""What an investigation keeps of its facts: the rows of its tables, and when it began."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from rumkit.aws import rum_logs
from rumkit.aws.metrics import period_for
from rumkit.evidence.trail import TrailFacts
from rumkit.model import NotCollected
from rumkit.target import iso
from rumkit.trail import onset

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from rumkit.trail.events import TrailEvent

T = TypeVar("T")
Rows = tuple[dict[str, Any], ...]

_MAX_ROWS = 5000
_TRAIL_TABLES = (
    ("denied_put_events", "put_events"),
    ("token_failures", "vending"),
    ("changes", "changes"),
)
# The limit that the client has when its configuration names none.
_DEFAULT_LIMIT = 200
# Sessions of clients up to 1.12 without cookies share this id.
_NIL = "00000000-0000-0000-0000-000000000000"


class ViewFacts(TrailFacts):
    """The facts as plain rows; what could not be collected gives none."""

    def tables(self) -> Mapping[str, Rows]:
        """Return the rows behind an investigation's DataFrames, plain values, bounded."""
        return {name: self.rows(name) for name in self._readers()}

    def rows(self, name: str) -> Rows:
        """Return the rows behind one of the DataFrames; what could not be collected gives none."""
        return _or_empty(self._readers()[name])

    def _readers(self) -> Mapping[str, Callable[[], Rows]]:
        return {
            **{name: partial(self._trail_rows, fact) for name, fact in _TRAIL_TABLES},
            "arrival": self._arrival_rows,
            "sessions": self._session_rows,
            "budget": self._budget_rows,
            "client_versions": self._version_rows,
            "traces": self._trace_rows,
        }

    def began(self) -> onset.Began | None:
        """Return since when arrival or denials differ, and the changes before; None if neither."""
        counts = _or_empty(lambda: self.arrival.counts)
        requests = self.traffic_or_none()
        return onset.began(
            counts,
            [row.time for row in self._trail_events("put_events")],
            _or_empty(lambda: self.configuration_changes),
            self.target.window,
            timedelta(seconds=period_for(self.target.window)),
            traffic=None if requests is None else [requests.get(at, 0) for at, _ in counts],
        )

    def _trail_events(self, fact: str) -> Sequence[TrailEvent]:
        return _or_empty(lambda: tuple(getattr(self, fact).rows))

    def _trail_rows(self, fact: str) -> Rows:
        return tuple(map(_plain, self._trail_events(fact)[-_MAX_ROWS:]))

    def _arrival_rows(self) -> Rows:
        counts = self.arrival.counts
        if self.target.traffic is None:
            return tuple({"time": iso(at), "events": events} for at, events in counts)
        # Not read is not zero.
        requests = self.traffic_or_none()
        return tuple(
            {
                "time": iso(at),
                "events": events,
                "requests": None if requests is None else requests.get(at, 0),
            }
            for at, events in counts
        )

    def _session_rows(self) -> Rows:
        limit = self._event_limit()
        return tuple(
            {
                "events": events,
                "sessions": sessions,
                "at_limit": None if limit is None else events == limit > 0,
            }
            for events, sessions in sorted(self.session_sizes.sizes.items())[:_MAX_ROWS]
        )

    def _event_limit(self) -> float | None:
        """Return the snippet's event limit; None when no page or no literal says it."""
        try:
            limit = self.option("sessionEventLimit", default=_DEFAULT_LIMIT)
        except NotCollected:
            return None
        return limit if isinstance(limit, int | float) else None

    def _budget_rows(self) -> Rows:
        counts = rum_logs.budget(self.stored_events)
        total = counts.total()
        return tuple(
            {"event_type": kind, "events": events, "share": round(events / total, 4)}
            for kind, events in counts.most_common()
        )

    def _version_rows(self) -> Rows:
        sessions: dict[str, set[str]] = {}
        events: dict[str, int] = {}
        for event in self.stored_events:
            version = event.client_version
            events[version] = events.get(version, 0) + 1
            sessions.setdefault(version, set()).add(event.session)
        return tuple(
            {
                "client_version": version,
                "events": events[version],
                "sessions": len(sessions[version] - {"", _NIL}),
            }
            for version in sorted(events, key=lambda version: (-events[version], version))
        )

    def _trace_rows(self) -> Rows:
        return tuple(
            {"trace_id": trace.id, "url": trace.url, "joined": trace.joined}
            for trace in self.traces
        )


def _or_empty(collect: Callable[[], tuple[T, ...]]) -> tuple[T, ...]:
    """Return the rows, none where they could not be collected: the fact's own gap says why."""
    try:
        return collect()
    except Exception:  # noqa: BLE001 - whoever collected the fact reports a defect in it
        return ()


def _plain(row: TrailEvent) -> dict[str, Any]:
    return {**asdict(row), "time": iso(row.time)}
