"""Checks of one's own on the command line: a file that is named, and nothing else, is run."""

from __future__ import annotations

import argparse
import os
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from rumkit.inputs import OWN_CHECKS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_OPTION = "--checks"


def add_option(command: argparse.ArgumentParser) -> None:
    """Add which file holds checks of one's own."""
    command.add_argument(
        _OPTION, metavar="FILE.py",
        help="run this file's checks too (@rumkit.add_check); default: RUMKIT_CHECKS",
    )  # fmt: skip


@contextmanager
def in_surroundings(arguments: Sequence[str]) -> Iterator[None]:
    """Let this process and those that it starts know the file that the arguments name.

    It is read before the other options: they may name a check that the file adds.
    """
    early = argparse.ArgumentParser(add_help=False, allow_abbrev=False, exit_on_error=False)
    early.add_argument(_OPTION)
    try:
        named = early.parse_known_args(arguments)[0].checks
    except argparse.ArgumentError:  # The command's own parser says so.
        named = None
    before = os.environ.get(OWN_CHECKS)
    if named:
        os.environ[OWN_CHECKS] = str(Path(named).absolute())
    try:
        yield
    finally:
        if before is not None:
            os.environ[OWN_CHECKS] = before
        elif named:
            del os.environ[OWN_CHECKS]


def read(options: argparse.Namespace) -> None:
    """Run the file before a command looks at anything. Raises BadInput where it can't be run."""
    if "checks" in options and os.environ.get(OWN_CHECKS):
        from rumkit.checks.named_file import run_named_file

        run_named_file()
