"""Full notebooks of a fleet: the health report of a saved investigation, executed and exported.

The investigation was made by the fleet's own process; the notebook receives it as its parameter
`case`, so that it asks AWS nothing and is the same as `papermill notebooks/health_report.ipynb`
makes of that file.
"""

from __future__ import annotations

import json
import queue
import shutil
import threading
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Final, Literal

from rumkit.fleet.history import report_folder
from rumkit.light import without_grammar
from rumkit.report import environment, execute, notebook_path
from rumkit.temporary import own_folder
from rumkit.threads import started

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from rumkit.fleet.kernel import KeptKernel
    from rumkit.fleet.rows import MonitorRow
    from rumkit.fleet.store import HistoryStore

Which = Literal["changed", "all", "none"]
_NOTEBOOK: Final = "health_report"
_SECONDS: Final = 120.0
_END_SECONDS: Final = 10.0
_PREFIX: Final = "rumkit-fleet-"
NOT_MADE: Final = "the run was told to end before its notebook was made"


class Notebooks:
    """Runs notebooks in a thread of its own beside the investigations, in one kernel.

    `which` says for which monitors: those that are not healthy or whose state or cause is not the
    last run's, all, or none.
    """

    def __init__(
        self, store: HistoryStore, run: str, which: Which, before: Mapping[str, MonitorRow],
        tell: Callable[[str], None] = lambda _: None,
    ) -> None:  # fmt: skip
        self._store = store
        self._run = run
        self._which = which
        self._before = before
        self._tell = tell
        self._todo: queue.SimpleQueue[MonitorRow | None] = queue.SimpleQueue()
        self._done: dict[str, MonitorRow] = {}
        self._ended = threading.Event()
        self._kernel: KeptKernel | None = None
        self._beside: Path | None = None
        self._thread = threading.Thread(target=self._work, daemon=True, name="fleet notebooks")
        # Where there is no thread for them, they are made at the end.
        self._beside_the_rest = started(self._thread)

    def want(self, row: MonitorRow) -> None:
        """Have the notebook of a kept investigation made, where this run makes it."""
        if self._wanted(row):
            self._todo.put(row)

    def _wanted(self, row: MonitorRow) -> bool:
        if self._which != "changed":
            return self._which == "all"
        last = self._before.get(row.key)
        changed = last is not None and (last.state, last.cause) != (row.state, row.cause)
        return changed or row.state != "healthy"

    def finish(
        self, rows: tuple[MonitorRow, ...], *, stop: threading.Event | None = None
    ) -> list[MonitorRow]:
        """Wait for the notebooks and return the rows with their files, or why they have none.

        At `stop` the notebook that is running is ended, and those after it are not begun.
        """
        self._todo.put(None)
        if not self._beside_the_rest:
            self._work()
        while self._thread.is_alive():
            self._thread.join(0.2)
            if stop is not None and stop.is_set():
                self._end()
                break
        return [self._with_files(row) for row in rows]

    def _end(self) -> None:
        """End the notebook that is running, and its kernel even where that is only starting."""
        self._ended.set()
        until = time.monotonic() + _END_SECONDS
        while self._thread.is_alive() and time.monotonic() < until:
            if self._kernel is not None:
                self._kernel.end()
            self._thread.join(0.2)
        if self._beside is not None:
            shutil.rmtree(self._beside, ignore_errors=True)

    def _with_files(self, row: MonitorRow) -> MonitorRow:
        made = self._done.get(row.key)
        if made is None:
            unmade = row.files and self._ended.is_set() and self._wanted(row)
            return replace(row, note=_join(row.note, NOT_MADE)) if unmade else row
        return replace(row, files={**row.files, **made.files}, note=_join(row.note, made.note))

    def _work(self) -> None:
        try:
            while (row := self._todo.get()) is not None and not self._ended.is_set():
                try:
                    self._kernel = self._kernel or _new_kernel()
                    files, note = self._made(self._kernel, row), ""
                except Exception as error:  # noqa: BLE001 - it costs this notebook and no other
                    why = f"its notebook could not be made: {error}"[:600]
                    files, note = {}, NOT_MADE if self._ended.is_set() else why
                    self._tell(f"{row.monitor}: {note}")
                self._done[row.key] = replace(row, files=files, note=note)
        finally:
            if self._kernel is not None:
                self._kernel.close()

    def _made(self, kernel: KeptKernel, row: MonitorRow) -> dict[str, str]:
        self._beside = own_folder(_PREFIX)
        try:
            return self._made_in(self._beside, kernel, row)
        finally:
            shutil.rmtree(self._beside, ignore_errors=True)

    def _made_in(self, beside: Path, kernel: KeptKernel, row: MonitorRow) -> dict[str, str]:
        from rumkit import report_export as export
        from rumkit.fleet.kernel import ENGINE
        from rumkit.investigation import Investigation

        case = self._store.read(row.files["case"]) or ""
        folder = report_folder(row.account, row.region, row.monitor, row.day)
        (beside / f"{self._run}.json").write_text(case, encoding="utf-8")
        executed = execute(
            notebook_path(_NOTEBOOK),
            beside / "executed.ipynb",
            {"case": str(beside / f"{self._run}.json"), "sandbox": ""},
            engine=ENGINE,
            kernel=kernel,
            seconds=_SECONDS,
        )
        text = (beside / "executed.ipynb").read_text(encoding="utf-8")
        # The folder was for this run alone: what is kept names the file that lies beside.
        text = text.replace(f"{beside}/", "")
        saved = Investigation.from_dict(json.loads(case))
        page = export.to_html(executed, saved, made=row.time).replace(f"{beside}/", "")
        files = {"notebook": f"{folder}/{self._run}.ipynb", "html": f"{folder}/{self._run}.html"}
        self._store.write(files["notebook"], text)
        self._store.write(files["html"], page)
        return files


def _new_kernel() -> KeptKernel:
    """Return the kernel of a run; where no notebook is wanted, none of this is imported."""
    without_grammar()
    from rumkit.fleet.kernel import KeptKernel

    return KeptKernel(environment({}))


def _join(*notes: str) -> str:
    return "; ".join(filter(None, notes))
