"""The policy engine and Chromium say the same of every generated page."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from csp_cases import CLIENT_HOST, DATA, SITE, URLS, WRITTEN, Case, all_cases, written_case
from csp_chromium import CLIENT_TEXT, open_browser
from csp_page import evaluate_case, mended, page_of
from headless import CHROMIUM

from rumkit.client.csp import evaluate
from rumkit.client.csp.hashes import browser_hash

if TYPE_CHECKING:
    from collections.abc import Iterator

    from csp_chromium import Browser

pytestmark = [
    pytest.mark.browser,
    pytest.mark.xdist_group("csp-in-chromium"),
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"there is no Chromium at {CHROMIUM}"),
]


@pytest.fixture(scope="module")
def csp_browser() -> Iterator[Browser]:
    with open_browser() as browser:
        yield browser


@pytest.mark.parametrize("case", all_cases(), ids=lambda case: case.name)
def test_evaluate_agrees_with_chromium(case: Case, csp_browser: Browser) -> None:
    seen = csp_browser.ask(case)
    evaluated = evaluate_case(case)
    said = {"inline": evaluated.inline_runs.allowed}
    saw = {"inline": seen.snippet_ran}
    if seen.client_loaded is not None:
        said["client"] = evaluated.client_loads.allowed and evaluated.trusted_types.allowed
        saw["client"] = seen.client_loaded
    said |= {url: evaluated.connects[url].allowed for url in seen.connected}
    saw |= seen.connected
    assert said == saw


@pytest.mark.parametrize("case", WRITTEN, ids=lambda case: case["name"])
def test_written_expectation_holds_in_chromium(case: dict[str, Any], csp_browser: Browser) -> None:
    page = written_case(case)
    seen = csp_browser.ask(page)
    saw = {"inline": seen.snippet_ran, "client": seen.client_loaded}
    saw["connect"] = seen.connected.get(page.urls[0])
    assert {name: saw[name] for name in case["expect"]} == case["expect"]


@pytest.mark.parametrize("case", all_cases()[::3], ids=lambda case: case.name)
def test_corrections_unblock_in_chromium(case: Case, csp_browser: Browser) -> None:
    seen = csp_browser.ask(mended(case, evaluate_case(case)))
    web = {url: went for url, went in seen.connected.items() if url.startswith("http")}
    assert seen.snippet_ran
    assert seen.client_loaded is not False
    assert [url for url, went in web.items() if not went] == []


def test_beacons_follow_connect_src(csp_browser: Browser) -> None:
    case = Case("beacons", (f"connect-src {DATA} https://rum.shop.example",), urls=URLS)
    evaluated = evaluate_case(case)
    assert csp_browser.beacons(case) == {url: evaluated.connects[url].allowed for url in URLS}


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("https://api.shop.example/other/", "https://api.shop.example/moved"),
        ("https://cdn.shop.example/other/file", "https://cdn.shop.example/moved"),
        ("https://cdn.shop.example:8443", "https://cdn.shop.example/moved"),
        ("http://cdn.shop.example", "https://cdn.shop.example/moved"),
    ],
)
def test_redirects_ignore_paths_only(source: str, target: str, csp_browser: Browser) -> None:
    first = "https://www.shop.example"
    case = Case("redirect", (f"connect-src 'self' {source}",), urls=())
    url = f"{first}/redirect?to={target}"
    evaluated = evaluate(page_of(case), [url], redirects={url: [target]})
    assert csp_browser.redirect_violates(case, first, target) is not evaluated.connects[url].allowed


@pytest.mark.parametrize("attribute", ["data-a", "data-a='<script'", "data-a='<STYLE>'", "title=x"])
def test_nonce_on_markup_that_looks_injected(attribute: str, csp_browser: Browser) -> None:
    case = Case("nonce", (f"script-src 'nonce-abc' {CLIENT_HOST}",), nonce=f'abc" {attribute} x="')
    seen = csp_browser.ask(case)
    assert evaluate_case(case).inline_runs.allowed is seen.snippet_ran


EXTERNAL = f"{SITE}/rum.js"
INTEGRITY = browser_hash(CLIENT_TEXT).strip("'")
OTHER_INTEGRITY = browser_hash(CLIENT_TEXT, "sha512").strip("'")


@pytest.mark.parametrize(
    ("policy", "attributes"),
    [
        ("script-src 'self'", {}),
        ("script-src 'none'", {}),
        ("script-src 'self' 'strict-dynamic'", {}),
        ("script-src 'nonce-abc' 'strict-dynamic'", {"nonce": "abc"}),
        ("script-src 'nonce-abc'", {"nonce": "other"}),
        ("script-src 'unsafe-inline'", {}),
        (f"script-src {INTEGRITY!r}", {"integrity": INTEGRITY}),
        (f"script-src {INTEGRITY!r} 'strict-dynamic'", {"integrity": INTEGRITY}),
        (f"script-src {INTEGRITY!r}", {}),
        (f"script-src {INTEGRITY!r}", {"integrity": f"{INTEGRITY} {OTHER_INTEGRITY}"}),
        (f"script-src {INTEGRITY!r}", {"integrity": f"{INTEGRITY}?x"}),
    ],
)
def test_snippet_in_a_file(policy: str, attributes: dict[str, str], csp_browser: Browser) -> None:
    written = "".join(f' {name}="{value}"' for name, value in attributes.items())
    case = Case("file", (policy,), client=EXTERNAL, urls=())
    case = replace(case, text=f'</script><script src="{EXTERNAL}"{written}></script><script>')
    seen = csp_browser.client_runs(case)
    evaluated = evaluate(page_of(case), (), snippet_index=1)
    assert evaluated.inline_runs.allowed is seen
