"""Full notebooks of a fleet: the health report of a saved investigation, executed and exported.

The investigation was made by the fleet's own process; the notebook receives it as its parameter
`case`, so that it asks AWS nothing and is the same as `papermill notebooks/health_report.ipynb`
makes of that file.
"""

from __future__ import annotations

import json
import os
import queue
import tempfile
import threading
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from rumkit.fleet.history import report_folder
from rumkit.light import without_grammar
from rumkit.report import notebook_path

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from rumkit.fleet.kernel import KeptKernel
    from rumkit.fleet.rows import Row
    from rumkit.fleet.store import Store

Which = Literal["changed", "all", "none"]
_NOTEBOOK: Final = "health_report"
_SECONDS: Final = 120.0


class Notebooks:
    """Runs notebooks in a thread of its own beside the investigations, in one kernel.

    `which` says for which monitors: those that are not healthy or whose state or cause is not the
    last run's, all, or none.
    """

    def __init__(
        self, store: Store, run: str, which: Which, before: Mapping[str, Row],
        tell: Callable[[str], None] = lambda _: None,
    ) -> None:  # fmt: skip
        self._store = store
        self._run = run
        self._which = which
        self._before = before
        self._tell = tell
        self._todo: queue.SimpleQueue[Row | None] = queue.SimpleQueue()
        self._done: dict[str, Row] = {}
        self._ended = threading.Event()
        self._kernel: KeptKernel | None = None
        self._thread = threading.Thread(target=self._work, daemon=True, name="fleet notebooks")
        self._thread.start()

    def want(self, row: Row) -> None:
        """Have the notebook of a kept investigation made, where this run makes it."""
        if self._wanted(row):
            self._todo.put(row)

    def _wanted(self, row: Row) -> bool:
        if self._which != "changed":
            return self._which == "all"
        last = self._before.get(row.key)
        changed = last is not None and (last.state, last.cause) != (row.state, row.cause)
        return changed or row.state != "healthy"

    def finish(self, rows: tuple[Row, ...], *, stop: threading.Event | None = None) -> list[Row]:
        """Wait for the notebooks and return the rows with their files, or why they have none."""
        self._todo.put(None)
        while self._thread.is_alive():
            self._thread.join(0.2)
            if stop is not None and stop.is_set():
                self._ended.set()
                if self._kernel is not None:
                    self._kernel.abort()
                self._thread.join(1.0)
                break
        return [self._with_files(row) for row in rows]

    def _with_files(self, row: Row) -> Row:
        made = self._done.get(row.key)
        if made is None:
            return row
        note = "; ".join(filter(None, (row.note, made.note)))
        return replace(row, files={**row.files, **made.files}, note=note)

    def _work(self) -> None:
        try:
            while (row := self._todo.get()) is not None and not self._ended.is_set():
                self._kernel = self._kernel or _new_kernel()
                try:
                    made = self._made(self._kernel, row)
                    self._done[row.key] = replace(row, files=made, note="")
                except Exception as error:  # noqa: BLE001 - it costs this notebook and no other
                    note = f"its notebook could not be made: {error}"[:600]
                    self._done[row.key] = replace(row, files={}, note=note)
                    self._tell(f"{row.monitor}: {note}")
        finally:
            if self._kernel is not None:
                self._kernel.close()

    def _made(self, kernel: object, row: Row) -> dict[str, str]:
        from papermill import execute_notebook

        from rumkit import report_export as export
        from rumkit.fleet.kernel import ENGINE
        from rumkit.investigation import Investigation

        case = self._store.read(row.files["case"]) or ""
        folder = report_folder(row.account, row.region, row.monitor, row.day)
        with tempfile.TemporaryDirectory(prefix="rumkit-fleet-") as beside:
            (Path(beside) / f"{self._run}.json").write_text(case, encoding="utf-8")
            executed = execute_notebook(
                str(notebook_path(_NOTEBOOK)).replace("{", "{{").replace("}", "}}"),
                str(Path(beside) / "executed.ipynb"),
                parameters={"case": str(Path(beside) / f"{self._run}.json"), "sandbox": ""},
                engine_name=ENGINE,
                progress_bar=False,
                kernel=kernel,
                seconds=_SECONDS,
            )
            text = Path(beside, "executed.ipynb").read_text(encoding="utf-8")
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

    return KeptKernel(dict(os.environ) | {"RUMKIT_HEADLESS": "1", "MPLBACKEND": "agg"})
