"""Puts each printed content security policy into a real response, and sees what a browser lets by.

A policy may newly name no host but the site's own and those of AWS that the web client calls, and
what it lets through has to be what rumkit's own engine says of it.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

from rumkit.checks.authority import _AWS_HOST
from rumkit.client.csp import evaluate
from rumkit.client.page import page_from_html

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rumkit.model import Fix

SITE = "http://shown.invalid/"
# Hosts of nobody, in the ways in which hostile texts write them.
STRANGE = ("http://canary.invalid/a", "https://canary.invalid/a", "https://a.example/a")
# Asks each address in two ways: by fetch and by a script element.
_ASK = """async urls => {
  const seen = [];
  for (const url of urls) {
    try { await fetch(url, {mode: 'no-cors'}); } catch (error) { }
    await new Promise(done => {
      const script = document.createElement('script');
      script.src = url + '.js'; script.onload = script.onerror = done;
      document.head.append(script); setTimeout(done, 300);
    });
  }
  return seen;
}"""


class _Meta(HTMLParser):
    """Collects the policies of meta elements, and every other element by its name."""

    def __init__(self) -> None:
        super().__init__()
        self.policies: list[str] = []
        self.others: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "meta" and (given.get("http-equiv") or "").lower() == "content-security-policy":
            self.policies.append(given.get("content") or "")
        else:
            self.others.append(tag)


def policy_of(fix: Fix) -> tuple[str, bool, list[str]]:
    """Return a fix's policy, whether a header carries it, and what is wrong with how it stands."""
    if not fix.text.lstrip().startswith("<"):
        lines = fix.text.splitlines()
        name, _, value = fix.text.partition(":")
        known = name.strip().lower() == "content-security-policy"
        wrong = [] if len(lines) == 1 and known else ["is not one header"]
        return value.strip(), True, wrong
    read = _Meta()
    read.feed(fix.text)
    read.close()
    one = len(read.policies) == 1 and not read.others
    return "".join(read.policies[:1]), False, [] if one else ["is not one meta element"]


def opens(policy: str, before: Iterable[str], site: str) -> list[str]:
    """Return the hosts that a policy names and none before it did, but for AWS's and the site's."""
    known = set(re.split(r"[\s;,]+", " ".join(before).lower()))
    told = []
    for word in re.split(r"[\s;,]+", policy.lower()):
        host = re.sub(r"^[a-z][a-z0-9+.-]*://", "", word).partition("/")[0].partition(":")[0]
        strange = word in {"*", "https:", "http:", "data:", "blob:", "'unsafe-eval'"}
        named = "." in host and not word.startswith("'")
        ours = host == site or host.endswith(f".{site}") or _AWS_HOST.fullmatch(host)
        if word not in known and (strange or (named and not ours)):
            told.append(f"newly lets in {word[:60]}")
    return told


class Responses:
    """Serves pages with a printed policy to a browser, and hears what it asks for."""

    def __init__(self, browser: Any) -> None:
        self._asked: list[str] = []
        self._page = browser.new_context().new_page()
        self._page.context.route("**/*", self._answer)
        self._headers: dict[str, str] = {}
        self._body = ""
        self.shown = 0

    def _answer(self, route: Any) -> None:
        if route.request.url == SITE:
            route.fulfill(status=200, headers=self._headers, body=self._body)
            return
        if route.request.resource_type in {"fetch", "xhr", "script"}:
            self._asked.append(route.request.url)
        route.fulfill(status=200, content_type="text/javascript", body="")

    def wrong(self, fix: Fix, before: Iterable[str], site: str) -> list[str]:
        """Return what is not as it should be about a printed policy; `before` are the page's."""
        policy, in_header, told = policy_of(fix)
        told += opens(policy, before, site)
        self._headers = {"content-type": "text/html; charset=utf-8"}
        if in_header:
            self._headers["content-security-policy"] = policy
        self._body = f"<!doctype html><html><head>{'' if in_header else fix.text}</head></html>"
        self._asked.clear()
        try:
            reply = self._page.goto(SITE, wait_until="load")
        except Exception as error:  # noqa: BLE001 - what the browser takes for no response
            return [*told, f"no browser takes it: {str(error)[:60]}"]
        self.shown += 1
        names = [each["name"].lower() for each in reply.headers_array()]
        if names.count("content-security-policy") != int(in_header):
            told.append("became another number of headers")
        self._page.evaluate(_ASK, list(STRANGE))
        return told + self._unlike(policy, in_header)

    def _unlike(self, policy: str, in_header: bool) -> list[str]:
        """Return where the browser let by what the engine says it blocks, or the other way."""
        headers = (("Content-Security-Policy", policy),) if in_header else ()
        page = page_from_html(self._body, url=SITE, headers=headers)
        said = evaluate(page, list(STRANGE)).connects
        told = []
        for url in STRANGE:
            got = url in self._asked
            if got is not bool(said[url].allowed):
                told.append(
                    f"fetch of {url}: the browser {'lets' if got else 'does not let'} it by"
                )
        return told
