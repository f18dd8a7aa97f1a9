"""Each fix is tried on a copy of what was read, and the copy checked by the same checks.

A copy has no past: a trail, metrics and a recording tell what happened without the fix. So the
checks' witnesses of what is configured are asked alone.
"""

from __future__ import annotations

import json
import shlex
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from rumkit import conclusion
from rumkit.checks import all_checks
from rumkit.checks.ask import ask
from rumkit.evidence.facts import fact
from rumkit.evidence.trail import TrailFacts
from rumkit.model import Finding, Fix, Status, Tried
from rumkit.proof.account import after_commands
from rumkit.proof.page import with_fix

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rumkit.evidence import Evidence

# The same document as a command's, without the command.
_DOCUMENTS = ("iam-policy", "trust-policy", "resource-policy")
# What happened stays what it was: a copy asks no trail, no metric and no page's scripts again.
_PAST = (
    *(name for name, value in vars(TrailFacts).items() if isinstance(value, fact)),
    "arrival",
    "page_scripts",
    "session_sizes",
    "stored_events",
    "traces",
    "traffic",
    "unanswered_requests",
)
# Each costs a run of all checks; no finding has as many.
_MOST_COPIES = 24


def proven(evidence: Evidence, findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Return the findings with what came of each fix on a copy; where none was tried, as before."""
    trials = _Trials(evidence)
    return tuple(
        trials.of(finding) if finding.bad and finding.fixes else finding for finding in findings
    )


class _Trials:
    """Tries fixes on copies of one evidence; what comes to the same copy is checked once."""

    def __init__(self, evidence: Evidence) -> None:
        self.evidence = evidence
        # A check that reads only what happened has nothing to say of a copy; nor has one whose
        # witness of what is configured has no answer.
        self._checks = tuple(check.alone() for check in all_checks() if check.configured)
        self._checked: list[tuple[dict[str, Any], tuple[Finding, ...]]] = []

    def of(self, finding: Finding) -> Finding:
        """Return a finding whose fixes say what came of them, as far as they could be tried."""
        check = next((each for each in self._checks if each.id == finding.check), None)
        if check is None:
            return finding
        before = ask(check, self.evidence)
        if not before.bad:
            # What was seen to fail is not in the configuration, so no copy can show it mended.
            return finding
        made = tuple(self._with_trial(fix, finding, before) for fix in finding.fixes)
        return replace(finding, fixes=made)

    def _with_trial(self, fix: Fix, finding: Finding, before: Finding) -> Fix:
        try:
            return replace(fix, tried=self._tried(fix, finding, before))
        except Exception:  # noqa: BLE001 - without a trial there is no word of proof, and no loss
            return fix

    def _tried(self, fix: Fix, finding: Finding, before: Finding) -> Tried | None:
        """Return what came of a fix, None where it can't be told. Raises what reading raises."""
        changed = self._changed(fix, finding.fixes)
        after = self._after(changed) if changed else None
        if after is None:
            return None
        now = next((each for each in after if each.check == finding.check), None)
        if now is None or now.status is Status.UNKNOWN:
            return None
        hop = conclusion.hop_status(now.hop, [f for f in after if not f.symptom], proven=False)
        return Tried(before.status, now.status, hop, _next(after))

    def _changed(self, fix: Fix, siblings: Sequence[Fix]) -> dict[str, Any]:
        """Return the facts as a fix changes them. Raises NotTried, and what reading raises."""
        if fix.kind == "aws-cli":
            return after_commands(self.evidence, fix.text)
        if fix.kind in _DOCUMENTS:
            twin = next((each for each in siblings if _same_document(fix, each)), None)
            return after_commands(self.evidence, twin.text) if twin else {}
        if fix.kind in {"csp-header", "client-config"}:
            page = with_fix(self.evidence.page, self.evidence.snippet_or_none(), fix)
            return {"page": page} if page else {}
        return {}

    def _after(self, changed: dict[str, Any]) -> tuple[Finding, ...] | None:
        for known, findings in self._checked:
            if known == changed:
                return findings
        if len(self._checked) >= _MOST_COPIES:
            return None
        # That something was changed lately says nothing of the copy.
        facts = {**changed, "configuration_changes": ()}
        copy = self.evidence.with_facts(facts, keep=_PAST)
        asked = (ask(check, copy) for check in self._checks)
        findings = tuple(finding for finding in asked if finding.answers)
        self._checked.append((changed, findings))
        return findings


def _next(after: Sequence[Finding]) -> str:
    """Return the check that is broken first on the copy, nothing where none is."""
    broken = [each for each in after if each.status is Status.FAIL and not each.symptom]
    return conclusion.root_cause(broken) or ""


def _same_document(fix: Fix, other: Fix) -> bool:
    if other.kind != "aws-cli" or "\n" in other.text:
        return False
    words = shlex.split(other.text)
    if "--policy-document" not in words[:-1]:
        return False
    document = words[words.index("--policy-document") + 1]
    return bool(json.loads(document) == json.loads(fix.text))
