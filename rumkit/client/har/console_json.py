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
# What the DevTools protocol calls a request that no script of the page has made.
_METHODS = {"Preflight": "OPTIONS", "Document": "GET"}


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
    kept = (fields.mapping(item.get(key)) for key in ("data", "http", "resource"))
    data = next(filter(None, kept), item)
    parts = (fields.mapping(data.get(key)) for key in ("request", "response"))
    data = {key: value for part in (data, *parts) for key, value in part.items()}
    url = _text(data, "url")
    status = next(
        (data[key] for key in ("status_code", "statusCode", "status") if key in data), None
    )
    failure = _text(data, "errorText", "failure", "reason")
    method = _text(data, "method")
    if not re.fullmatch(r"[A-Z]{3,7}", method):
        method = _METHODS.get(_text(data, "type", "resourceType"), "POST")
        method = "GET" if url.endswith(".js") else method
    if not url.startswith("http"):
        return ""
    if isinstance(status, str) and status.isdigit():
        status = int(status)
    if 100 <= (fields.whole(status) or 0) < 600:
        return f"{method} {url} {status} ()"
    if status == 0 and not failure:
        return f"{method} {url} {NO_ANSWER}"
    named = failure.startswith(("net::", "NS_ERROR_"))
    return f"{method} {url} {failure}" if named and "ABORTED" not in failure else ""


def with_its_request(item: dict[str, Any], asked: dict[str, Any]) -> dict[str, Any]:
    """Put the request beside an event of the DevTools protocol that names it by its number."""
    params = fields.mapping(item.get("params"))
    number = params.get("requestId")
    if not isinstance(number, str):
        return item
    if request := fields.mapping(params.get("request")):
        asked[number] = request
    return {**item, "params": {"request": asked.get(number, {}), **params}}


def _text(item: Mapping[str, Any], *keys: str) -> str:
    values = (item.get(key) for key in keys)
    return next((value[:_MAX_TEXT] for value in values if isinstance(value, str) and value), "")
