"""The command line. Nothing heavy is imported before a command needs it."""

from __future__ import annotations

import argparse
import json
import os
import sys
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rumkit import __version__, cli_mcp, cli_report
from rumkit.cli_options import (
    add_answer,
    add_recorder_options,
    add_shown,
    add_target,
    add_timeout,
    target_of,
)
from rumkit.cli_output import (
    interrupted,
    prepare_streams,
    put,
    say,
    takes_progress,
)
from rumkit.cli_parser import BAD_USAGE, Parser, check_name, split
from rumkit.cli_saved import diff, kept, show, show_case
from rumkit.cli_watch import add_pace, watch
from rumkit.ending import Ended, ended_by_signals
from rumkit.inputs import INPUTS
from rumkit.model import BadInput, RumkitError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from rumkit.model import Finding

FAILED, INTERRUPTED = 4, 130

_DESCRIPTION = """\
rumkit finds out why CloudWatch RUM data does not arrive, proves it, and gives the fix.
Without a command it shows whose account this is and lists its app monitors.

exit codes: 0 healthy or degraded, 1 broken, 2 bad usage, 3 unproven, 4 rumkit itself failed
            (--exit-zero turns 1 and 3 into 0)
"""
_EXAMPLES = """\
examples:
  rumkit investigate --monitor shop-web --page https://www.shop.example/ --profile prod
  rumkit investigate --recording session.har
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
    options = parser().parse_args(arguments)
    options.tail = tail
    try:
        # What calls this from a program of its own has its own signals.
        with ended_by_signals() if argv is None else nullcontext():
            return int(options.run(options))
    except BadInput as error:
        return say(f"rumkit: {error}", BAD_USAGE, debug=options.debug)
    except RumkitError as error:
        return say(f"rumkit: {error}", FAILED, debug=options.debug)
    except KeyboardInterrupt as end:
        return interrupted(
            end.code if isinstance(end, Ended) else INTERRUPTED, at_once=argv is None
        )
    except Exception as error:  # noqa: BLE001 - the last line between a defect and a person
        return say(
            f"rumkit itself failed: {type(error).__name__}: {error}. Run again with --debug and"
            " report what it prints.",
            FAILED,
            debug=options.debug,
        )


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
    _add_investigate(commands)
    _add_watch(commands)
    _add_monitors(commands)
    _add_explain(commands)
    _add_record(commands)
    _add_snippet(commands)
    _add_show(commands)
    _add_diff(commands)
    _add_report(commands)
    _add_fleet(commands)
    _add_notebooks(commands)
    _add_sandbox(commands)
    _add_permissions(commands)
    _add_mcp(commands)
    _add_completion(commands)
    top.commands = commands.choices
    return top


def _command(
    commands: Any, name: str, run: Callable[[argparse.Namespace], int], *, about: str
) -> argparse.ArgumentParser:
    found: argparse.ArgumentParser = commands.add_parser(name, help=about, description=about)
    found.set_defaults(run=run)
    found.add_argument("--debug", action="store_true", help="show a traceback when rumkit fails")
    return found


def _add_investigate(commands: Any) -> None:
    command = _command(
        commands, "investigate", _investigate, about="find the first broken hop of the path"
    )
    add_target(command)
    for each in INPUTS:
        if each.flag and each.command:
            command.add_argument(f"--{each.name}", action="store_true", help=each.help)
    add_answer(command)
    command.add_argument("--save", type=Path, metavar="FILE", help="keep the investigation too")
    command.add_argument("--quiet", action="store_true", help="no progress on standard error")
    command.add_argument(
        "--record", action="store_true",
        help="visit the page in a browser first, and look at that recording too",
    )  # fmt: skip
    add_recorder_options(command)


def _add_watch(commands: Any) -> None:
    command = _command(
        commands,
        "watch",
        watch,
        about="after a fix: ask again what was broken, until it is healthy or the time is over",
    )
    add_target(command)
    add_timeout(command)
    add_pace(command)


def _add_monitors(commands: Any) -> None:
    command = _command(
        commands,
        "monitors",
        _monitors,
        about="whose account this is and its app monitors, by silence (so does `rumkit` alone)",
    )
    command.add_argument("--profile", help="AWS profile")
    command.add_argument("--region", help="this region alone (default: all)")
    command.add_argument("--json", action="store_true", help="print one JSON object")


def _add_explain(commands: Any) -> None:
    command = _command(
        commands, "explain", _explain, about="what a check asks, from what, and where to read on"
    )
    command.add_argument("check", type=check_name, metavar="CHECK", help="the name of a check")


def _add_record(commands: Any) -> None:
    command = _command(
        commands, "record", _record, about="visit a page in your own browser and save one file"
    )
    command.add_argument("url", metavar="URL", help="the page to visit")
    command.add_argument("--output", type=Path, metavar="FILE", help="default: HOST.rum.zip")
    command.add_argument("--quiet", action="store_true", help="no progress on standard error")
    add_recorder_options(command)


def _add_snippet(commands: Any) -> None:
    _command(
        commands, "snippet", _snippet,
        about="print a script for a browser's console: what it prints is a --recording",
    )  # fmt: skip


def _add_show(commands: Any) -> None:
    command = _command(
        commands, "show", show, about="say what is in a recording, or draw a saved investigation"
    )
    command.add_argument("file", metavar="FILE", help="a recording, or what --save wrote")
    add_shown(command)
    command.add_argument("--exit-zero", action="store_true", help="exit 0 whatever was found")


def _add_diff(commands: Any) -> None:
    command = _command(
        commands,
        "diff",
        diff,
        about="what changed between two saved investigations: exits 1 where something got worse",
    )
    command.add_argument("before", metavar="BEFORE", help="what --save wrote earlier")
    command.add_argument("after", metavar="AFTER", help="what --save wrote later")
    command.add_argument("--json", action="store_true", help="print one JSON object")
    command.add_argument("--redact", action="store_true", help="stand-ins, the same in both")
    command.add_argument("--exit-zero", action="store_true", help="exit 0 whatever changed")


def _add_report(commands: Any) -> None:
    about = "run a notebook and write HTML, JSON and JUnit"
    command = _command(commands, "report", cli_report.report, about=about)
    add_target(command)
    cli_report.add_options(command)


def _add_fleet(commands: Any) -> None:
    from rumkit.cli_fleet import add_options, fleet

    add_options(
        _command(commands, "fleet", fleet, about="health reports of many monitors, every night")
    )


def _add_notebooks(commands: Any) -> None:
    command = _command(
        commands, "notebooks", _notebooks, about="copy the notebooks and the course into a folder"
    )
    command.add_argument("folder", metavar="FOLDER", help="made where it is not there")
    command.add_argument(
        "--overwrite", action="store_true", help="replace files that differ, and say which"
    )


def _add_sandbox(commands: Any) -> None:
    command = _command(
        commands,
        "sandbox",
        _sandbox,
        about="a small AWS for RUM to practise on: `list`, or SCENARIO -- COMMAND...",
    )
    command.add_argument("scenario", metavar="list|SCENARIO", help="which fault to practise on")
    command.add_argument("--json", action="store_true", help="list as JSON")
    command.add_argument(
        "--serve", action="store_true", help="print the environment and serve until input ends"
    )


def _add_permissions(commands: Any) -> None:
    command = _command(
        commands, "permissions", _permissions, about="print the least-privilege IAM policy"
    )
    command.add_argument(
        "--partition", default="aws", choices=["aws", "aws-cn", "aws-us-gov", "aws-eusc"]
    )
    command.add_argument(
        "--trail",
        default="auto",
        metavar="SOURCE",
        help="for this trail source, as investigate takes it, or its kind alone: logs, athena, …",
    )
    command.add_argument("--table", action="store_true", help="what each permission is for")


def _add_mcp(commands: Any) -> None:
    about = "serve rumkit's reading tools to an agent (Model Context Protocol)"
    cli_mcp.add_options(_command(commands, "mcp", cli_mcp.serve, about=about))


def _add_completion(commands: Any) -> None:
    command = _command(
        commands, "completion", _completion, about="print a script that completes words in a shell"
    )
    command.add_argument("shell", choices=["bash", "zsh", "fish"], metavar="bash|zsh|fish")


def _investigate(options: argparse.Namespace) -> int:
    from rumkit import case
    from rumkit.cli_answer import refuse_contradiction, refuse_nothing
    from rumkit.runner import investigate

    refuse_nothing(options)
    refuse_contradiction(options)
    if options.save:
        case.refuse_unwritable(options.save)
    if options.probe:
        from rumkit.aws.probe import announcement

        say(announcement(options.monitor or ""), 0)
    given = target_of(options)
    if options.record:
        given["recording"] = _visited(options)
    found = investigate(
        **given,
        probe=options.probe,
        timeout=options.timeout,
        on_finding=None if options.json or options.quiet else _progress(),
    )
    if options.save:
        case.save(kept(found, options), options.save)
    return show_case(found, options)


def _visited(options: argparse.Namespace) -> str:
    """Record the page that is to be investigated and return the file, which stays."""
    from rumkit.recorder.command import recorded

    page = options.page or os.environ.get("RUMKIT_PAGE", "")
    if "://" not in page:
        raise BadInput("--record visits a page: name its address with --page.")
    if options.recording:
        raise BadInput("--record makes a recording: leave --recording out.")
    return str(recorded(options, page, None, quiet=options.quiet))


def _record(options: argparse.Namespace) -> int:
    from rumkit.recorder.command import recorded

    file = recorded(options, options.url, options.output, quiet=options.quiet)
    put(str(file))
    return 0


def _snippet(_: argparse.Namespace) -> int:
    from rumkit.recorder.page_scripts import snippet

    put(snippet())
    return 0


def _explain(options: argparse.Namespace) -> int:
    from rumkit.cli_answer import explain

    put(explain(options.check))
    return 0


def _monitors(options: argparse.Namespace) -> int:
    from rumkit.cli_account import account

    put(account(options))
    return 0


def _progress() -> Callable[[Finding], None] | None:
    """Return what tells a person at a terminal how far the investigation is."""
    if not takes_progress():
        return None
    from rumkit.show.progress import terminal_progress

    return terminal_progress(sys.stderr)


def _notebooks(options: argparse.Namespace) -> int:
    from rumkit.report_copy import copy_notebooks

    put(str(copy_notebooks(options.folder, overwrite=options.overwrite)))
    return 0


def _sandbox(options: argparse.Namespace) -> int:
    if options.scenario == "list":
        return _list_scenarios(as_json=options.json)
    from rumkit.sandbox import runner

    if options.serve:
        return runner.serve(options.scenario)
    if not options.tail:
        raise BadInput(
            "Name a command to run against the sandbox:"
            f" rumkit sandbox {options.scenario} -- rumkit investigate"
        )
    return runner.run_command(options.scenario, options.tail)


def _list_scenarios(*, as_json: bool) -> int:
    from rumkit.sandbox.runner import list_scenarios

    found = list_scenarios()
    if as_json:
        put(json.dumps([{"name": each.name, "title": each.title} for each in found], indent=2))
        return 0
    width = max(len(each.name) for each in found)
    for each in found:
        put(f"{each.name:<{width}}  {each.title}")
    return 0


def _permissions(options: argparse.Namespace) -> int:
    from rumkit.aws.permissions import permissions, policy

    if options.table:
        for each in permissions(options.partition, options.trail):
            only = f" ({each.only})" if each.only else ""
            put(f"{each.action:<44}{each.why}{only}")
        return 0
    put(json.dumps(policy(options.partition, options.trail), indent=2))
    return 0


def _completion(options: argparse.Namespace) -> int:
    from rumkit.cli_completion import script

    put(script(options.shell, parser()))
    return 0
