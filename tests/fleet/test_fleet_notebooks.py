"""Full notebooks of a fleet: in one kernel, apart from each other, each at its own risk."""

from __future__ import annotations

import json
import tempfile
import threading
import time

import nbformat
import pytest
from examples import healthy  # type: ignore[import-not-found]
from fleet_rows import row  # type: ignore[import-not-found]

from rumkit.fleet import notebooks
from rumkit.fleet.notebooks import Notebooks
from rumkit.fleet.rows import compared
from rumkit.fleet.store import FolderStore

pytestmark = pytest.mark.notebooks


@pytest.fixture
def small(tmp_path, monkeypatch):
    """Put a notebook of these cells in the place of the health report."""

    def write(*cells):
        made = nbformat.v4.new_notebook()
        made.metadata["kernelspec"] = {"display_name": "Python 3", "language": "python",
                                       "name": "python3"}  # fmt: skip
        made.cells = [nbformat.v4.new_code_cell('case: str = ""\nsandbox: str = ""')]
        made.cells[0].metadata["tags"] = ["parameters"]
        made.cells += [nbformat.v4.new_code_cell(each) for each in cells]
        path = tmp_path / "small.ipynb"
        nbformat.write(made, path)
        monkeypatch.setattr(notebooks, "notebook_path", lambda _: path)

    return write


def made(tmp_path, rows, *, which="all", before=None, stop=None):
    """Make the notebooks of rows and return the rows by monitor."""
    store = FolderStore(tmp_path / "out")
    kept = []
    running = Notebooks(store, "run", which, before or {})
    for each in rows:
        store.write(
            f"{each.monitor}.json", json.dumps(healthy().to_dict() | {"monitor": each.monitor})
        )
        full = compared(each, None)
        kept.append(full.__class__(**{**vars(full), "files": {"case": f"{each.monitor}.json"}}))
        running.want(kept[-1])
    return {each.monitor: each for each in running.finish(tuple(kept), stop=stop)}


def test_one_dead_kernel_costs_its_own_notebook(small, tmp_path):
    small("import json, os; name = json.load(open(case))['monitor']",
          "os._exit(1) if name == 'b' else None", "name")  # fmt: skip
    rows = made(tmp_path, [row(monitor=name) for name in "abc"])
    assert [set(rows[name].files) for name in "ac"] == [{"case", "notebook", "html"}] * 2
    assert set(rows["b"].files) == {"case"}
    assert rows["b"].note.startswith("its notebook could not be made: ")
    assert rows["b"].state == "healthy"


def test_a_cell_that_fails_costs_its_own_notebook(small, tmp_path):
    small("import json; name = json.load(open(case))['monitor']", "1 / (name != 'a')")
    rows = made(tmp_path, [row(monitor=name) for name in "ab"])
    assert "ZeroDivisionError" in rows["a"].note
    assert rows["b"].note == ""


def test_nothing_of_one_notebook_is_seen_by_the_next(small, tmp_path):
    small("'left' in globals()", "left = 1")
    rows = made(tmp_path, [row(monitor=name) for name in "ab"])
    for name in "ab":
        text = (tmp_path / "out" / rows[name].files["notebook"]).read_text()
        shown = nbformat.reads(text, as_version=4).cells[2].outputs[0]
        assert shown["data"]["text/plain"] == "False"


def test_both_were_run_by_one_kernel(small, tmp_path):
    small("import os; os.getpid()")
    rows = made(tmp_path, [row(monitor=name) for name in "ab"])
    pids = set()
    for name in "ab":
        text = (tmp_path / "out" / rows[name].files["notebook"]).read_text()
        pids.add(nbformat.reads(text, as_version=4).cells[2].outputs[0]["data"]["text/plain"])
    assert len(pids) == 1


def test_a_kernel_that_does_not_start_is_told_for_each_notebook(small, tmp_path, monkeypatch):
    def broken():
        raise ImportError("no papermill")

    monkeypatch.setattr(notebooks, "_new_kernel", broken)
    small("1")
    rows = made(tmp_path, [row(monitor=name) for name in "ab"])
    assert {each.note for each in rows.values()} == {"its notebook could not be made: no papermill"}


def test_a_stop_ends_the_notebook_that_runs_and_leaves_nothing_behind(small, tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", None)
    small(f"open({str(tmp_path / 'begun')!r}, 'w').write('')", "import time; time.sleep(60)")
    stop = threading.Event()

    def when_begun():
        while not (tmp_path / "begun").exists():
            time.sleep(0.05)
        stop.set()

    threading.Thread(target=when_begun, daemon=True).start()
    begun = time.monotonic()
    rows = made(tmp_path, [row(monitor=name) for name in "ab"], stop=stop)
    assert time.monotonic() - begun < 30
    told = {each.note for each in rows.values()}
    assert told == {"the run was told to end before its notebook was made"}
    assert list((tmp_path / "temporary").glob("rumkit-fleet-*")) == []


def test_a_notebook_that_takes_too_long_is_ended(small, tmp_path, monkeypatch):
    monkeypatch.setattr(notebooks, "_SECONDS", 3.0)
    small("import json, time; name = json.load(open(case))['monitor']",
          "time.sleep(60 if name == 'a' else 0)")  # fmt: skip
    rows = made(tmp_path, [row(monitor=name) for name in "ab"])
    assert "did not finish within 3 s" in rows["a"].note
    assert "html" in rows["b"].files


@pytest.mark.parametrize(
    ("which", "state", "last", "wanted"),
    [
        ("changed", "healthy", "healthy", False),
        ("changed", "healthy", None, False),
        ("changed", "healthy", "broken", True),
        ("changed", "broken", "broken", True),
        ("all", "healthy", "healthy", True),
        ("none", "broken", None, False),
    ],
)
def test_which_monitors_get_one(small, tmp_path, which, state, last, wanted):
    small("1")
    before = {row(last).key: row(last)} if last else {}
    rows = made(tmp_path, [row(state)], which=which, before=before)
    assert ("html" in rows["shop-web"].files) is wanted
