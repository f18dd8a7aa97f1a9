"""The command `report`: a notebook run headless, written as HTML, JSON and JUnit."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from rumkit.cli_options import add_target, target_of
from rumkit.cli_output import put, with_exit_zero
from rumkit.model import BadInput

if TYPE_CHECKING:
    import argparse


def add_options(command: argparse.ArgumentParser) -> None:
    """Add what is looked at by which notebook, where that is written, and how long it may take."""
    add_target(command)
    command.add_argument("--notebook", default="health_report", help="default: health_report")
    command.add_argument("--output", default="reports", metavar="FOLDER", help="default: reports")
    command.add_argument(
        "--parameter",
        "-p",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="a parameter of the notebook, as text",
    )
    command.add_argument(
        "--timeout", type=float, default=300.0, metavar="SECONDS", help="default: 300"
    )
    command.add_argument("--json", action="store_true", help="print the paths as JSON")
    command.add_argument("--quiet", action="store_true", help="no progress on standard error")


def report(options: argparse.Namespace) -> int:
    """Run the notebook, print the verdict and where the page is, and return its exit code."""
    import gc

    from rumkit.cli_answer import refuse_unnamed
    from rumkit.light import SELDOM
    from rumkit.report import run_report

    gc.set_threshold(*SELDOM)
    given = target_of(options)
    parameters = {name: value for name, value in given.items() if value is not None}
    parameters |= dict(map(_name_and_value, options.parameter))
    refuse_unnamed(parameters)
    made = run_report(
        options.notebook,
        parameters,
        Path(options.output),
        timeout=options.timeout,
        progress=None if options.quiet else lambda line: print(line, file=sys.stderr),  # noqa: T201
    )
    paths = {kind: str(path) for kind, path in made.paths.items()}
    if options.json:
        put(json.dumps(paths, indent=2))
    else:
        investigation = made.investigation
        if investigation.target.get("sandbox"):
            from rumkit.show.screen import SANDBOX

            put(SANDBOX)
        put(f"{investigation.verdict}: {investigation.root_cause or 'no broken hop found'}")
        put(paths["html"])
    return with_exit_zero(made.exit_code, options)


def _name_and_value(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise BadInput(f"--parameter takes NAME=VALUE, not {text!r}.")
    return name, value
