"""What the probe was answered goes to the finding that it concerns, and to no other."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from rumkit.aws.probe import ProbePlan, ProbeResult, ProbeStep
from rumkit.checks.probe import answers, with_probe
from rumkit.model import Finding, Hop, NotCollected, Section, Status

ROLE = SimpleNamespace(name="guest")


class Known:
    """Evidence with a probe's result, and a guest role or none."""

    def __init__(self, result, *, role=ROLE, asked=True):
        self.target = SimpleNamespace(probe=asked)
        self._result, self._role = result, role

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


def finding(check, status=Status.PASS):
    return Finding(check, Hop.AUTHORIZE, Section.BEYOND, status, "title", "It looked right.")


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
    evidence = Known(result_of(call, status, code, flow=flow))
    told = with_probe(finding(check), evidence)
    assert told.status is Status.FAIL
    assert f"{call} {status} {code}" in told.summary
    assert told.evidence[0].source == "probe"


@pytest.mark.parametrize("check", ["identity-pool", "csp-connect", "xray-joined"])
def test_a_refusal_leaves_other_checks_as_they_are(check):
    found = finding(check)
    assert with_probe(found, Known(result_of("PutRumEvents", 403, "AccessDenied"))) is found


@pytest.mark.parametrize(("role", "check"), [(ROLE, "guest-role-trust"), (None, "pool-guest-role")])
def test_bad_roles_of_a_pool_are_the_roles_trust_or_the_missing_role(role, check):
    result = result_of(
        "GetCredentialsForIdentity", 400, "InvalidIdentityPoolConfigurationException"
    )
    assert answers(result.first_failure, result, Known(result, role=role)) == check


def test_a_network_that_fails_answers_no_check():
    result = result_of("GetId", None, "EndpointConnectionError")
    assert answers(result.first_failure, result, Known(result)) == ""


def test_without_being_asked_for_the_probe_is_not_looked_at():
    found = finding("events-arriving")
    assert with_probe(found, Known(AssertionError(), asked=False)) is found


def test_a_probe_that_cannot_be_sent_says_why_beside_the_arrival():
    told = with_probe(finding("events-arriving"), Known(NotCollected("probe", "no flow")))
    assert told.summary.endswith("No probe was sent: no flow.")
    assert told.status is Status.PASS


def test_an_accepted_event_changes_no_status():
    step = ProbeStep("PutRumEvents", "asked", "ok", 200)
    plan = ProbePlan("unsigned", "id", "eu-west-1", "https://proxy.example")
    told = with_probe(
        finding("events-arriving", Status.FAIL), Known(ProbeResult(plan, (step,), "event-1"))
    )
    assert told.status is Status.FAIL
    assert "the probe's own event event-1" in told.summary
