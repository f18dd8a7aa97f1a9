"""The tables behind the findings as DataFrames with fixed columns and dtypes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rumkit.model import BadInput
from rumkit.target import parse_moment
from rumkit.trail.columns import TIME, TRAIL, Column
from rumkit.trail.events import COLUMNS, TrailEvent
from rumkit.trail.events import frame as trail_frame

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import pandas as pd

    from rumkit.model import Origin

# The tables by name, each with its columns; `requests` of `arrival` is there with `traffic` only.
TABLES: Mapping[str, Mapping[str, Column]] = {
    "denied_put_events": TRAIL,
    "token_failures": TRAIL,
    "changes": TRAIL,
    "calls": TRAIL,
    "checks": {
        "check": Column("string", "name of the check"),
        "hop": Column("string", "hop of the delivery path"),
        "section": Column("string", "section of the troubleshooting guide"),
        "status": Column("string", "pass, fail, warn, unknown or skip"),
        "seen": Column("bool", "whether that was seen to happen, not only configured"),
        "certain": Column("bool", "false for what is likely only"),
        "summary": Column("string", "what was seen"),
    },
    "arrival": {
        "time": Column(TIME, "start of the period; periods follow without a gap"),
        "events": Column("int64", "events that RUM accepted in the period"),
        "requests": Column("Int64", "requests to the site in the period; missing where not read"),
    },
    "sessions": {
        "events": Column("int64", "events that a session recorded"),
        "sessions": Column("int64", "how many sessions recorded so many"),
        "at_limit": Column("boolean", "whether so many is sessionEventLimit; missing if not known"),
    },
    "budget": {
        "event_type": Column("string", "type of event, without com.amazon.rum."),
        "events": Column("int64", "events of this type, of at most 100 stored events"),
        "share": Column("float64", "share of those events, 0 to 1"),
    },
    "client_versions": {
        "client_version": Column("string", "version of the web client"),
        "events": Column("int64", "its events, of at most 100 stored events"),
        "sessions": Column("int64", "its sessions, of those events"),
    },
    "traces": {
        "trace_id": Column("string", "X-Ray's id of the trace"),
        "url": Column("string", "the client's request"),
        "joined": Column("bool", "whether a server's segment has the client's as its parent"),
    },
}


def columns(name: str) -> pd.DataFrame:
    """Return what a table's columns are: `column`, `dtype` and `meaning` (text), a row each.

    The tables are those of `rumkit.frames.TABLES` and the queries of `rumkit.query`. Raises
    BadInput for another name.

    >>> rumkit.columns("sessions")[["column", "dtype"]].values.tolist()
    [['events', 'int64'], ['sessions', 'int64'], ['at_limit', 'boolean']]
    """
    import pandas as pd

    from rumkit.trail.queries import QUERIES

    known = {**TABLES, **{each.name: each.columns for each in QUERIES}}
    if name not in known:
        raise BadInput(f"There is no table {name!r}; the tables are {', '.join(known)}.")
    rows = [(column, *described) for column, described in known[name].items()]
    return pd.DataFrame(rows, columns=["column", "dtype", "meaning"], dtype="string")


def frame(name: str, rows: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    """Return the rows of one table by time; an empty one has its columns and dtypes too.

    Times in `rows` are ISO 8601 text. Raises BadInput for another name or a time that is none.
    """
    if name not in TABLES:
        raise BadInput(f"There is no table {name!r}; the tables are {', '.join(TABLES)}.")
    if TABLES[name] is TRAIL:
        return trail_frame(sorted(map(_event, rows), key=lambda event: event.time))
    records = list(rows)
    known = dict(TABLES[name])
    if name == "arrival":
        records = [row | {"time": parse_moment(str(row["time"]))} for row in map(dict, records)]
        records.sort(key=lambda row: row["time"])
        if not any("requests" in row for row in records):
            del known["requests"]
    return typed(known, records)


def typed(known: Mapping[str, Column], rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Return rows as a DataFrame with exactly these columns and dtypes."""
    import pandas as pd

    made: Any = {
        name: pd.Series([row.get(name) for row in rows], dtype=column.dtype)
        for name, column in known.items()
    }
    return pd.DataFrame(made, columns=list(known))


def text_frame(rows: Sequence[Mapping[str, str]]) -> pd.DataFrame:
    """Return rows of text as a DataFrame of strings, with the columns that any row has."""
    import pandas as pd

    names = list(dict.fromkeys(name for row in rows for name in row))
    return pd.DataFrame([dict(row) for row in rows], columns=names, dtype="string")


def with_origin(made: pd.DataFrame, origin: Origin) -> pd.DataFrame:
    """Put into a frame's `attrs` where it comes from, all text.

    `source`, `since`, `until` (ISO 8601 UTC), `query` (the queries' own texts), `commands` (the AWS
    CLI's, a line each) and `reason`, which says why there is no row and is empty where there are.
    """
    made.attrs = {
        "source": origin.source,
        "since": origin.since,
        "until": origin.until,
        "query": "\n\n".join(question.text for question in origin.asked),
        "commands": "\n".join(filter(None, (question.command for question in origin.asked))),
        "reason": origin.reason if made.empty else "",
    }
    return made


def _event(row: Mapping[str, Any]) -> TrailEvent:
    """Return a plain row as an event; columns that it lacks keep their defaults."""
    known = {name: row[name] for name in COLUMNS if row.get(name) is not None}
    return TrailEvent(**(known | {"time": parse_moment(str(row["time"]))}))
