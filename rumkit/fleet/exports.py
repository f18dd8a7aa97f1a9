"""A fleet's run as JSON, JUnit and Markdown."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

from rumkit.fleet.page import WORDS, headline
from rumkit.fleet.rows import SCHEMA, MonitorRow, MonitorState
from rumkit.json_text import read_json
from rumkit.model import BadInput
from rumkit.show import junit, words
from rumkit.target import iso, parse_moment

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rumkit.fleet.run import FleetRun

_MARKDOWN = re.compile(r"([\\`*_\[\]<>|#~&])")
_OUTCOMES: Final[Mapping[MonitorState, junit.Outcome]] = {
    MonitorState.BROKEN: "failure",
    MonitorState.FAILED: "error",
    MonitorState.UNPROVEN: "skipped",
}


def to_json(run: FleetRun) -> str:
    """Return the run as one JSON object: `schema`, `run`, `time`, `notes`, `rows`."""
    data = {
        "schema": SCHEMA,
        "run": run.run,
        "time": run.time,
        "seconds": run.seconds,
        "stopped": run.stopped,
        "notes": list(run.notes),
        "rows": [row.to_dict() for row in run.rows],
    }
    return json.dumps(data, indent=1) + "\n"


def from_json(text: str, *, where: str) -> FleetRun:
    """Read what `to_json` wrote. Raises BadInput."""
    from rumkit.fleet.run import FleetRun

    try:
        data: Mapping[str, Any] = read_json(text)
        return FleetRun(
            str(data["run"]),
            iso(parse_moment(str(data["time"]))),
            tuple(MonitorRow.from_dict(row) for row in data["rows"]),
            tuple(map(str, data.get("notes", ()))),
            float(data.get("seconds", 0)),
            str(data.get("stopped", "")),
        )
    except (BadInput, ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadInput(f"{where} is not a run of a fleet: {error!r}.") from None


def to_junit(run: FleetRun) -> str:
    """Return JUnit XML: a case per monitor; broken is a failure, not looked at an error."""
    return junit.render("fleet", [_case(row) for row in run.rows], timestamp=run.time)


def _case(row: MonitorRow) -> junit.Case:
    state = MonitorState(row.state)
    outcome = _OUTCOMES.get(state, "")
    return junit.Case(
        f"rumkit.{row.account or row.place}.{row.region}",
        row.name,
        outcome,
        row.reason if outcome else f"{WORDS[state]} {row.matter}",
        time=f"{row.seconds:.3f}",
    )


def to_markdown(run: FleetRun) -> str:
    """Return a table of all monitors that are not healthy, and what changed since the last run."""
    lines = [f"# App monitors: {headline(run.rows)}", "", f"{run.time}, run {run.run}", ""]
    lines += [f"- {_md(note)}" for note in (run.stopped, *run.notes) if note]
    shown = [row for row in run.rows if row.state != MonitorState.HEALTHY or row.change == "mended"]
    if shown:
        lines += ["| state | monitor | account | cause | since | change | owner |",
                  "| --- | --- | --- | --- | --- | --- | --- |"]  # fmt: skip
    for row in shown:
        cells = (
            WORDS[MonitorState(row.state)],
            row.name,
            f"{row.place} {row.account} {row.region}",
            row.reason[:250],
            row.began[:16],
            row.change,
            row.owner,
        )
        lines.append(f"| {' | '.join(map(_md, cells))} |")
    return "\n".join(lines) + "\n"


def _md(text: str) -> str:
    return _MARKDOWN.sub(r"\\\1", words.one_line(text))
