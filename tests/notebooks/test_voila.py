"""A person at Voila, who sees no cells: the answer, another look, a narrow window, an error."""

from __future__ import annotations

import re
from typing import Any

import pytest
from browsers import NOTEBOOKS
from test_jupyterlab import _CLIPPED, current, faded, pick, verdicts

pytestmark = [
    pytest.mark.browser,
    pytest.mark.notebooks,
    pytest.mark.xdist_group("notebooks-in-a-browser"),
]
_MILLISECONDS = 60_000
# A fleet's notebook has no chooser.
NAMES = [path.stem for path in sorted(NOTEBOOKS.glob("*.ipynb")) if path.stem != "fleet"]


def opened(browser: Any, address: str, **viewport: int) -> Any:
    """Return a page on which every cell has run and the chooser stands; it keeps its errors."""
    page = browser.new_context(viewport=viewport).new_page()
    page.errors = []
    page.on("pageerror", lambda error: page.errors.append(str(error)))
    page.goto(address, timeout=_MILLISECONDS)
    page.get_by_role("button", name="Investigate").wait_for(timeout=_MILLISECONDS)
    return page


@pytest.mark.parametrize("name", NAMES)
def test_the_first_screen_has_the_answer_and_nothing_is_cut(
    name: str, voila_address: str, browser: Any
) -> None:
    page = opened(browser, voila_address.format(f"{name}.ipynb"), width=800, height=1000)
    answer = page.get_by_text(re.compile("^(BROKEN|DEGRADED): "))
    answer.wait_for(timeout=_MILLISECONDS)
    assert answer.bounding_box()["y"] < 1000
    page.get_by_role("button", name="Looking at").click()
    assert page.evaluate(_CLIPPED) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert "Traceback" not in page.locator("body").inner_text()
    assert page.errors == []
    page.context.close()


def test_another_look_leaves_no_old_verdict(voila_address: str, browser: Any) -> None:
    page = opened(browser, voila_address.format("returns_403.ipynb"), width=1200, height=1000)
    page.get_by_role("button", name="Authorise: broken").wait_for(timeout=_MILLISECONDS)
    (before,) = set(current(page))
    pick(page, "signing")
    page.get_by_role("button", name="Investigate").click()
    page.locator(".rk-said code", has_text="signing").first.wait_for(timeout=_MILLISECONDS)
    assert verdicts(page) == {"signing"}
    assert before not in current(page)
    page.wait_for_function(
        "old => document.querySelectorAll(`.rk-look[data-look='${old}']`).length == 1", arg=before
    )
    # The frame of the pandas step is of the first look; nobody can run its cell again here.
    assert faded(page) == [before]
    assert len(current(page)) >= 5
    page.context.close()


def test_an_error_stands_in_its_box_and_everything_else_is_marked_old(
    voila_address: str, browser: Any
) -> None:
    page = opened(browser, voila_address.format("returns_403.ipynb"), width=800, height=1000)
    page.get_by_role("button", name="Authorise: broken").wait_for(timeout=_MILLISECONDS)
    page.get_by_role("button", name="Looking at").click()
    page.get_by_label("Profile").fill("no-such-profile")
    page.get_by_role("button", name="Investigate").click()
    box = page.get_by_role("alert")
    box.wait_for(timeout=_MILLISECONDS)
    assert "no-such-profile" in box.inner_text()
    assert current(page) == []
    assert page.get_by_role("button", name="Authorise: broken").count() == 0
    assert "Traceback" not in page.locator("body").inner_text()
    page.context.close()
