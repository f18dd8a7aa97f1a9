"""Work side by side, in as many threads as can be had: the caller's own where there are no more.

A container's limit of processes, or `ulimit -u`, counts threads. What runs out of them is slower
and answers the same.
"""

from __future__ import annotations

import threading
from concurrent.futures import Executor, Future
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")
P = ParamSpec("P")


def started(thread: threading.Thread) -> bool:
    """Start a thread and tell whether the system had one left."""
    try:
        thread.start()
    except RuntimeError:  # "can't start new thread"
        return False
    return True


def in_thread(work: Callable[[], T], name: str) -> Future[T]:
    """Begin a piece of work in a thread that ends with the program, whether or not it is done.

    Where no thread can be had it is done when this returns.
    """
    reply: Future[T] = Future()

    def run() -> None:
        try:
            reply.set_result(work())
        except Exception as error:  # noqa: BLE001 - it is raised where the reply is waited for
            reply.set_exception(error)

    if not started(threading.Thread(target=run, daemon=True, name=name)):
        run()
    return reply


class Workers(Executor):
    """Does pieces of work side by side, in up to `most` threads.

    Fewer threads do all of it one after the other; without any, a piece is done when it is
    submitted.
    """

    def __init__(self, most: int, name: str = "rumkit") -> None:
        self._most = most
        self._name = name
        self._lock = threading.Lock()
        self._todo: SimpleQueue[tuple[Future[Any], Callable[[], Any]] | None] = SimpleQueue()
        self._threads: list[threading.Thread] = []
        self._free = 0
        self._ended = False

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Have `fn` called with what is given. Raises RuntimeError after the end."""
        future: Future[T] = Future()
        piece = (future, lambda: fn(*args, **kwargs))
        with self._lock:
            if self._ended:
                raise RuntimeError("these workers have ended")
            taken = self._taken()
            if taken:
                self._todo.put(piece)
        if not taken:
            _do(*piece)
        return future

    def _taken(self) -> bool:
        """Tell whether a thread will take one more piece, which a new one may have to."""
        if self._free:
            self._free -= 1
            return True
        if len(self._threads) < self._most:
            name = f"{self._name} {len(self._threads) + 1}"
            thread = threading.Thread(target=self._work, name=name)
            if not started(thread):
                return bool(self._threads)
            self._threads.append(thread)
        return True

    def _work(self) -> None:
        while (piece := self._next()) is not None:
            _do(*piece)
            del piece  # what it holds is not kept until the next one comes

    def _next(self) -> tuple[Future[Any], Callable[[], Any]] | None:
        with self._lock:
            try:
                return self._todo.get_nowait()
            except Empty:
                self._free += 1
        return self._todo.get()

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Take nothing more; wait for what is under way, or cancel what has not begun."""
        with self._lock:
            if cancel_futures:
                self._cancel()
            if not self._ended:
                for _ in self._threads:
                    self._todo.put(None)
            self._ended = True
        if wait:
            for thread in self._threads:
                thread.join()

    def _cancel(self) -> None:
        while True:
            try:
                piece = self._todo.get_nowait()
            except Empty:
                return
            if piece is not None:
                piece[0].cancel()


def _do(future: Future[Any], work: Callable[[], Any]) -> None:
    if not future.set_running_or_notify_cancel():
        return
    try:
        future.set_result(work())
    except BaseException as error:  # noqa: BLE001 - it is raised where the result is waited for
        future.set_exception(error)
