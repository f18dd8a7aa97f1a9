"""How much of a suite is run: `make test` a fixed slice, `make trust` (RUMKIT_TRUST=whole) all,
and with `--part 1/2` every second piece of a matrix, so that two processes share it.
"""

from __future__ import annotations

import argparse
import os
import random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

WHOLE = os.environ.get("RUMKIT_TRUST") == "whole"


def part_of(items, count, seed=7):
    """Return all items, or in a slice the same `count` of them each time, in their order."""
    every = list(items)
    if WHOLE or len(every) <= count:
        return every
    return [every[at] for at in sorted(random.Random(seed).sample(range(len(every)), count))]


def part_in(arguments: Sequence[str]) -> tuple[Callable[[int], bool], list[str]]:
    """Return whether the piece of a number is of the part that is asked for, and the other words.

    Without `--part N/M` every piece is.
    """
    parser = argparse.ArgumentParser()
    parser.add_argument("--part", default="1/1", metavar="N/M")
    parser.add_argument("words", nargs="*")
    given = parser.parse_args(arguments)
    number, of = (int(each) for each in given.part.split("/"))
    if not 1 <= number <= of:
        parser.error(f"there is no part {given.part}")
    return lambda piece: piece % of == number - 1, given.words
