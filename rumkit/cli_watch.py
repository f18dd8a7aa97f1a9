"""The command `watch`: after a fix, until it is healthy."""

from __future__ import annotations

import argparse
import json
import re
import sys
from typing import TYPE_CHECKING

from rumkit.cli_options import target_of
from rumkit.cli_output import put, status, takes_progress

if TYPE_CHECKING:
    from collections.abc import Callable

    from rumkit.model import Finding
    from rumkit.watch import State, Watch

_LENGTH = re.compile(r"(\d{1,6})([smh]?)")
_UNITS = {"": 1, "s": 1, "m": 60, "h": 3600}
_LEAST_EVERY, _MOST = 5, 24 * 3600


def add_pace(command: argparse.ArgumentParser) -> None:
    """Add how long and how often it is asked."""
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
        raise argparse.ArgumentTypeError(f"{text} is no time from 5s to 24h, such as 90s or 30m")
    return float(seconds)


def watch(options: argparse.Namespace) -> int:
    """Watch what was broken and return the verdict's exit code.

    Ctrl-C prints the state so far.
    """
    from rumkit.cli_answer import refuse_nothing
    from rumkit.practice import let_time_pass
    from rumkit.show import watching
    from rumkit.watch import Watch, rounds

    refuse_nothing(options)
    over = Watch.over(timeout=options.timeout, **target_of(options))
    state = over.look(_progress(options))
    say = _silent if options.json else put
    for line in watching.begun(
        over.first, over.follows, seconds=options.seconds, every=options.every
    ):
        say(line)
    if over.first.verdict.exit_code == 0 and not state.open:
        return _ended(over, state, options)
    try:
        for newer in rounds(
            over, seconds=options.seconds, every=options.every, pause=let_time_pass
        ):
            status("")
            # Before the line is said: what was said of a round is what the end says, too.
            before, state = state, newer
            if not state.well:
                say(watching.line(state, before))
            _waiting(options, watching.clock(state.at))
    except KeyboardInterrupt:
        status("")
        _ended(over, state, options)
        raise
    status("")
    return _ended(over, state, options)


def _ended(over: Watch, state: State, options: argparse.Namespace) -> int:
    from rumkit.show import text, watching

    looked_again = state.findings and state.at > over.began
    verdict = state.verdict if looked_again else over.first.verdict
    if options.json:
        put(json.dumps({**state.to_dict(), "verdict": str(verdict)}, indent=2))
    elif looked_again:
        put(watching.ended(state))
    else:
        put(text.headline(over.first))
    return 0 if options.exit_zero else verdict.exit_code


def _silent(_: str) -> None:
    """Say nothing: JSON is one object at the end."""


def _progress(options: argparse.Namespace) -> Callable[[Finding], None] | None:
    if options.json or options.quiet or not takes_progress():
        return None
    from rumkit.show.progress import terminal_progress

    return terminal_progress(sys.stderr)


def _waiting(options: argparse.Namespace, clock: str) -> None:
    if not (options.json or options.quiet):
        status(f"asked {clock}; waiting for the next round, Ctrl-C ends it")
