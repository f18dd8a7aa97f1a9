"""The practice site's own hands: its page as it is served, and changes to it."""

from __future__ import annotations

import json
import os
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Any

from rumkit import practice
from rumkit.model import BadInput, RumkitError
from rumkit.school.cards import listing

_SECONDS = 20.0


@dataclass(frozen=True)
class PracticePage:
    """A page as it is served: its address, its response headers, its HTML."""

    url: str
    headers: tuple[tuple[str, str], ...]
    html: str

    @property
    def policy(self) -> str:
        """Return the value of the Content-Security-Policy header, or nothing."""
        return next((v for n, v in self.headers if n.lower() == "content-security-policy"), "")

    @property
    def loader(self) -> str:
        """Return what stands between the tags of the script with the snippet, to the byte."""
        begin = self.html.rfind("<script>", 0, self.html.find("AwsRumClient")) + len("<script>")
        return self.html[begin : self.html.find("</script>", begin)]

    def __str__(self) -> str:
        head = "".join(f"{name}: {value}\n" for name, value in self.headers)
        return f"{head}\n{self.html}" if head else self.html

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        return listing(f"{self.url} as it is served", str(self).rstrip())._repr_mimebundle_()


def page() -> PracticePage:
    """Return the page of the exercise. Raises BadInput when none has begun."""
    reply = _ask("GET", "page")
    headers = tuple((str(name), str(value)) for name, value in reply["headers"])
    return PracticePage(str(reply["url"]), headers, str(reply["html"]))


def edit_page(old: str, new: str) -> PracticePage:
    """Replace a text of the page's HTML and return the page.

    Raises BadInput unless the text stands there exactly once.
    """
    html = page().html
    count = html.count(old) if old else 0
    if count != 1:
        times = "nowhere" if not count else f"{count} times"
        raise BadInput(
            f"That text stands {times} on the page; give it as `print(school.page())` shows it, "
            "long enough to be the only one."
        )
    _ask("PUT", "page", html.replace(old, new).encode())
    return page()


def set_header(name: str, value: str) -> PracticePage:
    """Serve the page with this response header in place of all of its name; empty: without."""
    kept = [pair for pair in page().headers if pair[0].lower() != name.lower()]
    _ask("PUT", "headers", json.dumps([*kept, *([(name, value)] if value else [])]).encode())
    return page()


def let_visitors_come(minutes: int) -> None:
    """Move the clock on; visitors meet the page and the account as they are now."""
    practice.move_clock(_origin(), minutes)


def _origin() -> str:
    """Return the practice site's address. Raises BadInput where none is practised in."""
    origin = os.environ.get("RUMKIT_SANDBOX_URL", "")
    if not origin.startswith("http://127.0.0.1:"):
        raise BadInput("No exercise has begun; `school.begin(1)` begins the first.")
    return origin


def _ask(method: str, what: str, body: bytes | None = None) -> Any:
    request = urllib.request.Request(  # noqa: S310 - loopback only
        f"{_origin()}/_sandbox/{what}", data=body, method=method
    )
    try:
        with urllib.request.urlopen(request, timeout=_SECONDS) as reply:  # noqa: S310
            return json.load(reply)
    except urllib.error.URLError as error:
        raise RumkitError(f"The practice site does not answer: {error.reason}.") from None
