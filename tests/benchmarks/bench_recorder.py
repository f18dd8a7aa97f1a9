"""What a recording costs beside the time that the page itself takes, and how much memory.

Run it with `python tests/benchmarks/bench_recorder.py`. Each browser visits the sandbox's healthy
page in a process of its own; the page's own time is what the recorder waits on it, for what it
sends when it is left too.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

BROWSERS = ("chromium", "firefox")


def measure(browser: str) -> dict[str, float]:
    """Record once in this process and return seconds and megabytes."""
    from rumkit import practice
    from rumkit.recorder import record as recorder

    waited = 0.0

    def timed(wait: Callable[..., None]) -> Callable[..., None]:
        def waiting(*arguments: object) -> None:
            nonlocal waited
            begun = time.monotonic()
            wait(*arguments)
            waited += time.monotonic() - begun

        return waiting

    recorder._stay, recorder._leave = timed(recorder._stay), timed(recorder._leave)
    practice.enter("healthy")
    with tempfile.TemporaryDirectory() as folder:
        begun = time.monotonic()
        plan = recorder.RecordingPlan(
            os.environ["RUMKIT_PAGE"], browser, Path(folder) / "x", headless=True
        )
        recorder.record(plan)
        total = time.monotonic() - begun
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    practice.leave()
    return {"total": total, "page": waited, "peak": peak}


def main() -> None:
    """Measure each browser and print a line for it."""
    if len(sys.argv) > 1:
        print(json.dumps(measure(sys.argv[1])))
        return
    for browser in BROWSERS:
        done = subprocess.run([sys.executable, __file__, browser], stdout=subprocess.PIPE,
                              text=True, check=False)  # fmt: skip
        if done.returncode:
            print(f"{browser:<10} not measured")
            continue
        got = json.loads(done.stdout.splitlines()[-1])
        beside = got["total"] - got["page"]
        times = (
            f"{got['total']:5.1f} s, on the page {got['page']:5.1f} s, beside it {beside:4.1f} s"
        )
        print(f"recording with {browser:<9} {times}  {got['peak']:4.0f} MB")


if __name__ == "__main__":
    main()
