"""The scripts that a page loads: which are read, and what keeps one from being read."""

from __future__ import annotations

import os
import socket
import threading
import time
from typing import TYPE_CHECKING

import pytest
from loopback import Site, resolve

from rumkit.client import scripts as reading
from rumkit.client.page import page_from_html, read_page
from rumkit.client.scripts import read_scripts

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

JAVASCRIPT = [("Content-Type", "text/javascript")]
SHOP, CDN = "93.184.215.14", "93.184.215.15"


@pytest.fixture
def site() -> Iterator[Site]:
    one = Site()
    yield one
    one.server.shutdown()
    one.server.server_close()


def read(site: Site, html: str, path: str = "/", **options: float) -> dict[str, tuple[object, str]]:
    """Serve a page and read its scripts: text and problem, by the URL's part behind the origin."""
    site.reply(path, 200, [("Content-Type", "text/html")], html.encode())
    page = read_page(site.url(path))
    found = read_scripts(page, **options)
    return {each.url.removeprefix(site.url("")): (each.text, each.problem) for each in found}


LISTED = [
    ('<script src="app.js"></script>', "/shop/app.js"),
    ('<script src="/app.js?v=1#x"></script>', "/app.js?v=1"),
    ('<script type="module" src="./app.js"></script>', "/shop/app.js"),
    ('<script async src="../app.js"></script>', "/app.js"),
    ('<link rel="modulepreload" href="/chunk.js">', "/chunk.js"),
    ("<link href='/a&amp;b.js' as=script rel=preload>", "/a&b.js"),
    ('<base href="/static/"><script src="app.js"></script>', "/static/app.js"),
]


@pytest.mark.parametrize(("html", "path"), LISTED)
def test_what_the_markup_loads_is_read(site: Site, html: str, path: str) -> None:
    site.reply(path, 200, JAVASCRIPT, b"var a = 1")
    assert read(site, html, "/shop/index.html") == {path: ("var a = 1", "")}


NOT_LISTED = [
    "<script>var inline = 1</script>",
    '<script type="text/plain" src="/app.js"></script>',
    '<script type="application/json" src="/app.js"></script>',
    '<script nomodule src="/app.js"></script>',
    '<template><script src="/app.js"></script></template>',
    '<link rel="stylesheet" href="/app.css">',
    '<link rel="preload" as="style" href="/app.css">',
    '<link rel="prefetch" href="/app.js">',
    '<script src="data:text/javascript,1"></script>',
    '<script src=""></script>',
]


@pytest.mark.parametrize("html", NOT_LISTED)
def test_what_no_browser_would_run_is_not_read(site: Site, html: str) -> None:
    assert read(site, html) == {}
    assert [path for path, _ in site.seen] == ["/"]


def test_a_script_named_twice_is_read_once(site: Site) -> None:
    site.reply("/app.js", 200, JAVASCRIPT, b"1")
    html = '<link rel=modulepreload href="/app.js"><script src="/app.js"></script>' * 3
    assert read(site, html) == {"/app.js": ("1", "")}
    assert len(site.seen) == 2


ANSWERS = [
    (404, JAVASCRIPT, "404"),
    (200, [("Content-Type", "text/html; charset=utf-8")], "text/html"),
    (200, [("Content-Type", "text/javascript"), ("Content-Encoding", "br")], "br"),
    (302, [("Location", "file:///etc/passwd")], "file"),
]


@pytest.mark.parametrize(("status", "headers", "told"), ANSWERS)
def test_an_answer_that_is_no_script_is_told(
    site: Site, status: int, headers: list[tuple[str, str]], told: str
) -> None:
    site.reply("/app.js", status, headers, b"<p>not here</p>")
    text, problem = read(site, '<script src="/app.js"></script>')["/app.js"]
    assert text is None
    assert told in problem


def test_one_script_that_fails_keeps_no_other_from_being_read(site: Site) -> None:
    site.reply("/a.js", 500, [], b"")
    site.reply("/b.js", 200, JAVASCRIPT, b"b")
    found = read(site, "<script src=/a.js></script><script src=/b.js></script>")
    assert found == {"/a.js": (None, "it was answered with 500"), "/b.js": ("b", "")}


def test_text_is_decoded_as_a_script_is(site: Site) -> None:
    site.reply("/u.js", 200, JAVASCRIPT, "é".encode())
    site.reply("/l.js", 200, [("Content-Type", "text/javascript; charset=latin1")], b"\xe9")
    found = read(site, "<script src=/u.js></script><script src=/l.js></script>")
    assert [text for text, _ in found.values()] == ["é", "é"]


def test_at_most_thirty_scripts_are_read(site: Site) -> None:
    names = [f"/{number}.js" for number in range(40)]
    for name in names:
        site.reply(name, 200, JAVASCRIPT, b"1")
    found = read(site, "".join(f"<script src={name}></script>" for name in names))
    assert list(found) == names
    assert [name for name, (text, _) in found.items() if text] == names[:30]
    assert "30 scripts" in found["/39.js"][1]


def test_a_long_script_is_cut_and_all_together_are_bounded(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "_MAX_BYTES", 1_000)
    monkeypatch.setattr(reading, "_MAX_TOTAL", 1_500)
    monkeypatch.setattr(reading, "_AT_ONCE", 1)
    for name in ("/a.js", "/b.js", "/c.js"):
        site.reply(name, 200, JAVASCRIPT, b"x" * 1_200)
    html = "".join(f"<script src=/{name}.js></script>" for name in "abc")
    found = read(site, html)
    assert [len(text or "") for text, _ in found.values()] == [1_000, 500, 0]  # type: ignore[arg-type]
    assert all("first" in found[name][1] for name in ("/a.js", "/b.js"))
    assert found["/c.js"][0] is None


def test_scripts_that_stall_are_left_in_time(site: Site) -> None:
    site.reply("/app.js", 200, JAVASCRIPT, b"1")
    with socket.create_server(("127.0.0.1", 0)) as server:
        held: list[socket.socket] = []

        def stall() -> None:
            while True:
                try:
                    held.append(server.accept()[0])
                except OSError:
                    return

        threading.Thread(target=stall, daemon=True).start()
        slow = f"http://127.0.0.1:{server.getsockname()[1]}"
        html = "".join(f'<script src="{slow}/{number}.js"></script>' for number in range(12))
        begun = time.monotonic()
        found = read(site, html + '<script src="/app.js"></script>', timeout=1)
        assert time.monotonic() - begun < 4
        for each in held:
            each.close()
    assert found.pop("/app.js") == ("1", "")
    assert {text for text, _ in found.values()} == {None}
    assert all("in time" in problem for _, problem in found.values())


def test_scripts_of_other_hosts_are_read_too(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    resolve(monkeypatch, {"www.shop.example": [SHOP], "cdn.shop.example": [CDN]}, site.port)
    site.reply("/", 200, [], b'<script src="http://cdn.shop.example/app.js"></script>')
    site.reply("/app.js", 200, JAVASCRIPT, b"1")
    page = read_page("http://www.shop.example/")
    assert [each.text for each in read_scripts(page)] == ["1"]


@pytest.mark.parametrize("address", ["127.0.0.1", "10.1.2.3", "169.254.169.254", "::1"])
def test_a_public_page_leads_to_no_private_address(
    site: Site, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    names = {"www.shop.example": [SHOP], "inner.shop.example": [address]}
    resolve(monkeypatch, names, site.port)
    site.reply("/", 200, [], b'<script src="http://inner.shop.example/app.js"></script>')
    page = read_page("http://www.shop.example/")
    (script,) = read_scripts(page)
    assert script.text is None
    assert "private network" in script.problem
    assert [path for path, _ in site.seen] == ["/"]


def test_a_script_that_redirects_into_a_private_network_is_not_read(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = {"www.shop.example": [SHOP], "inner.shop.example": ["10.0.0.1"]}
    resolve(monkeypatch, names, site.port)
    site.reply("/", 200, [], b'<script src="/app.js"></script>')
    site.reply("/app.js", 302, [("Location", "http://inner.shop.example/secret.js")], b"")
    (script,) = read_scripts(read_page("http://www.shop.example/"))
    assert "private network" in script.problem
    assert [path for path, _ in site.seen] == ["/", "/app.js"]


def test_a_name_that_turns_private_after_the_page_is_not_asked(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolve(monkeypatch, {"www.shop.example": [SHOP]}, site.port)
    site.reply("/", 200, [], b'<script src="/app.js"></script>')
    page = read_page("http://www.shop.example/")
    resolve(monkeypatch, {"www.shop.example": ["127.0.0.1"]}, site.port)
    (script,) = read_scripts(page)
    assert "private network" in script.problem


def test_a_private_page_leads_to_its_own_host_only(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolve(monkeypatch, {"dev.shop.example": ["10.0.0.1"], "db.example": ["10.0.0.2"]}, site.port)
    html = b'<script src="/app.js"></script><script src="http://db.example/x.js"></script>'
    site.reply("/", 200, [], html)
    site.reply("/app.js", 200, JAVASCRIPT, b"1")
    own, other = read_scripts(read_page("http://dev.shop.example/"))
    assert own.text == "1"
    assert "private network" in other.problem


def test_a_secure_page_reads_no_plain_script_of_another_host() -> None:
    page = page_from_html(
        '<script src="http://cdn.shop.example/app.js"></script>', url="https://www.shop.example/"
    )
    (script,) = read_scripts(page)
    assert (script.text, "https" in script.problem) == (None, True)


@pytest.mark.parametrize("source", ["http://[::1", "https://", "ftp://a.example/x.js", "http://:0"])
def test_a_source_that_is_no_url_is_told_and_nothing_raised(source: str) -> None:
    page = page_from_html(f'<script src="{source}"></script>', url="http://www.shop.example/")
    assert [each.text for each in read_scripts(page)] == [None]


def test_user_information_in_a_source_is_not_kept(site: Site) -> None:
    site.reply("/app.js", 200, JAVASCRIPT, b"1")
    source = site.url("/app.js").replace("//", "//sam:letmein@")
    assert read(site, f'<script src="{source}"></script>') == {"/app.js": ("1", "")}


def folder(tmp_path: Path, html: str, files: dict[str, str]) -> Path:
    for name, text in {"site/index.html": html, **files}.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path / "site/index.html"


BESIDE = ["app.js", "./app.js?v=2", "/app.js", "app%2Ejs", "js/../app.js"]


@pytest.mark.parametrize("source", BESIDE)
def test_a_saved_page_reads_the_files_in_its_folder(tmp_path: Path, source: str) -> None:
    html = f'<script src="{source}"></script>'
    page = read_page(str(folder(tmp_path, html, {"site/app.js": "var é", "site/js/b.js": "2"})))
    assert [(each.text, each.problem) for each in read_scripts(page)] == [("var é", "")]


OUTSIDE = ["../secret.js", "/../secret.js", "js/../../secret.js", "%2e%2e/secret.js", "link.js"]
OUTSIDE += ["https://www.shop.example/a.js", "//www.shop.example/a.js", "file:///etc/passwd"]
OUTSIDE += ["absent.js", "js", "pipe", "a\0b.js", "linked/secret.js", "http://[::1"]


@pytest.mark.parametrize("source", OUTSIDE)
def test_a_saved_page_leads_nowhere_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str
) -> None:
    monkeypatch.setattr(reading, "fetch", None)
    html = f'<base href="https://www.shop.example/"><script src="{source}"></script>'
    files = {"secret.js": "secret", "elsewhere/secret.js": "secret", "site/js/b.js": "2"}
    page_file = folder(tmp_path, html, files)
    (tmp_path / "site/link.js").symlink_to(tmp_path / "secret.js")
    (tmp_path / "site/linked").symlink_to(tmp_path / "elsewhere")
    os.mkfifo(tmp_path / "site/pipe")
    (script,) = read_scripts(read_page(str(page_file)))
    assert script.text is None
    assert script.problem


def test_a_source_file_has_no_scripts_of_its_own(tmp_path: Path) -> None:
    file = tmp_path / "main.js"
    file.write_text("import './other.js'")
    assert read_scripts(read_page(str(file))) == ()


@pytest.mark.parametrize("text", ["<link " * 400_000, "<link a='" + "b" * 2_000_000, "<base<" * 99])
def test_markup_of_any_kind_is_looked_through_in_no_time(text: str) -> None:
    page = page_from_html("<p>", url="http://www.shop.example/")
    object.__setattr__(page, "html", text)
    begun = time.process_time()
    assert read_scripts(page) == ()
    assert time.process_time() - begun < 2
