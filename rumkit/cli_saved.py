"""The commands about what was kept: `show` a recording or an investigation, `diff` two of them."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from rumkit.cli_options import add_shown
from rumkit.cli_output import put, with_exit_zero
from rumkit.model import BadInput

if TYPE_CHECKING:
    import argparse

    from rumkit.compare import Difference
    from rumkit.investigation import Investigation


def add_show_options(command: argparse.ArgumentParser) -> None:
    """Add which file is shown, and how."""
    command.add_argument("file", metavar="FILE", help="a recording, or what --save wrote")
    add_shown(command, check=str)
    command.add_argument("--exit-zero", action="store_true", help="exit 0 whatever was found")


def show(options: argparse.Namespace) -> int:
    """Print what is in a file, which its content tells: a recording, or a saved investigation."""
    from rumkit import case

    if investigation := case.load_if_case(options.file):
        return show_case(kept(investigation, options), options)
    from rumkit.client.recording import read_recording
    from rumkit.show.recording import described

    asked = [f"--{name}" for name in ("json", "format", "all", "evidence", "fix", "check", "redact")
             if getattr(options, name)]  # fmt: skip
    if asked:
        raise BadInput(
            f"{options.file} is not a saved investigation, so {asked[0]} has nothing to show:"
            f" rumkit investigate --recording {options.file} --save case.json makes one."
        )
    put(described(read_recording(options.file)))
    return 0


def show_case(investigation: Investigation, options: argparse.Namespace) -> int:
    """Print an investigation in the form that was asked for and return its exit code."""
    from rumkit.cli_answer import answer, refuse_contradiction

    refuse_contradiction(options)
    put(answer(investigation, options))
    return with_exit_zero(investigation.exit_code, options)


def kept(investigation: Investigation, options: argparse.Namespace) -> Investigation:
    """Return what may be shown: everything, or with stand-ins where that was asked for."""
    if not options.redact:
        return investigation
    from rumkit.redact import redacted

    return redacted(investigation)


def add_diff_options(command: argparse.ArgumentParser) -> None:
    """Add which two files are compared, and how that is shown."""
    command.add_argument("before", metavar="BEFORE", help="what --save wrote earlier")
    command.add_argument("after", metavar="AFTER", help="what --save wrote later")
    form = command.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print one JSON object")
    form.add_argument(
        "--format", choices=("text", "markdown", "json"),
        help="another form: markdown (for a chat or a ticket), json",
    )  # fmt: skip
    command.add_argument("--redact", action="store_true", help="stand-ins, the same in both")
    command.add_argument("--exit-zero", action="store_true", help="exit 0 whatever changed")


def diff(options: argparse.Namespace) -> int:
    """Print what changed between two saved investigations; 1 where something got worse."""
    from rumkit import case
    from rumkit.compare import compare

    before, after = (case.load(Path(name)) for name in (options.before, options.after))
    if options.redact:
        from rumkit.redact import Redactor

        redactor = Redactor()
        before, after = map(redactor.investigation, (before, after))
    difference = compare(before, after)
    put(_drawn(difference, "json" if options.json else options.format))
    return 1 if difference.worse and not options.exit_zero else 0


def _drawn(difference: Difference, form: str | None) -> str:
    from rumkit.show import difference_markdown, text
    from rumkit.show.difference import render

    if form == "json":
        return json.dumps(difference.to_dict(), indent=2, ensure_ascii=False)
    if form == "markdown":
        return difference_markdown.render(difference).rstrip()
    width, colour = text.terminal(sys.stdout)
    return render(difference, width=width, colour=colour)
