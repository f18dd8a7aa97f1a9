"""What a fact is: an attribute collected when it is first asked for, once, and kept."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from copy import copy
from dataclasses import replace
from functools import partial
from operator import getitem
from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar, overload

from rumkit.model import BadInput, NotCollected
from rumkit.once import Once

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from rumkit.aws.session import AwsSession
    from rumkit.target import Target

T = TypeVar("T")


def or_none(read: Callable[[], T]) -> T | None:
    """Return what `read` returns, None where it cannot be collected."""
    try:
        return read()
    except NotCollected:
        return None


class fact(Generic[T]):  # noqa: N801 - reads as a decorator, like property
    """Make a method an attribute that is collected once per Evidence, by whoever asks first."""

    def __init__(self, collect: Callable[[Any], T]) -> None:
        self._collect = collect
        self.__doc__ = collect.__doc__
        self.name = collect.__name__

    @overload
    def __get__(self, evidence: None, owner: type) -> fact[T]: ...
    @overload
    def __get__(self, evidence: Facts, owner: type) -> T: ...
    def __get__(self, evidence: Facts | None, owner: type) -> fact[T] | T:
        """Return the fact's value, or raise what kept it from being collected."""
        if evidence is None:
            return self
        evidence.asked_by.note(self.name)
        return evidence.once.get(self.name, lambda: self._collected(evidence))

    def _collected(self, evidence: Facts) -> T:
        """Collect; what the user named and cannot be read is a gap like any other."""
        try:
            with evidence.asked_by.collecting(self.name):
                return self._collect(evidence)
        except BadInput as error:
            reason = str(error).rstrip(".")
            missing = (f"input:{self.name}",)
            raise NotCollected(self.name, reason, missing=missing, bad_input=True) from None


class Askers:
    """Which facts were asked for while another one was collected: what follows from what."""

    def __init__(self) -> None:
        self._of: dict[str, set[str]] = {}
        self._stack = threading.local()

    def note(self, name: str) -> None:
        """Note that a fact was asked for, by the one that this thread is collecting."""
        stack = getattr(self._stack, "names", ())
        if stack:
            self._of.setdefault(name, set()).add(stack[-1])

    @contextmanager
    def collecting(self, name: str) -> Iterator[None]:
        """Let what is asked for in this thread be asked for by this fact."""
        before = getattr(self._stack, "names", ())
        self._stack.names = (*before, name)
        try:
            yield
        finally:
            self._stack.names = before

    def following(self, names: Iterable[str]) -> set[str]:
        """Return the facts that follow from these, near and far."""
        reached: set[str] = set()
        todo = list(names)
        while todo:
            for name in tuple(self._of.get(todo.pop(), ())):
                if name not in reached:
                    reached.add(name)
                    todo.append(name)
        return reached


class Facts:
    """The ground of Evidence: a target, a session, and a memory of what was collected."""

    def __init__(self, target: Target, session: AwsSession) -> None:
        self.target = target
        self.session = session
        self.once = Once()
        self.asked_by = Askers()

    def with_facts(self, changed: Mapping[str, Any], *, keep: Sequence[str] = ()) -> Self:
        """Return a copy in which some facts are others, and what follows from them is collected.

        Everything else stays as it was read, `keep` included, whatever it follows from. Nothing
        is probed on a copy.
        """
        stale = self.asked_by.following(changed) - set(keep) | set(changed)
        other = copy(self)
        other.target = replace(self.target, probe=False)
        other.once, other.asked_by = Once(), Askers()
        other.once.keep({k: v for k, v in self.once.done().items() if k not in stale})
        for name in changed:
            other.once.get(name, partial(getitem, changed, name))
        return other

    def missing(self, name: str) -> tuple[str, ...]:
        """Return what would make a fact collectable, nothing when it was collected."""
        try:
            getattr(self, name)
        except NotCollected as gap:
            return gap.missing
        return ()

    @classmethod
    def names(cls) -> tuple[str, ...]:
        """Return the names of all facts."""
        return tuple(
            name
            for owner in cls.__mro__
            for name, value in vars(owner).items()
            if isinstance(value, fact)
        )
