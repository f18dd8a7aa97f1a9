"""The probe walks a browser's chain as a guest, writes one event at most, and tells no secret."""

from __future__ import annotations

import json
import logging
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from harness import environment, investigate_in  # type: ignore[import-not-found]

from rumkit.aws import probe
from rumkit.aws.probe import ProbePlan, announcement, walk
from rumkit.aws.session import AwsSession
from rumkit.evidence import Evidence
from rumkit.model import NotCollected, Status
from rumkit.sandbox.ids import OPERATOR_KEY
from rumkit.sandbox.runner import start
from rumkit.target import Target, parse_window, with_environment


def probe_in(sandbox, *, asked=True):
    with environment(sandbox.environment):
        monitor, page = with_environment(None, None, None)
        target = Target(parse_window("24h"), monitor=monitor, page=page, probe=asked)
        return Evidence(target, AwsSession()).probe


# What each flow needs, in the order of its calls.
FLOWS = [
    ("healthy", "enhanced", ["GetId", "GetCredentialsForIdentity", "PutRumEvents"]),
    ("healthy-basic", "basic",
     ["GetId", "GetOpenIdToken", "AssumeRoleWithWebIdentity", "PutRumEvents"]),
    ("healthy-unsigned", "unsigned", ["PutRumEvents"]),
]  # fmt: skip


@pytest.mark.parametrize(("scenario", "flow", "calls"), FLOWS)
def test_a_healthy_chain_is_walked_to_its_end(scenario, flow, calls):
    with start(scenario) as sandbox:
        result = probe_in(sandbox)
    assert result.plan.flow == flow
    assert [(step.name, step.status) for step in result.steps] == [(each, "ok") for each in calls]
    assert result.first_failure is None


# The exact answer that a client of this flow meets when something is missing.
REFUSED = [
    ("identity-pool", "GetId", 400, "NotAuthorizedException"),
    ("identity-pool-deleted", "GetId", 400, "ResourceNotFoundException"),
    ("token-vending-failures", "GetId", 400, "TooManyRequestsException"),
    ("pool-guest-role", "GetCredentialsForIdentity", 400,
     "InvalidIdentityPoolConfigurationException"),
    ("guest-role-trust-enhanced", "GetCredentialsForIdentity", 400,
     "InvalidIdentityPoolConfigurationException"),
    ("classic-flow", "GetOpenIdToken", 400, "InvalidParameterException"),
    ("guest-role-trust", "AssumeRoleWithWebIdentity", 403, "AccessDenied"),
    ("guest-role-permission", "PutRumEvents", 403, "AccessDeniedException"),
    ("put-events-denied", "PutRumEvents", 403, "AccessDeniedException"),
    ("endpoint-region", "PutRumEvents", 403, "InvalidSignatureException"),
    ("signing", "PutRumEvents", 403, "MissingAuthenticationTokenException"),
    ("slim-build", "PutRumEvents", 403, "MissingAuthenticationTokenException"),
    ("resource-policy", "PutRumEvents", 403, "AccessDeniedException"),
    ("resource-policy-referer", "PutRumEvents", 403, "AccessDeniedException"),
    ("monitor-exists", "PutRumEvents", 404, "ResourceNotFoundException"),
    ("throttling", "PutRumEvents", 429, "ThrottlingException"),
]  # fmt: skip


@pytest.mark.parametrize(("scenario", "call", "status", "code"), REFUSED)
def test_the_first_refused_call_is_shown_with_the_answer_of_aws(scenario, call, status, code):
    with start(scenario) as sandbox:
        result = probe_in(sandbox)
        stored = len(sandbox.world.accepted)
    failure = result.first_failure
    assert (failure.name, failure.http_status, failure.code) == (call, status, code)
    assert failure.message
    assert result.sent_event_id is None
    assert stored == 0


def test_after_a_refusal_nothing_more_is_called():
    with start("identity-pool") as sandbox:
        result = probe_in(sandbox)
        called = [call.operation for call in sandbox.calls]
    assert [step.status for step in result.steps] == ["failed", "not reached", "not reached"]
    assert called.count("GetId") == 1
    assert not {"GetCredentialsForIdentity", "PutRumEvents"} & {*called}


def test_a_refusal_is_never_tried_again():
    with start("throttling") as sandbox:
        probe_in(sandbox)
        called = [call.operation for call in sandbox.calls]
    assert called.count("PutRumEvents") == 1


def test_exactly_one_marked_event_is_stored():
    with start("healthy") as sandbox:
        result = probe_in(sandbox)
        stored = sandbox.world.accepted
    assert [event["event_id"] for event in stored] == [result.sent_event_id]
    assert stored[0]["event_details"]["pageId"] == probe.MARK


def test_none_of_the_probes_calls_bears_the_callers_credentials():
    with start("healthy-basic") as sandbox:
        probe_in(sandbox)
        callers = {
            call.operation: call.caller
            for call in sandbox.calls
            if call.operation in probe.OPERATIONS
        }
    assert callers.keys() == {*FLOWS[1][2]}
    assert OPERATOR_KEY not in callers.values()
    assert callers["PutRumEvents"].startswith("ASIA")
    assert not any(callers[each] for each in callers if each != "PutRumEvents")


def test_without_being_asked_for_nothing_is_sent():
    with start("healthy") as sandbox:
        with pytest.raises(NotCollected) as gap:
            probe_in(sandbox, asked=False)
        investigate_in(sandbox)
        called = {call.operation for call in sandbox.calls}
    assert gap.value.missing == ("input:probe",)
    assert not called & probe.OPERATIONS


def test_a_page_that_brings_its_own_credentials_is_not_probed():
    with start("healthy") as sandbox:
        config = sandbox.installation.client.config
        config.pop("identityPoolId")
        sandbox.installation.client.commands.append("cwr('setAwsCredentials', window.mine);")
        with pytest.raises(NotCollected, match="own-credentials"):
            probe_in(sandbox)


class Proxy(BaseHTTPRequestHandler):
    """A signing proxy, as far as the browser sees one: it takes unsigned events."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.seen.append((self.path, dict(self.headers), json.loads(body)))
        self.send_response(self.server.status)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


@pytest.fixture(params=[200, 502])
def proxy(request):
    server = HTTPServer(("127.0.0.1", 0), Proxy)
    server.seen, server.status = [], request.param
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


MONITOR_ID = "00000000-1111-4222-8333-444444444444"


def test_a_signing_proxy_gets_one_unsigned_event(healthy, proxy):
    endpoint = f"http://127.0.0.1:{proxy.server_port}"
    plan = ProbePlan("unsigned", MONITOR_ID, "eu-west-1", endpoint)
    with environment(healthy.environment):
        result = walk(plan, AwsSession())
    [(path, headers, body)] = proxy.seen
    assert path.rstrip("/") == f"/appmonitors/{MONITOR_ID}"
    assert "authorization" not in {name.lower() for name in headers}
    assert len(body["RumEvents"]) == 1
    assert (result.sent_event_id is not None) == (proxy.status == 200)
    assert (result.first_failure is None) == (proxy.status == 200)


def test_an_endpoint_without_tls_is_not_called(healthy):
    plan = ProbePlan("unsigned", MONITOR_ID, "eu-west-1", "http://169.254.169.254")
    with environment(healthy.environment):
        result = walk(plan, AwsSession())
    assert result.first_failure.http_status is None
    assert "https only" in result.first_failure.message


def test_against_aws_itself_the_hosts_of_the_browser_are_called(healthy, monkeypatch):
    endpoint = "https://dataplane.rum.eu-west-1.amazonaws.com"
    plan = ProbePlan("basic", MONITOR_ID, "eu-west-1", endpoint, "eu-west-1:pool", "arn")
    with environment(healthy.environment):
        walker = probe._Walker(plan, AwsSession())
        monkeypatch.setattr(probe._Walker, "_stand_in", lambda *_: "")
        cognito = walker._cognito()
        rum = walker._client("rum", "eu-west-1", plan.endpoint, ("key", "secret", "token"))
    assert cognito.meta.endpoint_url == "https://cognito-identity.eu-west-1.amazonaws.com"
    assert rum.meta.endpoint_url == "https://dataplane.rum.eu-west-1.amazonaws.com"
    assert rum.meta.config.inject_host_prefix is False


@pytest.mark.parametrize("scenario", ["healthy", "healthy-basic", "guest-role-permission"])
def test_no_secret_reaches_a_result_a_finding_or_a_log(scenario, caplog):
    caplog.set_level(logging.DEBUG)
    with start(scenario) as sandbox:
        found = investigate_in(sandbox, probe=True)
        sessions, tokens = sandbox.world.sessions.values(), [*sandbox.world.tokens]
        secrets = [*tokens, *(s.secret_key for s in sessions), *(s.token for s in sessions)]
    told = found.to_json() + repr(found) + caplog.text
    assert secrets
    assert not [secret for secret in secrets if secret in told]


def test_an_answer_that_repeats_a_secret_is_told_without_it():
    plan = ProbePlan("enhanced", MONITOR_ID, "eu-west-1", "https://x.example", "eu-west-1:p")
    walker = probe._Walker(plan, None)
    walker._keys, walker._token = ("ASIACANARYKEY", "canary-secret", "canary-session"), "canary-jwt"
    step = probe.ProbeStep("PutRumEvents", "request")
    message = "no: ASIACANARYKEY canary-secret canary-session canary-jwt"
    failed = walker._failed(step, "Code", message, 400)
    assert "canary" not in repr(failed).lower()
    assert "canary" not in repr(walker).lower()


def test_the_announcement_says_what_will_be_written():
    said = announcement("shop-web")
    assert "shop-web" in said
    assert probe.MARK in said
    assert "none of your credentials" in said


def test_what_aws_refuses_the_probe_fails_a_check_that_looked_right():
    with start("put-events-denied") as sandbox:
        found = investigate_in(sandbox, probe=True)
    told = next(each for each in found.findings if each.check == "guest-role-permission")
    assert told.status is Status.FAIL
    assert "explicit deny in a service control policy" in told.summary


def test_an_accepted_probe_is_told_as_its_own_and_heals_nothing():
    with start("events-arriving") as sandbox:
        found = investigate_in(sandbox, probe=True)
        stored = [event["event_id"] for event in sandbox.world.accepted]
    arriving = next(each for each in found.findings if each.check == "events-arriving")
    assert arriving.status is Status.FAIL
    assert f"the probe's own event {stored[-1]}" in arriving.summary


def test_a_refused_probe_is_not_counted_as_a_visitor():
    with start("guest-role-permission") as sandbox:
        plain = investigate_in(sandbox)
        probed = investigate_in(sandbox, probe=True)
    assert len(probed.denied_put_events) == len(plain.denied_put_events)
