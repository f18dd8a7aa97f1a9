"""The options of a recording; every command's help needs them, so nothing heavy stands here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rumkit.recorder.browsers import NAMES

if TYPE_CHECKING:
    import argparse

SECONDS = 30.0


def add_options(command: argparse.ArgumentParser) -> None:
    """Add what says how a visit is recorded."""
    visit = command.add_argument_group("how to record")
    visit.add_argument(
        "--browser", default="", metavar="NAME|PATH",
        help=f"{', '.join(NAMES)}, or an absolute path (default: the first that is installed)",
    )  # fmt: skip
    visit.add_argument("--seconds", type=float, default=SECONDS, metavar="N",
                       help=f"wait for a page at most so long (default: {SECONDS:g})")  # fmt: skip
    window = visit.add_mutually_exclusive_group()
    window.add_argument("--headed", dest="headless", action="store_false", default=None,
                        help="show a window (default where there is a display)")  # fmt: skip
    window.add_argument("--headless", dest="headless", action="store_true",
                        help="show no window")  # fmt: skip
    visit.add_argument("--dry", action="store_true", help="hold the events back, and say so")
    visit.add_argument("--reload", action="store_true", help="load the page a second time")
    visit.add_argument("--then", action="append", default=[], metavar="URL",
                       help="go on to another page in the same profile")  # fmt: skip
    visit.add_argument("--private", action="store_true", help="and the same in a private window")
    visit.add_argument("--wait-for-me", action="store_true",
                       help="wait until you have clicked through a login or a banner")  # fmt: skip
