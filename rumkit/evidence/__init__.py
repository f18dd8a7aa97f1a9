"""Target to lazily collected facts: one attribute per fact, collected once, thread-safely."""

from __future__ import annotations

from rumkit.evidence.trail import TrailFacts
from rumkit.model import BadInput, NotCollected


class Evidence(TrailFacts):
    """Everything that can be known about a target.

    Each public fact is an attribute; asking for it returns the value or raises NotCollected,
    which says why and what would make it collectable.
    """

    def refuse_bad_input(self) -> None:
        """Raise BadInput when nothing that was named can be looked at.

        One unreadable input beside a readable one is an `unknown` finding, so that nothing is
        lost that could still be said.
        """
        failures: list[BadInput] = []
        for name, named in (("recording", self.target.recording), ("page", self.target.page)):
            if named is None:
                continue
            try:
                getattr(self, name)
            except BadInput as failure:
                failures.append(failure)
            except NotCollected:
                continue
            else:
                return
        if failures and not self.target.monitor:
            raise failures[0]
