"""Each exported page in a browser whose network is cut."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import nbformat
import pytest
from axe_playwright_python.sync_playwright import Axe
from browsers import NOTEBOOKS, opened

from rumkit.report_export import investigation_of, to_html

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("exported-page")]
# A fleet's notebook reads what was kept of many, so there is no report of it.
PATHS = [path for path in sorted(NOTEBOOKS.glob("*.ipynb")) if path.stem != "fleet"]


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Return the exported page of each notebook."""
    folder = tmp_path_factory.mktemp("pages")
    for path in PATHS:
        notebook = nbformat.read(path, as_version=4)
        page = to_html(notebook, investigation_of(notebook), made="")
        (folder / f"{path.stem}.html").write_text(page, encoding="utf-8")
    return {path.stem: folder / f"{path.stem}.html" for path in PATHS}


@pytest.mark.parametrize("name", [path.stem for path in PATHS])
def test_it_asks_for_nothing_and_reports_no_error(
    name: str, pages: dict[str, Path], browser: Any
) -> None:
    with opened(browser, pages[name].as_uri(), offline=True) as page:
        # The table library is a module inside the page, which has an address of its own.
        heard = [said for said in page.heard[1:] if not said.startswith(("blob:", "data:"))]
        assert heard == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", [path.stem for path in PATHS])
def test_axe_has_no_serious_finding(
    name: str, scheme: str, pages: dict[str, Path], browser: Any
) -> None:
    with opened(browser, pages[name].as_uri(), offline=True, color_scheme=scheme) as page:
        page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
        found = Axe().run(page).response["violations"]
        serious = [
            (one["id"], [node["html"][:120] for node in one["nodes"][:3]])
            for one in found
            if one["impact"] in ("serious", "critical")
        ]
        assert serious == []


def test_tables_can_be_sorted_and_filtered(pages: dict[str, Path], browser: Any) -> None:
    with opened(browser, pages["returns_403"].as_uri(), offline=True) as page:
        page.locator("table.dataTable").first.wait_for()
        rows = page.locator("table.dataTable tbody tr")
        before = rows.count()
        page.get_by_label("Filter").first.fill("no such text")
        assert before > 1
        assert rows.first.inner_text() == "No matching records found"


def test_without_script_everything_is_still_there(pages: dict[str, Path], browser: Any) -> None:
    with opened(
        browser, pages["health_report"].as_uri(), offline=True, java_script_enabled=False
    ) as page:
        assert page.locator(".rk-cause pre").first.is_visible()
        assert page.locator("button.rk-copy").first.is_hidden()
        page.locator("details[data-check='snippet-present'] > summary").click()
        assert page.locator("details[data-check='snippet-present'] .rk-inside").is_visible()


def test_a_finding_is_unfolded_and_a_fix_copied_by_keyboard(
    pages: dict[str, Path], browser: Any
) -> None:
    with opened(
        browser, pages["health_report"].as_uri(), permissions=["clipboard-read", "clipboard-write"]
    ) as page:
        page.locator("details[data-check='snippet-present'] > summary").focus()
        page.keyboard.press("Enter")
        assert page.locator("details[data-check='snippet-present'] .rk-inside").is_visible()
        page.locator(".rk-cause .rk-copy").first.focus()
        page.keyboard.press("Enter")
        page.get_by_text("Copied").wait_for()
