"""What people do to an account by `aws` is found, said and mended; what only looks odd is not."""

from __future__ import annotations

import dataclasses

import account_cases  # type: ignore[import-not-found]
import account_setups  # type: ignore[import-not-found]
import pytest
from field_case import faults_of_any, wrong_answers  # type: ignore[import-not-found]
from harness import environment, investigate_in, run  # type: ignore[import-not-found]
from mending import apply, can_be_applied  # type: ignore[import-not-found]

import rumkit
from rumkit.sandbox.runner import build, start
from rumkit.sandbox.world import World

BY_NAME = {each.name: each for each in (*account_cases.CASES, *account_setups.CASES)}
PASTED = {"aws-cli", "cloudformation", "terraform", "iam-policy", "trust-policy"}


@pytest.fixture(scope="module")
def shared():
    """One sandbox for all cases: what visitors left in the last day is the same for each."""
    with start("healthy") as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(shared):
    """The sandbox, in the state in which it began."""
    fresh = build("healthy")
    fresh.installations[shared.installation.name].history = shared.installation.history
    for each in dataclasses.fields(World):
        if each.name != "lock":
            setattr(shared.world, each.name, getattr(fresh, each.name))
    return shared


def carry_out(sandbox, steps):
    """Run the commands one after the other, with what earlier ones printed in their place."""
    kept = {}
    for step in steps:
        name = step[0][:-1] if step[0].endswith("=") else ""
        words = [_filled(word, kept) for word in step[bool(name) :]]
        done = run(sandbox, "aws", *words)
        assert done.returncode == 0, f"{words}\n{done.stderr}"
        if name:
            kept[name] = done.stdout.strip()


def _filled(word, kept):
    for name, value in kept.items():
        word = word.replace(f"${name}", value)
    return word


def found_in(sandbox, case):
    if not case.alone:
        return investigate_in(sandbox)
    return investigate_in(sandbox, monitor=case.alone)


def events_arrive(sandbox):
    before = len(sandbox.world.accepted)
    sandbox.advance(30)
    return len(sandbox.world.accepted) > before


@pytest.mark.parametrize("name", BY_NAME)
def test_the_answer_is_right_and_its_fix_lets_events_arrive(sandbox, name):
    case = BY_NAME[name]
    carry_out(sandbox, case.steps)
    if case.later:
        sandbox.advance(case.later)
    found = found_in(sandbox, case)
    wrong = [*wrong_answers(case, found.to_dict()), *faults_of_any(found.findings)]
    assert not wrong, f"{case.report}\n" + "\n".join(wrong)
    pasted = [fix.text for each in found.findings for fix in each.fixes if fix.kind in PASTED]
    assert not [text for text in pasted for word in case.kept_shut if word in text]
    if case.mends:
        assert not events_arrive(sandbox)
        apply(sandbox, next(fix for fix in found.cause.fixes if can_be_applied(fix)))
        assert events_arrive(sandbox)


def test_a_second_fault_comes_after_the_first_is_mended(sandbox):
    case = BY_NAME["guests-switched-off"]
    carry_out(sandbox, [*case.steps, *BY_NAME["policy-deleted"].steps])
    for cause in ("identity-pool", "guest-role-permission"):
        found = investigate_in(sandbox)
        assert found.root_cause == cause
        apply(sandbox, next(fix for fix in found.cause.fixes if can_be_applied(fix)))
    assert events_arrive(sandbox)


def test_a_change_since_the_last_event_is_said_before_it_shows(sandbox):
    carry_out(sandbox, BY_NAME["policy-deleted"].steps)
    onset = investigate_in(sandbox).onset
    assert onset.what == "change"
    assert [each["name"] for each in onset.changes] == ["DeleteRolePolicy"]


def test_what_was_mended_is_over(sandbox):
    carry_out(sandbox, BY_NAME["policy-deleted"].steps)
    sandbox.advance(60)
    apply(sandbox, next(fix for fix in investigate_in(sandbox).cause.fixes if can_be_applied(fix)))
    sandbox.advance(90)
    found = investigate_in(sandbox)
    assert found.root_cause is None
    assert found.finding("put-events-denied").status == "warn"
    assert not [*faults_of_any(found.findings)]


def test_an_empty_page_of_the_environment_is_no_page(sandbox):
    with environment({**sandbox.environment, "RUMKIT_PAGE": ""}):
        found = rumkit.investigate(monitor=sandbox.installation.monitor.name)
    assert found.finding("snippet-present").missing == ("input:page",)
