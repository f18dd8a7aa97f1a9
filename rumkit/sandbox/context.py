"""One call as the sandbox's services see it, whether it came over HTTP or from a visitor."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from rumkit.sandbox.ids import OPERATOR_KEY

if TYPE_CHECKING:
    from rumkit.sandbox.record import Caller
    from rumkit.sandbox.resources import Record, Session
    from rumkit.sandbox.signature import Signed
    from rumkit.sandbox.wire.read import Http
    from rumkit.sandbox.world import World


@dataclass(frozen=True)
class Context:
    """The world, the call's parameters, who makes it, and where its record goes.

    `session` is the guest session whose credentials signed the call, None when unsigned or when
    the account's operator signed it. `journal` and `accepted` take what the call leaves behind.
    """

    world: World
    params: dict[str, Any]
    caller: Caller
    journal: list[Record]
    accepted: list[dict[str, Any]] = field(default_factory=list)
    session: Session | None = None
    signed: Signed | None = None
    http: Http | None = None
    referer: str = ""

    @property
    def region(self) -> str:
        """Return the region that was called."""
        return self.caller.region

    @property
    def by_operator(self) -> bool:
        """Tell whether the account's operator signed the call."""
        return self.signed is not None and self.signed.access_key == OPERATOR_KEY

    def record(self, record: Record) -> None:
        """Append a CloudTrail record."""
        self.journal.append(record)
