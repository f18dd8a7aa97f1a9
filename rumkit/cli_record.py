"""The commands that record a visit: `record` in a browser here, `snippet` for one elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from rumkit.cli_output import put
from rumkit.recorder.options import add_options as add_recorder_options

if TYPE_CHECKING:
    import argparse


def add_options(command: argparse.ArgumentParser) -> None:
    """Add what is visited, and where the recording goes."""
    command.add_argument("url", metavar="URL", help="the page to visit")
    command.add_argument("--output", type=Path, metavar="FILE", help="default: HOST.rum.zip")
    command.add_argument("--quiet", action="store_true", help="no progress on standard error")
    add_recorder_options(command)


def record(options: argparse.Namespace) -> int:
    """Visit the page and print the name of the file."""
    from rumkit.recorder.command import recorded

    file = recorded(options, options.url, options.output, quiet=options.quiet)
    put(str(file))
    return 0


def snippet(_: argparse.Namespace) -> int:
    """Print the script for a console."""
    from rumkit.recorder.page_scripts import snippet

    put(snippet())
    return 0
