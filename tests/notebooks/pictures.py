"""Make the README's pictures from the running notebooks; `python tests/notebooks/pictures.py`."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

import nbformat
from browsers import NOTEBOOKS, chromium, jupyterlab, opened

from rumkit.report_export import investigation_of, to_html
from rumkit.show import path

FOLDER = NOTEBOOKS / "pictures"
_MILLISECONDS = 120_000


def main() -> int:
    """Write the path as SVG, the report and JupyterLab as PNG."""
    FOLDER.mkdir(exist_ok=True)
    report = nbformat.read(NOTEBOOKS / "health_report.ipynb", as_version=4)
    picture = path.render(investigation_of(report), standalone=True)
    (FOLDER / "delivery_path.svg").write_text(picture + "\n", encoding="utf-8")
    with chromium() as browser, tempfile.TemporaryDirectory() as folder:
        take_report(browser, report, Path(folder))
        take_jupyterlab(browser, Path(folder))
    sys.stdout.write(f"{FOLDER}\n")
    return 0


def take_report(browser: Any, report: Any, folder: Path) -> None:
    """Take the first screen of the health report."""
    page = folder / "report.html"
    page.write_text(to_html(report, investigation_of(report), made=""), encoding="utf-8")
    with opened(browser, page.as_uri(), viewport={"width": 1080, "height": 1000}) as shown:
        shown.screenshot(path=FOLDER / "report.png")


def take_jupyterlab(browser: Any, folder: Path) -> None:
    """Take the first notebook in JupyterLab after all its cells ran."""
    with jupyterlab(folder) as address:
        page = browser.new_context(viewport={"width": 1400, "height": 1100}).new_page()
        page.goto(address.format("00_start_here.ipynb"))
        page.locator(".jp-Notebook").wait_for(timeout=_MILLISECONDS)
        page.get_by_text("Python 3 (ipykernel) | Idle").wait_for(timeout=_MILLISECONDS)
        page.get_by_role("menuitem", name="Run", exact=True).click()
        page.get_by_text("Run All Cells", exact=True).click()
        page.locator("table.dataTable").first.wait_for(timeout=_MILLISECONDS, state="attached")
        for button in page.get_by_role("button", name="No", exact=True).all():
            button.click()
        page.get_by_role("button", name="Looking at").scroll_into_view_if_needed()
        page.wait_for_timeout(1500)
        page.screenshot(path=FOLDER / "jupyterlab.png")


if __name__ == "__main__":
    raise SystemExit(main())
