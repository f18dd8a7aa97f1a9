"""No fault of any read makes an answer that is not so: a fixed slice of the matrix.

`make trust` runs the whole.
"""

from __future__ import annotations

import random

import pytest
from lies import Matrix, cases  # type: ignore[import-not-found]

_EVERY = list(cases())
# Of each read at least one; the order keeps a sandbox for those that follow.
SLICE = sorted(random.Random(7).sample(range(len(_EVERY)), 90))


@pytest.fixture(scope="module")
def matrix():
    with Matrix() as running:
        yield running


@pytest.mark.xdist_group("lies")
@pytest.mark.parametrize("case", [_EVERY[at] for at in SLICE], ids=str)
def test_no_fault_of_a_read_makes_a_lie(matrix, case):
    wrong, _ = matrix.run(case)
    assert not wrong
