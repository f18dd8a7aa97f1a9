"""Asks headless Chromium what a page's policies let run, load and connect."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from headless import CHROMIUM

if TYPE_CHECKING:
    from collections.abc import Iterator

    from csp_cases import Case

CLIENT_TEXT = "window.clientRan = true;"
_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--host-resolver-rules=MAP * ~NOTFOUND",
]
_LOAD_CLIENT = """url => new Promise(done => {
  const element = document.createElement('script');
  element.onload = () => done(true);
  element.onerror = () => done(false);
  element.async = true;
  try { element.src = url; } catch (error) { done(false); }
  document.head.appendChild(element);
})"""
_CONNECT = """urls => Promise.all(urls.map(
  url => fetch(url, {mode: 'no-cors'}).then(() => true, () => false)))"""


@dataclass(frozen=True)
class Seen:
    """What happened; `client_loaded` is None where the page offered no way to tell."""

    snippet_ran: bool
    client_loaded: bool | None
    connected: dict[str, bool]


_VIOLATED = """url => new Promise(done => {
  document.addEventListener('securitypolicyviolation', () => done(true));
  fetch(url, {mode: 'no-cors'}).catch(() => setTimeout(() => done(false), 50));
})"""
_BEACONS = "urls => urls.forEach(url => navigator.sendBeacon(url, 'x'))"
_REDIRECT = "/redirect?to="


class Browser:
    """One page of one browser; every request is answered here, so nothing leaves the machine."""

    def __init__(self, page: Any) -> None:
        self._page = page
        self._case: Case | None = None
        self._number = 0
        self._requested: set[str] = set()
        page.context.route("**/*", self._answer)

    def ask(self, case: Case) -> Seen:
        """Open the case's page and look."""
        self._case = case
        self._number += 1
        self._page.goto(f"{case.site}/page/{self._number}")
        ran = bool(self._page.evaluate("() => window.snippetRan === true"))
        if case.only_inline:
            return Seen(ran, None, {})
        answers = self._page.evaluate(_CONNECT, list(case.urls))
        return Seen(ran, self._client(case, ran=ran), dict(zip(case.urls, answers, strict=True)))

    def client_runs(self, case: Case) -> bool:
        """Open the case's page and tell whether the client's file ran, whoever loads it."""
        self.ask(replace(case, only_inline=True))
        return bool(self._page.evaluate("() => window.clientRan === true"))

    def beacons(self, case: Case) -> dict[str, bool]:
        """Open the case's page, send a beacon to each URL, and tell which left the browser."""
        self.ask(case)
        self._requested.clear()
        self._page.evaluate(_BEACONS, list(case.urls))
        self._page.wait_for_timeout(300)
        return {url: url in self._requested for url in case.urls}

    def redirect_violates(self, case: Case, url: str, target: str) -> bool:
        """Open the case's page, fetch a URL that redirects, and tell whether a policy stops it."""
        self.ask(case)
        return bool(self._page.evaluate(_VIOLATED, f"{url}{_REDIRECT}{target}"))

    def _client(self, case: Case, *, ran: bool) -> bool | None:
        if ran:
            return bool(self._page.evaluate("() => window.clientRan === true"))
        if any(meta.place == "after" for meta in case.metas):
            return None
        return bool(self._page.evaluate(_LOAD_CLIENT, case.client))

    def _answer(self, route: Any) -> None:
        case = self._case
        assert case is not None
        self._requested.add(route.request.url)
        if route.request.url.startswith(f"{case.site}/page/"):
            headers = {"content-type": "text/html; charset=utf-8"}
            if case.headers:
                headers["content-security-policy"] = ", ".join(case.headers)
            if case.report_only:
                headers["content-security-policy-report-only"] = ", ".join(case.report_only)
            route.fulfill(status=200, headers=headers, body=case.html)
        elif _REDIRECT in route.request.url:
            target = route.request.url.partition(_REDIRECT)[2]
            route.fulfill(status=302, headers={"location": target})
        elif route.request.url == case.client:
            route.fulfill(status=200, content_type="text/javascript", body=CLIENT_TEXT)
        else:
            route.fulfill(status=200, content_type="text/plain", body="")


@contextmanager
def open_browser() -> Iterator[Browser]:
    """Start Chromium and end it."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=_ARGUMENTS)
        try:
            yield Browser(browser.new_context().new_page())
        finally:
            browser.close()
