"""What the probe was answered goes to the finding that it concerns, and to no other."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pytest

from rumkit.aws.probe import ProbePlan, ProbeResult, ProbeStep
from rumkit.checks.ask import ask
from rumkit.checks.base import Check
from rumkit.checks.names import EVENTS_ARRIVING
from rumkit.checks.probed import answers, refused, walked
from rumkit.model import Hop, NotCollected, Outcome, Section, Status

ROLE = SimpleNamespace(name="guest")


class Known:
    """Evidence with a probe's result, and a guest role or none."""

    def __init__(self, result, *, role=ROLE, asked=True):
        self.target = SimpleNamespace(probe=asked, recording=None)
        self._result, self._role = result, role

    def mobile(self):
        return False

    def variables_used(self):
        return {}

    @property
    def probe(self):
        if isinstance(self._result, Exception):
            raise self._result
        return self._result

    @property
    def guest_role(self):
        if self._role is None:
            raise NotCollected("guest_role", "there is none", absent=True)
        return self._role


def result_of(call, status, code, *, flow="enhanced"):
    plan = ProbePlan(flow, "id", "eu-west-1", "https://dataplane.rum.eu-west-1.amazonaws.com")
    return ProbeResult(plan, (ProbeStep(call, "asked", "failed", status, code, "Said so."),))


ANSWERED = [
    ("GetId", 400, "ResourceNotFoundException", "enhanced", "identity-pool"),
    ("GetId", 400, "NotAuthorizedException", "basic", "identity-pool"),
    ("GetId", 400, "TooManyRequestsException", "basic", "token-vending-failures"),
    ("GetOpenIdToken", 400, "InvalidParameterException", "basic", "classic-flow"),
    ("AssumeRoleWithWebIdentity", 403, "AccessDenied", "basic", "guest-role-trust"),
    ("PutRumEvents", 403, "AccessDeniedException", "enhanced", "guest-role-permission"),
    ("PutRumEvents", 403, "AccessDeniedException", "unsigned", "resource-policy"),
    ("PutRumEvents", 403, "MissingAuthenticationTokenException", "unsigned", "signing"),
    ("PutRumEvents", 403, "InvalidSignatureException", "enhanced", "endpoint-region"),
    ("PutRumEvents", 404, "ResourceNotFoundException", "enhanced", "monitor-exists"),
    ("PutRumEvents", 429, "ThrottlingException", "enhanced", "throttling"),
]


@pytest.mark.parametrize(("call", "status", "code", "flow", "check"), ANSWERED)
def test_a_refusal_fails_the_check_that_it_answers(call, status, code, flow, check):
    told = refused(check)(Known(result_of(call, status, code, flow=flow)))
    assert told.status is Status.FAIL
    assert f"{call} {status} {code}" in told.summary
    assert told.evidence[0].source == "probe"


@pytest.mark.parametrize("check", ["identity-pool", "csp-connect", "xray-joined"])
def test_a_refusal_says_nothing_to_other_checks(check):
    assert refused(check)(Known(result_of("PutRumEvents", 403, "AccessDenied"))) is None


@pytest.mark.parametrize(("role", "check"), [(ROLE, "guest-role-trust"), (None, "pool-guest-role")])
def test_bad_roles_of_a_pool_are_the_roles_trust_or_the_missing_role(role, check):
    result = result_of(
        "GetCredentialsForIdentity", 400, "InvalidIdentityPoolConfigurationException"
    )
    assert answers(result.first_failure, result, Known(result, role=role)) == check


def test_a_network_that_fails_answers_no_check():
    result = result_of("GetId", None, "EndpointConnectionError")
    assert answers(result.first_failure, result, Known(result)) is None


ARRIVING = Check(EVENTS_ARRIVING, Hop.INGEST, Section.BEYOND, "RUM accepts events", probed=walked)


def arriving(evidence, status):
    check = replace(ARRIVING, recorded=lambda _: Outcome(status, "What the metrics say."))
    return ask(check, evidence)


def test_without_being_asked_for_the_probe_is_not_looked_at():
    told = arriving(Known(AssertionError(), asked=False), Status.PASS)
    assert told.summary == "What the metrics say."


def test_a_probe_that_cannot_be_sent_says_why_beside_the_arrival():
    told = arriving(Known(NotCollected("probe", "no flow")), Status.PASS)
    assert told.summary.endswith("No probe was sent: no flow.")
    assert told.status is Status.PASS


def test_an_accepted_event_changes_no_status():
    step = ProbeStep("PutRumEvents", "asked", "ok", 200)
    plan = ProbePlan("unsigned", "id", "eu-west-1", "https://proxy.example")
    told = arriving(Known(ProbeResult(plan, (step,), "event-1")), Status.FAIL)
    assert told.status is Status.FAIL
    assert "the probe's own event event-1" in told.summary
