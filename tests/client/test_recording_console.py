"""Console logs of every browser, old and new, give the same violations and reasons."""

# ruff: noqa: RUF001 - the browsers write typographic quotes.

from __future__ import annotations

import json

import pytest

from rumkit.client.har.console import console_from_text

PLANE = "https://dataplane.rum.eu-west-1.amazonaws.com/appmonitors/1"
SCRIPT = "https://client.rum.us-east-1.amazonaws.com/2.x/cwr.js"
HASH = "sha256-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
DIRECTIVE = 'the following Content Security Policy directive: "{}".'

CONNECT = {
    "chrome": f"cwr.js:2 Connecting to '{PLANE}' violates {DIRECTIVE.format('connect-src x')} The "
    "action has been blocked.",
    "chrome-old": f"Refused to connect to '{PLANE}' because it violates "
    + DIRECTIVE.format("connect-src x"),
    "firefox": "Content-Security-Policy: The page’s settings blocked the loading of a resource "
    f"(connect-src) at {PLANE} because it violates the following directive: “connect-src x”",
    "firefox-old": "Content Security Policy: The page’s settings blocked the loading of a resource "
    f"at {PLANE} (“connect-src”).",
    "safari": f"Refused to connect to {PLANE} because it does not appear in the connect-src "
    "directive of the Content Security Policy.",
}
LOADS = {
    "chrome": f"Loading the script '{SCRIPT}' violates {DIRECTIVE.format('script-src x')} Note "
    "that 'script-src-elem' was not explicitly set, so 'script-src' is used as a fallback. The "
    "action has been blocked.",
    "chrome-old": f"Refused to load the script '{SCRIPT}' because it violates "
    + DIRECTIVE.format("script-src x"),
    "firefox": "Content-Security-Policy: The page’s settings blocked a script (script-src) at "
    f"{SCRIPT} from being executed because it violates the following directive: “script-src x”",
    "firefox-old": "Content Security Policy: The page’s settings blocked the loading of a resource "
    f"at {SCRIPT} (“script-src”).",
    "safari": f"Refused to load {SCRIPT} because it does not appear in the script-src directive of "
    "the Content Security Policy.",
}
INLINE = {
    "chrome": f"Executing inline script violates {DIRECTIVE.format('script-src x')} Either the "
    f"'unsafe-inline' keyword, a hash ('{HASH}'), or a nonce ('nonce-...') is required to enable "
    "inline execution. The action has been blocked.",
    "chrome-old": f"Refused to execute inline script because it violates "
    f"{DIRECTIVE.format('script-src x')} Either the 'unsafe-inline' keyword, a hash ('{HASH}'), or "
    "a nonce ('nonce-...') is required to enable inline execution.",
    "firefox": "Content-Security-Policy: The page’s settings blocked an inline script (script-src) "
    "from being executed because it violates the following directive: “script-src x”. Consider "
    f"using a hash ('{HASH}') or a nonce.",
    "firefox-old": "Content Security Policy: The page’s settings blocked the loading of a resource "
    "at inline (“script-src”).",
    "safari": "Refused to execute a script because its hash, its nonce, or 'unsafe-inline' does "
    "not appear in the script-src directive of the Content Security Policy.",
}


@pytest.mark.parametrize("browser", CONNECT)
def test_a_blocked_connection_is_read(browser: str) -> None:
    (violation,) = console_from_text(CONNECT[browser]).violations
    assert (violation.directive, violation.blocked, violation.report_only) == (
        "connect-src", PLANE, False,
    )  # fmt: skip


@pytest.mark.parametrize("browser", LOADS)
def test_a_blocked_script_is_read(browser: str) -> None:
    (violation,) = console_from_text(LOADS[browser]).violations
    assert (violation.directive, violation.blocked) == ("script-src", SCRIPT)


@pytest.mark.parametrize("browser", INLINE)
def test_a_blocked_inline_script_is_read(browser: str) -> None:
    (violation,) = console_from_text(INLINE[browser]).violations
    assert (violation.directive, violation.blocked) == ("script-src", "inline")


@pytest.mark.parametrize("browser", ["chrome", "chrome-old", "firefox"])
def test_the_suggested_hash_is_kept(browser: str) -> None:
    assert console_from_text(INLINE[browser]).violations[0].suggested_hash == HASH


@pytest.mark.parametrize(
    "line",
    [
        "[Report Only] " + CONNECT["chrome-old"],
        CONNECT["chrome"].replace(
            "The action has been blocked.",
            "The policy is report-only, so the violation has been logged but no further action has "
            "been taken.",
        ),
        (
            "Content-Security-Policy: (Report-Only policy) The page’s settings would block the "
            f"loading of a resource (connect-src) at {PLANE} because it violates the "
            "following directive: x"
        ),
        (
            "Content Security Policy: The page’s settings observed the loading of a resource at "
            f"{PLANE} (“connect-src”). A CSP report is being sent."
        ),
        "[Report Only] " + CONNECT["safari"],
    ],
)
def test_a_report_only_violation_is_told_apart(line: str) -> None:
    assert [v.report_only for v in console_from_text(line).violations] == [True]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("Uncaught NotFoundError: Failed to execute 'insertBefore' on 'Node': not a child",
         "insertion-throws"),
        ("Uncaught DOMException: Node.insertBefore: Child to insert before is not a child of this",
         "insertion-throws"),
        ("[aws-rum-web:x.y] Session is NOT sampled. Consider", "unsampled"),
        ("Dropped 3 of 9 events because the session limit has exceeded", "event-limit"),
        ("Error: CWR: Cannot dispatch; no AWS credentials.", "no-credentials"),
        ("Uncaught Error: CWR: Failed to load remote config: 404", "remote-config"),
        ("cwr.js:1 Uncaught SyntaxError: Unexpected token '<'", "script-is-html"),
        ("cwr.js:2 TypeError: Failed to construct 'URL': Invalid URL", "invalid-endpoint"),
        (("Mixed Content: The page at 'https://a' was loaded over HTTPS, but requested an insecure "
         "script 'http://b/cwr.js'. This request has been blocked"), "mixed-content"),
        (("Access to fetch at 'https://a' has been blocked by CORS policy: Request header field "
         "x-amzn-trace-id is not allowed by Access-Control-Allow-Headers in preflight response."),
         "cors-trace-header"),
    ],
)  # fmt: skip
def test_a_message_of_the_client_has_its_reason(line: str, reason: str) -> None:
    assert [m.reason for m in console_from_text(line).client] == [reason]


@pytest.mark.parametrize(
    "line",
    [
        "app.js:1 Uncaught SyntaxError: Unexpected token '<'",
        "app.js:1 TypeError: Failed to construct 'URL': Invalid URL",
        "Content-Security-Policy: Ignoring “'unsafe-inline'” within script-src",
        "Refused to apply inline style because it violates " + DIRECTIVE.format("style-src x"),
        "Uncaught ReferenceError: basket is not defined",
    ],
)
def test_what_the_page_itself_says_is_dropped(line: str) -> None:
    console = console_from_text(line)
    assert (console.violations, console.client) == ((), ())


@pytest.mark.parametrize(
    "text",
    [
        json.dumps({"messages": [{"text": CONNECT["chrome"]}]}),
        json.dumps({"messages": [], "devtoolsText": [CONNECT["chrome"]]}),
        json.dumps([CONNECT["chrome"]]),
        json.dumps([{"type": "error", "text": CONNECT["chrome"], "location": {"url": SCRIPT}}]),
    ],
)
def test_json_forms_are_read_like_text(text: str) -> None:
    assert console_from_text(text).violations[0].blocked == PLANE


@pytest.mark.parametrize(
    "frame",
    ["chrome-extension://abcdefgh/run.js:10:5", "webpack://shop/./src/rum.ts:3", r"C:\run.js:1:2"],
)
def test_the_place_below_a_message_may_hold_colons(frame: str) -> None:
    text = f"CWR: Failed to retrieve Cognito identity\n    {frame}\n{CONNECT['chrome']}"
    console = console_from_text(text)
    assert (console.client[0].reason, console.violations[0].blocked) == ("cognito-identity", PLANE)


@pytest.mark.parametrize(
    "text", ["", "{", "[" * 5000, "{}", '{"messages": [1, null, {"text": 5}]}', "\0" * 100]
)
def test_a_broken_console_is_empty(text: str) -> None:
    assert console_from_text(text).violations == ()


def test_a_hundred_thousand_long_lines_end_soon() -> None:
    line = "Refused to connect to '" + "a" * 20_000
    assert console_from_text("\n".join([line] * 500)).violations == ()
