"""A snippet that names another region twice is mended by two pastes, and each says so."""

from __future__ import annotations

import pytest
from test_sample_rate import PAGE

from rumkit.aws.monitor import Monitor
from rumkit.checks.ask import ask
from rumkit.checks.returns_403.endpoint_region import CHECK
from rumkit.client.page import page_from_html
from rumkit.evidence.given import evidence_of
from rumkit.model import Status

MONITOR = Monitor("shop", "7c2cb9e5-697c-5dc5-a36b-e79cc42832c3", "eu-central-1")


@pytest.mark.parametrize(
    ("configuration", "twice"),
    [("{endpoint:'https://dataplane.rum.eu-west-1.amazonaws.com'}", True), ("{}", False)],
)
def test_the_endpoint_is_named_where_it_has_to_change_too(configuration: str, twice: bool) -> None:
    page = page_from_html(PAGE.format(configuration=configuration), url="https://shop.example/")
    first, second = ask(CHECK, evidence_of(page=page, monitor=MONITOR)).fixes
    assert first.text == "'eu-central-1'"
    assert "dataplane.rum.eu-central-1" in second.text
    assert ("paste the line for it as well" in first.side_effect) is twice


def test_every_host_of_the_data_plane_names_its_region() -> None:
    configuration = "{endpoint:'https://dataplane.rum.cn-north-1.api.amazonwebservices.com.cn'}"
    page = page_from_html(PAGE.format(configuration=configuration), url="https://shop.example/")
    found = ask(CHECK, evidence_of(page=page, monitor=MONITOR))
    assert found.status is Status.FAIL
    assert "signed for eu-west-1 and sent to cn-north-1" in found.summary
