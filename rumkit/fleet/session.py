"""AWS as all targets of one profile or role see it: what they share is asked once."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from rumkit.aws.errors import AwsRefusal
from rumkit.aws.patience import Patience
from rumkit.aws.session import AwsSession, Call
from rumkit.model import NotCollected
from rumkit.once import Once

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator

    import boto3

# Many targets ask at once, so that botocore slows down by itself when AWS says so.
_RETRIES: Final = {"mode": "adaptive", "max_attempts": 6}
# Another try may go better; a refusal would only be repeated.
_PASSING: Final = frozenset({"throttled", "unavailable", "not-aws", "other"})
_MOST_KEPT: Final = 2_000
# What is about one monitor alone is let go of with its target.
_OF_ONE: Final = frozenset(
    {
        "GetAppMonitorData",
        "GetResourcePolicy",
        "GetMetricData",
        "SimulatePrincipalPolicy",
        "DescribeLogGroups",
        "StartQuery",
        "GetQueryResults",
        "BatchGetTraces",
    }
)


class Memory(Once):
    """Answers that targets share; a failure that may pass is asked for again by the next one.

    Of very many answers, those go that nobody has asked for lately: each monitor has a role and a
    pool of its own as a rule, and a fleet of thousands would gather them all.
    """

    def get(self, key: Hashable, work: Callable[[], Any]) -> Any:
        """Return what `work` gave for this key, doing it now if nobody has."""
        try:
            return super().get(key, work)
        except NotCollected as gap:
            if may_pass(gap):
                self._forget(key, gap)
            raise
        finally:
            self._touch(key)

    def _touch(self, key: Hashable) -> None:
        with self._lock:
            if key in self._results:
                self._results[key] = self._results.pop(key)
            if len(self._results) > _MOST_KEPT:
                oldest = next((k for k, kept in self._results.items() if kept.done()), key)
                del self._results[oldest]

    def _forget(self, key: Hashable, gap: NotCollected) -> None:
        with self._lock:
            kept = self._results.get(key)
            if kept is not None and kept.done() and kept.exception() is gap:
                del self._results[key]


def may_pass(gap: NotCollected) -> bool:
    """Tell whether what could not be collected may be collected at another try."""
    if isinstance(gap, AwsRefusal):
        return gap.kind in _PASSING
    return any(name.startswith("network:") for name in gap.missing)


class _Forgiving(Patience):
    """Patience for a whole night, in which each host's silence is its own.

    One that was silent has a second, until it answers again.
    """

    def _longest(self, host: str, begun: float) -> float:  # noqa: ARG002
        return self._silence / 15 if host in self._lost else self._silence * 2 / 3


class AccountSession(AwsSession):
    """One profile or role: its clients, and the answers that its targets share."""

    def __init__(
        self, *, profile: str | None, region: str | None, session: boto3.Session | None = None
    ) -> None:
        super().__init__(profile=profile, region=region, session=session, retries=_RETRIES)
        self._answers = Memory()
        self.patience = _Forgiving()


class _Deadline(Patience):
    """The time of one target; its requests themselves go by the patience of the account."""

    def __init__(self) -> None:
        super().__init__()
        self._ends = float("inf")
        self._given = 0.0

    @contextmanager
    def limited(self, seconds: float) -> Iterator[None]:
        """Send nothing more for this target once these seconds are over."""
        self._given, self._ends = seconds, time.monotonic() + seconds
        yield

    def refuse_when_over(self) -> None:
        """Raise NotCollected once the time is over."""
        if time.monotonic() >= self._ends:
            reason = f"the {self._given:g} s of this monitor were over (--timeout gives it longer)"
            raise NotCollected("time", reason, missing=("input:timeout",))


class TargetSession(AwsSession):
    """The account's session as one target uses it, with a time and answers of its own."""

    def __init__(self, account: AccountSession) -> None:
        # Its clients and how it is signed in are the account's.
        vars(self).update(vars(account))
        self.account = account
        self.patience: _Deadline = _Deadline()
        self._answers = Once()

    def client(self, service: str, region: str | None = None) -> Any:
        """Return the account's client, which refuses whatever is not on the list of reads."""
        self.patience.refuse_when_over()
        return self.account.client(service, region)

    def made(self, call: Call) -> Any:
        """Return the account's answer, which is kept there unless nobody else will ask for it."""
        self.patience.refuse_when_over()
        if call.operation in _OF_ONE:
            return self.account.made(call)
        return self.account.remembered(call)
