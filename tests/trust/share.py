"""How much of a suite is run: `make test` a fixed slice, `make trust` (RUMKIT_TRUST=whole) all."""

from __future__ import annotations

import os
import random

WHOLE = os.environ.get("RUMKIT_TRUST") == "whole"


def part_of(items, count, seed=7):
    """Return all items, or in a slice the same `count` of them each time, in their order."""
    every = list(items)
    if WHOLE or len(every) <= count:
        return every
    return [every[at] for at in sorted(random.Random(seed).sample(range(len(every)), count))]
