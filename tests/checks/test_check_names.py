"""The list of names that needs no check imported is that of the checks."""

from __future__ import annotations

from rumkit.checks import CHECKS
from rumkit.checks.names import CHECK_IDS


def test_every_check_has_its_name_on_the_list() -> None:
    assert sorted(CHECK_IDS) == sorted(check.id for check in CHECKS)
