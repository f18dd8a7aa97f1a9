"""Target to lazily collected facts: one attribute per fact, collected once, thread-safely."""

from __future__ import annotations

from rumkit.aws_names import is_uuid
from rumkit.evidence.probe import ProbeFacts
from rumkit.evidence.views import ViewFacts
from rumkit.model import BadInput, NotCollected, ended
from rumkit.trail.sources import is_local


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
        if self.target.monitor and not self._something_else():
            self._refuse_unknown_monitor()
        failures: list[NotCollected] = []
        named_inputs = (
            ("recording", self.target.seen_in_browser),
            ("page", self.target.page),
            ("source_file", self.target.source),
        )
        for name, named in named_inputs:
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

    def _something_else(self) -> bool:
        """Tell whether a page, a source or a recording was named beside the monitor."""
        target = self.target
        return any(
            each is not None for each in (target.page, target.seen_in_browser, target.source)
        )

    def refuse_misspelt_monitor(self) -> None:
        """Raise BadInput for a monitor's name that is spelt almost like one that there is.

        Beside a page or a recording, a name like no other is a finding: such a monitor may have
        been deleted. Asked at the end, since the monitor is looked up by then.
        """
        if self.target.monitor and not is_uuid(self.target.monitor):
            self._refuse_unknown_monitor(only_misspelt=True)

    def _refuse_unknown_monitor(self, *, only_misspelt: bool = False) -> None:
        """Raise BadInput, with the names that there are, for a monitor that does not exist."""
        try:
            failure = self.monitor_not_found
        except NotCollected:
            return
        if failure is not None and (failure.close or not only_misspelt):
            raise BadInput(ended(f"{failure.reason[:1].upper()}{failure.reason[1:]}"))

    def refuse_bad_trail(self) -> None:
        """Raise BadInput when the trail source that was named is none.

        So are files that alone were named, and hold no record of the window.
        """
        try:
            read = self.trail
        except NotCollected as gap:
            if gap.bad_input:
                raise BadInput(f"{gap.reason}.") from None
            return
        if read.rows or self.target.monitor or self._something_else():
            return
        if is_local(self.target.trail) and (why := read.unusable()):
            raise BadInput(f"{self.target.trail}: {why}")
