"""What programs write as JSON in place of a console's line, put into the browser's own words.

Reports of a policy (report-uri, the Reporting API, securitypolicyviolation events), breadcrumbs
and network logs of error trackers.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from rumkit.client.har import fields

if TYPE_CHECKING:
    from collections.abc import Mapping

_INLINE = frozenset(["inline", "self"])
_MAX_TEXT = 4_096
# What stands for the status 0 of a request that got no answer.
NO_ANSWER = "(no answer)"


def told_in_words(item: Mapping[str, Any]) -> str:
    """Return an item's report or request as a browser's console words it; empty for neither."""
    return _report(item) or _request(item)


def _report(item: Mapping[str, Any]) -> str:
    """Read a report of a policy; one that only reports says so in front."""
    body = fields.mapping(item.get("csp-report")) or fields.mapping(item.get("body")) or item
    directive = _text(body, "effective-directive", "effectiveDirective", "violated-directive",
                      "violatedDirective").partition(" ")[0]  # fmt: skip
    blocked = _text(body, "blocked-uri", "blockedURL", "blockedURI")
    if not directive or not blocked:
        return ""
    policy = _text(body, "original-policy", "originalPolicy")
    written = f'"{_directive_of(policy, directive)}"'
    only = "[Report Only] " if _text(body, "disposition") == "report" else ""
    violates = f"violates the following Content Security Policy directive: {written}."
    if blocked in _INLINE:
        return f"{only}Executing inline script {violates}"
    if directive.startswith(("script-src", "worker-src")):
        return f"{only}Loading the script '{blocked}' {violates}"
    return f"{only}Connecting to '{blocked}' {violates}"


def _directive_of(policy: str, directive: str) -> str:
    """Return the directive's text out of the whole policy, its bare name where that lacks it."""
    for part in policy.split(";"):
        if part.split()[:1] == [directive]:
            return " ".join(part.split())
    base = directive.removesuffix("-elem").removesuffix("-attr")
    return directive if base == directive else _directive_of(policy, base)


def _request(item: Mapping[str, Any]) -> str:
    """Read a request of a network log or a breadcrumb, as Chromium words one that failed."""
    data = fields.mapping(item.get("data")) or fields.mapping(item.get("http")) or item
    url = _text(data, "url")
    status = next(
        (data[key] for key in ("status_code", "statusCode", "status") if key in data), None
    )
    failure = _text(data, "errorText", "failure", "reason")
    method = _text(data, "method") or ("GET" if url.endswith(".js") else "POST")
    if not url.startswith("http") or not re.fullmatch(r"[A-Z]{3,7}", method):
        return ""
    if isinstance(status, str) and status.isdigit():
        status = int(status)
    if 100 <= (fields.whole(status) or 0) < 600:
        return f"{method} {url} {status} ()"
    if status == 0 and not failure:
        return f"{method} {url} {NO_ANSWER}"
    return f"{method} {url} {failure}" if failure.startswith("net::") else ""


def _text(item: Mapping[str, Any], *keys: str) -> str:
    values = (item.get(key) for key in keys)
    return next((value[:_MAX_TEXT] for value in values if isinstance(value, str) and value), "")
