"""The page is served as a site serves it."""

from __future__ import annotations

import http.client

import pytest


def _get(sandbox, host, path="/", method="GET", **headers):
    connection = http.client.HTTPConnection("127.0.0.1", int(sandbox.url.rsplit(":", 1)[1]))
    connection.request(method, path, headers={"Host": host, **headers})
    reply = connection.getresponse()
    body = reply.read().decode()
    connection.close()
    return reply.status, dict(reply.getheaders()), body


def test_the_page_holds_the_loader(healthy):
    status, _, html = _get(healthy, "www.shop.example")
    assert status == 200
    assert healthy.installation.monitor.id in html


def test_the_page_is_served_with_its_policy(sandbox_of):
    sandbox = sandbox_of("csp-connect")
    _, headers, _ = _get(sandbox, "www.shop.example")
    assert "cognito-identity" not in headers["Content-Security-Policy"]


def test_every_installation_has_a_page_of_its_own(sandbox_of):
    sandbox = sandbox_of("all")
    for name in ("signing", "classic-flow+csp-connect"):
        place = sandbox.world.installations[name]
        assert place.monitor.id in _get(sandbox, place.host)[2]


def test_an_unknown_host_has_no_page(healthy):
    assert _get(healthy, "elsewhere.example")[0] == 404


def test_the_client_is_published_in_one_region_only(healthy):
    statuses = [
        _get(healthy, f"client.rum.{region}.amazonaws.com", "/1.x/cwr.js")[0]
        for region in ("us-east-1", "eu-west-1")
    ]
    assert statuses == [200, 404]


def test_a_client_of_ones_own_is_served(healthy, monkeypatch, tmp_path):
    script = tmp_path / "cwr.js"
    script.write_text("real = true")
    monkeypatch.setenv("RUMKIT_SANDBOX_CLIENT", str(script))
    assert _get(healthy, "client.rum.us-east-1.amazonaws.com", "/1.x/cwr.js")[2] == "real = true"


def test_the_api_of_another_origin_lets_no_trace_header_through(sandbox_of):
    sandbox = sandbox_of("xray-cors")
    status, headers, _ = _get(
        sandbox,
        sandbox.installation.api_host,
        "/api/products",
        "OPTIONS",
        Origin="https://www.shop.example",
    )
    assert status == 204
    assert "access-control-allow-headers" not in headers


@pytest.mark.parametrize("host", ["dataplane.rum.eu-west-1.amazonaws.com", "dataplane.localhost"])
def test_a_preflight_to_the_data_plane_lets_signatures_through(healthy, host):
    wanted = "authorization,content-type,x-amz-date"
    status, headers, _ = _get(
        healthy,
        host,
        f"/appmonitors/{healthy.installation.monitor.id}",
        "OPTIONS",
        Origin="https://www.shop.example",
        **{"Access-Control-Request-Headers": wanted},
    )
    assert (status, headers["access-control-allow-headers"]) == (200, wanted)
