"""Writes a run where it belongs: its page and its other forms, its lines, and `latest`."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from rumkit.fleet import exports, history, page
from rumkit.fleet.store import ChangedMeanwhile

if TYPE_CHECKING:
    from rumkit.fleet.run import FleetRun
    from rumkit.fleet.store import HistoryStore

# Each of them loses to a run that has written more.
_TRIES: Final = 5


def publish(store: HistoryStore, run: FleetRun) -> tuple[FleetRun, dict[str, str]]:
    """Write a run and return it as written, with its files by kind. Raises CannotWrite.

    What it is compared with is read once more under the lock: another run may have ended since.
    """
    with store.exclusive():
        for _ in range(_TRIES - 1):
            with suppress(ChangedMeanwhile):
                return _written(store, run)
        return _written(store, run)


def _written(store: HistoryStore, run: FleetRun) -> tuple[FleetRun, dict[str, str]]:
    before, _ = history.read_state(store)
    written = replace(run, rows=tuple(history.since_last(run.rows, before)))
    folder = f"runs/dt={run.time[:10]}/run={run.run}"
    forms = {
        "html": page.render(written, up="../../../"),
        "json": exports.to_json(written),
        "xml": exports.to_junit(written),
        "md": exports.to_markdown(written),
    }
    for form, text in forms.items():
        store.write(f"{folder}/fleet.{form}", text)
    files = history.keep(store, run.run, run.time, written.rows, before)
    # The page's links lead from another folder.
    for form, text in (forms | {"html": page.render(written, up="../")}).items():
        store.write(f"latest/fleet.{form}", text)
    return written, files | {form: f"{folder}/fleet.{form}" for form in forms}
