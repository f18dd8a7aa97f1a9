"""Running sandboxes, and boto3 clients for them."""

from __future__ import annotations

import boto3
import pytest
from botocore import UNSIGNED
from botocore.config import Config

from rumkit.sandbox.ids import OPERATOR_KEY, OPERATOR_SECRET
from rumkit.sandbox.runner import Sandbox


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


@pytest.fixture(scope="session")
def client_of():
    """Make boto3 clients of a sandbox; unsigned when the keys are None."""

    def make(sandbox, service, *, region="eu-west-1", keys=(OPERATOR_KEY, OPERATOR_SECRET, None)):
        config = Config(
            retries={"max_attempts": 0},
            inject_host_prefix=False,
            signature_version=None if keys else UNSIGNED,
        )
        session = boto3.Session(*(keys or ("a", "b")), region_name=region)
        return session.client(service, endpoint_url=sandbox.url, config=config)

    return make
