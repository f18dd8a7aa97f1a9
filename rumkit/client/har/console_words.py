"""The wordings of browsers' consoles: policy violations, network errors, the client's messages.

Chrome changed its sentences ("Refused to connect" became "Connecting to ... violates"); Firefox
and Safari have their own.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_I = re.IGNORECASE
CONNECT = (
    re.compile(r"Connecting to '([^']{1,4096})' violates", _I),
    re.compile(r"Refused to connect to '?([^'\s]{1,4096})'? because it", _I),
    re.compile(r"Fetch API cannot load (\S{1,4096}?)\.? Refused to connect because", _I),
    re.compile(r"Refused to (?:send beacon|ping) to? ?'?([^'\s]{1,4096})'? because", _I),
)
SCRIPT = (
    re.compile(r"Loading the script '([^']{1,4096})' violates", _I),
    re.compile(r"Refused to load the script '([^']{1,4096})' because", _I),
    re.compile(
        r"Refused to load (https?://\S{1,4096}) because it "
        r"(?:does not appear in|appears in neither) the script-",
        _I,
    ),
)
INLINE = (
    re.compile(r"Executing inline script violates", _I),
    re.compile(r"Refused to execute (?:an? )?(?:inline )?script because", _I),
    re.compile(r"blocked an inline script", _I),
    re.compile(r"blocked the loading of a resource at (?:self|inline)\b.{0,40}script-src", _I),
)
FIREFOX = re.compile(
    r"Content[- ]Security[- ]Policy: .{0,60}?(?:blocked|block|observed)[^(]{0,60}"
    r"(?:\(([a-z-]{3,30})\))? ?(?:at|from loading at) (\S{1,4096})",
    _I,
)
FIREFOX_OLD_DIRECTIVE = re.compile(r"\([“\"]([a-z-]{3,30})", _I)
DIRECTIVE = (
    re.compile(r"directive: ?[\"“']{0,2}([a-z-]{3,30})", _I),
    re.compile(r"appears? in (?:the|neither the) ([a-z-]{3,30}) directive", _I),
)
POLICY = re.compile(r"directive: ?[\"“]([^\"”]{1,4000})[\"”]", _I)
HASH = re.compile(r"['\u2018](sha(?:256|384|512)-[A-Za-z0-9+/_=-]{20,120})['\u2019]", _I)
REPORT_ONLY = re.compile(
    r"report[- ]only|policy is report-only|observed the loading|would (?:have )?block", _I
)
TRUSTED_TYPES = re.compile(
    r"requires 'TrustedScript(?:URL)?' assignment|requires an? TrustedScript"
    r"|sink type mismatch violation",
    _I,
)
# What follows in Chinese and Japanese stands close to an address.
URL = re.compile(r"https?://[^\s'\"<>“”()\u3000-\u9fff\uff00-\uffef]{3,4096}")


# Reason, and the texts that show it; the first that matches counts.
MESSAGES = tuple(
    (reason, re.compile("|".join(patterns), _I))
    for reason, *patterns in (
        (
            "insertion-throws",
            r"NotFoundError.{0,80}insertBefore",
            r"insertBefore.{0,200}not a child",
            r"NotFoundError: The object can ?not be found here",
        ),
        ("unsampled", r"Session is NOT sampled", r"because current session is not sampled"),
        ("event-limit", r"because the session limit has exceeded"),
        ("no-credentials", r"CWR: Cannot dispatch; no AWS credentials"),
        ("openid-token", r"CWR: Failed to retrieve Cognito OpenId token"),
        ("cognito-credentials", r"CWR: Failed to retrieve credentials for Cognito"),
        ("cognito-identity", r"CWR: Failed to retrieve Cognito identity"),
        ("sts", r"CWR: Failed to retrieve credentials from STS"),
        ("remote-config", r"CWR: Failed to load remote config"),
        ("unsupported-command", r"CWR: UnsupportedOperationException"),
        ("dispatch-disabled", r"\[aws-rum-web:[^\]]{0,200}\].{0,40}Dispatch disabled"),
        ("credentials-purged", r"Removing credentials from local storage"),
        ("dispatch-failed", r"Dispatch failed with status code", r"Dispatch fetch failed silently"),
        ("dispatched", r"\[aws-rum-web:[^\]]{0,200}\].{0,20}Dispatching \d+ events"),
        (
            "invalid-endpoint",
            r"Failed to construct 'URL': Invalid URL",
            r"URL constructor: .{0,300} is not a valid",
            r"\bTypeError: Invalid URL",
            r"cannot be parsed as a URL",
        ),
        ("script-is-html", r"Unexpected token '?<'?", r"expected expression, got '<'"),
        (
            "integrity",
            r"Failed to find a valid digest in the 'integrity' attribute",
            r"None of the .{0,20} hashes in the integrity attribute",
            r"Failed integrity metadata check",
        ),
        (
            "mixed-content",
            r"Mixed Content:.{0,400}(?:blocked|insecure)",
            r"Blocked loading mixed active content",
            r"(?:was not allowed to (?:run|load)|requested) insecure content",
        ),
        (
            "cors-trace-header",
            r"(?:x-amzn-trace-id|traceparent).{0,200}not allowed.{0,80}Access-Control-Allow-H",
            r"header .(?:x-amzn-trace-id|traceparent). is not allowed",
        ),
        (
            "cwr-undefined",
            r"\b(?:cwr|AwsRumClient) is not (?:defined|a function)",
            r"Can't find variable: (?:cwr|AwsRumClient)\b",
        ),
        (
            "refused-content-type",
            r"Refused to execute .{0,4096}(?:MIME type|Content-Type)",
            r"blocked .{0,80}MIME type",
        ),
        ("class-undefined", r"\bAwsRum is not defined", r"Can't find variable: AwsRum\b"),
        ("no-constructor", r"\b(?:aws_rum_web|AwsRum)\S{0,80} is not a constructor"),
        (
            "package-missing",
            r"(?:Can't resolve|Cannot find (?:module|package)) ['\"](?:aws-rum-web|@aws-rum/)",
            r"[Ff]ailed to resolve (?:import|module specifier) ['\"](?:aws-rum-web|@aws-rum/)",
            r"Could not resolve ['\"](?:aws-rum-web|@aws-rum/)",
        ),
        ("dependency-missing", r"(?:Can't resolve|Cannot find module) '@aws-(?:sdk|crypto)/"),
        ("no-window", r"\b(?:window|document|navigator|localStorage) is not defined"),
        ("sandboxed", r"sandboxed and lacks the 'allow-same-origin' flag"),
        ("cookie-rejected", r"Cookie .cwr_[us]\S{0,60} has been rejected"),
        ("patterns-not-regexp", r"\.test is not a function"),
        ("telemetries-not-list", r"forEach is not a function"),
    )
)
# What must be in a message (in lower case) for its pattern to be tried: most lines have none.
NEEDLES = {
    "insertion-throws": ("insertbefore", "notfounderror"),
    "unsampled": ("sampled",),
    "event-limit": ("session limit",),
    "dispatch-disabled": ("dispatch disabled",),
    "credentials-purged": ("removing credentials",),
    "dispatch-failed": ("dispatch f",),
    "dispatched": ("dispatching",),
    "invalid-endpoint": ("invalid url", "url constructor", "parsed as a url"),
    "script-is-html": ("unexpected token", "expected expression"),
    "integrity": ("integrity",),
    "mixed-content": ("mixed", "insecure"),
    "cors-trace-header": ("allowed",),
    "cwr-undefined": (" is not ", "can't find"),
    "refused-content-type": ("mime type", "content-type"),
    "class-undefined": ("awsrum",),
    "no-constructor": ("not a constructor",),
    "package-missing": ("aws-rum",),
    "dependency-missing": ("@aws-",),
    "no-window": ("is not defined",),
    "sandboxed": ("allow-same-origin",),
    "cookie-rejected": ("has been rejected",),
    "patterns-not-regexp": (".test is not",),
    "telemetries-not-list": ("foreach is not",),
}
# These texts are common in pages: they count only beside the client's script.
NEEDS_CLIENT = frozenset(
    {
        "invalid-endpoint",
        "script-is-html",
        "dependency-missing",
        "no-window",
        "sandboxed",
        "patterns-not-regexp",
        "telemetries-not-list",
        "refused-content-type",
    }
)
CLIENT = re.compile(r"\bcwr(?:-slim)?(?:\.min)?\.js\b|client\.rum\.|aws-rum|AwsRum", _I)


def first(patterns: Iterable[re.Pattern[str]], text: str) -> str | None:
    """Return the first group of the first pattern that matches, None when none does."""
    for pattern in patterns:
        match = pattern.search(text)
        if match:
            return match[1] if match.groups() else ""
    return None
