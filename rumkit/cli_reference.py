"""The commands that say what rumkit is: `explain`, `permissions`, `completion`."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

from rumkit.cli_completion import SHELLS
from rumkit.cli_output import put
from rumkit.cli_parser import check_name

if TYPE_CHECKING:
    import argparse


def add_explain_options(command: argparse.ArgumentParser) -> None:
    """Add which check is explained."""
    command.add_argument("check", type=check_name, metavar="CHECK", help="the name of a check")


def explain(options: argparse.Namespace) -> int:
    """Print what a check asks, from what it decides, and where to read on."""
    from rumkit.show import explained, text

    width, _ = text.terminal(sys.stdout)
    put(explained.explain(options.check, width))
    return 0


def add_permissions_options(command: argparse.ArgumentParser) -> None:
    """Add for which partition and which trail source."""
    command.add_argument(
        "--partition", default="aws", choices=["aws", "aws-cn", "aws-us-gov", "aws-eusc"]
    )
    command.add_argument(
        "--trail",
        default="auto",
        metavar="SOURCE",
        help="for this trail source, as investigate takes it, or its kind alone: logs, athena, …",
    )
    command.add_argument(
        "--organization",
        default="",
        metavar="ROLE",
        help="also for `rumkit fleet --organization ROLE`, which finds an organization's accounts",
    )
    command.add_argument("--table", action="store_true", help="what each permission is for")


def permissions(options: argparse.Namespace) -> int:
    """Print the policy, or what each permission is for."""
    from rumkit.aws.permissions import permissions as listed
    from rumkit.aws.permissions import policy

    if options.organization:
        from rumkit.fleet.organization import refuse_no_role_name

        refuse_no_role_name(options.organization)
    asked = (options.partition, options.trail, options.organization)
    if options.table:
        for each in listed(*asked):
            only = f" ({each.only})" if each.only else ""
            put(f"{each.action:<44}{each.why}{only}")
        return 0
    put(json.dumps(policy(*asked), indent=2))
    return 0


def add_completion_options(command: argparse.ArgumentParser) -> None:
    """Add for which shell."""
    command.add_argument("shell", choices=SHELLS, metavar="|".join(SHELLS))
