"""A person without a mouse, in JupyterLab and in Voila."""

from __future__ import annotations

from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from test_jupyterlab import run_all

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = [
    pytest.mark.browser,
    pytest.mark.notebooks,
    pytest.mark.xdist_group("notebooks-in-a-browser"),
]
_MILLISECONDS = 60_000
_MOST = 80
Opened = AbstractContextManager[Any]

# What has the focus: its tag, what it says, and how thick its outline is.
_FOCUS = """() => {
  const node = document.activeElement;
  const label = node.labels && node.labels.length ? node.labels[0].textContent : '';
  const said = node.getAttribute('aria-label') || label || node.innerText || node.value || '';
  return {tag: node.tagName, said: said.trim().slice(0, 80),
          outline: parseFloat(getComputedStyle(node).outlineWidth),
          drawn: getComputedStyle(node).outlineStyle,
          // What JupyterLab itself brings looks as JupyterLab has it.
          own: !!node.closest('.rk-controls, .rk')};
}"""


@pytest.fixture
def opened(request: pytest.FixtureRequest, browser: Any) -> Callable[[str], Opened]:
    """Return what opens a notebook in one of both fronts."""

    def at(front: str) -> Opened:
        address: str = (
            request.getfixturevalue("lab")[0]
            if front == "jupyterlab"
            else request.getfixturevalue("voila_address")
        )
        return run_page(front, address, browser)

    return at


@contextmanager
def run_page(front: str, address: str, browser: Any) -> Iterator[Any]:
    """Yield a page of a notebook whose cells have run, with the focus before its first output."""
    with browser.new_context(viewport={"width": 1400, "height": 1000}) as context:
        page = context.new_page()
        page.goto(address.format("returns_403.ipynb"), timeout=_MILLISECONDS)
        if front == "jupyterlab":
            run_all(page)
        broken = page.get_by_role("button", name="Authorise: broken")
        broken.wait_for(timeout=_MILLISECONDS)
        page.locator("table.dataTable").first.wait_for(timeout=_MILLISECONDS)
        page.wait_for_timeout(1000)
        if front == "jupyterlab":
            page.locator(".jp-Notebook .jp-Cell").first.click()
            page.keyboard.press("Escape")
        yield page


def focus(page: Any) -> dict[str, Any]:
    held: dict[str, Any] = page.evaluate(_FOCUS)
    return held


def tab_to(page: Any, text: str, tag: str = "") -> list[str]:
    """Press Tab until something that says this has the focus; return all that was passed."""
    passed: list[str] = []
    for _ in range(_MOST):
        page.keyboard.press("Tab")
        held = focus(page)
        passed.append(held["said"])
        if held["own"]:
            assert held["drawn"] != "none", held
            assert held["outline"] >= 2, held
        if text in held["said"] and tag in held["tag"]:
            return passed
    raise AssertionError(f"{text!r} is not reached: {passed}")


def press(page: Any, key: str, until: str) -> None:
    """Press a key and wait until a condition of the page holds, with the focus where it was."""
    before = focus(page)["tag"]
    page.keyboard.press(key)
    page.wait_for_function(until, timeout=_MILLISECONDS)
    held = focus(page)
    assert held["tag"] == before
    assert held["own"], held


def is_open(check: str) -> str:
    return f"[...document.querySelectorAll('[data-check={check}]')].some(node => node.open)"


@pytest.mark.parametrize("front", ["jupyterlab", "voila"])
def test_everything_is_reached_and_acts(front: str, opened: Callable[[str], Opened]) -> None:
    with opened(front) as page:
        fields = "document.querySelector('input[placeholder=\"AWS profile\"]').offsetParent"
        tab_to(page, "Looking at")
        press(page, "Enter", f"() => {fields} !== null")
        passed = tab_to(page, "Practice scenario")
        assert passed[:3] == ["App monitor", "Page", "Recording"]
        page.keyboard.press("Control+a")
        page.keyboard.type("signing")
        passed = tab_to(page, "Investigate")
        assert [name for name in passed if name in ("List monitors", "Record")] == [
            "List monitors",
            "Record",
        ]
        look = "document.querySelector('.rk-look').dataset.look"
        old = page.evaluate(look)
        press(page, "Space", f"() => {look} !== '{old}'")
        assert focus(page)["said"] == "Investigate"

        passed = tab_to(page, "Session:")
        assert passed[0] == "Watch"
        pressed = ".widget-toggle-button.mod-active:not(.rk-fold)"
        press(
            page,
            "Enter",
            f"() => document.querySelector('{pressed}').innerText.includes('Session')",
        )
        assert "Session" in focus(page)["said"]
        tab_to(page, "session-sample-rate")
        press(page, "Enter", f"() => {is_open('session-sample-rate')}")
        press(page, "Space", f"() => !{is_open('session-sample-rate')}")


@pytest.mark.parametrize("front", ["jupyterlab", "voila"])
def test_a_table_is_filtered_sorted_paged_and_opened_as_code(
    front: str, opened: Callable[[str], Opened]
) -> None:
    with opened(front) as page:
        first = "document.querySelector('table.dataTable tbody tr').innerText"
        tab_to(page, "denied calls of PutRumEvents")
        page.keyboard.press("ArrowDown")  # a command to the cells, if JupyterLab gets it
        assert "denied calls" in focus(page)["said"]
        tab_to(page, "Filter")
        page.keyboard.type("06:10")
        page.wait_for_function(f"{first}.includes('06:10')")
        page.keyboard.press("Control+a")
        page.keyboard.press("Delete")
        tab_to(page, "rows", "SELECT")
        page.keyboard.press("ArrowDown")
        page.wait_for_function("document.activeElement.value === '25'")
        held = page.evaluate(first)
        tab_to(page, "time")
        page.keyboard.press("Enter")
        page.keyboard.press("Enter")
        page.wait_for_function(f"{first} !== {held!r}")
        tab_to(page, "2", "BUTTON")
        press(
            page, "Enter", "document.querySelector('.dt-paging-button.current').innerText === '2'"
        )
        tab_to(page, "Open as code")
        press(page, "Space", "document.activeElement.parentNode.open")
        tab_to(page, "Copy: ")


@pytest.mark.parametrize("front", ["jupyterlab", "voila"])
def test_a_hop_that_has_to_look_first_keeps_the_focus(
    front: str, opened: Callable[[str], Opened]
) -> None:
    with opened(front) as page:
        tab_to(page, "Looking at")
        page.keyboard.press("Enter")
        tab_to(page, "Profile")
        page.keyboard.type("no-such-profile")
        tab_to(page, "Investigate")
        press(page, "Enter", "document.querySelector('.rk-error')")
        assert focus(page)["said"] == "Investigate"
        page.keyboard.press("Shift+Tab")  # to hold events back
        while focus(page)["said"] != "Profile":
            page.keyboard.press("Shift+Tab")
        page.keyboard.press("Control+a")
        page.keyboard.press("Delete")
        tab_to(page, "Session")
        page.keyboard.press("Enter")
        page.wait_for_function("!document.querySelector('.rk-error')")
        assert "Session" in focus(page)["said"]
