"""Work that is done once, whoever asks first, and kept."""

from __future__ import annotations

import threading
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, TypeVar, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping

T = TypeVar("T")


class Once:
    """A thread-safe memory: the first asker does the work, later ones wait for its result.

    An exception is a result too, and is raised to every asker.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._results: dict[Hashable, Future[Any]] = {}

    def get(self, key: Hashable, work: Callable[[], T]) -> T:
        """Return what `work` gave for this key, doing it now if nobody has."""
        with self._lock:
            future = self._results.get(key)
            mine = future is None
            if future is None:
                future = self._results[key] = Future()
        if mine:
            try:
                future.set_result(work())
            except BaseException as error:
                future.set_exception(error)
                # An interrupt is for this thread to act on, not only for the askers.
                if not isinstance(error, Exception):
                    raise
        return cast("T", future.result())

    def done(self) -> dict[Hashable, Future[Any]]:
        """Return what has been worked out so far."""
        with self._lock:
            return {key: future for key, future in self._results.items() if future.done()}

    def keep(self, results: Mapping[Hashable, Future[Any]]) -> None:
        """Take over what was worked out elsewhere."""
        with self._lock:
            self._results.update(results)
