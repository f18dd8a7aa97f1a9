"""A person at JupyterLab: pick, investigate, click the hop, copy the fix."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from browsers import chromium, jupyterlab

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.browser, pytest.mark.notebooks]
_MILLISECONDS = 120_000


def run_all(page: Any) -> None:
    page.locator(".jp-Notebook").wait_for(timeout=_MILLISECONDS)
    page.get_by_text("Python 3 (ipykernel) | Idle").wait_for(timeout=_MILLISECONDS)
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_text("Run All Cells", exact=True).click()
    page.locator("table.dataTable").first.wait_for(timeout=_MILLISECONDS, state="attached")


def pick(page: Any, scenario: str) -> None:
    field = page.get_by_label("Practice scenario")
    field.scroll_into_view_if_needed()
    field.fill(scenario)
    field.press("Tab")


def test_pick_investigate_click_the_hop_and_copy_the_fix(tmp_path: Path) -> None:
    with (
        jupyterlab(tmp_path) as address,
        chromium() as browser,
    ):
        page = browser.new_context(
            viewport={"width": 1400, "height": 1100},
            permissions=["clipboard-read", "clipboard-write"],
        ).new_page()
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(address.format("00_start_here.ipynb"))
        run_all(page)

        pick(page, "csp-script")
        page.get_by_role("button", name="Investigate").click()
        cause = page.locator(".rk-cause", has_text="csp-script")
        cause.first.wait_for(timeout=_MILLISECONDS)

        page.get_by_role("button", name="Page: broken").click()
        shown = page.locator("details[data-check='csp-script']")
        shown.first.wait_for(timeout=_MILLISECONDS, state="attached")
        assert page.locator("details[data-check='guest-role-trust']").count() == 0

        cause.get_by_role("button", name="Copy: ").first.click()
        page.get_by_text("Copied").wait_for(timeout=_MILLISECONDS)
        copied = page.evaluate("navigator.clipboard.readText()")
        assert copied.startswith("Content-Security-Policy: ")
        assert errors == []
