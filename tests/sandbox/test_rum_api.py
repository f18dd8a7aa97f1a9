"""The control plane of RUM answers as AWS does."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError


def test_a_monitor_is_found_by_name(sandbox_of, client_of):
    sandbox = sandbox_of()
    monitor = client_of(sandbox, "rum").get_app_monitor(Name="shop-web")["AppMonitor"]
    assert monitor["Id"] == sandbox.installation.monitor.id


def test_a_monitor_that_does_not_exist_is_a_404(sandbox_of, client_of):
    with pytest.raises(ClientError) as caught:
        client_of(sandbox_of(), "rum").get_app_monitor(Name="nobody")
    assert caught.value.response["Error"]["Code"] == "ResourceNotFoundException"
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 404
