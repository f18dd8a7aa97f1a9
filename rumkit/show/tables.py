"""DataFrames as tables: readable as they stand, sortable and filterable where script may run."""

from __future__ import annotations

import base64
import importlib.util
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rumkit.model import BadInput
from rumkit.show import selection, words
from rumkit.show.code import parts
from rumkit.show.template import fill
from rumkit.show.views import Drawn

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from rumkit.investigation import Investigation
    from rumkit.show.code import Part

MARK = "data-rumkit-table"
_MAX_ROWS = 2000
_TEXT_ROWS = 20


@dataclass(frozen=True)
class Sheet:
    """Which columns a table shows under which names, and what its caption says."""

    name: str
    singular: str
    plural: str
    columns: Mapping[str, str]
    none: str


DENIED = Sheet(
    "denied_put_events",
    "denied call of PutRumEvents",
    "denied calls of PutRumEvents",
    {
        "time": "time",
        "error_code": "error",
        "role": "role",
        "flow": "flow",
        "monitor_name": "monitor",
        "error_message": "message",
        "source_address": "from",
        "region": "region",
    },
    "No denied call of PutRumEvents was read. They are data events: without a trail that records "
    "them this does not say that there were none.",
)
FAILURES = Sheet(
    "token_failures",
    "failed call for a token or credentials",
    "failed calls for a token or credentials",
    {
        "time": "time",
        "name": "call",
        "error_code": "error",
        "flow": "flow",
        "role": "role",
        "identity_pool": "identity pool",
        "error_message": "message",
        "region": "region",
    },
    "No failed call of STS or Cognito was read. Calls of Cognito are data events: without a trail "
    "that records them this does not say that there were none.",
)
CHANGES = Sheet(
    "changes",
    "configuration change",
    "configuration changes",
    {
        "time": "time",
        "name": "call",
        "changed": "what changed",
        "resource": "resource",
        "principal": "by",
        "error_code": "error",
        "region": "region",
    },
    "No change of the monitor, its identity pool, roles or policies was read in this window.",
)

SESSIONS = Sheet(
    "sessions",
    "size of session",
    "sizes of sessions",
    {"events": "events in the session", "sessions": "sessions", "at_limit": "at the event limit"},
    "No sessions were counted. That needs the monitor's log group, with sessions in this window.",
)
BUDGET = Sheet(
    "budget",
    "type of event, in a page of at most 100 stored events",
    "types of events, in a page of at most 100 stored events",
    {"event_type": "event type", "events": "events", "share": "share"},
    "No stored event was read in this window.",
)
CLIENT_VERSIONS = Sheet(
    "client_versions",
    "client version, in a page of at most 100 stored events",
    "client versions, in a page of at most 100 stored events",
    {"client_version": "client version", "events": "events", "sessions": "sessions"},
    "No stored event was read in this window, so the versions of the client are not known.",
)
TRACES = Sheet(
    "traces",
    "trace of the client, the newest",
    "traces of the client, the newest",
    {"trace_id": "trace", "url": "request", "joined": "joined by a server"},
    "No trace of the client was read in this window. The client records traces only with"
    " enableXRay.",
)


SHEETS = (DENIED, FAILURES, CHANGES, SESSIONS, BUDGET, CLIENT_VERSIONS, TRACES)


def table(investigation: Investigation, name: str) -> Drawn:
    """Return a table by the name of its DataFrame, or `checks`. Raises BadInput for another."""
    if name == "checks":
        return checks(investigation)
    known = {each.name: each for each in SHEETS}
    if name not in known:
        raise BadInput(f"There is no table {name!r}; the tables are checks, {', '.join(known)}.")
    return sheet(investigation, known[name])


def checks(investigation: Investigation) -> Drawn:
    """Return all findings as a table, in the order of the path."""
    rows = [
        [
            words.HOP_NAMES[finding.hop],
            words.one_line(finding.check),
            f"{words.MARKS[finding.condition]} {finding.condition}",
            words.one_line(finding.summary),
        ]
        for finding in selection.sorted_by_hop(investigation.findings)
    ]
    caption = words.count(len(rows), "check")
    return drawn("checks", caption, ["hop", "check", "state", "what was seen"], rows)


def sheet(investigation: Investigation, chosen: Sheet) -> Drawn:
    """Return one table of the investigation; an empty one is a sentence."""
    frame: pd.DataFrame = getattr(investigation, chosen.name)
    code = parts(investigation, chosen.name)
    if frame.empty:
        none = words.one_line(f"{chosen.none} {frame.attrs['reason']}".strip())
        empty = fill("no_table.html", label="Table", sentence=none, code=code)
        return Drawn(empty, f"{none}\n")
    filled = [name for name in chosen.columns if _holds_something(frame, name)]
    # What is the same in every row is said once, so that the rows show what differs.
    text = [name for name in filled if frame[name].dtype == "string"]
    alike = [name for name in text if len(frame) > 1 and frame[name].nunique() == 1]
    common = {chosen.columns[name]: _cell(frame[name].iloc[0]) for name in alike}
    shown = [name for name in filled if name not in alike or name == "time"]
    rows = [
        [_cell(value) for value in row]
        for row in frame.loc[:, shown].head(_MAX_ROWS).itertuples(index=False)
    ]
    caption = words.count(len(frame), chosen.singular, chosen.plural)
    if len(frame) > _MAX_ROWS:
        caption += f", the first {_MAX_ROWS:,} shown"
    heads = [chosen.columns[name] for name in shown]
    return drawn(chosen.name, caption, heads, rows, common=common, code=code)


def drawn(
    name: str,
    caption: str,
    head: list[str],
    rows: list[list[str]],
    *,
    common: Mapping[str, str] | None = None,
    code: Sequence[Part] = (),
) -> Drawn:
    """Return rows of text as a table.

    `common` holds what is the same in every row, which is said above them; `code` folds out below.
    """
    common = common or {}
    html = fill(
        "table.html",
        label=caption,
        name=name,
        caption=caption,
        head=head,
        rows=rows,
        common=common,
        code=code,
        shortened=_shortened,
    )
    text = "".join(f"in every row, {key}: {value}\n" for key, value in common.items())
    return Drawn(html, text + _as_text(caption, head, rows))


def library() -> str:
    """Return the library of tables as inline HTML, about 1 MB, or nothing where it is missing."""
    spec = importlib.util.find_spec("itables")
    folders = spec.submodule_search_locations if spec else None
    if not folders:
        return ""
    folder = Path(folders[0]) / "html"
    script, sheet = (
        base64.b64encode((folder / name).read_bytes()).decode("ascii")
        for name in ("dt_bundle.js", "dt_bundle.css")
    )
    return fill("table_library.html", script=script, sheet=sheet)


def _holds_something(frame: pd.DataFrame, name: str) -> bool:
    if frame[name].dtype == "string":
        return bool((frame[name].fillna("") != "").any())
    return bool(frame[name].notna().any())


def _cell(value: Any) -> str:
    if hasattr(value, "strftime"):
        return str(value.strftime("%Y-%m-%d %H:%M:%S UTC"))
    if isinstance(value, float):
        return f"{value:.0%}"
    # A BooleanArray gives its own bool, its own missing value too.
    if str(value) in {"True", "False"}:
        return "yes" if value else "no"
    return words.one_line(value)


def _shortened(cell: str) -> str:
    """Return what a cell shows; the whole stands behind it."""
    # Who it was is shown whole: an ARN's start is the same for everybody of an account.
    somebody = ":user/" in cell or ":assumed-role/" in cell
    return words.person(cell) if somebody else words.short_arn(cell)


def _as_text(caption: str, head: list[str], rows: list[list[str]]) -> str:
    from rumkit.model import Table
    from rumkit.show.text import table

    return f"{caption}\n{table(Table(tuple(head), tuple(map(tuple, rows))), rows=_TEXT_ROWS)}"
