"""Hostile texts in a notebook that JupyterLab opens: stored by somebody else, and run here."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import given  # type: ignore[import-not-found]
import hostile  # type: ignore[import-not-found]
import nbformat
import pytest

import rumkit
from rumkit.show import views

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

pytestmark = [
    pytest.mark.browser,
    pytest.mark.notebooks,
    pytest.mark.xdist_group("notebooks-in-a-browser"),
]
_MILLISECONDS = 60_000
# Links that run or lead away, formulas that were typeset, and what a formula made a link.
_LIVE = """() => [
  ...[...document.querySelectorAll('.jp-OutputArea a[href]')]
    .filter(each => /^(javascript|vbscript|data:text)|canary/i.test(each.href.trim()))
    .map(each => 'a link to ' + each.href.slice(0, 60)),
  ...[...document.querySelectorAll('.jp-OutputArea mjx-container')]
    .map(each => 'typeset: ' + each.outerHTML.slice(0, 60)),
]"""
_SHOW = """import json
from IPython.display import display
for bundle in json.load(open("bundles.json")):
    display(bundle, raw=True)"""


@pytest.fixture(scope="module")
def bundles(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """Return what a notebook displays of a page with each of the texts."""
    folder = tmp_path_factory.mktemp("pages")
    made = []
    for number, word in enumerate(hostile.TEXTS.values()):
        page = given.page(folder / f"{number}", word, options=("guestRoleArn", "endpoint"))
        if "\x00" in word:
            continue  # a binary file, which is refused
        found = rumkit.investigate(page=str(page))
        shown = (found, views.findings(found), views.fixes(found))
        # One output for each text: JupyterLab shows no more than fifty of a cell.
        made.append("".join(each._repr_mimebundle_()["text/html"] for each in shown))
    return [{"text/html": each.encode("utf-8", "replace").decode()} for each in made]


@pytest.fixture
def hearing(browser: Any) -> Iterator[Callable[[str], Any]]:
    """Return what opens an address; what the page starts or asks elsewhere is in `heard`."""
    with browser.new_context(viewport={"width": 1400, "height": 1100}) as context:
        page = context.new_page()
        page.heard = []
        page.expose_function("canary", lambda *_: page.heard.append("the canary was called"))

        def open_page(address: str) -> Any:
            own = address.partition("/lab")[0]
            page.on("dialog", lambda dialog: (page.heard.append("a dialog"), dialog.dismiss()))
            page.on("request", lambda request: _elsewhere(request.url, own, page.heard))
            page.goto(address)
            return page

        yield open_page


def _elsewhere(url: str, own: str, heard: list[str]) -> None:
    if not url.startswith((own, "ws:", "data:", "blob:")):
        heard.append(f"asks for {url[:80]}")


def run_all(page: Any) -> None:
    page.get_by_text("Python 3 (ipykernel) | Idle").wait_for(timeout=_MILLISECONDS)
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_text("Run All Cells", exact=True).click()
    # Until it is trusted no script or style is left in an output.
    page.wait_for_function(
        """() => [...document.querySelectorAll('.jp-InputPrompt')]
                .some(each => each.textContent.includes('[1]'))
            && document.querySelector('.jp-OutputArea .rk script')""",
        timeout=_MILLISECONDS,
    )
    page.wait_for_timeout(5_000)


def write(folder: Path, bundles: list[dict[str, Any]]) -> None:
    """Write a notebook that holds these outputs already and gives them again when it is run."""
    (folder / "bundles.json").write_text(json.dumps(bundles))
    cell = nbformat.v4.new_code_cell(_SHOW)
    cell.outputs = [nbformat.v4.new_output("display_data", data=each) for each in bundles]
    made = nbformat.v4.new_notebook(cells=[cell])
    made.metadata["kernelspec"] = {
        "display_name": "Python 3",
        "language": "python",
        "name": "python3",
    }
    nbformat.write(made, folder / "hostile.ipynb")


def test_hostile_texts_do_nothing_in_a_notebook_opened_untrusted_and_run(
    lab: tuple[str, Path], hearing: Callable[[str], Any], bundles: list[dict[str, Any]]
) -> None:
    address, folder = lab
    write(folder, bundles)
    page = hearing(address.format("hostile.ipynb"))
    page.locator(".jp-OutputArea .rk").first.wait_for(timeout=_MILLISECONDS, state="attached")
    page.wait_for_timeout(3_000)
    assert page.evaluate(_LIVE) == []

    # Run here, the same outputs are trusted.
    run_all(page)
    assert page.locator(".jp-OutputArea .rk").count() == 3 * len(bundles)
    assert page.evaluate(_LIVE) == []
    assert page.heard == []


def test_the_page_sees_what_is_live(lab: tuple[str, Path], hearing: Callable[[str], Any]) -> None:
    address, folder = lab
    live = (
        "<div class=rk>$x^2$ <a href='http://canary.invalid/'>x</a><script>canary()</script></div>"
    )
    write(folder, [{"text/html": live, "text/plain": ""}])
    page = hearing(address.format("hostile.ipynb"))
    run_all(page)
    told = page.evaluate(_LIVE)
    assert [each.partition(" to ")[0].partition(":")[0] for each in told] == ["a link", "typeset"]
    assert "the canary was called" in page.heard
