"""A fleet's history as DataFrames: monitors, runs, and findings by monitor and day."""

from __future__ import annotations

import json
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rumkit.fleet.rows import ORDER
from rumkit.fleet.tables import FINDINGS, RESULTS
from rumkit.model import BadInput

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

_KEYS = ["account", "region", "monitor"]
_KINDS = {"string": "string", "int": "Int64", "bigint": "Int64", "double": "float64"}


@dataclass(frozen=True)
class History:
    """What is kept of a fleet's runs, with the columns of `rumkit.fleet.tables` and `dt`."""

    results: pd.DataFrame
    findings: pd.DataFrame

    @property
    def monitors(self) -> pd.DataFrame:
        """Return the newest row of each monitor, the worst first."""
        columns = ["state", *_KEYS, "cause", "since", "change", "spells", "arrived", "owner"]
        return self._newest()[columns].reset_index(drop=True)

    def _newest(self) -> pd.DataFrame:
        newest = self.results.sort_values(["time", "run"]).groupby(_KEYS, as_index=False).tail(1)
        order = {str(state): place for place, state in enumerate(ORDER)}
        ranked = newest.assign(_order=newest["state"].map(order))
        return ranked.sort_values(["_order", *_KEYS])

    @property
    def path(self) -> pd.DataFrame:
        """Return the hops of each monitor in its newest row: a column for each hop, in words."""
        import pandas as pd

        newest = self._newest()
        index = pd.MultiIndex.from_frame(newest[_KEYS])
        hops = pd.DataFrame(newest["hops"].tolist(), index=index)
        return hops.fillna("not looked at")

    @property
    def by_day(self) -> pd.DataFrame:
        """Return the failing findings: a row for each check and monitor, a column for each day.

        A cell counts the runs of the day that saw the finding.
        """
        failing = self.findings[self.findings["status"] == "fail"]
        counted: pd.DataFrame = failing.pivot_table(
            index=["check", *_KEYS], columns="dt", values="run", aggfunc="nunique", fill_value=0
        )
        return counted


def history(output: str = "reports/fleet", *, sandbox: str = "") -> History:
    """Read what `rumkit fleet --output` keeps in a folder; of S3, ask Athena or DuckDB.

    `sandbox` runs a fleet against that scenario first, and reads its history instead. Raises
    BadInput for a folder without a run.
    """
    if sandbox:
        return _practised(sandbox)
    root = Path(output)
    if "://" in output:
        raise BadInput("A history in S3 is read by DuckDB or Athena: see `rumkit fleet tables`.")
    if not (root / "results").is_dir():
        raise BadInput(f"{root} holds no history of a fleet: `rumkit fleet` makes one.")
    return History(_read(root / "results", RESULTS), _read(root / "findings", FINDINGS))


def _read(folder: Path, columns: Sequence[tuple[str, str, str]]) -> pd.DataFrame:
    """Return the lines of all runs; what an older rumkit did not write yet is missing."""
    import pandas as pd

    rows: list[dict[str, Any]] = []
    for path in sorted(folder.glob("dt=*/*.jsonl")):
        day = path.parent.name.removeprefix("dt=")
        # Line ends of other scripts are a part of a text: only JSON's own ends a line.
        lines = filter(None, path.read_text(encoding="utf-8").split("\n"))
        rows += [json.loads(line) | {"dt": day} for line in lines]
    names = [name for name, _, _ in columns]
    frame = pd.DataFrame(rows, columns=[*names, "dt"])
    kinds = {name: _KINDS[kind] for name, kind, _ in columns if kind in _KINDS}
    return frame.astype(kinds | {"dt": "string"})


def _practised(scenario: str) -> History:
    from rumkit import practice
    from rumkit.fleet.plan import FleetPlan, Reach, practised
    from rumkit.fleet.publish import publish
    from rumkit.fleet.run import carry_out, keeping, new_run
    from rumkit.fleet.store import FolderStore

    practice.enter(scenario)
    with tempfile.TemporaryDirectory(prefix="rumkit-fleet-") as folder:
        store = FolderStore(Path(folder))
        run, moment = new_run()
        plan = FleetPlan((Reach("practice"),), known=practised())
        done = carry_out(plan, store, run=run, moment=moment, finished=keeping(store, run))
        publish(store, done)
        return history(folder)
