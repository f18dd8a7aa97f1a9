"""A history in S3: runs at once, a holder that died, and a lease that was lost."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest
from fleet_rows import row, run_of  # type: ignore[import-not-found]
from fleet_servers import serving  # type: ignore[import-not-found]

from rumkit.fleet import s3_store
from rumkit.fleet.history import STATE, read_state
from rumkit.fleet.publish import publish
from rumkit.fleet.s3_store import S3Store
from rumkit.fleet.store import CannotWrite, ChangedMeanwhile

LEASE = "/reports/rum/latest/lease.json"


@pytest.fixture
def s3(monkeypatch):
    """An S3 for this process, and what else a client needs."""
    with serving() as server:
        for name, value in (
            ("AWS_ENDPOINT_URL_S3", server.url),
            ("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE"),
            ("AWS_SECRET_ACCESS_KEY", "example"),
            ("AWS_DEFAULT_REGION", "eu-west-1"),
        ):
            monkeypatch.setenv(name, value)
        monkeypatch.delenv("AWS_PROFILE", raising=False)
        yield server


def store():
    return S3Store("reports", "rum")


def named(name, **more):
    return run_of(row("broken", monitor=name, run=name), run=name, **more)


_WRITER = """
import sys; sys.path.insert(0, {tests!r})
from fleet_rows import row, run_of
from rumkit.fleet.publish import publish
from rumkit.fleet.s3_store import S3Store
name = sys.argv[1]
for number in range(4):
    run = f"r-{{name}}-{{number}}"
    rows = [row("broken", monitor=f"{{name}}-{{at}}", run=run) for at in range(5)]
    publish(S3Store("reports", "rum"), run_of(*rows, run=run))
"""


def test_two_runs_at_once_lose_nothing_of_each_other(s3):
    code = _WRITER.format(tests=str(Path(__file__).parent))
    both = [subprocess.Popen([sys.executable, "-c", code, name]) for name in ("a", "b")]
    assert [each.wait(90) for each in both] == [0, 0]
    before, note = read_state(store())
    assert (note, len(before)) == ("", 10)
    assert {each.run for each in before.values()} == {"r-a-3", "r-b-3"}
    # The last run's page and its other forms are of one run.
    last = json.loads(s3.objects["/reports/rum/latest/fleet.json"])["run"]
    for form in ("html", "md"):
        assert last in s3.objects[f"/reports/rum/latest/fleet.{form}"].decode()


def test_a_run_waits_for_the_one_that_writes(s3, monkeypatch):
    monkeypatch.setattr(s3_store, "_LONGEST_WAIT", 0.3)
    with store().exclusive(), pytest.raises(CannotWrite, match="other runs write there"):
        publish(store(), named("late"))
    assert "/reports/rum/latest/fleet.json" not in s3.objects
    publish(store(), named("later"))
    assert "/reports/rum/latest/fleet.json" in s3.objects


def test_the_lease_of_a_run_that_died_runs_out(s3):
    s3.objects[LEASE], s3.written[LEASE] = b'{"holder": "dead"}', time.time() - 61
    publish(store(), named("next"))
    assert s3.objects[LEASE] == b"{}\n"


def test_rows_are_not_written_over_those_of_another_run(s3):
    slow = store()
    read_state(slow)
    publish(store(), named("other"))
    with pytest.raises(ChangedMeanwhile):
        slow.write(STATE, "", as_read=True)
    assert [each.monitor for each in read_state(store())[0].values()] == ["other"]


def test_a_write_whose_answer_was_lost_is_not_taken_for_another_run_s(s3, monkeypatch):
    """What the SDK repeats then is refused, since the object is not as it was read any more."""
    publish(store(), named("first"))
    real = s3.put

    def put(key, body, match, none):
        real(key, body, match, none)
        return real(key, body, match, none)

    monkeypatch.setattr(s3, "put", put)
    run, _ = publish(store(), named("second"))
    assert [row.change for row in run.rows] == ["first"]


def test_a_run_that_lost_its_lease_reads_again_and_keeps_both(s3, monkeypatch):
    slow, real = store(), S3Store.read

    def read(self, path):
        text = real(self, path)
        if self is slow and path == STATE and "/reports/rum/latest/state.jsonl" not in s3.objects:
            # Its lease ran out while it was asleep, and another run came and went.
            s3.objects[LEASE] = b"{}\n"
            publish(store(), named("other"))
        return text

    monkeypatch.setattr(S3Store, "read", read)
    publish(slow, named("slow"))
    assert {each.monitor for each in read_state(store())[0].values()} == {"other", "slow"}
