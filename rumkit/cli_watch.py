"""The command `watch`: after a fix, until it is healthy."""

from __future__ import annotations

import argparse
import json
import re
from typing import TYPE_CHECKING

from rumkit.cli_options import add_target, add_timeout, target_of
from rumkit.cli_output import progress, put, status, with_exit_zero

if TYPE_CHECKING:
    from rumkit.show.watching import WatchReport

_LENGTH = re.compile(r"(\d{1,6})([smh]?)")
_UNITS = {"": 1, "s": 1, "m": 60, "h": 3600}
_LEAST_EVERY, _MOST = 5, 24 * 3600


def add_options(command: argparse.ArgumentParser) -> None:
    """Add what is watched, how long and how often."""
    add_target(command)
    add_timeout(command)
    pace = command.add_argument_group("how long and how often")
    pace.add_argument(
        "--for", dest="seconds", type=length, default=1800.0, metavar="TIME",
        help="until then, if it is not healthy before: 90s, 30m, 2h (default: 30m)",
    )  # fmt: skip
    pace.add_argument(
        "--every", type=length, default=60.0, metavar="TIME", help="the pace (default: 60s)"
    )
    command.add_argument("--json", action="store_true", help="print the last state as JSON")
    command.add_argument("--quiet", action="store_true", help="no progress on standard error")


def length(text: str) -> float:
    """Read `90s`, `30m` or `2h` as seconds, from 5 seconds to a day."""
    match = _LENGTH.fullmatch(text)
    seconds = int(match[1]) * _UNITS[match[2]] if match else 0
    if not _LEAST_EVERY <= seconds <= _MOST:
        raise argparse.ArgumentTypeError(f"{text} is not a time from 5s to 24h, such as 90s or 30m")
    return float(seconds)


def watch(options: argparse.Namespace) -> int:
    """Watch what was broken and return the verdict's exit code.

    Ctrl-C prints the state so far.
    """
    from rumkit.cli_answer import refuse_nothing
    from rumkit.practice import let_time_pass
    from rumkit.show.watching import WatchReport
    from rumkit.watch import Watch, rounds

    refuse_nothing(options)
    over = Watch.over(timeout=options.timeout, **target_of(options))
    pace = {"seconds": options.seconds, "every": options.every}
    report = WatchReport(over, over.look(progress(options)), **pace)
    try:
        for line in report.lines(rounds(over, pause=let_time_pass, **pace)):
            _say(line, report, options)
    except KeyboardInterrupt:
        _end(report, options)
        raise
    _end(report, options)
    return with_exit_zero(report.exit_code, options)


def _say(line: str, report: WatchReport, options: argparse.Namespace) -> None:
    from rumkit.show.watching import clock

    if options.json:  # One object, at the end.
        return
    status("")
    put(line)
    if not options.quiet:
        status(f"asked {clock(report.state.at)}; waiting for the next round, Ctrl-C ends it")


def _end(report: WatchReport, options: argparse.Namespace) -> None:
    status("")
    if options.json:
        put(json.dumps({**report.state.to_dict(), "verdict": str(report.verdict)}, indent=2))
    else:
        put(report.last())
