"""The tables behind the findings as DataFrames with fixed columns and dtypes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rumkit.model import BadInput
from rumkit.target import parse_moment
from rumkit.trail.events import COLUMNS, TrailEvent
from rumkit.trail.events import frame as trail_frame

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import pandas as pd

_TRAIL_TABLES = ("denied_put_events", "token_failures", "changes")


def frame(name: str, rows: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    """Return the rows of one table by time; an empty one has its columns and dtypes too.

    `arrival` has `time` (UTC, start of the period) and `events` (integer); the others have the
    columns of `rumkit.trail.events`. Times in `rows` are ISO 8601 text. Raises BadInput for
    another name or a time that is none.
    """
    if name == "arrival":
        return _arrival(rows)
    if name not in _TRAIL_TABLES:
        raise BadInput(f"There is no table {name!r}; the tables are {_listed()}.")
    events = sorted((_event(row) for row in rows), key=lambda event: event.time)
    return trail_frame(events)


def _arrival(rows: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    import pandas as pd

    held = sorted((parse_moment(str(row["time"])), int(row["events"])) for row in rows)
    return pd.DataFrame(
        {
            "time": pd.Series([time for time, _ in held], dtype="datetime64[us, UTC]"),
            "events": pd.Series([events for _, events in held], dtype="int64"),
        }
    )


def _event(row: Mapping[str, Any]) -> TrailEvent:
    """Return a plain row as an event; columns that it lacks keep their defaults."""
    known = {name: row[name] for name in COLUMNS if row.get(name) is not None}
    return TrailEvent(**(known | {"time": parse_moment(str(row["time"]))}))


def _listed() -> str:
    return ", ".join((*_TRAIL_TABLES, "arrival"))
