"""Every scenario is found under its own name, by the command line's own path."""

from __future__ import annotations

import json

import pytest
from harness import (  # type: ignore[import-not-found]
    each_scenario,
    found_at_first,
    investigate_in,
    run,
)

from rumkit.model import BadInput, Status, Verdict
from rumkit.sandbox.runner import list_scenarios, start

SCENARIOS = {each.name: each for each in list_scenarios()}


# Faults that cost the traces or one feature: the events arrive all the same.
DEGRADING = {"xray-enabled", "xray-header", "xray-cors", "xray-joined", "custom-events"}


def test_a_monitor_that_does_not_exist_is_not_investigated_by_the_environments_page():
    with start("csp-script") as sandbox:
        assert investigate_in(sandbox, monitor="shop-web").root_cause == "csp-script"
        with pytest.raises(
            BadInput, match=r"no app monitor 'no-such-monitor'.*which has shop-web there"
        ):
            investigate_in(sandbox, monitor="no-such-monitor")


def test_a_misspelt_monitor_is_bad_usage_beside_a_page_too():
    with (
        start("healthy") as sandbox,
        pytest.raises(BadInput, match="did you mean shop-web in eu-west-1"),
    ):
        investigate_in(sandbox, monitor="shop-wbe", page="https://www.shop.example/")


@each_scenario(SCENARIOS)
def test_a_scenario_is_found_under_its_own_name(name):
    scenario, found = SCENARIOS[name], found_at_first(name)
    assert found.root_cause == scenario.root_cause, found
    broken = {each.check for each in found.findings if each.status is Status.FAIL}
    warned = {each.check for each in found.findings if each.status is Status.WARN}
    undecided = {each.check for each in found.findings if each.status is Status.UNKNOWN}
    assert {*scenario.unknown} <= undecided
    if scenario.root_cause:
        degrades = scenario.root_cause in DEGRADING
        assert found.verdict is (Verdict.DEGRADED if degrades else Verdict.BROKEN)
        causes = {each.check for each in found.findings if not each.symptom}
        assert (broken & causes) - {scenario.root_cause} <= {*scenario.also}
        assert {*scenario.also} <= broken | warned
    elif scenario.warns:
        assert found.verdict is Verdict.DEGRADED
        assert warned == {*scenario.also}
    else:
        assert found.verdict is Verdict.HEALTHY
        assert not broken | warned


def test_the_command_of_the_readme_prints_the_cause_as_json(denied):
    done = run(denied, "rumkit", "investigate", "--monitor", "shop-web", "--json")
    assert done.returncode == 1, done.stderr
    found = json.loads(done.stdout)
    assert found["root_cause"] == "guest-role-permission"
    assert found["schema"] == 1
    assert [step["hop"] for step in found["path"]] == [
        "page", "session", "credentials", "authorize", "ingest", "trace",
    ]  # fmt: skip


def test_the_terminal_shows_the_statement_that_nearly_matched(denied):
    done = run(denied, "rumkit", "investigate")
    assert "shop-web-2024" in done.stdout
    assert "aws iam put-role-policy" in done.stdout


def test_a_healthy_installation_exits_with_zero_and_says_so(healthy):
    done = run(healthy, "rumkit", "investigate", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["verdict"] == "healthy"


def test_no_aws_call_is_made_twice(healthy):
    before = len(healthy.calls)
    investigate_in(healthy)
    calls = [(c.service, c.operation, str(c.params)) for c in healthy.calls[before:]]
    # The same question about a query that still runs has another answer each time.
    calls = [call for call in calls if call[1] != "GetQueryResults"]
    assert len(calls) > 15
    assert sorted(calls) == sorted(set(calls))


def test_nothing_but_reads_reaches_aws(healthy):
    from rumkit.aws.reads import READS

    before = len(healthy.calls)
    investigate_in(healthy)
    known = {(read.service, read.operation) for read in READS}
    signed_as = {"monitoring": "cloudwatch"}
    made = {(signed_as.get(c.service, c.service), c.operation) for c in healthy.calls[before:]}
    assert made <= known
