"""What the command line writes, to whatever reads it."""

from __future__ import annotations

import codecs
import os
import sys
from io import TextIOWrapper
from typing import TYPE_CHECKING, Final

from rumkit.model import RumkitError
from rumkit.secret import hide_secrets

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from rumkit.model import Finding


# What stands for a sign of ours where the terminal's encoding has none; each stays apart.
PLAIN: Final = {
    "✓": "+", "✗": "x", "○": "o", "·": ".", "⚠": "!", "→": ">", "←": "<", "─": "-", "–": "-",  # noqa: RUF001
    "…": "...", "“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "§": "section ",
}  # fmt: skip
_HANDLER: Final = "rumkit-plain"


def put(text: str) -> None:
    """Print the program's output; a reader that has seen enough, such as `head`, is no failure."""
    if not text:
        return
    try:
        print(text, flush=True)  # noqa: T201 - this is the program's output
    except BrokenPipeError:
        # Python flushes once more when it ends, which must not fail again.
        sys.stdout = _nowhere()
    except OSError as error:
        sys.stdout = _nowhere()
        raise RumkitError(f"The output can't be written: {error.strerror}.") from None


def prepare_streams() -> None:
    """Have streams to write to, and signs that each of them can show.

    One that was closed before the start goes nowhere; one that lacks a sign of ours, such as
    ASCII's, shows a plain one, and a question mark for a stranger's.
    """
    sys.stdout, sys.stderr = sys.stdout or _nowhere(), sys.stderr or _nowhere()
    codecs.register_error(_HANDLER, _plain)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors=_HANDLER)


def _plain(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeEncodeError)
    signs = error.object[error.start : error.end]
    return "".join(PLAIN.get(sign, "?") for sign in signs), error.end


def _nowhere() -> TextIOWrapper:
    return open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123


def with_exit_zero(code: int, options: argparse.Namespace) -> int:
    """Return the exit code of a verdict: with --exit-zero 0, unless rumkit itself failed."""
    return 0 if options.exit_zero and code in {1, 3} else code


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
        message = hide_secrets(traceback.format_exc()) + message
    try:
        status("")
        print(hide_secrets(message), file=sys.stderr, flush=True)  # noqa: T201 - as above
    except OSError:
        # The exit code still tells; what is left in the stream would take its place at the end.
        sys.stderr = _nowhere()
    return code


def interrupted(code: int, *, at_once: bool) -> int:
    """Say that a person ended it, and end the process `at_once`, whatever its threads wait for."""
    say("rumkit: interrupted.", code)
    if at_once:
        sys.stdout.flush()
        os._exit(code)
    return code
