"""What a check is, and the few words that all checks share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rumkit.model import Finding, Outcome, Status

if TYPE_CHECKING:
    from collections.abc import Callable

    from rumkit.evidence import Evidence
    from rumkit.model import Fix, Hop, Proof, Section


@dataclass(frozen=True)
class Check:
    """A named question about one hop, answered by a pure function from Evidence to Outcome.

    `title` states the healthy condition. A `symptom` shows that something is broken and never
    why, so it is the root cause only when no other check failed. `docs` are links for a person.
    """

    id: str
    hop: Hop
    section: Section
    title: str
    decide: Callable[[Evidence], Outcome]
    docs: tuple[str, ...] = ()
    symptom: bool = False

    def finding(self, outcome: Outcome) -> Finding:
        """Return the outcome under this check's name."""
        return Finding(
            check=self.id,
            hop=self.hop,
            section=self.section,
            status=outcome.status,
            title=self.title,
            summary=outcome.summary,
            evidence=outcome.evidence,
            fixes=outcome.fixes,
            docs=self.docs,
            missing=outcome.missing,
            symptom=self.symptom,
        )


def passed(summary: str, *evidence: Proof) -> Outcome:
    """Return a pass."""
    return Outcome(Status.PASS, summary, evidence)


def failed(summary: str, *evidence: Proof, fixes: tuple[Fix, ...] = ()) -> Outcome:
    """Return a fail with its fixes."""
    return Outcome(Status.FAIL, summary, evidence, fixes)


def warned(summary: str, *evidence: Proof, fixes: tuple[Fix, ...] = ()) -> Outcome:
    """Return a warning: it works, but is risky or works only partly."""
    return Outcome(Status.WARN, summary, evidence, fixes)


def unknown(
    summary: str,
    *evidence: Proof,
    fixes: tuple[Fix, ...] = (),
    missing: tuple[str, ...] = (),
) -> Outcome:
    """Return an unknown that the check itself found: what it read does not decide."""
    return Outcome(Status.UNKNOWN, summary, evidence, fixes, missing)


def skipped(summary: str, *evidence: Proof) -> Outcome:
    """Return a skip: the question does not arise for this installation."""
    return Outcome(Status.SKIP, summary, evidence)
