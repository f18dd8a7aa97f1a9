"""The snippet that is printed for a page whose own configuration was written for another tool."""

from __future__ import annotations

from rumkit.aws.monitor import Monitor
from rumkit.checks.loader import paste_snippet
from rumkit.client.page import page_from_html
from rumkit.evidence.given import evidence_of

IDENT = "7c2cb9e5-697c-5dc5-a36b-e79cc42832c3"
POOL = "eu-west-1:0a1b2c3d-1111-2222-3333-444455556666"
CALL = (
    f"<script>cwr('initialize', {{appMonitorId: '{IDENT}', region: 'eu-west-1',"
    " telemetries: ['http']})</script>"
)


def test_an_initialize_call_gives_its_options_and_the_monitor_gives_the_rest() -> None:
    monitor = Monitor("shop", IDENT, "eu-west-1", config={"IdentityPoolId": POOL})
    page = page_from_html(CALL, url="https://shop.example/")
    [fix] = paste_snippet(evidence_of(page=page, monitor=monitor))
    assert f"identityPoolId: '{POOL}'" in fix.text
    assert "telemetries: ['http']" in fix.text
    assert "appMonitorId" not in fix.text
    assert "region:" not in fix.text
