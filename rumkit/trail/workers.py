"""Worker processes that scan trail files: one for each core, fed in batches.

They are plain subprocesses of this interpreter: no fork of a process that may have threads, and no
import of the caller's main module.
"""

from __future__ import annotations

import contextlib
import io
import json
import marshal
import os
import queue
import subprocess
import threading
import time
from typing import TYPE_CHECKING, Final

from rumkit import isolated
from rumkit.threads import started
from rumkit.trail.scan import ScannedFile, ScanPlan, scan_file

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

# Quicker to start than -m, which imports what finds modules first.
_RUN: Final = "from rumkit.trail.scan_worker import serve; serve({parent})"
_BATCH_BYTES: Final = 2_000_000
_BATCH_FILES: Final = 64


def scan_files(
    files: Sequence[tuple[str, int]],
    plan: ScanPlan,
    *,
    processes: int | None = None,
    deadline: float = 3600.0,
) -> Iterator[ScannedFile]:
    """Yield what each file held, in no particular order.

    A worker that dies costs its batch, which is counted as a problem; at the deadline the workers
    are ended and the files that are left are counted. Where no process can be started, this one
    scans.
    """
    batches = _batches(files)
    count = max(1, min(processes or _cores(), len(batches)))
    todo: queue.SimpleQueue[list[str]] = queue.SimpleQueue()
    done: queue.SimpleQueue[list[ScannedFile] | None] = queue.SimpleQueue()
    for batch in batches:
        todo.put(batch)
    workers = list(_as_many(count, plan))
    if not workers:
        yield from _scan_here(files, plan, deadline)
        return
    timer = threading.Timer(deadline, lambda: _end(workers))
    timer.daemon = True
    started(timer)
    try:
        running = 0
        for worker in workers:
            running += started(threading.Thread(target=worker.work, args=(todo, done), daemon=True))
        if not running:
            workers[0].work(todo, done)
            running = 1
        while running:
            answer = done.get()
            if answer is None:
                running -= 1
            else:
                yield from answer
        while not todo.empty():
            yield from _lost(todo.get())
    finally:
        timer.cancel()
        _end(workers)


def _as_many(count: int, plan: ScanPlan) -> Iterator[_Worker]:
    """Yield up to so many workers: as many as the system has processes left for."""
    for _ in range(count):
        try:
            yield _Worker(plan)
        except BlockingIOError:
            return


def _scan_here(
    files: Sequence[tuple[str, int]], plan: ScanPlan, deadline: float
) -> Iterator[ScannedFile]:
    until = time.monotonic() + deadline
    for path, _ in files:
        if time.monotonic() > until:
            yield from _lost([path])
        else:
            yield scan_file(path, plan)


def _end(workers: Sequence[_Worker]) -> None:
    for worker in workers:
        worker.end()


def _lost(paths: Sequence[str]) -> list[ScannedFile]:
    return [ScannedFile(problems=["not read: the scan was stopped"]) for _ in paths]


def _cores() -> int:
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on every system
        return os.cpu_count() or 1


def _batches(files: Sequence[tuple[str, int]]) -> list[list[str]]:
    """Group files so that a batch is worth an exchange, large ones first to end together."""
    batches: list[list[str]] = [[]]
    weight = 0
    for path, size in sorted(files, key=lambda file: -file[1]):
        if batches[-1] and (weight + size > _BATCH_BYTES or len(batches[-1]) >= _BATCH_FILES):
            batches.append([])
            weight = 0
        batches[-1].append(path)
        weight += size
    return [batch for batch in batches if batch]


def _environment() -> dict[str, str]:
    """Return a worker's variables.

    The C library gives large buffers back to the system one by one; told to keep them (glibc's
    variables, ignored elsewhere), a worker doesn't wait for fresh pages with each file.
    """
    return {
        **os.environ,
        "MALLOC_MMAP_THRESHOLD_": "67108864",
        "MALLOC_TRIM_THRESHOLD_": "134217728",
    }


class _Worker:
    """One process, and the thread that feeds it."""

    def __init__(self, plan: ScanPlan) -> None:
        self._process = subprocess.Popen(  # noqa: S603 - this interpreter, and text of ours
            isolated.python(_RUN.format(parent=os.getpid())),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=_environment(),
        )
        failures = sorted(plan.failures_only)
        asked = {"names": plan.names, "failures_only": failures, "marks": dict(plan.marks)}
        self._send(asked)

    def _send(self, what: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(what).encode() + b"\n")
        self._process.stdin.flush()

    def work(
        self,
        todo: queue.SimpleQueue[list[str]],
        done: queue.SimpleQueue[list[ScannedFile] | None],
    ) -> None:
        """Scan batches until there are none, or until the process is gone."""
        try:
            while True:
                try:
                    batch = todo.get_nowait()
                except queue.Empty:
                    return
                try:
                    done.put(self._ask(batch))
                except (OSError, ValueError):
                    done.put(_lost(batch))
                    return
        finally:
            done.put(None)

    def _ask(self, batch: list[str]) -> list[ScannedFile]:
        self._send(batch)
        assert self._process.stdout is not None
        length = int(self._process.stdout.readline() or b"-1")
        answer = io.BytesIO(self._process.stdout.read(length) if length >= 0 else b"")
        if length < 0 or len(answer.getbuffer()) != length:
            raise OSError("the worker is gone")
        # Bytes of our own child, over a pipe that nobody else has.
        return [ScannedFile(*marshal.load(answer)) for _ in batch]  # noqa: S302

    def end(self) -> None:
        """End the process."""
        if self._process.poll() is None:
            self._process.kill()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()
        self._process.wait()
