"""Patterns for pages that were written as texts: the fix includes the page that is looked at."""

from __future__ import annotations

import pytest
from test_sample_rate import page

from rumkit.checks.ask import ask
from rumkit.checks.events_not_sent.client_enabled import CHECK
from rumkit.evidence.given import evidence_of

SITE = r"/^https:\/\/shop\.example(\/|$)/"


@pytest.mark.parametrize(
    ("written", "fix"),
    [
        ("pagesToInclude:['/home']", rf"pagesToInclude: [/\/home/, {SITE}]"),
        ("pagesToInclude:['shop']", "pagesToInclude: [/shop/]"),
        ("pagesToExclude:['/home']", r"pagesToExclude: [/\/home/]"),
    ],
)
def test_the_fix_of_a_text_lets_this_page_be_recorded(written: str, fix: str) -> None:
    found = ask(CHECK, evidence_of(page=page(f"{{{written}}}")))
    assert found.fixes[0].text == fix
    mended = ask(CHECK, evidence_of(page=page(f"{{{fix}}}")))
    assert mended.status != "fail"
