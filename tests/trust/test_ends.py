"""Ctrl-C, SIGTERM, SIGHUP, and the end of rumkit itself: nothing outlives it, nothing is half."""

from __future__ import annotations

import re
import signal
import tempfile
import time

import pytest
from ending import SITUATIONS, place, start  # type: ignore[import-not-found]
from share import WHOLE, part_of  # type: ignore[import-not-found]

from rumkit import isolated, temporary

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
CASES = [(each, number) for each in SITUATIONS for number in (*SIGNALS, signal.SIGKILL)]
# What a process that is killed can't remove; the next one does, by its name.
SWEPT = re.compile(r"(rumkit-(?:kernel|sandbox|browser)-)\d+-\w+")
# The two seconds, on a machine that does other things beside.
MOST_SECONDS = 2.0 if WHOLE else 4.0


# What serves may end as the end of its input would have ended it, or as its server is ended.
SERVING = {
    "sandbox that serves": {0},
    "mcp": {0},
    "mcp over HTTP": {0, 128 + signal.SIGTERM},
}


def named(value):
    return value.name if hasattr(value, "name") else str(value)


@pytest.mark.timeout(120)
@pytest.mark.xdist_group("ends")
@pytest.mark.parametrize(("situation", "number"), part_of(CASES, 14), ids=named)
def test_a_command_that_is_ended_leaves_nothing_behind(situation, number, figure):
    if situation.name == "record" and isolated.which("chromium") is None:
        pytest.skip("needs Chromium")
    with place() as here:
        running = start(here, situation)
        code, seconds = running.end(number)
        figure("ends", f"{situation.name}, {number.name}: {seconds:.2f} s, exit code {code}")
        assert here.processes() == {}
        assert seconds < MOST_SECONDS
        assert "Traceback" not in running.text("stderr")
        temporary_files, halves = settled(here)
        if number is signal.SIGKILL:
            assert code == -signal.SIGKILL
            swept_by_the_next(here, temporary_files)
            assert all("/." in each for each in halves), "half a file bears a whole one's name"
        else:
            assert code in {128 + number, *SERVING.get(situation.name, ())}
            assert (temporary_files, halves) == ([], [])


def settled(here):
    """Return what is left once children that lost their parent have cleared up."""
    deadline = time.monotonic() + 2
    while any(here.left()) and time.monotonic() < deadline:
        time.sleep(0.05)
    return here.left()


def swept_by_the_next(here, names):
    before = tempfile.tempdir
    tempfile.tempdir = str(here.root / "tmp")
    try:
        for name in names:
            prefix = SWEPT.fullmatch(name)
            assert prefix, name
            made = temporary.own_folder(prefix[1])
            assert not (here.root / "tmp" / name).exists()
            made.rmdir()
    finally:
        tempfile.tempdir = before
    assert here.left()[0] == []
