"""What a fact is: an attribute collected when it is first asked for, once, and kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar, overload

from rumkit.model import BadInput, NotCollected
from rumkit.once import Once

if TYPE_CHECKING:
    from collections.abc import Callable

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
        return evidence.once.get(self.name, lambda: self._collected(evidence))

    def _collected(self, evidence: Facts) -> T:
        """Collect; what the user named and cannot be read is a gap like any other."""
        try:
            return self._collect(evidence)
        except BadInput as error:
            reason = str(error).rstrip(".")
            missing = (f"input:{self.name}",)
            raise NotCollected(self.name, reason, missing=missing, bad_input=True) from None


class Facts:
    """The ground of Evidence: a target, a session, and a memory of what was collected."""

    def __init__(self, target: Target, session: AwsSession) -> None:
        self.target = target
        self.session = session
        self.once = Once()

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
