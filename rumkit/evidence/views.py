"""What an investigation keeps of its facts: the rows of its tables, and when it began."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, TypeVar

from rumkit.aws import metrics, rum_logs
from rumkit.evidence.facts import or_none
from rumkit.evidence.trail import TrailFacts
from rumkit.model import NotCollected, Origin, Question, ended, in_words
from rumkit.target import iso, parse_traffic
from rumkit.trail import onset
from rumkit.trail.query import TrailResult

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from rumkit.target import Window
    from rumkit.trail.events import TrailEvent

T = TypeVar("T")
Rows = tuple[dict[str, Any], ...]

_MAX_ROWS = 5000
_TRAIL_TABLES = {
    "denied_put_events": "put_events",
    "token_failures": "vending",
    "changes": "changes",
}
_OTHER_TABLES = {
    "arrival": "arrival",
    "sessions": "session_sizes",
    "budget": "stored_events",
    "client_versions": "stored_events",
    "traces": "traces",
}
# What an empty table of what could be looked at means.
NOTHING = {
    "denied_put_events": "no failed call of PutRumEvents was read",
    "token_failures": "no failed call of STS or Cognito was read",
    "changes": "no change of monitor, identity pool, roles or policies was read",
    "calls": "no call of PutRumEvents, STS or Cognito was read",
    "arrival": "the window has no whole period",
    "sessions": "no session was counted",
    "budget": "RUM gave no stored event",
    "client_versions": "RUM gave no stored event",
    "traces": "the client stored no event of a trace",
}
# The limit that the client has when its configuration names none.
_DEFAULT_LIMIT = 200
# Sessions of clients up to 1.12 without cookies share this id.
_NIL = "00000000-0000-0000-0000-000000000000"


class ViewFacts(TrailFacts):
    """The facts as plain rows; what could not be collected gives none."""

    def tables(self) -> Mapping[str, Rows]:
        """Return the rows behind an investigation's DataFrames, plain values, bounded."""
        return {name: self.rows_of(name) for name in (*_TRAIL_TABLES, *_OTHER_TABLES)}

    def origins(self) -> Mapping[str, Origin]:
        """Return where the rows of each table come from, or why there are none."""
        return {name: self.origin_of(name) for name in (*_TRAIL_TABLES, *_OTHER_TABLES)}

    def rows_of(self, name: str) -> Rows:
        """Return the rows of one table; what could not be collected gives none."""
        if name in _TRAIL_TABLES:
            return plain_rows(self._trail_events(_TRAIL_TABLES[name]))
        rows: dict[str, Callable[[], Rows]] = {
            "arrival": self._arrival_rows,
            "sessions": self._session_rows,
            "budget": self._budget_rows,
            "client_versions": self._version_rows,
            "traces": self._trace_rows,
        }
        return _or_empty(rows[name])

    def origin_of(self, name: str) -> Origin:
        """Return where the rows of one table come from, or why there are none."""
        fact = (_TRAIL_TABLES | _OTHER_TABLES)[name]
        window = self.target.window
        try:
            value = getattr(self, fact)
        except NotCollected as gap:
            return unread(window, gap.reason)
        except Exception as defect:  # noqa: BLE001 - whoever collected the fact reports it
            return unread(window, f"rumkit itself failed: {in_words(defect)}")
        if isinstance(value, TrailResult):
            return trail_origin(value, NOTHING[name])
        asked = self._asked(name)
        origin = Origin(_places(asked), *window.iso(), asked)
        empty = not value or (name == "sessions" and not self.session_sizes.sizes)
        return origin.in_vain(NOTHING[name]) if empty else origin

    def _asked(self, name: str) -> tuple[Question, ...]:
        """Return what was asked for one of the tables that are not CloudTrail's."""
        monitor, window = self.monitor, self.target.window
        if name == "sessions":
            return (rum_logs.sessions_question(monitor, window),)
        if name != "arrival":
            kind = rum_logs.XRAY_EVENT if name == "traces" else ""
            return (rum_logs.events_question(monitor, window, kind),)
        asked = metrics.questions(monitor, window)
        if self.target.traffic is None:
            return asked
        site = parse_traffic(self.target.traffic)
        return (*asked, metrics.traffic_question(monitor.region, site, window))

    def began(self) -> onset.Began | None:
        """Return since when arrival or denials differ, and the changes before; None if neither."""
        counts = _or_empty(lambda: self.arrival.counts)
        requests = self.traffic_or_none()
        return onset.began(
            counts,
            [row.time for row in self._trail_events("put_events")],
            _or_empty(lambda: self.configuration_changes),
            self.target.window,
            timedelta(seconds=metrics.period_for(self.target.window)),
            traffic=None if requests is None else [requests.get(at, 0) for at, _ in counts],
        )

    def _trail_events(self, fact: str) -> Sequence[TrailEvent]:
        return _or_empty(lambda: tuple(getattr(self, fact).rows))

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
        limit = or_none(lambda: self.option("sessionEventLimit", default=_DEFAULT_LIMIT))
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
        for event in self.stored_events:
            sessions.setdefault(event.client_version, set()).add(event.session)
        events = Counter(event.client_version for event in self.stored_events)
        return tuple(
            {
                "client_version": version,
                "events": number,
                "sessions": len(sessions[version] - {"", _NIL}),
            }
            for version, number in sorted(events.items(), key=lambda item: (-item[1], item[0]))
        )

    def _trace_rows(self) -> Rows:
        return tuple(
            {"trace_id": trace.id, "url": trace.url, "joined": trace.joined}
            for trace in self.traces
        )


def trail_origin(result: TrailResult, nothing: str) -> Origin:
    """Return where CloudTrail rows come from; `nothing` says what an empty answer lacks."""
    asked = result.asked
    origin = Origin(_places(asked) or result.source, *result.window.iso(), asked)
    if result.rows:
        return origin
    return replace(origin, reason=" ".join((origin.in_vain(nothing).reason, *result.notes)))


def unread(window: Window, reason: str) -> Origin:
    """Return the origin of a table that could not be read, with the reason."""
    return Origin("", *window.iso(), reason=ended(reason))


def _places(asked: Sequence[Question]) -> str:
    """Return where questions were put, each place once."""
    return " and ".join(dict.fromkeys(question.place for question in asked))


def plain_rows(rows: Sequence[TrailEvent], *, whole: bool = False) -> Rows:
    """Return rows as plain values; of many only the newest, unless the `whole` is asked for."""
    return tuple(map(_plain, rows if whole else rows[-_MAX_ROWS:]))


def _or_empty(collect: Callable[[], tuple[T, ...]]) -> tuple[T, ...]:
    """Return the rows, none where they could not be collected: the fact's own gap says why."""
    try:
        return collect()
    except Exception:  # noqa: BLE001 - whoever collected the fact reports a defect in it
        return ()


def _plain(row: TrailEvent) -> dict[str, Any]:
    return {**asdict(row), "time": iso(row.time)}
