"""Every fix is proven: applied as it is printed, the next investigation comes out clean."""

from __future__ import annotations

import pytest
from conftest import investigate_in  # type: ignore[import-not-found]
from mending import apply, can_be_applied  # type: ignore[import-not-found]

from rumkit.model import Status, Verdict
from rumkit.sandbox.runner import list_scenarios, start

ROUNDS = 4
SCENARIOS = {each.name: each for each in list_scenarios()}
MENDABLE = [name for name, each in SCENARIOS.items() if each.mendable]
NOT_MENDABLE = [name for name, each in SCENARIOS.items() if not each.mendable]


def first_to_mend(found):
    """The root cause, or where nothing fails the first warning."""
    if found.root_cause:
        return found.cause
    return next(each for each in found.findings if each.status is Status.WARN)


def mend(sandbox, found):
    """Apply the first fix of what is broken first, and let visitors come for three hours."""
    finding = first_to_mend(found)
    fix = next((each for each in finding.fixes if can_be_applied(each)), None)
    assert fix, f"{finding.check} has nothing that can be applied: {finding.summary}"
    apply(sandbox, fix)
    sandbox.advance(180)
    return investigate_in(sandbox, since="2h")


@pytest.mark.parametrize("name", MENDABLE)
def test_the_printed_fixes_mend_a_scenario(name):
    scenario = SCENARIOS[name]
    with start(name) as sandbox:
        found = investigate_in(sandbox)
        for _ in range(ROUNDS):
            if found.verdict is Verdict.HEALTHY:
                break
            found = mend(sandbox, found)
    left = [(f.check, str(f.status), f.summary) for f in found.findings
            if f.status in {Status.FAIL, Status.WARN}]  # fmt: skip
    assert found.verdict is Verdict.HEALTHY, left
    after = {each.check: each.status for each in found.findings}
    assert after.get(scenario.root_cause) is not Status.FAIL


@pytest.mark.parametrize("name", NOT_MENDABLE)
def test_a_scenario_that_nothing_mends_says_why(name):
    assert SCENARIOS[name].why_not


@pytest.mark.parametrize("name", [n for n in NOT_MENDABLE if SCENARIOS[n].root_cause])
def test_a_cause_that_no_command_mends_is_answered_with_advice(name):
    with start(name) as sandbox:
        found = investigate_in(sandbox)
    assert [fix for fix in found.cause.fixes if fix.kind == "advice"], found.cause
