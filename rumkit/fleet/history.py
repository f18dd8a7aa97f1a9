"""What is kept of each run, and what the last one said of every monitor.

latest/fleet.html .json .xml .md    the last run that ended; started.json, the last that began
latest/state.jsonl                  the newest row of each monitor
runs/dt=DAY/run=RUN/…               the same four files of each run
results/dt=DAY/RUN.jsonl            a line for each monitor, for Athena and DuckDB
findings/dt=DAY/RUN.jsonl           a line for each finding that fails, warns or was mended
reports/account=…/region=…/monitor=…/dt=DAY/RUN.…    the investigation, and its notebook
"""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from rumkit.fleet.rows import ORDER, SCHEMA, TOLD_TO_END, MonitorRow, compared
from rumkit.fleet.store import name_of
from rumkit.json_text import read_json
from rumkit.model import BadInput

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from rumkit.fleet.store import HistoryStore

STATE: Final = "latest/state.jsonl"
# What was not seen for so long is not a part of the fleet any more.
_KEPT: Final = timedelta(days=400)


def read_state(store: HistoryStore) -> tuple[dict[str, MonitorRow], str]:
    """Return the newest row of each monitor by key, and what could not be read of them, or ""."""
    text = store.read(STATE) or ""
    rows: dict[str, MonitorRow] = {}
    unread = 0
    for line in text.split("\n"):
        if not line:
            continue
        try:
            row = MonitorRow.from_dict(read_json(line))
        except (ValueError, BadInput):
            unread += 1
        else:
            rows[row.key] = row
    note = f"{unread} lines of {STATE} can't be read: their monitors begin anew" if unread else ""
    return rows, note


def since_last(rows: Iterable[MonitorRow], before: Mapping[str, MonitorRow]) -> list[MonitorRow]:
    """Return the rows with what changed since the last run, the worst first."""
    return sorted(
        (compared(row, before.get(row.key)) for row in rows),
        key=lambda row: (ORDER.index(row.state), row.place, row.region, row.monitor),
    )


def clock_note(time: str, before: Mapping[str, MonitorRow]) -> str:
    """Say that the clock stands before the last run, empty where it does not."""
    last = max((row.time for row in before.values()), default="")
    if not last or time >= last:
        return ""
    return f"this machine's clock ({time}) stands before the last run ({last})"


def report_folder(account: str, region: str, monitor: str, day: str) -> str:
    """Return where the files of one monitor's run are kept."""
    return (
        f"reports/account={name_of(account)}/region={name_of(region)}"
        f"/monitor={name_of(monitor)}/dt={day}"
    )


def keep(
    store: HistoryStore,
    run: str,
    time: str,
    rows: Sequence[MonitorRow],
    before: Mapping[str, MonitorRow],
) -> dict[str, str]:
    """Write the lines of a run and the newest row of each monitor; return the files by kind.

    Raises CannotWrite; ChangedMeanwhile where another run has written since `before` was read.
    """
    day = time[:10]
    files = {
        "results": f"results/dt={day}/{run}.jsonl",
        "findings": f"findings/dt={day}/{run}.jsonl",
    }
    store.write(files["results"], _lines(map(result_line, rows)))
    store.write(files["findings"], _lines(line for row in rows for line in finding_lines(row)))
    oldest = (datetime.fromisoformat(time) - _KEPT).isoformat()
    kept = {key: row for key, row in before.items() if row.time >= oldest[:19]}
    # A run whose clock stands before the last one's is the newest all the same.
    kept |= {row.key: row for row in rows if row.error != TOLD_TO_END}
    store.write(STATE, _lines(row.to_dict() for row in kept.values()), as_read=True)
    return files


def result_line(row: MonitorRow) -> dict[str, Any]:
    """Return a row as a line of `results`; its findings are lines of their own."""
    line = row.to_dict()
    del line["findings"]
    return {
        "schema": SCHEMA,
        **line,
        "failing": [bad.check for bad in row.findings if bad.status == "fail"],
    }


def finding_lines(row: MonitorRow) -> list[dict[str, Any]]:
    """Return a row's findings as lines of `findings`, those mended by this run included."""
    who = {"schema": SCHEMA, "run": row.run, "time": row.time, "place": row.place,
           "account": row.account, "region": row.region, "monitor": row.monitor}  # fmt: skip
    return [
        who | asdict(bad)
        for bad in row.findings
        if row.state != "failed" and (bad.status != "mended" or bad.change == "mended")
    ]


def _lines(documents: Iterable[Mapping[str, Any]]) -> str:
    return "".join(json.dumps(each) + "\n" for each in documents)
