"""The command line. Nothing heavy is imported before a command needs it."""

from __future__ import annotations

import argparse
import sys
from contextlib import nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rumkit import (
    __version__,
    cli_account,
    cli_fleet,
    cli_investigate,
    cli_mcp,
    cli_own_checks,
    cli_practice,
    cli_record,
    cli_reference,
    cli_report,
    cli_saved,
    cli_watch,
)
from rumkit.cli_output import interrupted, prepare_streams, put, say
from rumkit.cli_parser import BAD_USAGE, Parser, split
from rumkit.ending import Ended, ended_by_signals
from rumkit.model import DEFECT_CODE, BadInput, RumkitError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_INTERRUPTED = 130

_DESCRIPTION = """\
rumkit finds out why CloudWatch RUM data does not arrive, proves it, and gives
the fix. Without a command it shows whose account this is and lists its app
monitors.

exit codes: 0 healthy or degraded, 1 broken, 2 bad usage, 3 unproven, 4 rumkit
            itself failed (--exit-zero turns 1 and 3 into 0)
"""
_EXAMPLES = """\
examples:
  rumkit investigate --monitor shop-web --profile prod
  rumkit investigate https://www.shop.example/ session.har
  rumkit investigate --monitor shop-web --save case.json --redact
  rumkit watch --monitor shop-web --for 30m
  rumkit show case.json --format markdown
  rumkit diff before.json after.json
  rumkit record https://www.shop.example/
  rumkit report --monitor shop-web --output reports
  rumkit sandbox guest-role-permission -- rumkit investigate
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    if not arguments or arguments[0].partition("=")[0] in {"--profile", "--region"}:
        arguments = ["monitors", *arguments]
    prepare_streams()
    arguments, tail = split(arguments)
    options = argparse.Namespace(debug=False, tail=tail)
    try:
        # What calls this from a program of its own has its own signals.
        with (
            ended_by_signals() if argv is None else nullcontext(),
            cli_own_checks.in_surroundings(arguments),
        ):
            parser().parse_args(arguments, options)
            cli_own_checks.read(options)
            return int(options.run(options))
    except BadInput as error:
        return say(f"rumkit: {error}", BAD_USAGE, debug=options.debug)
    except RumkitError as error:
        return say(f"rumkit: {error}", DEFECT_CODE, debug=options.debug)
    except KeyboardInterrupt as end:
        return interrupted(
            end.code if isinstance(end, Ended) else _INTERRUPTED, at_once=argv is None
        )
    except Exception as error:  # noqa: BLE001 - the last line between a defect and a person
        return say(
            f"rumkit itself failed: {type(error).__name__}: {error}. Run again with --debug and"
            " report what it prints.",
            DEFECT_CODE,
            debug=options.debug,
        )


def _completion(options: argparse.Namespace) -> int:
    from rumkit.cli_completion import script

    put(script(options.shell, parser()))
    return 0


@dataclass(frozen=True)
class _Subcommand:
    """A command; `checks` says that it asks checks of one's own too."""

    name: str
    about: str
    add_options: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace], int]
    checks: bool = False


_COMMANDS = (
    _Subcommand("investigate", "find the first broken hop of the path",
             cli_investigate.add_options, cli_investigate.investigate, checks=True),
    _Subcommand("watch",
             "after a fix: ask again what was broken, until it is healthy or the time is over",
             cli_watch.add_options, cli_watch.watch, checks=True),
    _Subcommand("monitors",
             "whose account this is and its app monitors, by silence (so does `rumkit` alone)",
             cli_account.add_options, cli_account.monitors),
    _Subcommand("explain", "what a check asks, from what, and where to read on",
             cli_reference.add_explain_options, cli_reference.explain, checks=True),
    _Subcommand("record", "visit a page in your own browser and save one file",
             cli_record.add_options, cli_record.record),
    _Subcommand("snippet",
             "print a script for a browser's console: what it prints is a --recording",
             lambda _: None, cli_record.snippet),
    _Subcommand("show", "say what is in a recording, or draw a saved investigation",
             cli_saved.add_show_options, cli_saved.show),
    _Subcommand("diff",
             "what changed between two saved investigations: exits 1 where something got worse",
             cli_saved.add_diff_options, cli_saved.diff),
    _Subcommand("report", "run a notebook and write HTML, JSON and JUnit",
             cli_report.add_options, cli_report.report, checks=True),
    _Subcommand("fleet", "health reports of many monitors, every night",
             cli_fleet.add_options, cli_fleet.fleet, checks=True),
    _Subcommand("notebooks", "copy the notebooks and the course into a folder",
             cli_practice.add_notebooks_options, cli_practice.notebooks),
    _Subcommand("sandbox", "a small AWS for RUM to practise on: `list`, or SCENARIO -- COMMAND...",
             cli_practice.add_sandbox_options, cli_practice.sandbox),
    _Subcommand("permissions", "print the least-privilege IAM policy",
             cli_reference.add_permissions_options, cli_reference.permissions),
    _Subcommand("mcp", "serve rumkit's reading tools to an agent (Model Context Protocol)",
             cli_mcp.add_options, cli_mcp.serve, checks=True),
    _Subcommand("completion", "print a script that completes words in a shell",
             cli_reference.add_completion_options, _completion),
)  # fmt: skip


def parser() -> Parser:
    """Return the parser of all commands, whose own parsers it holds by name in `commands`."""
    top = Parser(
        prog="rumkit",
        description=_DESCRIPTION,
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    top.add_argument("--version", action="version", version=f"rumkit {__version__}")
    commands = top.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for each in _COMMANDS:
        command = commands.add_parser(each.name, help=each.about, description=each.about)
        command.set_defaults(run=each.run)
        command.add_argument(
            "--debug", action="store_true", help="show a traceback when rumkit fails"
        )
        each.add_options(command)
        if each.checks:
            cli_own_checks.add_option(command)
    top.commands = commands.choices
    return top
