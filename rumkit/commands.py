"""The `aws` commands that fixes print: every value checked by its documented pattern, then quoted.

Names and ids come from pages, recordings and other people's accounts. A command is printed only
when each of its values is what AWS says such a value looks like; else the reason is printed.
Patterns: botocore's service models, and the CLI's own rules for values (`file://` reads a file, a
leading hyphen is an option).
"""

from __future__ import annotations

import json
import re
import shlex
from typing import TYPE_CHECKING

from rumkit.aws_names import MONITOR_NAME, POLICY_ARN, REGION, ROLE_NAME, TRAIL_ARN
from rumkit.model import Fix

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_POOL_ID = re.compile(rf"(?=.{{1,55}}\Z){REGION}:[0-9a-fA-F-]+")
_POOL_NAME = re.compile(r"(?!-)[\w +=,.@-]{1,128}", re.ASCII)
_HOST = re.compile(r"(?!-)(?:\*\.)?[A-Za-z0-9.-]{1,253}")
_POLICY_NAME = re.compile(r"(?!-)[A-Za-z0-9_+=,.@-]{1,128}")
_PATH = re.compile(r"/(?:[!-~]{1,510}/)?")
_NUMBER = re.compile(r"\d{1,6}")
_STATUS = re.compile(r"Status=(?:ENABLED|DISABLED)")
_SERVICE = re.compile(r"[a-z][a-z0-9-]*")
_JSON = None

# What each option takes; None is a document of JSON, which has its own inside.
_OPTIONS: Mapping[str, re.Pattern[str] | None] = {
    "--region": re.compile(REGION),
    "--name": re.compile(MONITOR_NAME),
    "--identity-pool-id": _POOL_ID,
    "--identity-pool-name": _POOL_NAME,
    "--allow-unauthenticated-identities": re.compile(r"(?!)"),
    "--query": re.compile(r"[A-Za-z.]{1,60}"),
    "--output": re.compile(r"text|json"),
    "--aws-service-name": re.compile(r"[a-z-]{2,32}\.amazonaws\.com"),
    "--role-name": re.compile(rf"(?!-){ROLE_NAME}"),
    "--policy-name": _POLICY_NAME,
    "--policy-arn": re.compile(POLICY_ARN),
    "--trail-name": re.compile(TRAIL_ARN),
    "--path": _PATH,
    "--domain-list": _HOST,
    "--max-results": _NUMBER,
    "--custom-events": _STATUS,
    "--policy-document": _JSON,
    "--assume-role-policy-document": _JSON,
    "--roles": _JSON,
    "--role-mappings": _JSON,
    "--cli-input-json": _JSON,
    "--app-monitor-configuration": _JSON,
    "--advanced-event-selectors": _JSON,
    "--set-as-default": re.compile(r"(?!)"),
}
_SHOWN = 80


def aws_command(
    title: str, *commands: Sequence[str], side_effect: str = "", target: str = ""
) -> Fix:
    """Return `aws` commands, each a list of words, one per line and quoted for a POSIX shell.

    Where a value is not what its option takes, an advice that names it takes their place.
    Raises ValueError for an option that this module does not know.
    """
    wrong = [reason for words in commands for reason in _wrong(words)]
    if wrong:
        return no_command(title, wrong[0], side_effect=side_effect)
    return Fix("aws-cli", title, "\n".join(map(shlex.join, commands)), side_effect, target)


def no_command(title: str, reason: str, *, side_effect: str = "") -> Fix:
    """Return the advice that stands where a command would be unsafe to print."""
    text = f"No command is printed here: {reason} Look at it by hand before you change anything."
    return Fix("advice", title, text, side_effect)


def _wrong(words: Sequence[str]) -> Iterator[str]:
    """Yield a sentence for each value that is not what its option takes."""
    option = ""
    if words[0] != "aws" or not all(map(_SERVICE.fullmatch, words[1:3])):
        raise ValueError(f"not an aws command: {words[:3]}")
    for word in words[3:]:
        if word in _OPTIONS:
            option = word
        elif option not in _OPTIONS:
            raise ValueError(f"{word!r} belongs to no option that is known")
        elif not _fits(word, _OPTIONS[option]):
            yield not_written(option.removeprefix("--").replace("-", " "), word)


def is_pool_name(text: str) -> bool:
    """Say whether a text is written as the name of an identity pool."""
    return _POOL_NAME.fullmatch(text) is not None


def is_host(text: str) -> bool:
    """Say whether a text is written as a domain of an app monitor."""
    return _HOST.fullmatch(text) is not None


def not_written(what: str, value: str) -> str:
    """Return the sentence that says that a value is not written as AWS writes such values."""
    # An advice may be copied too: what a shell could read is shown as a dot.
    shown = re.sub(r"[^A-Za-z0-9_.:/@=+, -]", "·", value[:_SHOWN])
    return f"the {what} {shown} is not written as AWS writes one."


def _fits(word: str, pattern: re.Pattern[str] | None) -> bool:
    if pattern is not None:
        return bool(pattern.fullmatch(word))
    try:
        json.loads(word)
    except ValueError:
        return False
    # One line, or the indentation of a view would stand inside the quotes.
    return word[:1] in "{[" and "\n" not in word
