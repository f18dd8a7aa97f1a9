"""Which findings a view shows, and in which order; the same whatever form it has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rumkit import conclusion
from rumkit.model import Hop, Status

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rumkit.investigation import Investigation
    from rumkit.model import Finding, Section

# The worst first: what a person must see before anything else.
_ORDER = (Status.FAIL, Status.WARN, Status.UNKNOWN, Status.PASS, Status.SKIP)
_BAD = (Status.FAIL, Status.WARN)


def main_finding(investigation: Investigation) -> Finding | None:
    """Return the cause; without one the first failure of the path, else the first warning."""
    if investigation.cause:
        return investigation.cause
    worst = [f for f in investigation.findings if f.status in _BAD]
    return min(worst, key=lambda f: _BAD.index(f.status), default=None)


def beside(investigation: Investigation) -> tuple[list[Finding], list[Finding]]:
    """Return what the main finding explains, and what else is bad: what stands alone first."""
    findings, cause = investigation.findings, investigation.root_cause
    main = main_finding(investigation)
    apart = {each.check for each in conclusion.independent(findings, cause)}
    failed = [f for f in findings if f is not main and f.status is Status.FAIL]
    explained = [f for f in failed if f.symptom] if cause else []
    others = [f for f in failed if f not in explained]
    others.sort(key=lambda f: f.check not in apart)
    warned = [f for f in findings if f is not main and f.status is Status.WARN]
    return explained, [*others, *warned]


def by_hop(findings: Iterable[Finding]) -> Iterator[tuple[Hop, list[Finding]]]:
    """Group findings by hop in the order of the path, the worst first within a hop."""
    chosen = list(findings)
    for hop in Hop:
        here = [finding for finding in chosen if finding.hop is hop]
        if here:
            yield hop, sorted(here, key=lambda finding: _ORDER.index(finding.status))


def sorted_by_hop(findings: Iterable[Finding]) -> list[Finding]:
    """Return findings in the order in which `by_hop` has them."""
    return [finding for _, here in by_hop(findings) for finding in here]


def others(investigation: Investigation) -> list[Finding]:
    """Return all findings but the root cause's."""
    return [each for each in investigation.findings if each.check != investigation.root_cause]


def of_hop(investigation: Investigation, hop: Hop) -> list[Finding]:
    """Return every finding of one hop."""
    return [each for each in investigation.findings if each.hop is hop]


def of_section(investigation: Investigation, section: Section) -> list[Finding]:
    """Return the findings of one section of the guide."""
    return sorted_by_hop(each for each in investigation.findings if each.section is section)


def mendable(investigation: Investigation, section: Section | None) -> list[Finding]:
    """Return the findings that are broken or at risk and have a fix, of one section or of all."""
    return [
        each
        for each in sorted_by_hop(investigation.findings)
        if each.fixes and each.bad and section in (None, each.section)
    ]
