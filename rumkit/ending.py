"""Signals that end a command: everything is cleared away first, and in a bounded time."""

from __future__ import annotations

import os
import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

# Not all of them are on every system.
NUMBERS: Final = tuple(
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
)
_MOST_SECONDS: Final = 1.5


class Ended(KeyboardInterrupt):
    """A signal ended the command; `code` is the exit code that a shell gives it."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.code = 128 + number


@contextmanager
def handling(numbers: Iterable[int], handler: Any) -> Iterator[None]:
    """Handle signals so while the context lasts; outside the main thread nothing changes."""
    before: dict[int, Any] = {}
    try:
        if threading.current_thread() is threading.main_thread():
            for number in numbers:
                before[number] = signal.signal(number, handler)
        yield
    finally:
        for number, earlier in before.items():
            signal.signal(number, earlier)


@contextmanager
def ended_by_signals() -> Iterator[None]:
    """Raise Ended in the main thread at a signal that would end the process.

    What is not cleared away within 1.5 s is left as it is: the process ends then. A signal that
    is ignored, as under nohup, or that somebody handles already, stays with them.
    """
    defaults = (signal.SIG_DFL, signal.default_int_handler)
    with handling([n for n in NUMBERS if signal.getsignal(n) in defaults], _end):
        try:
            yield
        finally:
            _came.clear()


# That a signal came: once is enough, a second one would disturb the clearing away.
_came = threading.Event()


def _end(number: int, _frame: object) -> None:
    if _came.is_set():
        return
    _came.set()
    timer = threading.Timer(_MOST_SECONDS, os._exit, (128 + number,))
    timer.daemon = True
    timer.start()
    raise Ended(number)
