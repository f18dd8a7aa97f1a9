"""Ask a check's witnesses, each on its own, and draw one finding from their answers."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from rumkit.checks.combine import combine
from rumkit.model import DEFECT, NotCollected, Outcome, ReadRefused, Status, Witness, in_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from rumkit.checks.base import Ask, Check
    from rumkit.evidence import Evidence
    from rumkit.model import Finding

# What a refused read needs; other names of `missing` are inputs, networks and settings.
_ACTION = re.compile(r"[a-z0-9-]+:[A-Z]")


def ask(check: Check, evidence: Evidence) -> Finding:
    """Return a check's finding; what rests on variables of a build is likely only."""
    finding = _asked(check, evidence)
    if finding.status in {Status.UNKNOWN, Status.SKIP} or not (used := evidence.variables_used()):
        return finding
    without = _asked(check, evidence.without_variables())
    if without.status is finding.status:
        return without
    named = _variables(used, finding.summary)
    summary = f"{finding.summary} This rests on {named}; a build may be given another."
    mind = f"The source reads {named}: set it there."
    ways = tuple(
        replace(fix, side_effect=f"{mind} {fix.side_effect}".strip())
        if fix.kind == "client-config"
        else fix
        for fix in finding.fixes
    )
    return replace(finding, summary=summary, fixes=ways, certain=False)


def _variables(used: Mapping[str, tuple[str, str]], summary: str) -> str:
    """Name the variables whose values a summary holds, else what is empty, else all."""
    named = {name: text for name, (_, text) in used.items() if text and text in summary}
    told = [name for name, text in named.items() if not _within(text, named.values())]
    told = told or [name for name, (_, text) in used.items() if not text] or list(used)
    return ", ".join(f"{name} in {used[name][0]}" for name in told[:3])


def _within(text: str, others: Iterable[str]) -> bool:
    return any(text in other and text != other for other in others)


def _asked(check: Check, evidence: Evidence) -> Finding:
    """Return what the witnesses say; one whose facts could not be collected did not look."""
    if not check.mobile and evidence.mobile():
        skip = Outcome(Status.SKIP, "A mobile app sends to this monitor: it has no page.")
        return combine(check, {Witness.CONFIGURED: skip})
    answers: dict[Witness, Outcome] = {}
    gaps: dict[Witness, Outcome] = {}
    for witness, question in check.witnesses():
        if not _present(witness, evidence):
            continue
        try:
            outcome = _answer(question, evidence)
        except NotCollected as gap:
            reason = gap.reason.rstrip(".")
            gaps[witness] = Outcome(
                Status.UNKNOWN, f"Could not look: {reason}.", missing=gap.missing, certain=False
            )
        else:
            if outcome is not None:
                answers[witness] = outcome
    return _drawn(check, evidence, answers, gaps)


def _present(witness: Witness, evidence: Evidence) -> bool:
    """Tell whether a witness was called: a recording was given, a probe was asked for."""
    if witness is Witness.OBSERVED:
        return evidence.target.seen_in_browser is not None
    return evidence.target.probe if witness is Witness.PROBED else True


def _answer(question: Ask, evidence: Evidence) -> Outcome | None:
    try:
        return question(evidence)
    except (NotCollected, ReadRefused):
        raise
    except Exception as defect:  # noqa: BLE001 - one defect must not take the other findings along
        return Outcome(
            Status.UNKNOWN,
            f"rumkit itself failed here: {in_words(defect)}. Please report it with"
            " what --debug prints.",
            missing=(DEFECT,),
            certain=False,
        )


def _drawn(
    check: Check,
    evidence: Evidence,
    answers: dict[Witness, Outcome],
    gaps: dict[Witness, Outcome],
) -> Finding:
    """Return the finding; a witness that could not look speaks only where no other did."""
    outdated = evidence.outdated(check.hop) if Witness.OBSERVED in answers else ""
    if not answers:
        return combine(check, gaps, outdated=outdated)
    finding = combine(check, answers, outdated=outdated)
    more = [name for gap in gaps.values() for name in gap.missing]
    if finding.bad:
        # What was seen to fail would be explained by what a permission lets rumkit read.
        more = [name for name in more if _ACTION.match(name)]
    elif finding.status is not Status.UNKNOWN:
        return finding
    return replace(finding, missing=tuple(dict.fromkeys((*finding.missing, *more))))
