"""How long AWS is waited for: each request, each read, and all of an investigation together.

Every request of every client goes through here, its retries and pages included, in a thread of
its own that nothing waits for at the end: one that hangs, or that drips a byte a second, holds up
neither the investigation nor the end of the program.

Silence costs 15 s in all, however many hosts are silent and however they wait for each other:
the first request that is not answered is given up after two thirds of that, those after it when
13 s have passed since it was sent, and from then on a host has a second to answer, or three if it
has answered before.
"""

from __future__ import annotations

import signal
import threading
import time
from concurrent.futures import wait
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeVar
from urllib.parse import urlsplit

from rumkit.ending import NUMBERS
from rumkit.model import BadInput, NotCollected
from rumkit.threads import in_thread

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from concurrent.futures import Future

T = TypeVar("T")

DEFAULT_SECONDS: Final = 60.0
MOST_SECONDS: Final = 3600.0
_SILENCE: Final = 15.0
_STEP: Final = 0.05


@dataclass
class _BoundedRead:
    """A read under way in a thread: its name, and when it has to be complete."""

    name: str
    until: float


class Patience:
    """Sends requests and waits for their replies, as long as there is patience left.

    `silence` (seconds) is what hosts that don't answer may cost in all.
    """

    def __init__(self, silence: float = _SILENCE) -> None:
        self._silence = silence
        self._until: float | None = None
        self._seconds = 0.0
        self._given_up = threading.Event()
        # Monotonic moment after which silence is not waited for; None while nothing was lost.
        self._silent_until: float | None = None
        self._answered: set[str] = set()
        self._lost: set[str] = set()
        self._reads = threading.local()

    @contextmanager
    def limited(self, seconds: float) -> Iterator[None]:
        """Wait for no longer than these seconds in all while the context lasts.

        Earlier silence is forgiven. Whatever ends it early, a person's Ctrl-C among them, ends all
        waiting too. Raises BadInput for seconds that are none.
        """
        if not 0 < seconds <= MOST_SECONDS:
            raise BadInput(
                f"The time-out must be more than 0 s and at most {MOST_SECONDS:g} s;"
                f" it is {seconds!r}."
            )
        self._until, self._seconds = time.monotonic() + seconds, seconds
        self._silent_until = None
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
        """End the waiting at the signal itself, before any pool of threads waits for its own."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        handlers = {number: signal.getsignal(number) for number in NUMBERS}
        before = {number: handler for number, handler in handlers.items() if callable(handler)}

        def end(number: int, frame: Any) -> None:
            self._given_up.set()
            before[number](number, frame)

        for number in before:
            signal.signal(number, end)
        try:
            yield
        finally:
            for number, handler in before.items():
                if signal.getsignal(number) is end:
                    signal.signal(number, handler)

    @contextmanager
    def one_read(self, name: str) -> Iterator[None]:
        """Bound all requests of a read in this thread together: its retries and its pages."""
        before = getattr(self._reads, "now", None)
        self._reads.now = _BoundedRead(name, time.monotonic() + self._silence)
        try:
            yield
        finally:
            self._reads.now = before

    def wait_for(self, host: str, work: Callable[[], Any]) -> Any:
        """Return what `work` returns of a host. Raises NotCollected when it takes too long."""
        # Before anything goes out: quick replies without end would never be waited for.
        self._refuse_when_over(host)
        reply = in_thread(work, f"aws {host}")
        self._wait(reply, host)
        answer = reply.result()
        self._answered.add(host)
        self._lost.discard(host)
        return answer

    def wait_for_person(self, work: Callable[[], Any]) -> Any:
        """Return what `work` returns, which may ask a person: only the end of all ends it."""
        if self._until is None:
            return work()
        reply = in_thread(work, "credentials")
        while not wait([reply], _STEP).done:
            self._refuse_when_over("the source of the credentials")
        return reply.result()

    def _wait(self, reply: Future[Any], host: str) -> None:
        begun = time.monotonic()
        while not wait([reply], _STEP).done:
            self._refuse_when_over(host)
            now = time.monotonic()
            if now - begun >= self._longest(host, begun):
                if self._silent_until is None:
                    self._silent_until = begun + self._silence * 13 / 15
                self._answered.discard(host)
                self._lost.add(host)
                raise self._unanswered(host, f"did not answer within {now - begun:.0f} s")

    def _longest(self, host: str, begun: float) -> float:
        """Return how many seconds a request to a host that was sent at `begun` is waited for."""
        first = self._silence * 2 / 3
        if self._silent_until is None:
            return first
        least = self._silence / (5 if host in self._answered else 15)
        return min(first, max(self._silent_until - begun, least))

    def _refuse_when_over(self, host: str) -> None:
        now = time.monotonic()
        if self._given_up.is_set():
            raise self._unanswered(host, "was not waited for any longer")
        if self._until is not None and now >= self._until:
            text = f"had not answered when the {self._seconds:g} s of the investigation ended"
            raise self._unanswered(host, f"{text} (--timeout gives it longer)", "input:timeout")
        read = self._read()
        if read and now >= read.until:
            text = f"had not answered the whole of it within {self._silence:g} s"
            raise self._unanswered(host, text)

    def _read(self) -> _BoundedRead | None:
        read: _BoundedRead | None = getattr(self._reads, "now", None)
        return read

    def _unanswered(self, host: str, what: str, missing: str = "") -> NotCollected:
        read = self._read()
        text = f"{read.name}: {host} {what}" if read else f"{host} {what}"
        fact = f"network:{host}"
        return NotCollected(fact, text, missing=(missing or fact,))


class _PatientBody:
    """A body that is read after its reply has come, as S3's are."""

    def __init__(self, raw: Any, host: str, patience: Patience) -> None:
        self._raw, self._host, self._patience = raw, host, patience

    def read(self, *amount: int) -> bytes:
        """Read so much, or all. Raises NotCollected when it does not come in time."""
        body: bytes = self._patience.wait_for(self._host, lambda: self._raw.read(*amount))
        return body

    def __getattr__(self, name: str) -> Any:
        return getattr(self._raw, name)


class PatientHttp:
    """What botocore sends its requests through, in the place of its own session."""

    def __init__(self, session: Any, patience: Patience) -> None:
        self._session, self._patience = session, patience

    def send(self, request: Any) -> Any:
        """Send a request and return its reply. Raises NotCollected when none comes in time."""
        host = urlsplit(str(request.url)).hostname or ""
        reply = self._patience.wait_for(host, lambda: self._session.send(request))
        if request.stream_output:
            reply.raw = _PatientBody(reply.raw, host, self._patience)
        return reply

    def close(self) -> None:
        """Let go of the connections."""
        self._session.close()
