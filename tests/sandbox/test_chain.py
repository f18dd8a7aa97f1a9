"""A guest's way from GetId to PutRumEvents: it works where it should, and stops where it must."""

from __future__ import annotations

import gzip
import json
import urllib.error
import urllib.request

import pytest
from botocore.auth import SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

from rumkit.sandbox.ids import OPERATOR_KEY, OPERATOR_SECRET


def test_the_enhanced_flow_delivers_an_event(sandbox_of, guest_of):
    sandbox = sandbox_of()
    guest = guest_of(sandbox)
    guest.send(guest.enhanced())
    assert [event["event_type"] for event in sandbox.world.accepted] == [
        "com.amazon.rum.page_view_event"
    ]


def test_the_basic_flow_delivers_an_event(sandbox_of, guest_of):
    sandbox = sandbox_of("healthy-basic")
    guest = guest_of(sandbox)
    guest.send(guest.basic())
    assert len(sandbox.world.accepted) == 1


def test_unsigned_events_are_admitted_by_a_resource_policy(sandbox_of, guest_of):
    sandbox = sandbox_of("healthy-unsigned")
    guest_of(sandbox).send(None)
    assert len(sandbox.world.accepted) == 1


REFUSED = [
    ("identity-pool", "enhanced", "NotAuthorizedException", 400),
    ("identity-pool-deleted", "enhanced", "ResourceNotFoundException", 400),
    ("token-vending-failures", "enhanced", "TooManyRequestsException", 400),
    ("pool-guest-role", "enhanced", "InvalidIdentityPoolConfigurationException", 400),
    ("guest-role-trust-enhanced", "enhanced", "InvalidIdentityPoolConfigurationException", 400),
    ("guest-role-deleted", "enhanced", "InvalidIdentityPoolConfigurationException", 400),
    ("classic-flow", "basic", "InvalidParameterException", 400),
    ("guest-role-trust", "basic", "AccessDenied", 403),
]


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: case[0])
def test_credentials_are_refused(sandbox_of, guest_of, error_of, case):
    scenario, flow, *refusal = case
    guest = guest_of(sandbox_of(scenario))
    assert error_of(getattr(guest, flow)) == tuple(refusal)


DENIED = [
    ("guest-role-permission", "AccessDeniedException", 403),
    ("permission-by-id", "AccessDeniedException", 403),
    ("permission-boundary", "AccessDeniedException", 403),
    ("permission-explicit-deny", "AccessDeniedException", 403),
    ("put-events-denied", "AccessDeniedException", 403),
    ("monitor-exists", "ResourceNotFoundException", 404),
    ("throttling", "ThrottlingException", 429),
]


@pytest.mark.parametrize("case", DENIED, ids=lambda case: case[0])
def test_events_are_refused(sandbox_of, guest_of, error_of, case):
    scenario, *refusal = case
    guest = guest_of(sandbox_of(scenario))
    keys = guest.enhanced()
    assert error_of(lambda: guest.send(keys)) == tuple(refusal)


def test_unsigned_events_without_a_policy_lack_a_token(healthy, guest_of, error_of):
    refused = error_of(lambda: guest_of(healthy).send(None))
    assert refused == ("MissingAuthenticationTokenException", 403)


def test_unsigned_events_of_another_alias_are_denied(sandbox_of, guest_of, error_of):
    guest = guest_of(sandbox_of("resource-policy"))
    assert error_of(lambda: guest.send(None, Alias="shop")) == ("AccessDeniedException", 403)
    assert error_of(lambda: guest.send(None, Alias="checkout")) is None


def test_a_denial_says_what_allows_nothing(denied, guest_of):
    guest = guest_of(denied)
    keys = guest.enhanced()
    with pytest.raises(ClientError) as caught:
        guest.send(keys)
    assert "because no identity-based policy allows the rum:PutRumEvents" in str(caught.value)


def test_a_wrong_secret_is_an_invalid_signature(healthy, guest_of, error_of):
    guest = guest_of(healthy)
    key, _, token = guest.enhanced()
    assert error_of(lambda: guest.send((key, "x" * 40, token)))[0] == "InvalidSignatureException"


def test_a_foreign_token_is_not_recognised(healthy, guest_of, error_of):
    guest = guest_of(healthy)
    key, secret, _ = guest.enhanced()
    refused = error_of(lambda: guest.send((key, secret, "another")))
    assert refused[0] == "UnrecognizedClientException"


def test_an_id_that_is_no_uuid_is_refused(healthy, guest_of, error_of):
    guest = guest_of(healthy)
    keys = guest.enhanced()
    refused = error_of(lambda: guest.send(keys, BatchId="f" * 36))
    assert refused == ("ValidationException", 400)


def test_the_token_undefined_is_no_jwt(healthy, guest_of, error_of):
    call = guest_of(healthy).sts.assume_role_with_web_identity
    role = healthy.installation.role.arn
    refused = error_of(
        lambda: call(RoleArn=role, RoleSessionName="cwr", WebIdentityToken="undefined")
    )
    assert refused == ("InvalidIdentityToken", 400)


def test_the_operator_may_send(sandbox_of, guest_of):
    sandbox = sandbox_of()
    guest_of(sandbox).send((OPERATOR_KEY, OPERATOR_SECRET, None))
    assert sandbox.world.journal[-1]["userIdentity"]["type"] == "IAMUser"


def test_a_custom_event_is_answered_and_dropped(sandbox_of, guest_of, batch):
    sandbox = sandbox_of()
    guest = guest_of(sandbox)
    events = batch(guest.place.monitor.id)["RumEvents"]
    guest.send(guest.enhanced(), RumEvents=[{**events[0], "type": "checkout"}])
    assert sandbox.world.accepted == []


def _post(sandbox, request):
    prepared = request.prepare()
    asked = urllib.request.Request(
        prepared.url, data=prepared.body, headers=dict(prepared.headers.items()), method="POST"
    )
    try:
        with urllib.request.urlopen(asked, timeout=10) as reply:
            return reply.status, dict(reply.headers)
    except urllib.error.HTTPError as error:
        return error.code, dict(error.headers)


def _request(sandbox, body, host, **headers):
    region = host.split(".")[2]
    url = f"{sandbox.url}/appmonitors/{sandbox.installation.monitor.id}"
    plain = {"host": host, "content-type": "application/json", **headers}
    return region, AWSRequest(method="POST", url=url, data=body, headers=plain)


@pytest.fixture
def body(healthy, batch):
    """Return a request's body as the web client writes it."""
    return json.dumps(batch(healthy.installation.monitor.id)).encode()


@pytest.fixture
def credentials(healthy, guest_of):
    """Return a guest's credentials."""
    return Credentials(*guest_of(healthy).enhanced())


HOST = "dataplane.rum.eu-west-1.amazonaws.com"


def test_the_browsers_host_header_and_path_are_taken(healthy, body, credentials):
    region, request = _request(healthy, body, HOST)
    SigV4Auth(credentials, "rum", region).add_auth(request)
    assert _post(healthy, request)[0] == 200


def test_a_compressed_body_is_taken(healthy, body, credentials):
    packed = gzip.compress(body)
    region, request = _request(healthy, packed, HOST, **{"content-encoding": "gzip"})
    SigV4Auth(credentials, "rum", region).add_auth(request)
    assert _post(healthy, request)[0] == 200


def test_a_beacon_is_signed_in_its_query(healthy, body, credentials):
    region, request = _request(healthy, body, HOST)
    SigV4QueryAuth(credentials, "rum", region, expires=60).add_auth(request)
    request.data = body
    assert _post(healthy, request)[0] == 200


def test_a_changed_body_is_an_invalid_signature(healthy, body, credentials):
    region, request = _request(healthy, body, HOST)
    SigV4Auth(credentials, "rum", region).add_auth(request)
    request.data = body.replace(b"1.0.0", b"6.6.6")
    status, headers = _post(healthy, request)
    assert (status, headers["x-amzn-errortype"]) == (403, "InvalidSignatureException")


def test_a_scope_of_another_region_is_an_invalid_signature(healthy, body, credentials):
    _, request = _request(healthy, body, "dataplane.rum.us-west-2.amazonaws.com")
    SigV4Auth(credentials, "rum", "eu-west-1").add_auth(request)
    status, headers = _post(healthy, request)
    assert (status, headers["x-amzn-errortype"]) == (403, "InvalidSignatureException")


def test_another_origin_may_read_the_error(healthy, body):
    _, request = _request(healthy, body, HOST, origin="https://www.shop.example")
    _, headers = _post(healthy, request)
    assert headers["access-control-allow-origin"] == "https://www.shop.example"
