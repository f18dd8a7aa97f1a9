"""What several shards wrote, made one run: the same page as if one machine had done it all."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from rumkit.fleet import exports, history
from rumkit.fleet.run import FleetRun, new_run
from rumkit.fleet.store import STARTED, writable
from rumkit.json_text import json_object
from rumkit.model import BadInput

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rumkit.fleet.rows import MonitorRow
    from rumkit.fleet.store import HistoryStore

_RUN = "latest/fleet.json"


def merged(parts: Sequence[HistoryStore], store: HistoryStore) -> FleetRun:
    """Return the shards' last runs as one, its files copied. Raises BadInput for what is no run.

    A monitor that two shards have is a mistake in how the fleet was cut, and is told.
    """
    runs = []
    for part in parts:
        text = part.read(_RUN)
        if text is None:
            raise BadInput(f"{part.place} holds no run of a fleet: there is no {_RUN}.")
        run = exports.from_json(text, where=f"{part.place}/{_RUN}")
        if _begun(part) not in {"", run.run}:
            run = replace(run, stopped=f"the run that {part.place} began last did not end")
        runs.append(run)
    for key, times in Counter(row.key for run in runs for row in run.rows).items():
        if times > 1:
            raise BadInput(f"More than one shard looked at {key}: give each its own part I/N.")
    name, _ = new_run()
    writable(store, name, max(run.time for run in runs))
    rows = [
        _copied(row, part, store) for run, part in zip(runs, parts, strict=True) for row in run.rows
    ]
    before, unread = history.read_state(store)
    notes = dict.fromkeys(filter(None, (*(note for run in runs for note in run.notes), unread)))
    return FleetRun(
        name,
        max(run.time for run in runs),
        tuple(history.since_last(rows, before)),
        tuple(notes),
        max(run.seconds for run in runs),
        next((run.stopped for run in runs if run.stopped), ""),
    )


def _begun(part: HistoryStore) -> str:
    """Return the name of the run that began last in a shard's folder, "" where it is not known."""
    return str(json_object(part.read(STARTED) or "").get("run", ""))


def _copied(row: MonitorRow, part: HistoryStore, store: HistoryStore) -> MonitorRow:
    """Copy a row's files; they keep their names, which hold the run that made them.

    Raises BadInput for a name that leads out of the shard's folder.
    """
    missing = []
    for path in row.files.values():
        if not path.startswith("reports/") or ".." in PurePosixPath(path).parts or "\\" in path:
            raise BadInput(f"{part.place} names a file that is none of its reports: {path!r}.")
        text = part.read(path)
        if text is None:
            missing.append(path)
        elif part.place != store.place:
            store.write(path, text)
    if not missing:
        return row
    kept = {kind: path for kind, path in row.files.items() if path not in missing}
    lost = f"{part.place} lacks {', '.join(missing)}"
    return replace(row, files=kept, note="; ".join(filter(None, (row.note, lost))))
