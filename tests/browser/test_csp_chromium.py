"""The policies' judge and Chromium say the same of every generated page."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from csp_cases import all_cases
from csp_chromium import CHROMIUM, open_browser
from csp_page import judge_case

if TYPE_CHECKING:
    from collections.abc import Iterator

    from csp_cases import Case
    from csp_chromium import Browser

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"there is no Chromium at {CHROMIUM}"),
]


@pytest.fixture(scope="module")
def csp_browser() -> Iterator[Browser]:
    with open_browser() as browser:
        yield browser


@pytest.mark.parametrize("case", all_cases(), ids=lambda case: case.name)
def test_judge_agrees_with_chromium(case: Case, csp_browser: Browser) -> None:
    seen = csp_browser.ask(case)
    judged = judge_case(case)
    said = {"inline": judged.inline_runs.allowed}
    saw = {"inline": seen.snippet_ran}
    if seen.client_loaded is not None:
        said["client"] = judged.client_loads.allowed and judged.trusted_types.allowed
        saw["client"] = seen.client_loaded
    said |= {url: judged.connects[url].allowed for url in seen.connected}
    saw |= seen.connected
    assert said == saw
