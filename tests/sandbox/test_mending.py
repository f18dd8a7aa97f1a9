"""What a person changes in the sandbox takes effect, and the visitors that come later show it."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request

import pytest

from rumkit.sandbox.installation import put_events_policy, trust_policy


def _ask(sandbox, method, path, body=None):
    request = urllib.request.Request(f"{sandbox.url}/_sandbox/{path}", data=body, method=method)
    with urllib.request.urlopen(request, timeout=10) as reply:
        return json.loads(reply.read())


def _arrived(sandbox):
    before = len(sandbox.world.accepted)
    _ask(sandbox, "POST", "advance", b'{"minutes": 60}')
    return len(sandbox.world.accepted) - before


def _policy(iam, place):
    iam.put_role_policy(
        RoleName=place.role.name,
        PolicyName="RUMPutBatchMetrics",
        PolicyDocument=json.dumps(put_events_policy(place.monitor.arn)),
    )


def _trust(iam, place):
    document = json.dumps(trust_policy(place.pool.id))
    iam.update_assume_role_policy(RoleName=place.role.name, PolicyDocument=document)


def _boundary(iam, place):
    iam.delete_role_permissions_boundary(RoleName=place.role.name)


IAM_FIXES = [
    ("guest-role-permission", _policy),
    ("permission-explicit-deny", _policy),
    ("guest-role-trust", _trust),
    ("trusts-rum-service", _trust),
    ("permission-boundary", _boundary),
]


@pytest.mark.parametrize(("scenario", "mend"), IAM_FIXES, ids=[name for name, _ in IAM_FIXES])
def test_events_arrive_again_when_the_role_is_mended(sandbox_of, client_of, scenario, mend):
    sandbox = sandbox_of(scenario)
    assert _arrived(sandbox) == 0
    mend(client_of(sandbox, "iam"), sandbox.installation)
    assert _arrived(sandbox) > 50


def test_events_arrive_again_when_the_pool_allows_the_classic_flow(sandbox_of, client_of):
    sandbox = sandbox_of("classic-flow")
    pool = sandbox.installation.pool
    client_of(sandbox, "cognito-identity").update_identity_pool(
        IdentityPoolId=pool.id,
        IdentityPoolName=pool.name,
        AllowUnauthenticatedIdentities=True,
        AllowClassicFlow=True,
    )
    assert _arrived(sandbox) > 50


def test_events_arrive_again_when_the_pool_has_a_guest_role(sandbox_of, client_of):
    sandbox = sandbox_of("pool-guest-role")
    client_of(sandbox, "cognito-identity").set_identity_pool_roles(
        IdentityPoolId=sandbox.installation.pool.id,
        Roles={"unauthenticated": sandbox.installation.role.arn},
    )
    assert _arrived(sandbox) > 50


def test_events_arrive_again_when_the_resource_policy_is_gone(sandbox_of, client_of):
    sandbox = sandbox_of("resource-policy")
    text = json.loads(sandbox.installation.monitor.policy)
    del text["Statement"][0]["Condition"]
    client_of(sandbox, "rum").put_resource_policy(Name="shop-web", PolicyDocument=json.dumps(text))
    assert _arrived(sandbox) > 50


PAGE_FIXES = [
    ("session-sample-rate", "sessionSampleRate: 0", "sessionSampleRate: 1"),
    ("client-enabled", "enableRumClient: false", "enableRumClient: true"),
    ("endpoint-region", "rum.us-west-2.", "rum.eu-west-1."),
    ("endpoint-default", "/3.0.0/", "/3.2.1/"),
    ("client-script-loads", "client.rum.eu-west-1", "client.rum.us-east-1"),
    ("client-version", "/1.14.0/", "/1.x/"),
    ("signing", "signing: false", "signing: true"),
    ("pages-string", "['/home']", "[/./]"),
    ("telemetries-string", "telemetries: 'errors'", "telemetries: ['errors', 'http']"),
    ("endpoint-no-scheme", "'dataplane", "'https://dataplane"),
    ("slim-build", "cwr-slim.js", "cwr.js"),
    ("snippet-in-body", "<head>", '<head><script src="/app.js"></script>'),
]


@pytest.mark.parametrize("case", PAGE_FIXES, ids=lambda case: case[0])
def test_events_arrive_again_when_the_page_is_mended(sandbox_of, case):
    scenario, old, new = case
    sandbox = sandbox_of(scenario)
    html = _ask(sandbox, "GET", "page")["html"]
    assert old in html
    assert _arrived(sandbox) == 0
    _ask(sandbox, "PUT", "page", html.replace(old, new).encode())
    assert _arrived(sandbox) > 50


def test_stored_credentials_of_another_monitor_are_left_alone_when_named_apart(sandbox_of):
    sandbox = sandbox_of("stored-credentials")
    html = _ask(sandbox, "GET", "page")["html"]
    unique = html.replace(
        "allowCookies: true", "allowCookies: true, cookieAttributes: {unique: true}"
    )
    _ask(sandbox, "PUT", "page", unique.encode())
    assert _arrived(sandbox) > 50
    assert not [record for record in sandbox.world.journal if record.get("errorCode")]


@pytest.mark.parametrize("scenario", ["csp-script", "csp-client-host", "csp-connect"])
def test_events_arrive_again_when_the_header_is_mended(sandbox_of, scenario):
    from rumkit.sandbox.scenarios.parts import policy

    sandbox = sandbox_of(scenario)
    assert _arrived(sandbox) == 0
    headers = {"Content-Security-Policy": policy(sandbox.installation)}
    _ask(sandbox, "PUT", "headers", json.dumps(headers).encode())
    assert _arrived(sandbox) > 50


def test_the_clock_moves_with_the_visitors(sandbox_of):
    sandbox = sandbox_of()
    assert _ask(sandbox, "POST", "advance")["RUMKIT_NOW"] == "2026-03-02T10:00:00Z"
    assert sandbox.variables["RUMKIT_NOW"] == "2026-03-02T10:00:00Z"


def test_one_action_can_be_taken_away(sandbox_of, client_of, error_of):
    sandbox = sandbox_of(denied_actions=["iam:GetRole", "rum:GetAppMonitor"])
    name = sandbox.installation.role.name
    iam, rum = client_of(sandbox, "iam"), client_of(sandbox, "rum")
    assert error_of(lambda: iam.get_role(RoleName=name)) == ("AccessDenied", 403)
    assert error_of(lambda: rum.get_app_monitor(Name="shop-web"))[0] == "AccessDeniedException"
    assert iam.list_role_policies(RoleName=name)["PolicyNames"]


def test_actions_are_taken_away_by_the_environment(sandbox_of, client_of, error_of, monkeypatch):
    monkeypatch.setenv("RUMKIT_SANDBOX_DENY", "sts:GetCallerIdentity, s3:ListBucket")
    sandbox = sandbox_of()
    assert error_of(client_of(sandbox, "sts").get_caller_identity) == ("AccessDenied", 403)
    s3 = client_of(sandbox, "s3")
    assert error_of(lambda: s3.list_objects_v2(Bucket="shop-trail")) == ("AccessDenied", 403)


def test_actions_are_taken_away_while_it_runs(sandbox_of, client_of, error_of):
    sandbox = sandbox_of()
    _ask(sandbox, "PUT", "deny", b'["cloudtrail:LookupEvents"]')
    call = client_of(sandbox, "cloudtrail").lookup_events
    assert error_of(call)[0] == "AccessDeniedException"


def test_every_call_is_slowed_down(sandbox_of, client_of):
    sandbox = sandbox_of(latency_ms=150)
    sts = client_of(sandbox, "sts")
    began = time.monotonic()
    sts.get_caller_identity()
    assert time.monotonic() - began >= 0.15


def test_calls_are_noted_with_their_parameters(sandbox_of, client_of):
    sandbox = sandbox_of()
    client_of(sandbox, "rum").get_app_monitor(Name="shop-web")
    client_of(sandbox, "iam").get_role(RoleName=sandbox.installation.role.name)
    noted = [(call["service"], call["operation"]) for call in _ask(sandbox, "GET", "calls")]
    assert noted == [("rum", "GetAppMonitor"), ("iam", "GetRole")]
    assert sandbox.calls[0].params == {"Name": "shop-web"}


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [("GET", "nothing", None), ("POST", "advance", b'{"minutes": -1}'), ("PUT", "deny", b"{")],
)
def test_a_bad_admin_request_is_an_error(healthy, method, path, body):
    with pytest.raises(urllib.error.HTTPError) as caught:
        _ask(healthy, method, path, body)
    assert caught.value.code in {400, 404}
