"""Pages by the environment's proxy: HTTP, HTTPS through CONNECT, exceptions, refusals."""

from __future__ import annotations

import base64
import shutil
import socket
import ssl
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest
from loopback import Site, stalling
from relay import Relay, certificate
from urllib3.util import connection as line

from rumkit.client.page import read_page
from rumkit.model import BadInput

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PAGE = b"<!doctype html><script>var shop = 1</script>"
VARIABLES = ["HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY"]


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.fixture
def site() -> Iterator[Site]:
    made = Site()
    made.reply("/", 200, [], PAGE)
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture
def relay(site: Site) -> Iterator[Relay]:
    made = Relay()
    made.ports = {"www.shop.example": site.port, "inner.shop.example": site.port}
    yield made
    made.close()


@pytest.fixture
def lookups(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names that were looked up here; none of the shop's has an address."""
    asked: list[str] = []
    real = socket.getaddrinfo

    def look_up(host: Any, *rest: Any, **more: Any) -> Any:
        asked.append(str(host))
        if str(host).endswith(".example"):
            raise socket.gaierror(-2, "Name or service not known")
        return real(host, *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return asked


@pytest.mark.parametrize("variable", ["HTTP_PROXY", "http_proxy"])
def test_a_page_is_read_by_the_proxy_which_alone_resolves_its_name(
    relay: Relay, lookups: list[str], monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    monkeypatch.setenv(variable, relay.url())
    page = read_page("http://www.shop.example/")
    assert (page.html, page.url) == (PAGE.decode(), "http://www.shop.example/")
    method, target, headers = relay.seen[0]
    assert (method, target) == ("GET", "http://www.shop.example/")
    assert headers["host"] == "www.shop.example"
    assert "www.shop.example" not in lookups


def test_a_host_that_no_name_can_be_is_told_in_one_sentence(
    relay: Relay, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", relay.url())
    with pytest.raises(BadInput, match=r"http://shop\.\.example/ could not be read"):
        read_page("http://shop..example/")


def test_a_name_of_another_alphabet_reaches_the_proxy_in_punycode(
    relay: Relay, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    relay.ports["xn--bcher-kva.example"] = site.port
    site.reply("/caf%C3%A9?q=%C3%A9", 200, [], PAGE)
    monkeypatch.setenv("HTTP_PROXY", relay.url())
    assert read_page("http://bücher.example/café?q=é").status == 200
    assert relay.seen[0][2]["host"] == "xn--bcher-kva.example"


def test_a_proxy_may_be_named_without_a_scheme(
    relay: Relay, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", f"127.0.0.1:{relay.port}")
    assert read_page("http://www.shop.example/").status == 200


def test_the_proxy_s_password_goes_to_the_proxy_alone(
    relay: Relay, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", relay.url("sam:let%40in@"))
    page = read_page("http://www.shop.example/")
    sent = relay.seen[0][2]["proxy-authorization"]
    assert base64.b64decode(sent.removeprefix("Basic ")) == b"sam:let@in"
    assert "let" not in repr(page)
    assert "Proxy-Authorization" not in site.seen[0][1]


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")
@pytest.mark.parametrize("variable", ["HTTPS_PROXY", "https_proxy"])
def test_https_goes_through_connect_and_is_checked_against_the_page_s_name(
    relay: Relay,
    site: Site,
    lookups: list[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    variable: str,
) -> None:
    made, key = certificate(tmp_path, "www.shop.example")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made, key)
    site.server.socket = context.wrap_socket(site.server.socket, server_side=True)
    monkeypatch.setenv("SSL_CERT_FILE", str(made))
    monkeypatch.setenv(variable, relay.url("sam:letmein@"))
    assert read_page("https://www.shop.example/").html == PAGE.decode()
    method, target, headers = relay.seen[0]
    assert (method, target) == ("CONNECT", "www.shop.example:443")
    assert "proxy-authorization" in headers
    assert "Proxy-Authorization" not in site.seen[0][1]
    assert "www.shop.example" not in lookups
    with pytest.raises(BadInput, match=r"certificate of https://inner\.shop\.example/"):
        read_page("https://inner.shop.example/")


@pytest.mark.parametrize(
    ("excepted", "through"),
    [
        ("127.0.0.1", False),
        ("*", False),
        ("other.example, 127.0.0.1", False),
        ("127.0.0.1:{port}", False),
        ("127.0.0.1:1", True),
        ("shop.example", True),
    ],
)
def test_no_proxy_names_the_hosts_that_are_asked_directly(
    relay: Relay, site: Site, monkeypatch: pytest.MonkeyPatch, excepted: str, through: bool
) -> None:
    relay.ports["127.0.0.1"] = site.port
    monkeypatch.setenv("HTTP_PROXY", relay.url())
    monkeypatch.setenv("NO_PROXY", excepted.format(port=site.port))
    assert read_page(site.url()).status == 200
    assert bool(relay.seen) is through


def test_an_origin_that_is_mapped_is_asked_directly(
    relay: Relay, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", relay.url())
    monkeypatch.setenv("RUMKIT_CONNECT_TO", f"http://www.shop.example={site.url('')}")
    assert read_page("http://www.shop.example/").status == 200
    assert relay.seen == []


@pytest.mark.parametrize("target", ["10.1.2.3", "[::1]", "localhost", "169.254.169.254"])
def test_a_redirect_to_a_private_address_is_not_followed_by_a_proxy_either(
    relay: Relay, site: Site, monkeypatch: pytest.MonkeyPatch, target: str
) -> None:
    monkeypatch.setenv("HTTP_PROXY", relay.url())
    site.reply("/", 302, [("Location", f"http://{target}/secret")], b"")
    with pytest.raises(BadInput, match="private network"):
        read_page("http://www.shop.example/")
    assert len(relay.seen) == 1


def test_a_redirect_to_a_private_host_that_is_asked_directly_is_not_followed(
    relay: Relay, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", relay.url())
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    site.reply("/", 302, [("Location", site.url("/secret"))], b"")
    with pytest.raises(BadInput, match="private network"):
        read_page("http://www.shop.example/")


def test_a_redirect_by_name_is_followed_by_the_proxy(
    relay: Relay, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", relay.url())
    site.reply("/", 302, [("Location", "http://inner.shop.example/x")], b"")
    site.reply("/x", 200, [], PAGE)
    assert read_page("http://www.shop.example/").url == "http://inner.shop.example/x"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_dead_proxy_is_one_sentence_that_names_it_without_its_password(
    monkeypatch: pytest.MonkeyPatch, scheme: str
) -> None:
    port = _free_port()
    variable = f"{scheme.upper()}_PROXY"
    monkeypatch.setenv(variable, f"http://sam:letmein@127.0.0.1:{port}")
    with pytest.raises(BadInput) as refused:
        read_page(f"{scheme}://www.shop.example/")
    text = str(refused.value)
    assert text.startswith(
        f"The proxy http://127.0.0.1:{port}, by which {scheme}://www.shop.example/"
    )
    assert variable in text
    assert "letmein" not in text
    assert "\n" not in text


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_proxy_that_wants_a_user_is_named(
    relay: Relay, monkeypatch: pytest.MonkeyPatch, scheme: str
) -> None:
    relay.status = 407
    monkeypatch.setenv(f"{scheme.upper()}_PROXY", relay.url())
    with pytest.raises(
        BadInput, match=rf"The proxy {relay.url()} does not let .* \(407 Proxy Auth"
    ):
        read_page(f"{scheme}://www.shop.example/")


def test_a_proxy_that_refuses_a_host_is_named(
    relay: Relay, monkeypatch: pytest.MonkeyPatch
) -> None:
    relay.status = 403
    monkeypatch.setenv("HTTPS_PROXY", relay.url("sam:letmein@"))
    with pytest.raises(BadInput, match=rf"The proxy {relay.url()} .*\(403 Forbidden\)") as refused:
        read_page("https://www.shop.example/")
    assert "letmein" not in str(refused.value)


@pytest.mark.parametrize(
    "value", ["socks5://sam:letmein@127.0.0.1:1080", "http://", "http://a:b:c"]
)
def test_what_is_no_http_proxy_is_named_by_its_variable(
    monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("HTTP_PROXY", value)
    with pytest.raises(BadInput, match="HTTP_PROXY does not name an HTTP proxy") as refused:
        read_page("http://www.shop.example/")
    assert "letmein" not in str(refused.value)


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("sent", [b"", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\n\r\n"])
def test_a_proxy_that_stalls_is_left_in_time(
    monkeypatch: pytest.MonkeyPatch, scheme: str, sent: bytes
) -> None:
    with stalling(sent) as port:
        proxy = f"http://127.0.0.1:{port}"
        monkeypatch.setenv(f"{scheme.upper()}_PROXY", proxy)
        begun = time.monotonic()
        with pytest.raises(BadInput, match=rf"in time through the proxy {proxy}"):
            read_page(f"{scheme}://www.shop.example/", timeout=0.5)
        assert time.monotonic() - begun < 3
        while any(each.name == "rumkit-request" for each in threading.enumerate()):
            assert time.monotonic() - begun < 3
            time.sleep(0.01)


def test_a_name_that_is_resolved_too_slowly_is_left_in_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: time.sleep(5))
    monkeypatch.setattr(line, "create_connection", lambda *_, **__: pytest.fail("connected"))
    with pytest.raises(BadInput, match="in time"):
        read_page("http://www.shop.example/", timeout=0.2)
