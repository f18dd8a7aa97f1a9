"""The commands about what was kept: `show` a recording or an investigation, `diff` two of them."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from rumkit.cli_output import put
from rumkit.model import BadInput

if TYPE_CHECKING:
    import argparse

    from rumkit.investigation import Investigation


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
            f"{options.file} is no saved investigation, so {asked[0]} has nothing to show:"
            f" rumkit investigate --recording {options.file} --save case.json makes one."
        )
    put(described(read_recording(options.file)))
    return 0


def show_case(investigation: Investigation, options: argparse.Namespace) -> int:
    """Print an investigation in the form that was asked for and return its exit code."""
    from rumkit.cli_answer import answer, refuse_contradiction

    refuse_contradiction(options)
    put(answer(investigation, options))
    return 0 if options.exit_zero else investigation.exit_code


def kept(investigation: Investigation, options: argparse.Namespace) -> Investigation:
    """Return what may be shown: everything, or with stand-ins where that was asked for."""
    if not options.redact:
        return investigation
    from rumkit.redact import redacted

    return redacted(investigation)


def diff(options: argparse.Namespace) -> int:
    """Print what changed between two saved investigations; 1 where something got worse."""
    from rumkit import case
    from rumkit.compare import compare
    from rumkit.show import text
    from rumkit.show.difference import render

    before, after = (case.load(Path(name)) for name in (options.before, options.after))
    if options.redact:
        from rumkit.redact import Redactor

        redactor = Redactor()
        before, after = map(redactor.investigation, (before, after))
    difference = compare(before, after)
    if options.json:
        put(json.dumps(difference.to_dict(), indent=2, ensure_ascii=False))
    else:
        width, colour = text.terminal(sys.stdout)
        put(render(difference, width=width, colour=colour))
    return 1 if difference.worse and not options.exit_zero else 0
