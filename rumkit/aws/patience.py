"""How long AWS is waited for: each request, and all requests of an investigation together.

Every request of every client goes through here, its retries and pages included, in a thread of
its own that nothing waits for at the end: one that hangs, or that drips a byte a second, holds up
neither the investigation nor the end of the program.
"""

from __future__ import annotations

import signal
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from rumkit.model import NotCollected

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

DEFAULT_SECONDS: Final = 60.0
_ONE_REQUEST: Final = 15.0
# A host that did not answer once is not waited for as long again.
_AGAIN: Final = 2.0
_STEP: Final = 0.05


class Patience:
    """Sends requests and waits for their replies, as long as there is patience left."""

    def __init__(self, one_request: float = _ONE_REQUEST) -> None:
        self._one_request = one_request
        self._until: float | None = None
        self._seconds = 0.0
        self._given_up = threading.Event()
        self._silent: set[str] = set()

    @contextmanager
    def limited(self, seconds: float) -> Iterator[None]:
        """Wait for no longer than these seconds in all while the context lasts.

        Whatever ends it early, a person's Ctrl-C among them, ends all waiting too.
        """
        self._until, self._seconds = time.monotonic() + seconds, seconds
        try:
            with self._ended_by_a_person():
                yield
        except BaseException:
            self._given_up.set()
            raise
        finally:
            self._until = None

    @contextmanager
    def _ended_by_a_person(self) -> Iterator[None]:
        """End the waiting at Ctrl-C itself, before any pool of threads waits for its own."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = signal.getsignal(signal.SIGINT)

        def end(number: int, frame: Any) -> None:
            self._given_up.set()
            if callable(before):
                before(number, frame)

        signal.signal(signal.SIGINT, end)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, before or signal.default_int_handler)

    def send(self, send: Callable[[Any], Any], request: Any) -> Any:
        """Send a request and return its reply. Raises NotCollected when none comes in time."""
        host = urlsplit(str(request.url)).hostname or ""
        # Before anything goes out: quick replies without end would never be waited for.
        self._refuse_when_over(host)
        reply: list[Any] = []
        done = threading.Event()

        def work() -> None:
            try:
                reply.append((send(request), None))
            except Exception as error:  # noqa: BLE001 - it is raised where the reply is waited for
                reply.append((None, error))
            done.set()

        threading.Thread(target=work, daemon=True, name=f"aws {host}").start()
        self._wait(done, host)
        answer, error = reply[0]
        if error is not None:
            raise error
        return answer

    def _wait(self, done: threading.Event, host: str) -> None:
        begun = time.monotonic()
        while not done.wait(_STEP):
            self._refuse_when_over(host)
            waited = time.monotonic() - begun
            if waited >= (_AGAIN if host in self._silent else self._one_request):
                self._silent.add(host)
                raise self._unanswered(host, f"did not answer within {waited:.0f} s")

    def _refuse_when_over(self, host: str) -> None:
        if self._given_up.is_set():
            raise self._unanswered(host, "was not waited for any longer")
        if self._until is not None and time.monotonic() >= self._until:
            text = f"had not answered when the {self._seconds:g} s of the investigation ended"
            raise self._unanswered(host, f"{text} (--timeout gives it longer)")

    @staticmethod
    def _unanswered(host: str, what: str) -> NotCollected:
        return NotCollected(f"network:{host}", f"{host} {what}", missing=(f"network:{host}",))


class PatientHttp:
    """What botocore sends its requests through, in the place of its own session."""

    def __init__(self, session: Any, patience: Patience) -> None:
        self._session, self._patience = session, patience

    def send(self, request: Any) -> Any:
        """Send a request and return its reply. Raises NotCollected when none comes in time."""
        return self._patience.send(self._session.send, request)

    def close(self) -> None:
        """Let go of the connections."""
        self._session.close()
