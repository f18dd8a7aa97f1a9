"""What came of a fix on a copy is what comes of it in the sandbox, where it is really applied."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest
from harness import (  # type: ignore[import-not-found]
    each_scenario,
    environment,
    found_at_first,
    investigate_in,
    run,
)
from mending import apply, can_be_applied  # type: ignore[import-not-found]

import rumkit
from rumkit import conclusion
from rumkit.aws.session import AwsSession
from rumkit.checks import CHECKS
from rumkit.checks.ask import ask
from rumkit.checks.base import passed
from rumkit.checks.own import remove_check
from rumkit.evidence import Evidence
from rumkit.evidence.given import evidence_of
from rumkit.investigation import Investigation
from rumkit.model import Finding, Fix, Hop, Section, Status, Tried
from rumkit.proof import proven
from rumkit.proof.account import NotTried, after_commands
from rumkit.sandbox.runner import list_scenarios, start
from rumkit.show import html, markdown, text, words
from rumkit.target import Target, parse_window, with_environment

MENDABLE = [each.name for each in list_scenarios() if each.mendable]
# Faults of what was recorded, which no copy of the configuration can show.
NOT_IN_THE_CONFIGURATION = {"session-event-limit", "xray-cors", "throttling", "service-linked-role"}
OF_ACCOUNT_OR_PAGE = {"aws-cli", "csp-header", "client-config"}


def configured(sandbox):
    """Every check's answer by what the sandbox is configured as, read afresh."""
    with environment(sandbox.environment):
        monitor, page = with_environment(None, None, None)
        evidence = Evidence(Target(parse_window("24h"), monitor, page), AwsSession())
        alone = [each.alone() for each in CHECKS if each.configured]
        return [ask(check, evidence) for check in alone]


@each_scenario(MENDABLE)
def test_the_copy_comes_out_as_the_sandbox_does(name):
    found = found_at_first(name)
    bad = [f for f in found.findings if f.status in {Status.FAIL, Status.WARN}]
    cases = [(f, fix) for f in bad for fix in f.fixes if can_be_applied(fix)]
    tried = [(f, fix) for f, fix in cases if fix.tried]
    assert tried or name in NOT_IN_THE_CONFIGURATION, [(f.check, f.status) for f in bad]
    for finding, fix in tried:
        with start(name) as sandbox:
            apply(sandbox, fix)
            after = configured(sandbox)
        now = next(each for each in after if each.check == finding.check)
        broken = [f for f in after if f.status is Status.FAIL and not f.symptom]
        seen = (now.status, conclusion.root_cause(broken) or "")
        assert (fix.tried.after, fix.tried.next) == seen, (finding.check, fix.title)


def calls_of(sandbox, before):
    # The same question about a query that still runs is asked as often as it runs.
    made = [(c.service, c.operation, str(c.params)) for c in sandbox.calls[before:]]
    return sorted(call for call in made if call[1] != "GetQueryResults")


@pytest.mark.parametrize(
    "name", ["guest-role-trust+csp-script", "session-sample-rate", "region-argument", "signing"]
)
def test_no_request_goes_out_for_copies_whose_account_was_read(name, monkeypatch):
    with start(name) as sandbox:
        monkeypatch.setattr("rumkit.proof.proven", lambda _, findings: findings)
        investigate_in(sandbox)
        plain = calls_of(sandbox, 0)
        monkeypatch.undo()
        before = len(sandbox.calls)
        found = investigate_in(sandbox)
        assert found.cause.fixes[0].tried
        assert [call[:2] for call in calls_of(sandbox, before)] == [call[:2] for call in plain]


def test_a_copy_leaves_the_evidence_as_it_is():
    evidence = evidence_of(resource_policy=None, pool_id="eu-west-1:x")
    copy = evidence.with_facts({"resource_policy": {"Statement": []}})
    assert evidence.resource_policy is None
    assert copy.resource_policy == {"Statement": []}
    assert copy.pool_id == "eu-west-1:x"


def test_on_a_copy_what_follows_from_a_changed_fact_is_collected_again():
    with start("guest-role-permission") as sandbox, environment(sandbox.environment):
        monitor, page = with_environment(None, None, None)
        evidence = Evidence(Target(parse_window("24h"), monitor, page), AwsSession())
        assert evidence.permission_decision.outcome == "implicitly-denied"
        policies = evidence.guest_role_policies
        wider = tuple(
            replace(each, document=json.loads(json.dumps(each.document).replace("-2024", "")))
            for each in policies.policies
        )
        copy = evidence.with_facts({"guest_role_policies": replace(policies, policies=wider)})
        assert copy.permission_decision.outcome == "allowed"
        assert evidence.permission_decision.outcome == "implicitly-denied"
        assert copy.guest_role is evidence.guest_role


@pytest.mark.parametrize(
    "text_",
    [
        "aws iam put-role-policy --role-name other --policy-name x --policy-document '{}'",
        "aws rum list-app-monitors --region eu-west-1",
        "aws rum put-resource-policy --region us-east-1 --name shop-web --policy-document '{}'",
        "rm -rf /",
        "aws cognito-identity set-identity-pool-roles --identity-pool-id eu-west-1:0 --roles '{}'",
        "aws iam create-role --role-name nobody --assume-role-policy-document '{}'",
    ],
)
def test_a_command_on_something_else_is_not_tried(text_):
    with start("healthy") as sandbox, environment(sandbox.environment):
        monitor, page = with_environment(None, None, None)
        evidence = Evidence(Target(parse_window("24h"), monitor, page), AwsSession())
        with pytest.raises(NotTried):
            after_commands(evidence, text_)


@pytest.mark.parametrize("kind", ["terraform", "cloudformation", "advice"])
def test_a_form_that_was_not_tried_has_no_word_of_proof(kind):
    with start("guest-role-permission") as sandbox:
        cause = investigate_in(sandbox).cause
    fix = next(each for each in cause.fixes if each.kind == kind)
    assert fix.tried is None
    assert words.tried_sentence(cause, fix) == ""


def test_a_fix_whose_text_is_not_what_was_tried_is_not_said_to_mend():
    """A fix that would mend nothing says so: the words follow the text, not the intention."""
    with start("guest-role-permission") as sandbox, environment(sandbox.environment):
        monitor, page = with_environment(None, None, None)
        evidence = Evidence(Target(parse_window("24h"), monitor, page), AwsSession())
        check = next(each for each in CHECKS if each.id == "guest-role-permission")
        finding = ask(check, evidence)
        useless = replace(finding.fixes[0], text=finding.fixes[0].text.replace(
            'appmonitor/shop-web"', 'appmonitor/shop-wbe"'))  # fmt: skip
        [tried] = proven(evidence, [replace(finding, fixes=(useless,))])
    assert tried.fixes[0].tried == Tried(Status.FAIL, Status.FAIL, Status.FAIL, finding.check)
    said = words.tried_sentence(tried, tried.fixes[0])
    assert said == "tried on a copy: this alone does not mend it (Authorise stays ✗)"


@pytest.mark.parametrize("part", ["after_commands", "_next"])
def test_a_defect_in_a_trial_costs_its_word_of_proof_and_nothing_else(part, monkeypatch):
    def defect(*_):
        raise TypeError("a defect")

    with start("guest-role-permission") as sandbox:
        looked = investigate_in(sandbox)
        monkeypatch.setattr(f"rumkit.proof.recheck.{part}", defect)
        found = investigate_in(sandbox)
    assert looked.cause.fixes[0].tried
    assert found.cause.fixes[0].tried is None
    assert (found.root_cause, found.verdict) == (looked.root_cause, looked.verdict)


def test_a_check_of_one_s_own_is_asked_of_the_copy_too():
    asked = []

    def about_the_role(evidence):
        asked.append(evidence)
        return passed("It is as it should be.")

    def of_the_past(evidence):
        pytest.fail("a copy has no past")

    rumkit.add_check("own-role", hop="authorize", title="The role is ours")(about_the_role)
    rumkit.add_check("own-past", hop="page", title="x", witness="recorded")(of_the_past)
    try:
        with start("guest-role-permission") as sandbox, environment(sandbox.environment):
            monitor, page = with_environment(None, None, None)
            evidence = Evidence(Target(parse_window("24h"), monitor, page), AwsSession())
            check = next(each for each in CHECKS if each.id == "guest-role-permission")
            [tried] = proven(evidence, [ask(check, evidence)])
    finally:
        remove_check("own-role")
        remove_check("own-past")
    assert tried.fixes[0].tried.mends
    assert asked
    assert evidence not in asked


def finding_with(tried):
    fix = Fix("aws-cli", "Mend it", "aws iam x", tried=tried)
    return Finding("signing", Hop.AUTHORIZE, Section.RETURNS_403, Status.FAIL, "t", "s",
                   fixes=(fix,))  # fmt: skip


@pytest.mark.parametrize(
    ("tried", "sentence"),
    [
        (None, ""),
        (Tried(Status.FAIL, Status.PASS, Status.PASS, "csp-script"),
         "verified on a copy: Authorise ✗→✓; next would be csp-script"),
        (Tried(Status.FAIL, Status.PASS, Status.UNKNOWN),
         "verified on a copy: signing ✗→✓; nothing else that is configured is broken"),
        (Tried(Status.FAIL, Status.SKIP, Status.FAIL, "endpoint-region"),
         "verified on a copy: signing ✗→✓; next would be endpoint-region"),
        (Tried(Status.WARN, Status.PASS, Status.PASS),
         "verified on a copy: Authorise !→✓; nothing else that is configured is broken"),
        (Tried(Status.FAIL, Status.WARN, Status.WARN, "x"),
         "verified on a copy: Authorise ✗→!, which works at a risk; next would be x"),
        (Tried(Status.WARN, Status.WARN, Status.WARN),
         "tried on a copy: this alone does not mend it (Authorise stays !)"),
    ],
)  # fmt: skip
def test_what_came_of_it_is_one_sentence(tried, sentence):
    finding = finding_with(tried)
    assert words.tried_sentence(finding, finding.fixes[0]) == sentence


def test_every_view_shows_it_and_json_keeps_it():
    with start("csp-script") as sandbox:
        options = ("", "--all", "--json", "--format markdown", "--format html")
        done = {each: run(sandbox, "rumkit", "investigate", *each.split()) for each in options}
        fix = run(sandbox, "rumkit", "investigate", "--fix", "csp-header")
    said = "erified on a copy: Page ✗→✓; nothing else that is configured is broken"
    for option, each in done.items():
        if option != "--json":
            assert said in " ".join(each.stdout.split()), option
    assert said in fix.stderr
    assert said not in fix.stdout
    data = json.loads(done["--json"].stdout)
    cause = next(each for each in data["findings"] if each["check"] == "csp-script")
    assert cause["fixes"][0]["tried"] == {
        "before": "fail", "after": "pass", "hop": "pass", "next": "",
    }  # fmt: skip
    again = Investigation.from_dict(data)
    assert again.to_dict() == data
    for view in (html.render(again), text.render(again), markdown.render(again)):
        assert re.search(r"erified on a copy: Page ✗→✓", view)
