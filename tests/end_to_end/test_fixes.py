"""Every fix is proven: applied as it is printed, the next investigation comes out clean."""

from __future__ import annotations

import pytest
from harness import (  # type: ignore[import-not-found]
    each_scenario,
    found_at_first,
    investigate_in,
)
from mending import apply, can_be_applied  # type: ignore[import-not-found]

from rumkit.model import Status, Verdict
from rumkit.sandbox.runner import list_scenarios, start
from rumkit.sandbox.snippet import read_snippet

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


@each_scenario(MENDABLE)
def test_the_printed_fixes_mend_a_scenario(name):
    scenario, found = SCENARIOS[name], found_at_first(name)
    with start(name) as sandbox:
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


@each_scenario([n for n in NOT_MENDABLE if SCENARIOS[n].root_cause])
def test_a_cause_that_no_command_mends_is_answered_with_advice(name):
    found = found_at_first(name)
    assert [fix for fix in found.cause.fixes if fix.kind == "advice"], found.cause


def mended(sandbox):
    """Apply the first fix of the root cause, and return the finding that gave it."""
    finding = investigate_in(sandbox).cause
    apply(sandbox, finding.fixes[0])
    return finding


# A role that may do more than send events would get an advice instead.
OTHER = {"Sid": "Other", "Effect": "Deny", "Action": "s3:GetObject", "Resource": "*"}


def test_a_mended_policy_keeps_its_other_statements():
    with start("guest-role-permission") as sandbox:
        role = sandbox.installation.role
        role.inline["RUMPutBatchMetrics"]["Statement"].insert(0, OTHER)
        mended(sandbox)
        after = sandbox.world.roles.get(role.name).inline
    assert list(after) == ["RUMPutBatchMetrics"]
    assert after["RUMPutBatchMetrics"]["Statement"][0] == OTHER


def test_a_mended_trust_policy_keeps_its_other_statements():
    other = {
        "Effect": "Allow",
        "Principal": {"Service": "lambda.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }
    with start("guest-role-trust") as sandbox:
        role = sandbox.installation.role
        role.trust["Statement"].append(other)
        mended(sandbox)
        after = sandbox.world.roles.get(role.name).trust
    assert other in after["Statement"]


@pytest.mark.parametrize(
    "name", ["guest-role-permission", "guest-role-trust", "resource-policy-referer"]
)
def test_a_finding_shows_what_its_change_of_a_policy_alters(name):
    with start(name) as sandbox:
        found = investigate_in(sandbox).cause
    [difference] = [fix.text for fix in found.fixes if fix.title == "What the change alters"]
    signs = {line[0] for line in difference.splitlines() if line[:3] not in {"+++", "---"}}
    assert {"+", "-"} <= signs


def test_a_pool_that_admits_guests_again_keeps_the_rest_of_its_configuration():
    with start("identity-pool") as sandbox:
        pool = sandbox.installation.pool
        before = pool.name, pool.classic, dict(pool.roles)
        mended(sandbox)
        assert pool.guests
        assert (pool.name, pool.classic, dict(pool.roles)) == before


def test_a_monitor_that_accepts_custom_events_keeps_its_configuration():
    with start("custom-events") as sandbox:
        monitor = sandbox.installation.monitor
        before = dict(monitor.configuration), monitor.domains, monitor.cw_log
        mended(sandbox)
        assert monitor.custom_events == "ENABLED"
        assert (monitor.configuration, monitor.domains, monitor.cw_log) == before


def test_a_pages_other_settings_stay_when_one_is_mended():
    with start("xray-header") as sandbox:
        config = dict(sandbox.installation.client.config)
        mended(sandbox)
        page = sandbox.installation.html
    now = read_snippet(page).config
    assert {name: now[name] for name in config if name != "telemetries"} == {
        name: config[name] for name in config if name != "telemetries"
    }
    assert [each if isinstance(each, str) else each[0] for each in now["telemetries"]] == (
        config["telemetries"]
    )


def test_the_snippet_that_replaces_one_keeps_its_configuration():
    with start("snippet-in-body") as sandbox:
        config = dict(sandbox.installation.client.config)
        finding = investigate_in(sandbox).cause
        apply(sandbox, next(each for each in finding.fixes if can_be_applied(each)))
        assert read_snippet(sandbox.installation.html).config == config
