"""A page of the practice site in a real Chromium: what its console and its network show."""

from __future__ import annotations

import os
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from rumkit import isolated
from rumkit.school.cards import card

if TYPE_CHECKING:
    from rumkit.show.views import Drawn

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_SECONDS = 20.0


def visit(url: str) -> Drawn:
    """Open a page and return what its console and network show, or what is missing to do so."""
    chromium = next(filter(None, map(isolated.which, _NAMES)), None)
    try:
        import playwright.sync_api  # noqa: F401
    except ImportError:
        chromium = None
    if chromium is None:
        return card("There is no browser here", "This needs Chromium and `pip install playwright`.")
    # A notebook's own thread runs an event loop, beside which Playwright refuses to work.
    with ThreadPoolExecutor(1) as aside:
        heard = aside.submit(_visit, url, chromium).result()
    return card(f"Chromium at {url}", items=heard)


def _visit(url: str, chromium: str) -> list[str]:
    from playwright.sync_api import sync_playwright

    heard: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page()
        page.route("**/*", _serve)
        page.on("request", lambda one: heard.append(f"request: {one.method} {one.url}"))
        page.on("console", lambda one: heard.append(f"console {one.type}: {one.text}"))
        page.on("pageerror", lambda one: heard.append(f"console error, not caught: {one}"))
        page.goto(url)
        page.wait_for_load_state("networkidle")
        browser.close()
    return heard


def _serve(route: Any) -> None:
    """Answer each request from the practice site, whatever host it is for."""
    asked = urlsplit(route.request.url)
    origin = os.environ["RUMKIT_SANDBOX_URL"]
    again = urllib.request.Request(  # noqa: S310 - loopback only
        f"{origin}{asked.path}{'?' if asked.query else ''}{asked.query}",
        data=route.request.post_data_buffer,
        method=route.request.method,
        headers={**route.request.headers, "Host": asked.netloc},
    )
    try:
        with urllib.request.urlopen(again, timeout=_SECONDS) as reply:  # noqa: S310
            route.fulfill(status=reply.status, headers=dict(reply.headers), body=reply.read())
    except urllib.error.HTTPError as error:
        route.fulfill(status=error.code, headers=dict(error.headers), body=error.read())
