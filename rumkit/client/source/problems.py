"""What is wrong with an installation as it is written, before anything runs."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING

from rumkit.client.snippet import Problem
from rumkit.client.source.commands import COMMANDS, INITIALIZERS
from rumkit.client.source.fills import is_by_hand
from rumkit.client.source.identifiers import identifier_problems
from rumkit.client.source.modules import past_the_bundler
from rumkit.client.source.shapes import shape_problems
from rumkit.client.source.spelling import nearest
from rumkit.client.source.surroundings import outside_of_browsers
from rumkit.client.values import Expression, Value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rumkit.client.html import Script
    from rumkit.client.page import Page
    from rumkit.client.snippet import Snippet

# How a sentence names the arguments; options keep the name by which they are written.
_WORDS = {
    "namespace": "the namespace",
    "app_monitor_id": "the app monitor id",
    "app_version": "the application version",
    "region": "the region argument",
    "client_url": "the client's URL",
    "remote_config_url": "the URL of the remote configuration",
    "config": "the configuration",
}
_MAX_DEPTH = 6
_MAX_TEXT = 400_000
_TEXTS = frozenset(["app_monitor_id", "app_version", "region", "client_url", "endpoint"])
_NEEDED = frozenset(["app_monitor_id", "region", "client_url", "identityPoolId"])
# What a template prints for a value that it does not have.
_PRINTED = re.compile(r"(?:^|[/.:])(undefined|null|NaN|\[object Object\])(?:$|[/.:])")
# Options without which nothing arrives.
_FROM_THE_BUILD = frozenset(["identityPoolId", "guestRoleArn", "endpoint", "sessionSampleRate"])
_NOT_OF_VITE = re.compile(
    r"import\.meta\.env\.(?!(?:\w*PUBLIC|\w*VITE|NG_APP|NX|WXT|FARM|TAURI|VUE_APP|REACT_APP|STORYBOOK)_"
    r"|(?:MODE|BASE_URL|PROD|DEV|SSR|SITE|ASSETS_PREFIX|LEGACY)$)[A-Z]\w{0,100}"
)
_OF_NEXT = re.compile(r"""['"]use client['"]|\bfrom\s{1,5}['"]next(?:/|['"])""")
_NOT_OF_NEXT = re.compile(r"process\.env\.(?!NEXT_PUBLIC_|NODE_ENV$)[A-Z]\w{0,100}")
_COMPUTED = re.compile(
    r"process\.env\[\s{0,9}[A-Za-z_$][\w$.]{0,60}\s{0,9}\]"
    r"|(?<![\w$])\w{1,40}\s{0,9}=\s{0,9}process\.env\s{0,9}(?=[;\n])"
)
# sed 's/X/…/', replace('X', …), re.sub(r'X', …)
_REPLACES = r"(?:\bs[/|#,@]|replace\w{0,10}\(\s{0,9}|sub\(\s{0,9})[r/'\"\\]{0,4}"
# document.head.insertBefore(z, document.getElementsByTagName('script')[0]) throws NotFoundError
# when the document's first script is no child of head (DOM standard, pre-insertion validity).
_ANCHOR = re.compile(
    r"head\s{0,20}\.\s{0,20}insertBefore\s{0,20}\(\s{0,20}[\w$.]{1,40}\s{0,20},\s{0,20}"
    r"document\s{0,20}\.\s{0,20}(?:getElementsByTagName|querySelector)"
)


def problems_of(
    snippet: Snippet, page: Page, *, served: bool, placed: bool = True
) -> list[Problem]:
    """Return the problems of one installation, the gravest first.

    `served` says that no template engine is still to come; `placed` that the installation is
    a script element of a page whose other elements are all known.
    """
    text = "" if served else page.html[:_MAX_TEXT]
    problems = list(_placeholders(snippet, served=served, text=text))
    if snippet.kind == "npm" and isinstance(snippet.app_monitor_id, dict):
        problems.append(_ONE_OBJECT)
    elif not snippet.problem("no-queue"):
        known = {problem.field for problem in problems}
        problems += identifier_problems(snippet, known, text)
    problems += shape_problems(snippet)
    problems += _private_variables(snippet, text) if snippet.kind == "npm" else []
    initialized = (c.name for c in snippet.commands if c.name in INITIALIZERS)
    problems += map(_no_command, islice(initialized, 1))
    problems += _called_too_early(snippet, page)
    problems += _unknown_commands(snippet)
    if snippet.kind == "npm" and not snippet.problem("on-the-server"):
        outside = outside_of_browsers(page) or past_the_bundler(text)
        problems += [outside] if outside else []
    anchored = _insertion(snippet, page) if placed else None
    return [*problems, anchored] if anchored else problems


def _placeholders(snippet: Snippet, *, served: bool, text: str) -> Iterator[Problem]:
    named: dict[str, Value] = {
        "namespace": snippet.namespace,
        "app_monitor_id": snippet.app_monitor_id,
        "app_version": snippet.app_version,
        "region": snippet.region,
        "client_url": snippet.client_url,
        "remote_config_url": snippet.remote_config_url,
        **snippet.config,
    }
    if snippet.config.rest is not None:
        named["config"] = snippet.config.rest
    for field, value in named.items():
        left = _first_placeholder(value, 0) or _bracketed(field, value)
        if left and (served or is_by_hand(left)) and not _replaced(left, text):
            words = _WORDS.get(field, field)
            yield Problem("placeholder", f"{words} still holds the placeholder {left}", field)
        printed = _printed(field, value, served=served)
        if printed:
            yield Problem("placeholder", printed, field)


def _private_variables(snippet: Snippet, text: str) -> list[Problem]:
    """Return why a variable that is read likely holds nothing in a browser.

    Sources: https://vite.dev/guide/env-and-mode; Next.js, "Bundling environment variables for the
    browser", which says of computed names too that they are not replaced.
    """
    config = (value for name, value in snippet.config.items() if name in _FROM_THE_BUILD)
    values = (snippet.app_monitor_id, snippet.region, *config)
    names = [name for each in values if isinstance(each, Expression) for name in each.names]
    why = ""
    if left := next(filter(_NOT_OF_VITE.fullmatch, names), ""):
        why = f"{left}, and Vite gives browsers only what begins with VITE_, or its envPrefix"
    elif _OF_NEXT.search(text) and (left := next(filter(_NOT_OF_NEXT.fullmatch, names), "")):
        why = f"{left}, and Next.js gives browsers only what begins with NEXT_PUBLIC_"
    elif names and (computed := _COMPUTED.search(text)):
        why = (
            f"{' '.join(computed[0].split())}, and builds replace only process.env.NAME where that"
            " is written out"
        )
    message = f"the source reads {why}: the value is likely undefined in a browser"
    return [Problem("private-variable", message)] if why else []


def _replaced(left: str, text: str) -> bool:
    """Tell whether the file that holds a placeholder replaces it itself, by sed or in code."""
    return left in text and re.search(_REPLACES + re.escape(left), text) is not None


def _first_placeholder(value: Value, depth: int) -> str | None:
    if isinstance(value, Expression):
        return value.tag or None
    if depth > _MAX_DEPTH or not isinstance(value, list | dict):
        return None
    items = list(value.values() if isinstance(value, dict) else value)[:100]
    return next((p for p in (_first_placeholder(i, depth + 1) for i in items) if p), None)


def _bracketed(field: str, value: Value) -> str | None:
    """Return the guide's own [region] when it stands without quotes where a text belongs."""
    if field not in _TEXTS or not isinstance(value, list) or len(value) != 1:
        return None
    only = value[0]
    return f"[{only.source[:60]}]" if isinstance(only, Expression) else None


def _printed(field: str, value: Value, *, served: bool) -> str:
    """Say that a text is what a template prints for a value that it does not have."""
    if not isinstance(value, str):
        return ""
    words = _WORDS.get(field, field)
    match = _PRINTED.search(value)
    if match and field not in {"app_version", "namespace"}:
        where = "is" if match[1] == value else f"is {value[:80]!r}, which holds"
        return f"{words} {where} the text {match[1]!r}: its template had no value to print there"
    if served and not value and field in _NEEDED:
        return f"{words} is empty: its template had no value to print there"
    return ""


def _no_command(name: Value) -> Problem:
    message = (
        f"cwr({str(name)!r}, …) is not a command of the client: the configuration goes into the"
        " loader's arguments"
    )
    return Problem("initialize-command", message)


_ONE_OBJECT = Problem(
    "one-object",
    "new AwsRum(…) takes four arguments (id, version, Region, configuration) and is given one"
    " object here, so that none of its options reaches the client",
)


def _unknown_commands(snippet: Snippet) -> Iterator[Problem]:
    """Yield the first command that no client knows; it is lost, and nothing else with it."""
    for command in snippet.commands if snippet.kind == "loader" else ():
        name = command.name
        if isinstance(name, str) and name not in COMMANDS | INITIALIZERS:
            close = nearest(name, COMMANDS, 3)
            meant = f"; {close} is meant" if close else ""
            message = (
                f"line {command.line} calls {snippet.namespace}({name[:60]!r}, …), which is not a"
                f" command of the client{meant}: it throws UnsupportedOperationException, and only"
                " this command is lost"
            )
            yield Problem("unknown-command", message)
            return


def _called_too_early(snippet: Snippet, page: Page) -> Iterator[Problem]:
    """Yield the problem of the first command that runs before a loader defines its function."""
    if snippet.kind != "loader" or page.language != "html" or snippet.script_index is None:
        return
    scripts = {script.index: script for script in page.scripts}
    for command in snippet.commands:
        script = scripts.get(snippet.script_index if command.script_index is None else
                             command.script_index)  # fmt: skip
        waits = command.later or bool(command.conditional)
        if script is None or waits or _defined_before(snippet, script, page):
            continue
        call = f"line {command.line} calls {snippet.namespace}({str(command.name)!r}, …)"
        throws = (
            f"{call} before the snippet defines the function: the browser throws ReferenceError"
        )
        if script.index < snippet.script_index:
            lost = f"{throws}, and this command is lost; put the snippet first"
            yield Problem("command-before-snippet", lost)
            return
        if script.index == snippet.script_index and command.line < snippet.line:
            stops = f"{throws}, and nothing after it in this script runs; put the snippet first"
            yield Problem("command-stops-snippet", stops)
            return


def _defined_before(snippet: Snippet, script: Script, page: Page) -> bool:
    """Say whether a command's script runs later than it stands, or finds the function made."""
    if script.attributes.get("type", "").strip().lower() == "module" or script.inert:
        return True
    earlier = (each.text for each in page.scripts if each.index < script.index)
    made = re.compile(rf"AwsRumClient|\b{re.escape(str(snippet.namespace))}\b['\"]?\]?\s{{0,9}}=|"
                      rf"function {re.escape(str(snippet.namespace))}\b")  # fmt: skip
    own = script.text if script.index != snippet.script_index else ""
    return any(made.search(text) for text in (*earlier, own))


def _insertion(snippet: Snippet, page: Page) -> Problem | None:
    """Return the problem of a loader whose anchor is the document's first script."""
    if snippet.kind != "loader" or page.language != "html" or not _ANCHOR.search(snippet.source):
        return None
    first = next((s for s in page.scripts if not s.in_template), None)
    if first is None or (first.in_head and first.parent == "head"):
        return None
    return Problem(
        "insertion-throws",
        "the loader inserts into head before the document's first script, which is in "
        f"{first.parent or 'the body'}: insertBefore throws NotFoundError and the client's "
        "script is never requested; put the snippet into head",
    )
