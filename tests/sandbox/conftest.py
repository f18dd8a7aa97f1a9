"""Running sandboxes, boto3 clients for them, and a guest that walks the client's chain."""

from __future__ import annotations

import uuid

import boto3
import pytest
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError

from rumkit.sandbox.ids import OPERATOR_KEY, OPERATOR_SECRET
from rumkit.sandbox.runner import Sandbox

OPERATOR = (OPERATOR_KEY, OPERATOR_SECRET, None)


@pytest.fixture
def sandbox_of():
    """Start sandboxes by scenario; all are stopped after the test."""
    running = []

    def start(scenario="healthy", **options):
        running.append(Sandbox(scenario, **options))
        return running[-1]

    yield start
    for sandbox in running:
        sandbox.stop()


@pytest.fixture(scope="module")
def healthy():
    """Run a healthy sandbox for tests that only read."""
    with Sandbox("healthy") as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def denied():
    """Run a sandbox whose guests may not send, for tests that only read."""
    with Sandbox("guest-role-permission") as sandbox:
        yield sandbox


@pytest.fixture(scope="session")
def client_of():
    """Make boto3 clients of a sandbox; unsigned when the keys are None."""
    session = boto3.Session(*OPERATOR[:2])

    def make(sandbox, service, *, region="eu-west-1", keys=OPERATOR):
        config = Config(
            retries={"max_attempts": 0},
            inject_host_prefix=False,
            signature_version=None if keys else UNSIGNED,
        )
        key, secret, token = keys or ("none", "none", None)
        return session.client(
            service,
            region_name=region,
            endpoint_url=sandbox.url,
            config=config,
            aws_access_key_id=key,
            aws_secret_access_key=secret,
            aws_session_token=token,
        )

    return make


def a_batch(monitor_id):
    """Return a PutRumEvents request with one page view."""
    return {
        "Id": monitor_id,
        "BatchId": str(uuid.uuid4()),
        "AppMonitorDetails": {"id": monitor_id, "version": "1.0.0"},
        "UserDetails": {"userId": str(uuid.uuid4()), "sessionId": str(uuid.uuid4())},
        "RumEvents": [
            {
                "id": str(uuid.uuid4()),
                "timestamp": 1_772_441_000,
                "type": "com.amazon.rum.page_view_event",
                "details": '{"pageId": "/"}',
            }
        ],
    }


@pytest.fixture(scope="session")
def batch():
    """Build PutRumEvents requests."""
    return a_batch


class Guest:
    """A browser without the account's credentials, walking the chain call by call."""

    def __init__(self, sandbox, client_of):
        self.sandbox, self.client_of = sandbox, client_of
        self.place = sandbox.installation
        region = self.place.pool.region
        self.cognito = client_of(sandbox, "cognito-identity", region=region, keys=None)
        self.sts = client_of(sandbox, "sts", region=region, keys=None)

    def identity(self):
        return self.cognito.get_id(IdentityPoolId=self.place.pool.id)["IdentityId"]

    def enhanced(self):
        found = self.cognito.get_credentials_for_identity(IdentityId=self.identity())
        given = found["Credentials"]
        return given["AccessKeyId"], given["SecretKey"], given["SessionToken"]

    def basic(self, role_arn=None):
        token = self.cognito.get_open_id_token(IdentityId=self.identity())["Token"]
        given = self.sts.assume_role_with_web_identity(
            RoleArn=role_arn or self.place.role.arn,
            RoleSessionName="cwr",
            WebIdentityToken=token,
        )["Credentials"]
        return given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"]

    def send(self, keys, **changes):
        client = self.client_of(self.sandbox, "rum", keys=keys)
        return client.put_rum_events(**{**a_batch(self.place.client.monitor_id), **changes})


@pytest.fixture
def guest_of(client_of):
    """Make guests of a sandbox."""
    return lambda sandbox: Guest(sandbox, client_of)


@pytest.fixture(scope="session")
def error_of():
    """Return the code and status that a call is refused with; None when it is not."""

    def attempt(call):
        try:
            call()
        except ClientError as error:
            reply = error.response
            return reply["Error"]["Code"], reply["ResponseMetadata"]["HTTPStatusCode"]
        return None

    return attempt
