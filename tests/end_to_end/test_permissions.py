"""One permission taken away: nothing turns into pass or fail because of it."""

from __future__ import annotations

import json

import pytest
from harness import investigate_in, run  # type: ignore[import-not-found]

from rumkit.aws.permissions import GRANTS, SOURCES, policy
from rumkit.aws.reads import READS
from rumkit.model import ReadRefused, Status
from rumkit.sandbox.runner import start

DECIDED = {Status.PASS, Status.FAIL}
ACTIONS = sorted({read.action for read in READS})
# The sandbox logs the name that a service signs with.
SERVICES = {"monitoring": "cloudwatch"}
SCENARIOS = ("healthy", "guest-role-permission", "guest-role-trust")


@pytest.fixture(scope="module", params=SCENARIOS)
def world(request):
    with start(request.param) as sandbox:
        whole = investigate_in(sandbox)
        yield sandbox, {found.check: found for found in whole.findings}


@pytest.mark.parametrize("action", [each for each in ACTIONS if each != "sts:GetCallerIdentity"])
def test_a_read_taken_away_makes_findings_unknown_and_names_the_action(world, action):
    sandbox, whole = world
    before_it = len(sandbox.calls)
    sandbox.world.denied_actions = {action}
    try:
        found = investigate_in(sandbox)
    finally:
        sandbox.world.denied_actions = set()
    for each in found.findings:
        before = whole[each.check].status
        if each.status != before:
            assert each.status not in DECIDED, f"{each.check}: {before} became {each.status}"
        if each.status is Status.UNKNOWN and before in DECIDED:
            named = (*each.missing, each.summary)
            assert any(action in text for text in named), f"{each.check} does not name {action}"
    asked = {
        (SERVICES.get(call.service, call.service), call.operation)
        for call in sandbox.calls[before_it:]
    }
    if {(read.service, read.operation) for read in READS if read.action == action} & asked:
        gaps = [gap for gap in found.not_collected if action in (*gap.missing, gap.reason)]
        unknowns = [each for each in found.findings if action in (*each.missing, each.summary)]
        notes = [str(proof.values) for each in found.findings for proof in each.evidence]
        assert gaps or unknowns or any(action in note for note in notes)


def actions_of(trail, organization=""):
    printed = policy(trail=trail, organization=organization)["Statement"]
    return {action for each in printed for action in each["Action"]}


def test_the_printed_policies_are_the_lists_of_reads_and_grants():
    printed = {action for source in SOURCES for action in actions_of(source, "reader")}
    assert printed == {*ACTIONS, *(grant.action for grant in GRANTS)}


@pytest.mark.parametrize("source", SOURCES)
def test_a_source_s_policy_holds_what_it_reads_and_no_other_source_s(source):
    wanted = {read.action for read in READS if not read.sources or source in read.sources}
    granted = {grant.action for grant in GRANTS if source in grant.sources}
    assert actions_of(source) == wanted | granted


def test_what_an_organization_needs_is_printed_where_it_is_asked_for():
    assert actions_of("auto", "reader") - actions_of("auto") == {
        "organizations:ListAccounts", "sts:AssumeRole",
    }  # fmt: skip


def test_every_action_of_the_policy_only_reads():
    harmless = ("Get", "List", "Describe", "Lookup", "BatchGet", "Simulate", "StartQuery")
    for read in READS:
        assert read.operation.startswith(harmless), read


def test_the_permissions_command_prints_a_policy(healthy):
    done = run(healthy, "rumkit", "permissions")
    assert json.loads(done.stdout)["Version"] == "2012-10-17"


@pytest.mark.parametrize(
    ("service", "method", "arguments"),
    [
        ("iam", "put_role_policy", {"RoleName": "r", "PolicyName": "p", "PolicyDocument": "{}"}),
        ("rum", "delete_app_monitor", {"Name": "shop-web"}),
        ("cognito-identity", "delete_identity_pool", {"IdentityPoolId": "x"}),
    ],
)
def test_a_client_of_rumkit_refuses_to_write(healthy, service, method, arguments):
    from harness import environment

    from rumkit.aws.session import AwsSession

    before = len(healthy.calls)
    with environment(healthy.environment):
        client = AwsSession().client(service)
        with pytest.raises(ReadRefused, match="only reads"):
            getattr(client, method)(**arguments)
    assert len(healthy.calls) == before
