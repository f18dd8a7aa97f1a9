"""A person at JupyterLab: pick, investigate, click the hop, copy the fix."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [
    pytest.mark.browser,
    pytest.mark.notebooks,
    pytest.mark.xdist_group("notebooks-in-a-browser"),
]
_MILLISECONDS = 60_000
Lab = tuple[str, "Path"]


def run_all(page: Any) -> None:
    page.locator(".jp-Notebook").wait_for(timeout=_MILLISECONDS)
    page.get_by_text("Python 3 (ipykernel) | Idle").wait_for(timeout=_MILLISECONDS)
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_text("Run All Cells", exact=True).click()
    page.locator("table.dataTable").first.wait_for(timeout=_MILLISECONDS, state="attached")


def pick(page: Any, scenario: str) -> None:
    field = page.get_by_label("Practice scenario")
    line = page.get_by_role("button", name="Looking at")
    line.wait_for(timeout=_MILLISECONDS)
    # What was unfolded before a reload of the page is so after it.
    page.wait_for_timeout(500)
    if not field.is_visible():
        line.click()
    field.scroll_into_view_if_needed()
    field.fill(scenario)
    field.press("Tab")


def test_pick_investigate_click_the_hop_and_copy_the_fix(lab: Lab, browser: Any) -> None:
    address, _ = lab
    with browser.new_context(
        viewport={"width": 1400, "height": 1100},
        permissions=["clipboard-read", "clipboard-write"],
    ) as context:
        page = context.new_page()
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


def verdicts(page: Any) -> set[str]:
    """Return the causes that stand in the notebook."""
    said = page.locator(".jp-OutputArea p.rk-said", has_text="Root cause: ").all_inner_texts()
    # What is out of sight has no text.
    return {text.removeprefix("Root cause: ").partition(".")[0] for text in said if text}


def test_errors_hops_focus_reload_and_a_narrow_window(lab: Lab, browser: Any) -> None:
    address, _ = lab
    with browser.new_context(viewport={"width": 800, "height": 1100}) as context:
        page = context.new_page()
        page.goto(address.format("returns_403.ipynb"))
        page.locator(".jp-Notebook").wait_for(timeout=_MILLISECONDS)
        # Nobody has run it or trusts it: the kept result is readable all the same.
        kept = page.get_by_text("The delivery path breaks at").first
        kept.wait_for(timeout=_MILLISECONDS)
        page.keyboard.press("Control+b")  # the file browser takes half of so narrow a window
        run_all(page)
        page.get_by_role("button", name="Investigate").wait_for(timeout=_MILLISECONDS)

        assert page.evaluate(_CLIPPED) == []

        page.get_by_role("button", name="Authorise: broken").click()
        here = page.locator(".jupyter-widgets details[data-check='put-events-denied']")
        here.wait_for(timeout=_MILLISECONDS, state="attached")

        page.get_by_text("(unfold to change)").first.click()
        profile = page.get_by_label("Profile")
        profile.fill("no-such-profile")
        go = page.get_by_role("button", name="Investigate")
        go.focus()
        page.keyboard.press("Enter")
        box = page.locator(".rk-error")
        box.wait_for(timeout=_MILLISECONDS)
        assert "no-such-profile" in box.inner_text()
        assert "--" not in box.inner_text()
        assert current(page) == []
        assert go.evaluate("node => node === document.activeElement")

        profile.fill("")
        pick(page, "signing")
        go.click()
        page.locator("p.rk-said code", has_text="signing").first.wait_for(timeout=_MILLISECONDS)
        assert box.count() == 0
        assert verdicts(page) == {"signing"}

        page.keyboard.press("Control+s")
        page.wait_for_timeout(2_000)
        page.reload()
        page.locator(".jp-Notebook").wait_for(timeout=_MILLISECONDS)
        page.locator(".rk-verdict").first.wait_for(timeout=_MILLISECONDS)
        assert verdicts(page) == {"signing"}


# Fields that are narrower than their value, and labels that are cut.
_CLIPPED = """() => [...document.querySelectorAll(
    '.jupyter-widgets input[type=text], .jupyter-widgets .widget-label, .rk-path text')]
  .filter(node => node.scrollWidth > node.clientWidth + 2 && node.clientWidth)
  .map(node => node.value || node.textContent)"""


def test_an_untrusted_notebook_shows_the_path_as_an_image(lab: Lab, browser: Any) -> None:
    address, _ = lab
    with browser.new_context(viewport={"width": 1400, "height": 1100}) as context:
        page = context.new_page()
        page.goto(address.format("returns_403.ipynb"))
        page.locator(".rk-still").first.wait_for(timeout=_MILLISECONDS)
        # Until it is decoded it is as wide as its words.
        page.wait_for_function(
            "document.querySelector('.rk-still').getBoundingClientRect().width > 300"
        )
        assert page.locator("svg.rk-path").count() == 0
        # No heap of a picture's labels is left where its tags were cleaned away.
        assert page.get_by_text("PutRumEventsis authorised").count() == 0


def faded(page: Any) -> list[str]:
    """Return the looks of what the page shows as old."""
    looks: list[str] = page.evaluate(
        """() => [...document.querySelectorAll('.rk-look')]
            .filter(node => getComputedStyle(node).opacity < 1)
            .map(node => node.dataset.look)"""
    )
    return looks


def current(page: Any) -> list[str]:
    looks: list[str] = page.evaluate(
        """() => [...document.querySelectorAll('.rk-look')]
            .filter(node => getComputedStyle(node).opacity == 1)
            .map(node => node.dataset.look)"""
    )
    return looks


def test_what_is_of_an_earlier_look_is_marked_even_after_a_reload(lab: Lab, browser: Any) -> None:
    address, folder = lab
    with browser.new_context(viewport={"width": 1400, "height": 1100}) as context:
        page = context.new_page()
        page.goto(address.format("returns_403.ipynb"))
        run_all(page)
        page.wait_for_function("document.querySelectorAll('.rk-look').length >= 5")
        page.locator(".rk-said", has_text="guest-role-permission").first.wait_for(
            timeout=_MILLISECONDS
        )
        page.locator(".rk-look .dataframe").wait_for(timeout=_MILLISECONDS, state="attached")
        (before,) = set(current(page))
        assert faded(page) == []

        # Another look redraws every view; the pandas step, which nobody ran again, is old.
        pick(page, "signing")
        page.get_by_role("button", name="Investigate").click()
        page.locator(".rk-said", has_text="signing").first.wait_for(timeout=_MILLISECONDS)
        page.wait_for_function(
            "old => document.querySelectorAll(`.rk-look[data-look='${old}']`).length == 1",
            arg=before,
        )
        assert set(faded(page)) == {before}
        assert before not in current(page)

        page.keyboard.press("Escape")
        page.keyboard.press("Control+s")
        page.wait_for_timeout(2000)
        stored = (folder / "returns_403.ipynb").read_text()
        assert "rumkitTables=import" not in stored
        assert len(stored) < 500_000

        # After a reload the outputs are those of the file, whose looks no kernel can redraw.
        page.reload()
        page.locator(".rk-look").first.wait_for(timeout=_MILLISECONDS, state="attached")
        pick(page, "healthy")
        page.get_by_role("button", name="Investigate").click()
        # By its capitals: the chooser's own "healthy" is there before the answer is.
        page.get_by_text(re.compile("HEALTHY")).first.wait_for(timeout=_MILLISECONDS)
        page.wait_for_function(
            """() => [...document.querySelectorAll('.rk-look')]
                .every(node => getComputedStyle(node).opacity < 1)"""
        )
        assert len(faded(page)) >= 5
