"""What rumkit's own recorder writes beside a HAR: violations, issues, client states, its own terms.

A browser tells these as data; no other recording holds them so. The file may come from anybody.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rumkit.client.har import fields
from rumkit.client.har.console_lines import moment_of
from rumkit.client.har.console_policy import Violation
from rumkit.client.har.redact import bare_url, printable, sentence

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

MAX_ITEMS = 500
_DIRECTIVES = ("script-src", "connect-src", "require-trusted-types-for")


@dataclass(frozen=True, slots=True)
class Issue:
    """An issue of the browser's own list: its code, its reason, and the address it is about."""

    code: str
    reason: str = ""
    url: str = ""
    directive: str = ""
    report_only: bool = False


@dataclass(frozen=True, slots=True)
class ClientState:
    """What a visited page said of its client.

    `stub` tells whether `window.cwr` is still the loader's, None where there is no such command;
    `queue` how many commands wait in it; `service_worker` is the address of the one in control.
    """

    page: str = ""
    name: str = ""
    stub: bool | None = None
    queue: int | None = None
    service_worker: str = ""
    isolated: bool = False
    meta_policies: tuple[str, ...] = ()


@dataclass(frozen=True)
class RecorderMeta:
    """How a recording was made.

    `fresh` tells that the profile was a new one; `held_back` counts the PutRumEvents calls that
    were kept from being sent (`dry`), `private` names the page loads of a
    private window; `unobserved` are sentences on what it can't show.
    """

    recorder: str = ""
    fresh: bool = True
    browser: str = ""
    headless: bool = False
    dry: bool = False
    held_back: int = 0
    began: datetime | None = None
    ended: datetime | None = None
    states: tuple[ClientState, ...] = ()
    private: tuple[str, ...] = ()
    unobserved: tuple[str, ...] = ()


def told_beside(text: str) -> tuple[tuple[Violation, ...], tuple[Issue, ...]]:
    """Return the violations and issues of a recorder's console; none of any other console."""
    if text.lstrip()[:1] != "{" or '"violations"' not in text:
        return (), ()
    parsed = fields.mapping(fields.parsed(text))
    violations = (_violation(item) for item in _items(parsed.get("violations")))
    issues = (_issue(item) for item in _items(parsed.get("issues")))
    return tuple(v for v in violations if v), tuple(i for i in issues if i.code)


def unsaid(violations: Iterable[Violation], of_console: Iterable[Violation]) -> list[Violation]:
    """Return the violations that no message of the console tells of; those say more."""
    known = {(v.blocked, v.report_only, v.directive[:10]) for v in of_console}
    return [v for v in violations if (v.blocked, v.report_only, v.directive[:10]) not in known]


def meta_from_text(text: str) -> RecorderMeta | None:
    """Return what a recorder's meta.json says, None where another tool wrote it."""
    parsed = fields.mapping(fields.parsed(text))
    recorder = sentence(parsed.get("recorder"), limit=60)
    if not recorder.startswith("rumkit"):
        return None
    pages = _items(parsed.get("pages"))
    return RecorderMeta(
        recorder=recorder,
        browser=sentence(parsed.get("browser"), limit=80),
        headless=parsed.get("headless") is True,
        dry=parsed.get("dry") is True,
        held_back=max(fields.whole(parsed.get("held_back")) or 0, 0),
        began=fields.moment(parsed.get("began")),
        ended=fields.moment(parsed.get("ended")),
        states=tuple(_state(item) for item in _items(parsed.get("states"))),
        private=tuple(fields.text(p.get("id"), 20) for p in pages if p.get("private") is True),
        unobserved=_sentences(parsed.get("unobserved"), 300),
    )


def pasted_state(text: str) -> RecorderMeta | None:
    """Return what `rumkit snippet` printed in somebody's own browser, None for any other text.

    People paste it as it is, or as the string that their console shows.
    """
    parsed: Any = text.strip().strip("'")
    for _ in range(3):
        parsed = fields.parsed(parsed) if isinstance(parsed, str) else parsed
    if not isinstance(parsed, dict) or parsed.get("rumkit") != 1:
        return None
    state = _state({"page": parsed.get("page"), "client": parsed.get("clientState")})
    return RecorderMeta(recorder="rumkit snippet", fresh=False, states=(state,))


def _violation(item: dict[str, Any]) -> Violation | None:
    directive = sentence(item.get("directive"), limit=60).lower()
    if not directive.startswith(_DIRECTIVES):
        return None
    trusted = directive.startswith("require-trusted")
    blocked = fields.text(item.get("blocked"), 2048)
    stamp = item.get("timestamp")
    return Violation(
        directive=directive,
        blocked="" if trusted else bare_url(blocked) if "://" in blocked else printable(blocked),
        report_only=item.get("disposition") == "report",
        policy=printable(fields.text(item.get("policy"), 2000)),
        page=bare_url(item.get("file") or item.get("page")),
        line=fields.whole(item.get("line")),
        trusted_types=trusted,
        moment=moment_of(stamp) if isinstance(stamp, int | float) else None,
    )


def _issue(item: dict[str, Any]) -> Issue:
    return Issue(
        code=sentence(item.get("code"), limit=60),
        reason=sentence(item.get("reason"), limit=80),
        url=bare_url(item.get("url")),
        directive=sentence(item.get("directive"), limit=60),
        report_only=item.get("reportOnly") is True,
    )


def _state(item: dict[str, Any]) -> ClientState:
    client = fields.mapping(item.get("client"))
    stub = client.get("cwrIsStub")
    return ClientState(
        page=bare_url(item.get("page")),
        name=sentence(client.get("name"), limit=60),
        stub=stub if isinstance(stub, bool) else None,
        queue=fields.whole(client.get("queue")),
        service_worker=bare_url(client.get("serviceWorker")),
        isolated=client.get("crossOriginIsolated") is True,
        meta_policies=_sentences(client.get("metaPolicies"), 2000),
    )


def _items(value: object) -> list[dict[str, Any]]:
    items = value[:MAX_ITEMS] if isinstance(value, list) else []
    return [item for item in items if isinstance(item, dict)]


def _sentences(value: object, limit: int) -> tuple[str, ...]:
    listed = value[:20] if isinstance(value, list) else []
    return tuple(sentence(each, limit=limit) for each in listed)
