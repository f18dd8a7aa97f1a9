"""What is kept of each run: what is new, mended, worse, since when, and how often it came back."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from datetime import date

import duckdb
import pytest
from fleet_rows import TIME, bad, row, run_of  # type: ignore[import-not-found]

from rumkit.fleet import tables
from rumkit.fleet.frames import history
from rumkit.fleet.history import STATE, read_state, report_folder, since_last
from rumkit.fleet.merge import merged
from rumkit.fleet.plan import Accepted
from rumkit.fleet.publish import publish
from rumkit.fleet.rows import SCHEMA, MonitorRow, compared, exit_code
from rumkit.fleet.store import CannotWrite, FolderStore, name_of, writable
from rumkit.model import BadInput

DAYS = tuple(f"2026-03-{day:02d}T09:00:00Z" for day in range(1, 10))
USUAL = frozenset({"broken", "failed", "unproven"})


def nights(*states):
    """The rows of one monitor, one run a night, each compared with the one before."""
    rows = []
    for time, state in zip(DAYS, states, strict=False):
        rows.append(compared(row(state, time=time), rows[-1] if rows else None))
    return rows


@pytest.mark.parametrize(
    ("states", "changes"),
    [
        ("healthy healthy", "first same"),
        ("healthy broken", "first new"),
        ("broken healthy", "first mended"),
        ("unproven broken", "first worse"),
        ("broken unproven", "first better"),
        ("healthy degraded", "first worse"),
        ("healthy failed", "first new"),
        ("broken failed broken", "first worse better"),
        ("healthy accepted", "first worse"),
    ],
)
def test_each_night_is_compared_with_the_last(states, changes):
    assert [each.change for each in nights(*states.split())] == changes.split()


def test_since_when_and_how_often():
    rows = nights("healthy", "broken", "broken", "healthy", "healthy", "broken")
    assert [each.bad_since[:10] for each in rows] == [
        "", "2026-03-02", "2026-03-02", "", "", "2026-03-06",
    ]  # fmt: skip
    assert [each.spells for each in rows] == [0, 1, 1, 1, 1, 2]


def test_each_finding_has_its_own_since_and_count():
    rows = nights("broken", "healthy", "broken", "broken")
    told = [(each.findings[0].status, each.findings[0].change, each.findings[0].times,
             each.findings[0].since[:10]) for each in rows]  # fmt: skip
    assert told == [
        ("fail", "new", 1, "2026-03-01"),
        ("mended", "mended", 1, "2026-03-01"),
        ("fail", "new", 2, "2026-03-03"),
        ("fail", "same", 2, "2026-03-03"),
    ]


def test_a_warning_that_became_a_failure_is_worse():
    before = compared(row("broken", findings=(bad(status="warn"),)), None)
    assert compared(row("broken"), before).findings[0].change == "worse"


def test_a_run_that_could_not_look_mends_nothing():
    rows = nights("broken", "failed", "broken")
    assert rows[1].findings == rows[0].findings
    assert [each.times for each in rows[2].findings] == [1]


def test_another_cause_is_worse_even_where_the_state_is_the_same():
    before = compared(row("broken"), None)
    assert compared(row("broken", cause="identity-pool"), before).change == "worse"


def test_comparing_twice_is_comparing_once():
    before = nights("broken", "healthy")[1]
    once = compared(row("broken"), before)
    assert compared(once, before) == once


def test_the_worst_stand_first():
    rows = [row(state, monitor=state) for state in ("healthy", "failed", "degraded", "broken")]
    assert [each.state for each in since_last(rows, {})] == [
        "failed", "broken", "degraded", "healthy",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("states", "fail_on", "code"),
    [
        ("healthy degraded", USUAL, 0),
        ("healthy broken", USUAL, 1),
        ("healthy unproven", USUAL, 3),
        ("healthy failed", USUAL, 4),
        ("broken failed unproven", USUAL, 1),
        ("failed unproven", USUAL, 4),
        ("broken failed", frozenset(), 0),
        ("degraded", frozenset({"degraded"}), 1),
        ("accepted", USUAL, 0),
    ],
)
def test_the_exit_code_is_that_of_the_worst_that_counts(states, fail_on, code):
    assert exit_code([row(state) for state in states.split()], fail_on) == code


def test_fail_on_new_fails_for_what_changed_only():
    same, new = nights("broken", "broken")[1], nights("healthy", "broken")[1]
    assert exit_code([same], frozenset({"new"})) == 0
    assert exit_code([new], frozenset({"new"})) == 1


def test_an_acceptance_ends_with_its_day():
    taken = Accepted("xray-header", "shop-*", "no traces wanted", date(2026, 3, 2))
    assert taken.covers("xray-header", "shop-web", date(2026, 3, 2))
    assert not taken.covers("xray-header", "shop-web", date(2026, 3, 3))
    assert not taken.covers("xray-header", "pay-web", date(2026, 3, 2))
    assert not taken.covers("xray-cors", "shop-web", date(2026, 3, 2))


def test_a_run_is_read_back_by_the_next(tmp_path):
    store = FolderStore(tmp_path)
    publish(store, run_of(row("broken"), row(monitor="pay")))
    before, note = read_state(store)
    assert note == ""
    assert {each.monitor: each.state for each in before.values()} == {
        "shop-web": "broken", "pay": "healthy",
    }  # fmt: skip
    later, _ = publish(store, run_of(row(), run="20260303T090000Z-bbbbbb"))
    assert later.rows[0].change == "mended"
    # A monitor that was not looked at this time is not forgotten.
    assert set(read_state(store)[0]) == set(before)


def test_rows_of_an_older_rumkit_are_read_and_of_a_newer_one_refused():
    old = {"run": "r", "time": TIME, "place": "prod", "account": "1", "region": "x",
           "monitor": "shop-web", "state": "broken"}  # fmt: skip
    assert MonitorRow.from_dict(old).spells == 0
    with pytest.raises(BadInput, match="schema"):
        MonitorRow.from_dict(old | {"schema": SCHEMA + 1})


def test_a_line_that_cannot_be_read_costs_its_monitor_alone_and_is_told(tmp_path):
    store = FolderStore(tmp_path)
    publish(store, run_of(row("broken"), row(monitor="pay")))
    text = store.read(STATE)
    store.write(STATE, text.replace('"broken"', '"no such state"', 1) + "{half a li\n")
    before, note = read_state(store)
    assert [each.monitor for each in before.values()] == ["pay"]
    assert note.startswith("2 lines of latest/state.jsonl can't be read")


@pytest.mark.parametrize(
    "line", ["5", "[]", "null", '{"state": "broken"}', '{"arrival": 1e999}', '{"seconds": "x"}',
             '{"arrived": "<b>"}', '{"time": "../../x"}', '{"findings": [1]}', '{"files": []}'],
)  # fmt: skip
def test_a_line_of_another_shape_costs_no_run(line, tmp_path):
    store = FolderStore(tmp_path)
    whole = row().to_dict()
    changed = json.loads(line)
    if isinstance(changed, dict) and "state" not in changed:
        changed = whole | changed
    store.write(STATE, json.dumps(changed) + "\n")
    before, note = read_state(store)
    assert before == {}
    assert note.startswith("1 lines of")


def test_texts_with_line_ends_of_other_scripts_are_read_back(tmp_path):
    text = "a\u2028b\u0085c\ud800"
    publish(FolderStore(tmp_path), run_of(row("broken", owner=text)))
    before, note = read_state(FolderStore(tmp_path))
    assert (note, [each.owner for each in before.values()]) == ("", [text])
    assert history(str(tmp_path)).results["owner"].tolist() == [text]
    # As an earlier rumkit wrote them.
    raw = FolderStore(tmp_path).read(STATE).replace("\\u2028", "\u2028")
    FolderStore(tmp_path).write(STATE, raw)
    assert read_state(FolderStore(tmp_path))[1] == ""


def test_half_a_character_is_told_as_what_cannot_be_written(tmp_path):
    with pytest.raises(CannotWrite, match="can't be written as UTF-8"):
        FolderStore(tmp_path).write("x", "\ud800")
    assert list(tmp_path.iterdir()) == []


def test_monitors_of_one_name_in_two_accounts_are_kept_apart_in_the_frames(tmp_path):
    rows = [row("broken"), row("broken", account="444455556666", hops={"page": "works"})]
    publish(FolderStore(tmp_path), run_of(*rows))
    read = history(str(tmp_path))
    both = [(number, "eu-west-1", "shop-web") for number in ("111122223333", "444455556666")]
    assert read.path.index.tolist() == both
    assert read.path.loc[both[1], "trace"] == "not looked at"
    assert read.by_day.index.tolist() == [("guest-role-permission", *each) for each in both]
    assert [tuple(each) for each in read.monitors[["account", "region", "monitor"]].values] == both


def shards_files(tmp_path, path):
    store = FolderStore(tmp_path / "part")
    publish(store, run_of(row(files={"case": path})))
    return store


@pytest.mark.parametrize("path", ["../secret", "/etc/passwd", "reports/../../secret", "latest/x"])
def test_a_shard_names_no_file_outside_of_its_reports(path, tmp_path):
    (tmp_path / "secret").write_text("secret")
    with pytest.raises(BadInput, match="names a file that is none of its reports"):
        merged([shards_files(tmp_path, path)], FolderStore(tmp_path / "whole"))
    assert [path.name for path in (tmp_path / "whole").rglob("*.*")] == ["started.json"]


def test_a_shard_that_did_not_end_its_last_run_is_told(tmp_path):
    store = shards_files(tmp_path, "reports/x")
    assert merged([store], FolderStore(tmp_path / "whole")).stopped == ""
    writable(store, "20260303T090000Z-bbbbbb", "2026-03-03T09:00:00Z")
    run = merged([store], FolderStore(tmp_path / "whole"))
    assert run.stopped == f"the run that {tmp_path / 'part'} began last did not end"


def test_a_file_that_a_shard_lacks_is_told_and_not_linked(tmp_path):
    path = "reports/account=1/x.json"
    run = merged([shards_files(tmp_path, path)], FolderStore(tmp_path / "whole"))
    assert run.rows[0].files == {}
    assert run.rows[0].note == f"{tmp_path / 'part'} lacks {path}"


def test_a_shard_whose_moment_is_a_path_is_no_run(tmp_path):
    store = shards_files(tmp_path, "reports/x")
    text = store.read("latest/fleet.json").replace(
        '"time": "2026-03-02T09:00:00Z",', '"time": "../../x",', 1
    )
    store.write("latest/fleet.json", text)
    with pytest.raises(BadInput, match="is not a run of a fleet"):
        merged([store], FolderStore(tmp_path / "whole"))


def test_the_lines_are_read_by_duckdb_with_the_printed_statements(tmp_path):
    store = FolderStore(tmp_path / "out")
    publish(store, run_of(row("broken", owner="shop team"), row(monitor="pay")))
    publish(store, run_of(row(), run="20260303T090000Z-bbbbbb", time=DAYS[3]))
    told = duckdb.connect()
    for statement in tables.duckdb(str(tmp_path / "out")).split(";\n"):
        if statement.strip():
            told.execute(statement)
    states = told.execute(
        "select monitor, state, hops['authorize'], arrival[1], cast(dt as varchar)"
        " from rumkit_results order by dt, monitor"
    ).fetchall()
    assert states == [
        ("pay", "healthy", "works", 3, "2026-03-02"),
        ("shop-web", "broken", "broken", 3, "2026-03-02"),
        ("shop-web", "healthy", "works", 3, "2026-03-04"),
    ]
    findings = told.execute(
        'select "check", status, change, times from rumkit_findings order by dt'
    ).fetchall()
    assert findings == [
        ("guest-role-permission", "fail", "new", 1),
        ("guest-role-permission", "mended", "mended", 1),
    ]


def test_every_line_has_exactly_the_documented_columns(tmp_path):
    store = FolderStore(tmp_path)
    _, files = publish(store, run_of(row("broken")))
    for name, columns in (("results", tables.RESULTS), ("findings", tables.FINDINGS)):
        line = json.loads(store.read(files[name]))
        assert set(line) == {column for column, _, _ in columns}, name


def test_athena_s_statements_name_every_column_and_the_partition():
    text = tables.athena("s3://reports/rum/")
    assert text.count("CREATE EXTERNAL TABLE") == 2
    assert all(f"`{column}` {kind}" in text for column, kind, _ in tables.RESULTS)
    assert "'storage.location.template' = 's3://reports/rum/results/dt=${dt}/'" in text


@pytest.mark.parametrize("place", ["reports", "s3://x'; drop table y", "s3://a b"])
def test_no_place_gets_out_of_the_statements(place):
    with pytest.raises(BadInput):
        tables.athena(place)


@pytest.mark.parametrize("name", ["shop/web", "..", ".", "a#b", "über"])
def test_any_name_of_a_monitor_is_one_folder(name, tmp_path):
    folder = report_folder("111122223333", "eu-west-1", name, "2026-03-02")
    assert folder.count("/") == 4
    assert f"monitor={name_of(name)}/" in folder
    assert not {".", ".."} & set(folder.replace("=", "/").split("/"))
    FolderStore(tmp_path).write(f"{folder}/x.json", "{}")
    assert [path.name for path in tmp_path.rglob("*.json")] == ["x.json"]


def test_a_file_is_there_whole_or_not_at_all(tmp_path, monkeypatch):
    store = FolderStore(tmp_path)
    store.write("latest/x", "before")

    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.replace", full)
    with pytest.raises(CannotWrite, match="No space left on device"):
        store.write("latest/x", "after")
    assert store.read("latest/x") == "before"
    assert [path.name for path in (tmp_path / "latest").iterdir()] == ["x"]


_WRITER = """
import sys; sys.path.insert(0, {tests!r})
from pathlib import Path
from fleet_rows import row, run_of
from rumkit.fleet.publish import publish
from rumkit.fleet.store import FolderStore
name = sys.argv[1]
for number in range(10):
    run = f"r-{{name}}-{{number}}"
    rows = [row("broken", monitor=f"{{name}}-{{at}}", run=run) for at in range(20)]
    publish(FolderStore(Path({folder!r})), run_of(*rows, run=run))
"""


def test_two_runs_at_once_lose_nothing_of_each_other(tmp_path):
    from pathlib import Path

    code = _WRITER.format(tests=str(Path(__file__).parent), folder=str(tmp_path))
    both = [subprocess.Popen([sys.executable, "-c", code, name]) for name in ("a", "b")]
    assert [each.wait(60) for each in both] == [0, 0]
    before, note = read_state(FolderStore(tmp_path))
    assert note == ""
    assert len(before) == 40
    assert {each.run for each in before.values()} == {"r-a-9", "r-b-9"}
    assert len(list((tmp_path / "results").rglob("*.jsonl"))) == 20
    assert list(tmp_path.rglob("*.part")) == []


def test_a_clock_that_was_put_back_is_told_and_the_run_is_kept(tmp_path):
    from rumkit.fleet.history import clock_note

    store = FolderStore(tmp_path)
    publish(store, run_of(row("broken", time=DAYS[5])))
    before, _ = read_state(store)
    assert "stands before the last run" in clock_note(DAYS[1], before)
    assert clock_note(DAYS[6], before) == ""
    publish(store, run_of(replace(row(), time=DAYS[1], run="earlier"), run="earlier", time=DAYS[1]))
    assert next(iter(read_state(store)[0].values())).run == "earlier"
