"""Writes a run where it belongs: its page and its other forms, its lines, and `latest`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from rumkit.fleet import exports, history, page

if TYPE_CHECKING:
    from rumkit.fleet.run import Run
    from rumkit.fleet.store import Store

FORMS = ("html", "json", "xml", "md")


def publish(store: Store, run: Run) -> tuple[Run, dict[str, str]]:
    """Write a run and return it as written, with its files by kind. Raises CannotWrite.

    What it is compared with is read once more under the lock: another run may have ended since.
    """
    with store.exclusive():
        before, _ = history.read_state(store)
        written = replace(run, rows=tuple(history.since_last(run.rows, before)))
        folder = f"runs/dt={run.time[:10]}/run={run.run}"
        for form in FORMS:
            store.write(f"{folder}/fleet.{form}", _text(written, form, "../../../"))
        files = history.keep(store, run.run, run.time, written.rows, before)
        for form in FORMS:
            store.write(f"latest/fleet.{form}", _text(written, form, "../"))
    return written, files | {form: f"{folder}/fleet.{form}" for form in FORMS}


def _text(run: Run, form: str, up: str) -> str:
    match form:
        case "html":
            return page.render(run, up=up)
        case "json":
            return exports.to_json(run)
        case "xml":
            return exports.to_junit(run)
        case _:
            return exports.to_markdown(run)
