"""The command `investigate`: the whole path, of what is named."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from rumkit.cli_options import add_answer, add_target, target_of
from rumkit.cli_output import progress, say
from rumkit.cli_saved import kept, show_case
from rumkit.inputs import INPUTS
from rumkit.model import BadInput
from rumkit.recorder.options import add_options as add_recorder_options

if TYPE_CHECKING:
    import argparse


def add_options(command: argparse.ArgumentParser) -> None:
    """Add what is looked at, what is shown and kept, and whether the page is visited first."""
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


def investigate(options: argparse.Namespace) -> int:
    """Investigate, keep and print, and return the exit code."""
    from rumkit import case, runner
    from rumkit.cli_answer import refuse_contradiction, refuse_nothing

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
    made = runner.investigate(
        **given,
        probe=options.probe,
        timeout=options.timeout,
        on_finding=progress(options),
    )
    shown = kept(made, options)
    if options.save:
        case.save(shown, options.save)
    return show_case(shown, options)


def _visited(options: argparse.Namespace) -> str:
    """Record the page that is to be investigated and return the file, which stays."""
    from rumkit.recorder.command import recorded

    page = options.page or os.environ.get("RUMKIT_PAGE", "")
    if "://" not in page:
        raise BadInput("--record visits a page: name its address with --page.")
    if options.recording:
        raise BadInput("--record makes a recording: leave --recording out.")
    return str(recorded(options, page, None, quiet=options.quiet))
