"""The commands to practise with: `sandbox`, and `notebooks` in a folder of one's own."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from rumkit.cli_output import put
from rumkit.model import BadInput

if TYPE_CHECKING:
    import argparse


def add_notebooks_options(command: argparse.ArgumentParser) -> None:
    """Add where the notebooks go."""
    command.add_argument("folder", metavar="FOLDER", help="made where it is not there")
    command.add_argument(
        "--overwrite", action="store_true", help="replace files that differ, and say which"
    )


def notebooks(options: argparse.Namespace) -> int:
    """Copy the notebooks and say what became of each file."""
    from rumkit.report_copy import copy_notebooks

    put(str(copy_notebooks(options.folder, overwrite=options.overwrite)))
    return 0


def add_sandbox_options(command: argparse.ArgumentParser) -> None:
    """Add which scenario is served, and to whom."""
    command.add_argument("scenario", metavar="list|SCENARIO", help="which fault to practise on")
    command.add_argument("--json", action="store_true", help="list as JSON")
    command.add_argument(
        "--serve", action="store_true", help="print the environment and serve until input ends"
    )


def sandbox(options: argparse.Namespace) -> int:
    """List the scenarios, serve one, or run a command against one and return its exit code."""
    if options.scenario == "list":
        return _list_scenarios(as_json=options.json)
    from rumkit.sandbox import runner

    if options.serve:
        return runner.serve(options.scenario)
    if not options.tail:
        raise BadInput(
            "Name a command to run against the sandbox:"
            f" rumkit sandbox {options.scenario} -- rumkit investigate"
        )
    return runner.run_command(options.scenario, options.tail)


def _list_scenarios(*, as_json: bool) -> int:
    from rumkit.sandbox.runner import list_scenarios

    known = list_scenarios()
    if as_json:
        put(json.dumps([{"name": each.name, "title": each.title} for each in known], indent=2))
        return 0
    width = max(len(each.name) for each in known)
    for each in known:
        put(f"{each.name:<{width}}  {each.title}")
    return 0
