"""A fleet's run as JSON, JUnit and Markdown."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

from rumkit.fleet.page import WORDS, headline
from rumkit.fleet.rows import SCHEMA, Row, State
from rumkit.model import BadInput
from rumkit.report_export import junit_result, xml_attribute
from rumkit.show import words
from rumkit.target import iso, parse_moment

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rumkit.fleet.run import Run

_MARKDOWN = re.compile(r"([\\`*_\[\]<>|#~&])")
_TAGS: Final = {
    State.BROKEN: "failure",
    State.FAILED: "error",
    State.UNPROVEN: "skipped",
}


def to_json(run: Run) -> str:
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


def from_json(text: str, *, where: str) -> Run:
    """Read what `to_json` wrote. Raises BadInput."""
    from rumkit.fleet.run import Run

    try:
        data: Mapping[str, Any] = json.loads(text)
        return Run(
            str(data["run"]),
            iso(parse_moment(str(data["time"]))),
            tuple(Row.from_dict(row) for row in data["rows"]),
            tuple(map(str, data.get("notes", ()))),
            float(data.get("seconds", 0)),
            str(data.get("stopped", "")),
        )
    except (BadInput, ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadInput(f"{where} is not a run of a fleet: {error!r}.") from None


def to_junit(run: Run) -> str:
    """Return JUnit XML: a case per monitor; broken is a failure, not looked at an error."""
    failures = sum(row.state == State.BROKEN for row in run.rows)
    errors = sum(row.state == State.FAILED for row in run.rows)
    skipped = sum(row.state == State.UNPROVEN for row in run.rows)
    cases = "".join(
        f"<testcase classname={xml_attribute(f'rumkit.{row.account or row.place}.{row.region}')} "
        f'name={xml_attribute(row.name)} time="{row.seconds:.3f}">'
        f"{_result(row)}</testcase>\n"
        for row in run.rows
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<testsuites><testsuite name="fleet" tests="{len(run.rows)}" failures="{failures}" '
        f'errors="{errors}" skipped="{skipped}" timestamp={xml_attribute(run.time)}>\n'
        f"{cases}</testsuite></testsuites>\n"
    )


def _result(row: Row) -> str:
    state = State(row.state)
    if state in _TAGS:
        return junit_result(_TAGS[state], row.reason)
    return junit_result("", f"{WORDS[state]} {row.matter}")


def to_markdown(run: Run) -> str:
    """Return a table of all monitors that are not healthy, and what changed since the last run."""
    lines = [f"# App monitors: {headline(run.rows)}", "", f"{run.time}, run {run.run}", ""]
    lines += [f"- {_md(note)}" for note in (run.stopped, *run.notes) if note]
    shown = [row for row in run.rows if row.state != State.HEALTHY or row.change == "mended"]
    if shown:
        lines += ["| state | monitor | account | cause | since | change | owner |",
                  "| --- | --- | --- | --- | --- | --- | --- |"]  # fmt: skip
    for row in shown:
        cells = (
            WORDS[State(row.state)],
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
