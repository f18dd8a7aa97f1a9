"""A process that scans trail files for another one, over its standard input and output."""

from __future__ import annotations

import gc
import json
import marshal
import os
import sys
import threading
import time

from rumkit.threads import started
from rumkit.trail.scan import ScannedFile, ScanPlan, scan_file

_GLANCE = 0.5


def serve(parent: int) -> None:
    """Answer batches of paths from standard input until it ends, or until the parent process has.

    The parent tells its own id: it may have gone before this one could look.

    One line of JSON asks: the plan first, then lists of paths. An answer is its length on a line
    and then that many bytes.
    """
    # Parsed JSON has no cycles: looking for them only costs time.
    gc.disable()
    # Where there is no thread for it, the end of standard input still ends this process.
    started(threading.Thread(target=_end_with, args=(parent,), daemon=True))
    asked = json.loads(sys.stdin.buffer.readline())
    marks = {name: tuple(texts) for name, texts in asked["marks"].items()}
    plan = ScanPlan(tuple(asked["names"]), frozenset(asked["failures_only"]), marks)
    out = sys.stdout.buffer
    for line in sys.stdin.buffer:
        answer = b"".join(_packed(scan_file(path, plan)) for path in json.loads(line))
        out.write(b"%d\n" % len(answer))
        out.write(answer)
        out.flush()


def _end_with(parent: int) -> None:
    """End this process, in the middle of a file too, when the one that asked has gone."""
    while os.getppid() == parent:
        time.sleep(_GLANCE)
    os._exit(1)


def _packed(result: ScannedFile) -> bytes:
    # Both ends are this interpreter and nothing else writes to the pipe: marshal is quickest.
    rest = (result.seen, result.succeeded, result.first, result.last, result.latest)
    try:
        return marshal.dumps((result.records, result.size, result.problems, *rest))
    except ValueError:
        return marshal.dumps(([], result.size, [*result.problems, "nested too deeply"], *rest))
