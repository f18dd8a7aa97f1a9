"""Sandboxes that several tests of a file share."""

from __future__ import annotations

import pytest

from rumkit.sandbox.runner import start


@pytest.fixture(scope="module")
def healthy():
    with start("healthy") as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def denied():
    with start("guest-role-permission") as sandbox:
        yield sandbox
