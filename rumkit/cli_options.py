"""The options that several commands share."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from rumkit.aws.patience import DEFAULT_SECONDS, MOST_SECONDS
from rumkit.cli_parser import Once, check_name, fix_kind
from rumkit.inputs import of_command_line

if TYPE_CHECKING:
    from collections.abc import Callable

FORMATS = ("text", "markdown", "html", "json", "junit")


def add_target(command: argparse.ArgumentParser) -> None:
    """Add what names a target; every part may be missing."""
    command.add_argument(
        "what",
        nargs="*",
        metavar="WHAT",
        help="a page's address or file, a recording, or an app monitor's name, id or ARN: what the"
        " options below name one by one",
    )
    target = command.add_argument_group("what to look at")
    for each in of_command_line():
        target.add_argument(
            f"--{each.name}",
            action=Once if each.own and each.name != "profile" else "store",
            metavar=each.metavar,
            default=each.default or None,
            help=f"{each.help} (default: {each.default})" if each.default else each.help,
        )
    command.add_argument("--exit-zero", action="store_true", help="exit 0 whatever was found")


def target_of(options: argparse.Namespace) -> dict[str, Any]:
    """Return what `add_target` added, by the names of `investigate`."""
    return {each.name: getattr(options, each.name) for each in of_command_line()}


def add_answer(command: argparse.ArgumentParser) -> None:
    """Add what is shown of the answer; without any of these it fits on one screen."""
    add_timeout(command)
    add_shown(command)


def add_timeout(
    command: argparse._ActionsContainer,
    default: float = DEFAULT_SECONDS,
    what: str = "how long AWS is waited for in all",
) -> None:
    """Add a time-out in seconds, of which `what` says what it bounds."""
    command.add_argument(
        "--timeout",
        type=_seconds,
        default=default,
        metavar="SECONDS",
        help=f"{what} (default: {default:g})",
    )


def add_shown(
    command: argparse.ArgumentParser, *, check: Callable[[str], str] = check_name
) -> None:
    """Add how an investigation is drawn, be it new or saved; `check` reads a check's name.

    A saved one may hold checks that this process does not know.
    """
    shown = command.add_argument_group("what to show (one screen, if nothing is said)")
    form = shown.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print one JSON object")
    form.add_argument(
        "--format",
        choices=FORMATS,
        metavar="FORM",
        help="another form: markdown (for a chat or a ticket), html (one page), json, junit",
    )
    form.add_argument("--all", action="store_true", help="every finding, fix and gap")
    form.add_argument("--evidence", action="store_true", help="the screen and its evidence")
    form.add_argument(
        "--fix",
        type=fix_kind,
        metavar="KIND",
        help="only that fix, to be pasted: cli, terraform, cloudformation, client-config, …",
    )
    shown.add_argument(
        "--check",
        type=check,
        action="append",
        default=[],
        metavar="NAME",
        help="only this finding, whole; may be repeated",
    )
    shown.add_argument(
        "--redact",
        action="store_true",
        help="stand-ins for accounts, names, addresses, hosts and people, to be shared",
    )


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds <= MOST_SECONDS:
        raise argparse.ArgumentTypeError(f"{text} is not between 0 and {MOST_SECONDS:g} seconds")
    return seconds
