"""No crash, no flood: whatever a file is, it is read or refused, in bounded time and memory."""

from __future__ import annotations

import gzip
import json
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest
from bombs import bombs  # type: ignore[import-not-found]
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st
from parsers import PARSERS, outcome  # type: ignore[import-not-found]
from seeds import PIECES, SEEDS  # type: ignore[import-not-found]
from share import WHOLE  # type: ignore[import-not-found]

HERE = Path(__file__).parent
SECONDS, MEGABYTES, MOST_MEGABYTES = 2.0, 50.0, 1000.0
# What is packed a thousand times over is bounded by itself, not by what it was packed into.
MOST_SECONDS = 30.0
# The two seconds, on a machine that does other things beside.
SLACK = 1.0 if WHOLE else 3.0
EVERY = 1 if WHOLE else 9
ENDINGS = {"script": ".js", "page": ".html"}


def measured(parser, data, folder):
    """Return what a parser does with a file in a process of its own."""
    file = folder / f"given{ENDINGS.get(parser, '.json')}"
    small = folder / f"small{file.suffix}"
    file.write_bytes(data)
    small.write_bytes(b"{}")
    done = subprocess.run(
        [sys.executable, str(HERE / "parsers.py"), parser, str(file), str(small)],
        capture_output=True, text=True, timeout=240, check=False,
    )  # fmt: skip
    assert done.stdout, f"it died with {done.returncode}: {done.stderr[-300:]}"
    return json.loads(done.stdout)


def too_much(found, data):
    """Return what of a measurement is more than was promised."""
    size = max(1.0, len(data) / 1e6)
    packed = data[:2] in {b"\x1f\x8b", b"PK"}
    seconds = MOST_SECONDS if packed else SECONDS * size
    megabytes = MOST_MEGABYTES if packed else min(MOST_MEGABYTES, MEGABYTES * size)
    if found["outcome"] not in {"read", "refused"}:
        return found["said"]
    if found["seconds"] > seconds * SLACK:
        return f"{found['seconds']:.1f} s"
    return f"{found['megabytes']:.0f} MB" if found["megabytes"] > megabytes else ""


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("parser", PARSERS)
def test_no_file_takes_more_than_its_size_allows(parser, tmp_path, figure):
    mine = ((name, data) for owner, name, data in bombs() if owner == parser)
    slowest, largest, wrong, count = 0.0, 0.0, {}, 0
    for number, (name, made) in enumerate(mine):
        if number % EVERY or (callable(made) and not WHOLE):
            continue
        data = made() if callable(made) else made
        found = measured(parser, data, tmp_path)
        count += 1
        slowest, largest = max(slowest, found["seconds"]), max(largest, found["megabytes"])
        if why := too_much(found, data):
            wrong[name] = why
    figure(
        "floods",
        f"{parser}: {count} files, at most {slowest:.1f} s and {largest:.0f} MB,"
        f" {len(wrong)} too much",
    )
    assert wrong == {}


@st.composite
def changed(draw, start):
    """Change a seed in a few places: pieces put in, taken out, doubled, bits flipped, cut."""
    data = bytearray(start)
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, len(data)))
        span = draw(st.integers(0, 12))
        match draw(st.integers(0, 4)):
            case 0:
                data[at:at] = draw(st.sampled_from(PIECES))
            case 1:
                data[at : at + span] = draw(st.sampled_from(PIECES))
            case 2:
                del data[at : at + span]
            case 3:
                data[at:at] = data[at : at + span * 4]
            case _:
                data[at : at + span] = draw(st.binary(max_size=span))
    return bytes(data)


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("parser", PARSERS)
def test_a_changed_file_is_read_or_refused(parser, tmp_path, figure):
    count, wrong = [0], {}
    examples = 3000 if WHOLE else 60

    @seed(7)
    @settings(
        max_examples=examples, deadline=None, database=None, derandomize=False,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(changed(SEEDS[parser]))
    def each(data):
        count[0] += 1
        packed = parser in {"recording", "trail"} and count[0] % 4 == 0
        file = tmp_path / f"given{ENDINGS.get(parser, '.json')}"
        file.write_bytes(gzip.compress(data) if packed else data)
        ended, said = outcome(parser, file)
        if ended == "defect":
            wrong[said] = data
        assert ended in {"read", "refused"}, said

    each()
    figure("floods", f"{parser}: {count[0]} changed files, {len(wrong)} other than documented")


@pytest.mark.timeout(60)
@pytest.mark.parametrize("parser", PARSERS)
def test_no_pipe_is_waited_for_and_no_device_is_read(parser, tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    # In a process of its own: what waits for a pipe could not be ended in this one.
    for path in (pipe, Path("/dev/zero"), tmp_path):
        if parser in {"csp", "policy"} or (parser == "packages"):
            return  # texts, and files of a project that are found by their names
        code = (
            f"import sys; sys.path.insert(0, {str(HERE)!r}); from parsers import outcome;"
            "from pathlib import Path; print(*outcome(*sys.argv[1:2], Path(sys.argv[2])))"
        )
        done = subprocess.run(
            [sys.executable, "-c", code, parser, str(path)],
            capture_output=True, text=True, timeout=20, check=False,
        )  # fmt: skip
        assert done.stdout.startswith("refused"), (path, done.stdout, done.stderr)


def test_random_bytes_are_no_recording_and_no_crash(tmp_path):
    chance = random.Random(7)
    for parser in PARSERS:
        file = tmp_path / f"{parser}{ENDINGS.get(parser, '.json')}"
        file.write_bytes(chance.randbytes(20_000))
        assert outcome(parser, file)[0] in {"read", "refused"}
        file.unlink(missing_ok=True)
