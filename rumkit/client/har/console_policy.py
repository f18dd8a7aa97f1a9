"""Content security policy violations, as each browser's console words them.

Firefox translates its messages: what stays is `Content-Security-Policy`, the directive in
brackets, the address, the hash and `Report-Only`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rumkit.client.har import console_words as words
from rumkit.client.har.console_lines import Message, moment_of
from rumkit.client.har.redact import bare_url, printable

if TYPE_CHECKING:
    from datetime import datetime

_TRANSLATED = re.compile(
    r"\W{0,4}(?:\[[^\]]{0,40}\] ?)?Content[- ]Security[- ]Policy\s?[:\uff1a]", re.IGNORECASE
)
_DIRECTIVE = re.compile(
    r"[(\uff08](?:([a-z]{3,12}-src(?:-elem|-attr)?|require-trusted-types-for))[)\uff09]"
)
_QUOTED_POLICY = re.compile(r"[“”„«「\"']\s?(?=[a-z]{3,12}-(?:src|uri|to|types)\b)")
_EVAL = re.compile(r"(?i)\beval\b|unsafe-eval|wasm")
_GROUPED = re.compile(r"<URL>", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Violation:
    """A content security policy violation.

    `blocked` is the URL without its query, `inline`, or empty where the console has put several
    messages together under `<URL>` (`grouped`). `suggested_hash` is what the browser says would
    let the inline script run; `page` and `line` tell where the script stands, as far as known.
    """

    directive: str
    blocked: str
    report_only: bool = False
    suggested_hash: str = ""
    policy: str = ""
    page: str = ""
    line: int | None = None
    trusted_types: bool = False
    grouped: bool = False
    moment: datetime | None = field(default=None, compare=False)


def violation_of(message: Message) -> Violation | None:
    """Return the violation that a message tells of, None for any other message."""
    text = message.text
    if words.TRUSTED_TYPES.search(text):
        return _made(message, "require-trusted-types-for", "", trusted=True)
    lowered = text.lower()
    if "policy" not in lowered and "refused to" not in lowered:
        return None
    if (url := words.first(words.CONNECT, text)) is not None:
        return _made(message, _directive(text) or "connect-src", bare_url(url.rstrip(".")))
    if (url := words.first(words.SCRIPT, text)) is not None:
        return _made(message, _directive(text) or "script-src", bare_url(url))
    if words.first(words.INLINE, text) is not None:
        directive = _directive(text) or "script-src"
        return _made(message, directive, "inline") if "style" not in directive else None
    return _firefox(message, lowered) or _translated(message)


def _firefox(message: Message, lowered: str) -> Violation | None:
    text = message.text
    match = words.FIREFOX.search(text)
    if not match or lowered.startswith("content-security-policy: ignoring"):
        return None
    old = words.FIREFOX_OLD_DIRECTIVE.search(text)
    directive = match[1] or (old[1] if old else "") or _directive(text) or ""
    target = match[2].rstrip(".,")
    inline = target.lower() in ("inline", "self") and directive.startswith("script")
    blocked = "inline" if inline else bare_url(target.strip("“”\"'"))
    return _made(message, directive.lower(), blocked)


def _translated(message: Message) -> Violation | None:
    """Read a message of Firefox in whatever language, by what is not translated."""
    text = message.text
    start = _TRANSLATED.match(text)
    named = _DIRECTIVE.search(text)
    if not start or not named:
        return None
    policy = _QUOTED_POLICY.search(text, start.end())
    head = text[: policy.start()] if policy else text
    directive = named[1].lower()
    if directive.startswith("require-trusted"):
        return _made(message, directive, "", trusted=True)
    if grouped := _GROUPED.search(head):
        return _made(message, directive, grouped[0])
    if url := words.URL.search(head):
        return _made(message, directive, bare_url(url[0]))
    script = directive in ("script-src", "script-src-elem", "default-src")
    return _made(message, directive, "inline") if script and not _EVAL.search(text) else None


def _directive(text: str) -> str:
    return (words.first(words.DIRECTIVE, text) or "").lower()


def _made(message: Message, directive: str, blocked: str, *, trusted: bool = False) -> Violation:
    text = message.text
    grouped = bool(_GROUPED.fullmatch(blocked))
    policy = words.POLICY.search(text)
    behind = max(text.rfind(mark) for mark in '"”»」')
    suggested = words.HASH.search(text, max(0, behind))
    if suggested is None and "hash" in text.lower() and not policy:
        suggested = words.HASH.search(text)
    return Violation(
        directive=directive,
        blocked="" if grouped else blocked,
        report_only=bool(words.REPORT_ONLY.search(text)),
        suggested_hash=suggested[1] if suggested else "",
        policy=printable(policy[1].strip())[:2000] if policy else "",
        page=bare_url(message.url) if message.url.startswith("http") else "",
        line=message.line,
        trusted_types=trusted,
        grouped=grouped,
        moment=moment_of(message.moment),
    )
