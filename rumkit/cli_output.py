"""What the command line writes, to whatever reads it."""

from __future__ import annotations

import os
import sys
from io import TextIOWrapper
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from rumkit.model import Finding

from rumkit.secret import hide_secrets


def put(text: str) -> None:
    """Print the program's output; a reader that has seen enough, such as `head`, is no failure."""
    if not text:
        return
    try:
        print(text, flush=True)  # noqa: T201 - this is the program's output
    except BrokenPipeError:
        # Python flushes once more when it ends, which must not fail again.
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123


def mark_what_cannot_be_written() -> None:
    """Let a stream that lacks a sign, such as ASCII's, show a mark in its place."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")


def takes_progress() -> bool:
    """Tell whether a person watches standard error on a terminal that can clear a line."""
    return sys.stderr.isatty() and os.environ.get("TERM") != "dumb"


def progress(options: argparse.Namespace) -> Callable[[Finding], None] | None:
    """Return what tells a person at a terminal how far an investigation is, None where none is."""
    if options.json or options.quiet or not takes_progress():
        return None
    from rumkit.show.progress import terminal_progress

    return terminal_progress(sys.stderr)


def status(text: str) -> None:
    """Show what is waited for in place of the line of progress, on a terminal alone."""
    if takes_progress():
        sys.stderr.write(f"\r\x1b[2K{text}")
        sys.stderr.flush()


def say(message: str, code: int, *, debug: bool = False) -> int:
    """Tell a person something beside the output, and return the exit code."""
    if debug:
        import traceback

        # Whatever raised it, a traceback may end up in a ticket.
        print(hide_secrets(traceback.format_exc()), file=sys.stderr, end="")  # noqa: T201
    status("")
    print(hide_secrets(message), file=sys.stderr)  # noqa: T201 - as above
    return code


def interrupted(code: int, *, at_once: bool) -> int:
    """Say that a person ended it, and end the process `at_once`, whatever its threads wait for."""
    say("rumkit: interrupted.", code)
    if at_once:
        sys.stdout.flush()
        os._exit(code)
    return code
