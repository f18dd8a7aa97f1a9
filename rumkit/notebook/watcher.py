"""A watch in a notebook: in a thread, so that the notebook stays usable, until it is stopped."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from rumkit import practice
from rumkit.model import RumkitError
from rumkit.notebook.fields import in_fields
from rumkit.show.watching import WatchReport
from rumkit.watch import rounds

if TYPE_CHECKING:
    from collections.abc import Callable

    from rumkit.watch import Watch

_PACE = {"seconds": 1800.0, "every": 60.0}


class _StoppedError(Exception):
    """A person has pressed the button again."""


class Watcher:
    """Watches what `make` gives; `say` gets each line, as the command `rumkit watch` has it."""

    def __init__(
        self,
        make: Callable[[], Watch],
        say: Callable[[str], None],
        ended: Callable[[], None],
    ) -> None:
        self._make, self._say, self._ended = make, say, ended
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True, name="rumkit watch")

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End at once, with the state so far."""
        self._stop.set()

    def wait(self, seconds: float) -> bool:
        """Wait for the end and tell whether it came."""
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def _run(self) -> None:
        try:
            self._watch(self._make())
        except RumkitError as error:
            self._say(in_fields(str(error)))
        finally:
            self._ended()

    def _watch(self, watch: Watch) -> None:
        report = WatchReport(watch, watch.look(), **_PACE)
        try:
            for line in report.lines(rounds(watch, pause=self._pause, **_PACE)):
                if line:
                    self._say(line)
        except _StoppedError:
            self._say("stopped")
        self._say(report.last())

    def _pause(self, seconds: float) -> None:
        practice.let_time_pass(seconds, self._stop.wait)
        if self._stop.is_set():
            raise _StoppedError
