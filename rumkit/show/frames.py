"""The tables behind the findings as DataFrames with fixed columns and dtypes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rumkit.model import BadInput
from rumkit.target import parse_moment
from rumkit.trail.events import COLUMNS, TrailEvent
from rumkit.trail.events import frame as trail_frame

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import pandas as pd

_TRAIL_TABLES = ("denied_put_events", "token_failures", "changes")
# Columns and dtypes of the tables that are no CloudTrail rows and have no time.
COUNTED: Mapping[str, Mapping[str, str]] = {
    "sessions": {"events": "int64", "sessions": "int64", "at_limit": "boolean"},
    "budget": {"event_type": "string", "events": "int64", "share": "float64"},
    "client_versions": {"client_version": "string", "events": "int64", "sessions": "int64"},
    "traces": {"trace_id": "string", "url": "string", "joined": "bool"},
}


def frame(name: str, rows: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    """Return the rows of one table by time; an empty one has its columns and dtypes too.

    `arrival` has `time` (UTC, start of the period), `events` (integer) and, where site traffic
    was named, `requests` (nullable integer); `COUNTED` says the columns of four; the others have
    those of `rumkit.trail.events`. Times in `rows` are ISO 8601 text. Raises BadInput for another
    name or a time that is none.
    """
    if name == "arrival":
        return _arrival(list(rows))
    if name in COUNTED:
        return _counted(COUNTED[name], list(rows))
    if name not in _TRAIL_TABLES:
        raise BadInput(f"There is no table {name!r}; the tables are {_listed()}.")
    events = sorted((_event(row) for row in rows), key=lambda event: event.time)
    return trail_frame(events)


def _arrival(rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    import pandas as pd

    held = sorted(((parse_moment(str(row["time"])), row) for row in rows), key=lambda one: one[0])
    columns = {
        "time": pd.Series([time for time, _ in held], dtype="datetime64[us, UTC]"),
        "events": pd.Series([int(row["events"]) for _, row in held], dtype="int64"),
    }
    if any("requests" in row for row in rows):
        requests = [row.get("requests") for _, row in held]
        columns["requests"] = pd.Series(requests, dtype="Int64")
    return pd.DataFrame(columns)


def _counted(dtypes: Mapping[str, str], rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    import pandas as pd

    columns: Any = {
        name: pd.Series([row[name] for row in rows], dtype=dtype) for name, dtype in dtypes.items()
    }
    return pd.DataFrame(columns, columns=list(dtypes))


def _event(row: Mapping[str, Any]) -> TrailEvent:
    """Return a plain row as an event; columns that it lacks keep their defaults."""
    known = {name: row[name] for name in COLUMNS if row.get(name) is not None}
    return TrailEvent(**(known | {"time": parse_moment(str(row["time"]))}))


def _listed() -> str:
    return ", ".join((*_TRAIL_TABLES, "arrival", *COUNTED))
