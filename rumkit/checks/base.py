"""What a check is, and the few words that all checks share.

A check is one question. Up to four witnesses answer it, each a pure function from Evidence to an
Outcome, or None when it has nothing to say; `combine` draws one finding from their answers.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from rumkit.model import Outcome, Status, Witness

if TYPE_CHECKING:
    from collections.abc import Callable

    from rumkit.checks.names import CheckId
    from rumkit.evidence import Evidence
    from rumkit.model import Fix, Hop, Proof, Section

    Ask = Callable[[Evidence], Outcome | None]


@dataclass(frozen=True)
class Check:
    """A named question about one hop, with the witnesses that can answer it.

    `configured` reads page, source, monitor and policies; `observed` a browser's recording;
    `recorded` trail, metrics and stored events; `probed` the answers to the opt-in probe. `title`
    states the healthy condition. A `symptom` shows that something is broken and never why; the
    fault of a `feature` costs that feature alone. A `mobile` check means something for the app
    monitor of a mobile app too, which has no page and no snippet. `changes` names the
    CloudTrail events that change what the check is about; `docs` are links for a person; `table`
    is the DataFrame of `rumkit.frames` that stands behind it.
    """

    id: CheckId
    hop: Hop
    section: Section
    title: str
    configured: Ask | None = None
    observed: Ask | None = None
    recorded: Ask | None = None
    probed: Ask | None = None
    docs: tuple[str, ...] = ()
    symptom: bool = False
    feature: bool = False
    mobile: bool = False
    changes: frozenset[str] = frozenset()
    table: str = ""

    def witnesses(self) -> tuple[tuple[Witness, Ask], ...]:
        """Return the witnesses that this check has, in the order in which they are heard."""
        asked = (
            (Witness.OBSERVED, self.observed),
            (Witness.RECORDED, self.recorded),
            (Witness.PROBED, self.probed),
            (Witness.CONFIGURED, self.configured),
        )
        return tuple((witness, ask) for witness, ask in asked if ask is not None)

    def alone(self) -> Check:
        """Return the same check as what is configured answers it: nothing of the past."""
        return replace(self, observed=None, recorded=None, probed=None)


def passed(summary: str, *evidence: Proof) -> Outcome:
    """Return a pass by inference: configured well, or nothing was seen amiss."""
    return Outcome(Status.PASS, summary, evidence)


def worked(summary: str, *evidence: Proof) -> Outcome:
    """Return a pass that was seen to happen."""
    return Outcome(Status.PASS, summary, evidence, works=True)


def failed(
    summary: str, *evidence: Proof, fixes: tuple[Fix, ...] = (), certain: bool = True
) -> Outcome:
    """Return a fail with its fixes; `certain` is false where it is likely only."""
    return Outcome(Status.FAIL, summary, evidence, fixes, certain=certain)


def warned(
    summary: str, *evidence: Proof, fixes: tuple[Fix, ...] = (), certain: bool = True
) -> Outcome:
    """Return a warning: it works, but is risky or works only partly."""
    return Outcome(Status.WARN, summary, evidence, fixes, certain=certain)


def unknown(
    summary: str,
    *evidence: Proof,
    fixes: tuple[Fix, ...] = (),
    missing: tuple[str, ...] = (),
) -> Outcome:
    """Return an unknown that the witness itself found: what it read does not decide."""
    return Outcome(Status.UNKNOWN, summary, evidence, fixes, missing, certain=False)


def skipped(summary: str, *evidence: Proof) -> Outcome:
    """Return a skip: the question does not arise for this installation."""
    return Outcome(Status.SKIP, summary, evidence)
