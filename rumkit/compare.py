"""What changed from one investigation to the next: verdict, cause, path and findings."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rumkit.model import Status, Verdict

if TYPE_CHECKING:
    from rumkit.investigation import Investigation
    from rumkit.model import Condition, Finding, Hop

SCHEMA = 1
# From good to bad. That nothing is proven is worse than that events arrive at a risk.
_VERDICTS = (Verdict.HEALTHY, Verdict.DEGRADED, Verdict.UNPROVEN, Verdict.BROKEN)
_BAD = (Status.WARN, Status.FAIL)
_GOOD = (Status.PASS, Status.SKIP)
# Moments and counts differ in every run and are no change.
_FIGURES = re.compile(r"\d[\d.,:TZ-]*")
_PARTS = ("monitor", "page", "recording", "region", "account")


@dataclass(frozen=True)
class HopChange:
    """A hop that is in another state than before."""

    hop: Hop
    before: Condition
    after: Condition


@dataclass(frozen=True)
class FindingPair:
    """A check's finding before and after; None where that run had no such check."""

    before: Finding | None
    after: Finding | None

    @property
    def now(self) -> Finding:
        """Return the newer of the two that there is."""
        shown = self.after or self.before
        assert shown is not None
        return shown


@dataclass(frozen=True)
class Difference:
    """Two investigations side by side.

    `new` findings are bad now and were not, or are worse than they were; `mended` ones were bad
    and are not; `changed` ones are as bad as before in other words, or less bad; `lost` ones were
    known and are not. `targets` names the parts of the target that differ.
    """

    before: Investigation
    after: Investigation
    targets: tuple[str, ...]
    path: tuple[HopChange, ...]
    new: tuple[FindingPair, ...]
    mended: tuple[FindingPair, ...]
    changed: tuple[FindingPair, ...]
    lost: tuple[FindingPair, ...]
    same: int

    @property
    def worse(self) -> bool:
        """Tell whether the verdict fell, or a finding is bad that was not, or worse."""
        fell = _VERDICTS.index(self.after.verdict) > _VERDICTS.index(self.before.verdict)
        return fell or bool(self.new)

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON object that `rumkit diff --json` prints."""
        before, after = self.before, self.after
        groups = {"new": self.new, "mended": self.mended, "changed": self.changed,
                  "lost": self.lost}  # fmt: skip
        return {
            "schema": SCHEMA,
            "worse": self.worse,
            "target": {
                name: {"before": before.target.get(name), "after": after.target.get(name)}
                for name in (*_PARTS, "since", "until")
            },
            "verdict": {"before": str(before.verdict), "after": str(after.verdict)},
            "root_cause": {"before": before.root_cause, "after": after.root_cause},
            "path": [
                {"hop": str(step.hop), "before": str(step.before), "after": str(step.after)}
                for step in self.path
            ],
            "findings": {name: [_plain(pair) for pair in pairs] for name, pairs in groups.items()},
            "same": self.same,
        }


def compare(before: Investigation, after: Investigation) -> Difference:
    """Return what differs between two investigations, check by check."""
    groups: defaultdict[str, list[FindingPair]] = defaultdict(list)
    for pair in _pairs(before, after):
        groups[_group(pair)].append(pair)
    return Difference(
        before,
        after,
        targets=tuple(n for n in _PARTS if before.target.get(n) != after.target.get(n)),
        path=_steps(before, after),
        new=tuple(groups["new"]),
        mended=tuple(groups["mended"]),
        changed=tuple(groups["changed"]),
        lost=tuple(groups["lost"]),
        same=len(groups["same"]),
    )


def _pairs(before: Investigation, after: Investigation) -> list[FindingPair]:
    old = {each.check: each for each in before.findings}
    new = {each.check: each for each in after.findings}
    return [FindingPair(old.get(check), new.get(check)) for check in dict.fromkeys([*new, *old])]


def _steps(before: Investigation, after: Investigation) -> tuple[HopChange, ...]:
    old = {step.hop: step.condition for step in before.path}
    return tuple(
        HopChange(step.hop, old[step.hop], step.condition)
        for step in after.path
        if step.hop in old and old[step.hop] is not step.condition
    )


def _group(pair: FindingPair) -> str:
    was = pair.before.status if pair.before else Status.UNKNOWN
    is_now = pair.after.status if pair.after else Status.UNKNOWN
    if is_now in _BAD:
        if was not in _BAD or _BAD.index(is_now) > _BAD.index(was):
            return "new"
        return "same" if was is is_now and _words(pair.before) == _words(pair.after) else "changed"
    if was in _BAD and is_now in _GOOD:
        return "mended"
    return "lost" if was is not Status.UNKNOWN and is_now is Status.UNKNOWN else "same"


def _words(finding: Finding | None) -> tuple[str, ...]:
    assert finding is not None  # it has a bad status
    return (_FIGURES.sub("#", finding.summary), *(fix.text for fix in finding.fixes))


def _plain(pair: FindingPair) -> dict[str, Any]:
    return {
        "check": pair.now.check,
        "hop": str(pair.now.hop),
        "before": _half(pair.before),
        "after": _half(pair.after),
    }


def _half(finding: Finding | None) -> dict[str, str] | None:
    return {"status": str(finding.status), "summary": finding.summary} if finding else None
