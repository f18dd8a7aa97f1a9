"""Pages out of URLs, against servers on loopback: redirects, limits, and private addresses."""

from __future__ import annotations

import gzip
import socket
import time
import tracemalloc
import zlib
from typing import TYPE_CHECKING, Any

import pytest
from loopback import Site, connected, resolve, stalling
from urllib3.util import connection as line

from rumkit.client.fetch import fetch
from rumkit.client.page import read_page
from rumkit.model import BadInput

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = b"<!doctype html><script>var shop = 1</script>"


@pytest.fixture
def site() -> Iterator[Site]:
    one = Site()
    yield one
    one.server.shutdown()
    one.server.server_close()


def test_a_page_is_fetched_with_its_headers_those_of_one_name_in_order(site: Site) -> None:
    headers = [("X-B", "1"), ("x-a", "2"), ("X-B", "3"), ("Set-Cookie", "id=secret")]
    site.reply("/", 200, headers, PAGE)
    page = read_page(site.url())
    assert page.headers == (("X-B", "1"), ("X-B", "3"), ("x-a", "2"))
    assert [s.text for s in page.scripts] == ["var shop = 1"]


def test_a_url_of_javascript_is_a_page_of_one_script(site: Site) -> None:
    site.reply("/app.js", 200, [("Content-Type", "text/javascript")], b"var a = '<p>'")
    page = read_page(site.url("/app.js"))
    assert (page.language, [s.text for s in page.scripts]) == ("javascript", ["var a = '<p>'"])


@pytest.mark.parametrize("status", [403, 404, 500])
def test_an_error_page_is_a_page_with_its_status(site: Site, status: int) -> None:
    site.reply("/", status, [], PAGE)
    assert read_page(site.url()).status == status


def raw_deflate(body: bytes) -> bytes:
    stream = zlib.compressobj(wbits=-15)
    return stream.compress(body) + stream.flush()


CODINGS = [
    ("gzip", gzip.compress(PAGE)),
    ("x-gzip", gzip.compress(PAGE)),
    ("GZIP", gzip.compress(PAGE)),
    ("gzip", gzip.compress(PAGE[:9]) + gzip.compress(PAGE[9:])),
    ("deflate", zlib.compress(PAGE)),
    ("deflate", raw_deflate(PAGE)),
    ("identity", PAGE),
]


@pytest.mark.parametrize(("coding", "body"), CODINGS, ids=range(len(CODINGS)))
def test_compressed_pages_are_expanded(site: Site, coding: str, body: bytes) -> None:
    site.reply("/", 200, [("Content-Encoding", coding), ("Content-Type", "text/html")], body)
    assert read_page(site.url()).html == PAGE.decode()


def test_only_what_can_be_expanded_is_asked_for(site: Site) -> None:
    site.reply("/", 200, [], PAGE)
    read_page(site.url())
    assert site.seen[0][1]["Accept-Encoding"] == "gzip, deflate"


MUCH = b"x" * 50_000_000
BOMBS = {
    "gzip": gzip.compress(MUCH),
    "deflate": zlib.compress(MUCH),
    "deflate, gzip": gzip.compress(zlib.compress(MUCH)),
}


@pytest.mark.parametrize("coding", BOMBS)
def test_a_compressed_bomb_stops_at_the_limit_in_little_memory(site: Site, coding: str) -> None:
    site.reply("/", 200, [("Content-Encoding", coding)], BOMBS[coding])
    tracemalloc.start()
    reply = fetch(site.url(), timeout=30, max_bytes=1_000_000)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (reply.truncated, len(reply.body)) == (True, 1_000_000)
    assert peak < 10_000_000


@pytest.mark.parametrize(("coding", "body"), [("gzip", b"not gzip"), ("br", b"xx")])
def test_a_body_that_cannot_be_expanded_is_refused(site: Site, coding: str, body: bytes) -> None:
    site.reply("/", 200, [("Content-Encoding", coding)], body)
    with pytest.raises(BadInput, match="could not be read"):
        read_page(site.url())


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_followed_and_told(site: Site, status: int) -> None:
    site.reply("/", status, [("Location", "next?a=1")], b"")
    site.reply("/next?a=1", 200, [], PAGE)
    page = read_page(site.url())
    assert (page.url, page.requested) == (site.url("/next?a=1"), site.url())
    assert page.redirects == (site.url(),)


def test_a_circle_of_redirects_is_refused(site: Site) -> None:
    site.reply("/", 302, [("Location", "/b")], b"")
    site.reply("/b", 302, [("Location", "/")], b"")
    with pytest.raises(BadInput, match="circle"):
        read_page(site.url())


def test_more_than_ten_redirects_are_refused(site: Site) -> None:
    for number in range(20):
        site.reply(f"/{number}", 302, [("Location", f"/{number + 1}")], b"")
    with pytest.raises(BadInput, match="more than 10"):
        read_page(site.url("/0"))
    assert len(site.seen) == 11


@pytest.mark.parametrize("target", ["file:///etc/passwd", "javascript:1", "ftp://shop.example/"])
def test_a_redirect_out_of_http_is_refused(site: Site, target: str) -> None:
    site.reply("/", 302, [("Location", target)], b"")
    with pytest.raises(BadInput, match="redirects to a"):
        read_page(site.url())


@pytest.mark.parametrize(
    "location",
    ["file:///etc/passwd", "ftp://shop.example/", "data:text/html,x", "javascript:1", "https://"],
)
def test_only_http_and_https_urls_are_fetched(location: str) -> None:
    with pytest.raises(BadInput):
        read_page(location)


PRIVATE = ["127.0.0.1", "10.1.2.3", "192.168.0.1", "172.16.0.1", "169.254.169.254", "0.0.0.0"]
PRIVATE += ["::1", "fd00::1", "fe80::1", "::ffff:10.0.0.1", "64:ff9b::a00:1", "2002:a00:1::1"]
PRIVATE += ["100.64.0.1", "224.0.0.1", "::"]


@pytest.mark.parametrize("address", PRIVATE)
def test_a_public_page_never_leads_to_a_private_address(
    site: Site, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    site.reply("/", 302, [("Location", "http://inner.shop.example/secret")], b"")
    site.reply("/secret", 200, [], PAGE)
    names = {"www.shop.example": ["93.184.215.14"], "inner.shop.example": [address]}
    resolve(monkeypatch, names, site.port)
    with pytest.raises(BadInput, match="private network"):
        read_page("http://www.shop.example/")
    assert [path for path, _ in site.seen] == ["/"]


def test_one_private_address_among_public_ones_is_enough_to_refuse(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.reply("/", 302, [("Location", "http://inner.shop.example/")], b"")
    names = {"www.shop.example": ["93.184.215.14"]}
    names["inner.shop.example"] = ["93.184.215.14", "10.0.0.1"]
    resolve(monkeypatch, names, site.port)
    with pytest.raises(BadInput, match="private network"):
        read_page("http://www.shop.example/")


def test_a_public_redirect_is_followed(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.reply("/", 302, [("Location", "http://new.shop.example/x")], b"")
    site.reply("/x", 200, [], PAGE)
    names = {"www.shop.example": ["93.184.215.14"], "new.shop.example": ["93.184.215.15"]}
    resolve(monkeypatch, names, site.port)
    assert read_page("http://www.shop.example/").url == "http://new.shop.example/x"


def test_a_private_address_that_the_user_named_may_redirect_privately(site: Site) -> None:
    site.reply("/", 302, [("Location", f"http://localhost:{site.port}/x")], b"")
    site.reply("/x", 200, [], PAGE)
    assert read_page(site.url()).status == 200


def test_the_connection_goes_to_the_address_that_was_checked(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.reply("/", 200, [], PAGE)
    asked: list[str] = []

    def connect(to: tuple[str, int], *_: Any, **__: Any) -> socket.socket:
        asked.append(to[0])
        return connected(site.port)

    resolve(monkeypatch, {"www.shop.example": ["93.184.215.14"]}, site.port)
    monkeypatch.setattr(line, "create_connection", connect)
    read_page("http://www.shop.example/")
    assert asked == ["93.184.215.14"]


def test_an_origin_can_be_fetched_from_another(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.reply("/basket", 200, [], PAGE)
    monkeypatch.setenv(
        "RUMKIT_CONNECT_TO", f"https://www.shop.example=http://127.0.0.1:{site.port}"
    )
    page = read_page("https://www.shop.example/basket")
    assert (page.url, page.status) == ("https://www.shop.example/basket", 200)
    assert site.seen[0][1]["Host"] == "www.shop.example"


def test_user_information_is_sent_to_its_own_origin_and_shown_nowhere(site: Site) -> None:
    other = Site()
    site.reply("/", 302, [("Location", other.url("/x"))], b"")
    other.reply("/x", 200, [], PAGE)
    page = read_page(f"http://sam:letmein@127.0.0.1:{site.port}/")
    other.server.shutdown()
    assert "Authorization" in site.seen[0][1]
    assert "Authorization" not in other.seen[0][1]
    assert "letmein" not in repr(page)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_a_refused_connection_is_told_in_one_sentence() -> None:
    url = f"http://127.0.0.1:{_free_port()}/"
    with pytest.raises(BadInput) as refused:
        read_page(url)
    assert url in str(refused.value)
    assert "check" in str(refused.value)


def test_an_unknown_host_is_told_in_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any, **__: Any) -> Any:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    with pytest.raises(BadInput, match=r"https://absent.shop.example/ has no address"):
        read_page("https://absent.shop.example/")


@pytest.mark.parametrize("host", ["shop..example", "a" * 70 + ".example", "\u0660\u06f0.example"])
def test_a_host_that_no_name_can_be_is_told_in_one_sentence(host: str) -> None:
    with pytest.raises(BadInput, match=f"http://{host}/"):
        read_page(f"http://{host}/")


def test_plain_text_where_tls_was_asked_is_told(site: Site) -> None:
    with pytest.raises(BadInput, match="https://127"):
        read_page(site.url().replace("http://", "https://"))


@pytest.mark.parametrize("sent", [b"", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\n\r\n<p>"])
def test_a_server_that_stalls_is_left_in_time(sent: bytes) -> None:
    with stalling(sent) as port:
        begun = time.monotonic()
        with pytest.raises(BadInput, match="in time"):
            read_page(f"http://127.0.0.1:{port}/", timeout=0.5)
        assert time.monotonic() - begun < 5
