"""The scripts that a page loads, read with the guards of the page itself."""

from __future__ import annotations

import html
import re
import threading
import time
from base64 import b64decode
from concurrent.futures import wait
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import unquote, unquote_to_bytes, urldefrag, urljoin, urlsplit

from rumkit.client.csp.parse import POLICY_HEADERS
from rumkit.client.encoding import decode
from rumkit.client.fetch import fetch
from rumkit.model import BadInput
from rumkit.plain_file import given_path, read_plain
from rumkit.secret import hide_secrets
from rumkit.threads import Workers

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from rumkit.client.page import Page

_MAX_SCRIPTS = 30
_MAX_LISTED = 200
_MAX_BYTES = 8_000_000
_MAX_TOTAL = 20_000_000
_AT_ONCE = 8
# One script may take half of the time, so that a few that stall keep no others from being read.
_SHARE = 0.5
# What a loader assigns; the client's own code reads it.
_MAX_OWN = 60_000
_LOADER = re.compile(r"AwsRumClient\s{0,9}=\s{0,9}\{")
_SCRIPT_TYPE = "text/javascript; charset=utf-8"
_TOO_MUCH = f"not read: {_MAX_SCRIPTS} scripts or {_MAX_TOTAL // 1_000_000} MB were read already"
_DATA = re.compile(
    r"\s*data:(?:text|application)/(?:x-)?(?:java|ecma)script(?:;charset=[\w-]+)?(;base64)?,",
    re.IGNORECASE,
)
_TAG = re.compile(r"<(link|base)\b([^<>]{1,2000})>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"([a-zA-Z-]{1,40})\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))")


@dataclass(frozen=True)
class PageScript:
    """A script that a page loads.

    `text` is None when it was not read. `problem` says why in a few words, or what is missing of
    the text; it is empty when the script was read whole.
    """

    url: str
    text: str | None
    problem: str = ""


def read_scripts(page: Page, *, timeout: float = 10.0) -> tuple[PageScript, ...]:
    """Read the scripts that a page's markup names, in its order; `timeout` (seconds) is for all.

    Classic and module scripts and preloaded ones are read, 30 of them and 20 MB at most, those of
    the page's own host first. Of a page out of a file, only files in the page's own folder are.
    Never raises.
    """
    if page.language != "html":
        return ()
    listed = list(dict.fromkeys(_listed(page)))[:_MAX_LISTED]
    read = _of_folder(page, listed) if page.from_file else _fetched(page, listed, timeout)
    return tuple(replace(each, url=hide_secrets(each.url)) for each in read)


def _listed(page: Page) -> Iterator[str]:
    """Yield what the markup names, as URLs where the page has one."""
    base = "" if page.from_file else page.url
    preloaded: list[str] = []
    for tag, attributes in _tags(page.html):
        if tag == "base" and attributes.get("href") and base == page.url:
            base = _joined(base, attributes["href"])
        elif tag == "link" and _is_script(attributes):
            preloaded.append(attributes.get("href", ""))
    loaded = [script.src for script in page.scripts if script.src and not script.inert]
    for source in [*loaded, *preloaded]:
        name = source.strip()
        if name and not name.lower().startswith(("data:", "blob:", "javascript:")):
            yield _joined(base, name)


def with_loaders(page: Page, read: Iterable[PageScript]) -> Page | None:
    """Return a page with its files in their elements where one holds a loader; else None."""
    texts = {each.url: each.text for each in read if each.text} | _carried(page)
    texts = {url: text for url, text in texts.items() if len(text) < _MAX_OWN}
    if not any(map(_LOADER.search, texts.values())):
        return None
    base = "" if page.from_file else page.url
    scripts = []
    for script in page.scripts:
        name = hide_secrets(_joined(base, script.src.strip())) if script.src else ""
        text = texts.get(script.src or "") or texts.get(name)
        attributes = {name: value for name, value in script.attributes.items() if name != "src"}
        inline = replace(script, text=text, attributes=attributes, line=1) if text else script
        scripts.append(inline)
    return replace(page, scripts=tuple(scripts))


def _carried(page: Page) -> dict[str, str]:
    """Return the scripts that addresses of a page carry, as optimisers write them.

    Under a policy they need `data:` in script-src: then they are left unread.
    """
    named = {name.strip().lower() for name, _ in page.headers}
    if page.meta_policies or named & set(POLICY_HEADERS):
        return {}
    carried = {}
    for source in (script.src for script in page.scripts if script.src and not script.inert):
        if match := _DATA.match(source):
            with suppress(ValueError):
                body = unquote_to_bytes(source[match.end() :])
                body = b64decode(body, validate=True) if match[1] else body
                carried[source] = decode(body, _SCRIPT_TYPE)[0]
    return carried


def _tags(text: str) -> Iterator[tuple[str, dict[str, str]]]:
    for tag in _TAG.finditer(text):
        named = _ATTRIBUTE.findall(tag[2])
        yield tag[1].lower(), {name.lower(): html.unescape("".join(rest)) for name, *rest in named}


def _is_script(link: dict[str, str]) -> bool:
    kinds = link.get("rel", "").lower().split()
    return "modulepreload" in kinds or (
        "preload" in kinds and link.get("as", "").lower() == "script"
    )


def _joined(base: str, name: str) -> str:
    """Resolve a URL, without its fragment and without user information."""
    try:
        parts = urlsplit(urldefrag(urljoin(base, name)).url)
    except ValueError:
        return name
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()


def _of_folder(page: Page, listed: list[str]) -> Iterator[PageScript]:
    """Read the files that lie in the page's own folder, or below it."""
    folder = given_path(page.requested or page.url).parent
    left = _MAX_TOTAL
    for number, name in enumerate(listed):
        script = _file(folder, name, min(left, _MAX_BYTES) if number < _MAX_SCRIPTS else 0)
        left -= len(script.text or "")
        yield script


def _file(folder: Path, name: str, most: int) -> PageScript:
    if "://" in name or name.startswith("//"):
        return PageScript(name, None, "the page is a file, and this script is not")
    try:
        place = folder / unquote(urlsplit(name).path).lstrip("/")
        if not place.resolve().is_relative_to(folder.resolve()):
            return PageScript(name, None, "it is outside the page's folder")
        if not place.is_file():
            return PageScript(name, None, "there is no such file in the page's folder")
        if most <= 0:
            return PageScript(name, None, _TOO_MUCH)
        body = read_plain(place, most + 1)
    except (OSError, ValueError, RuntimeError) as error:
        return PageScript(name, None, f"it cannot be read ({type(error).__name__})")
    return PageScript(name, decode(body[:most], _SCRIPT_TYPE)[0], _cut(len(body) > most, most))


def _cut(truncated: bool, most: int) -> str:
    return f"only its first {most / 1_000_000:.1f} MB were read" if truncated else ""


class _FetchBudget:
    """The bytes and the time that are left for all the scripts of a page."""

    def __init__(self, timeout: float) -> None:
        self.deadline = time.monotonic() + timeout
        self._share = timeout * _SHARE
        self._left = _MAX_TOTAL
        self._lock = threading.Lock()

    @property
    def seconds(self) -> float:
        """Return the seconds that the next script may take."""
        return max(min(self.deadline - time.monotonic(), self._share), 0.01)

    def most(self) -> int:
        """Return how many bytes the next script may have."""
        with self._lock:
            return min(self._left, _MAX_BYTES)

    def spend(self, size: int) -> None:
        """Take note of a script's size."""
        with self._lock:
            self._left -= size


def _fetched(page: Page, listed: list[str], timeout: float) -> tuple[PageScript, ...]:
    own = _host(page.url)
    wanted = sorted(listed, key=lambda url: _host(url) != own)[:_MAX_SCRIPTS]
    budget = _FetchBudget(timeout)
    pool = Workers(_AT_ONCE, "scripts")
    futures = {url: pool.submit(_fetched_script, page, url, budget) for url in wanted}
    wait(futures.values(), max(budget.deadline - time.monotonic(), 0))
    pool.shutdown(wait=False, cancel_futures=True)
    scripts: list[PageScript] = []
    for url in listed:
        future = futures.get(url)
        if future is None:
            scripts.append(PageScript(url, None, _TOO_MUCH))
        elif future.done() and not future.cancelled():
            scripts.append(future.result())
        else:
            scripts.append(PageScript(url, None, "it did not come in time"))
    return tuple(scripts)


def _fetched_script(page: Page, url: str, budget: _FetchBudget) -> PageScript:
    """Fetch one script; what goes wrong is its `problem`."""
    most = budget.most()
    if most <= 0:
        return PageScript(url, None, _TOO_MUCH)
    same_host = _host(url) == _host(page.url)
    if not same_host and page.url.startswith("https:") and not url.startswith("https:"):
        return PageScript(url, None, "it is not https, and the page is: browsers block it")
    try:
        reply = fetch(
            url,
            timeout=budget.seconds,
            max_bytes=most,
            may_be_private=page.private and same_host,
        )
    except BadInput as error:
        return PageScript(url, None, str(error).rpartition(": ")[0] or str(error))
    except (OSError, ValueError) as error:
        return PageScript(url, None, f"it cannot be read ({type(error).__name__})")
    budget.spend(len(reply.body))
    kind = next((v for k, v in reply.headers if k.lower() == "content-type"), _SCRIPT_TYPE)
    if not 200 <= reply.status < 300:
        return PageScript(url, None, f"it was answered with {reply.status}")
    if "html" in kind.lower():
        return PageScript(url, None, f"it was answered with {kind[:60]}, which is not a script")
    text, _ = decode(reply.body, kind if "charset" in kind.lower() else _SCRIPT_TYPE)
    return PageScript(url, text, _cut(reply.truncated, most))


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""
