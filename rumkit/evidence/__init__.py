"""Target to lazily collected facts: one attribute per fact, collected once, thread-safely."""

from __future__ import annotations

from rumkit.evidence.probe import ProbeFacts
from rumkit.evidence.views import ViewFacts
from rumkit.model import BadInput, NotCollected


class Evidence(ViewFacts, ProbeFacts):
    """Everything that can be known about a target.

    Each public fact is an attribute; asking for it returns the value or raises NotCollected,
    which says why and what would make it collectable.
    """

    def refuse_bad_input(self) -> None:
        """Raise BadInput when nothing that was named can be looked at.

        One unreadable input beside a readable one is an `unknown` finding, so that nothing is
        lost that could still be said.
        """
        failures: list[NotCollected] = []
        for name, named in (("recording", self.target.recording), ("page", self.target.page)):
            if named is None:
                continue
            try:
                getattr(self, name)
            except NotCollected as gap:
                failures.append(gap)
            else:
                return
        if failures and failures[0].bad_input and not self.target.monitor:
            raise BadInput(f"{failures[0].reason}.")

    def refuse_bad_trail(self) -> None:
        """Raise BadInput when the trail source that was named is none."""
        try:
            _ = self.trail
        except NotCollected as gap:
            if gap.bad_input:
                raise BadInput(f"{gap.reason}.") from None
