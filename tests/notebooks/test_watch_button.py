"""The button Watch in JupyterLab: what it says, how it stops, and what stands beside it."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import nbformat
import pytest
from test_jupyterlab import current, run_all, verdicts

sys.path.insert(0, str(Path(__file__).parent.parent / "end_to_end"))
from mending import apply  # type: ignore[import-not-found]

pytestmark = [
    pytest.mark.browser,
    pytest.mark.notebooks,
    pytest.mark.xdist_group("notebooks-in-a-browser"),
]
_MILLISECONDS = 60_000
# Where the kernel's own sandbox is, for a person who applies the fix in a terminal.
_SURROUNDINGS = """import json, os
kept = {name: value for name, value in os.environ.items() if name[:3] in ("AWS", "RUM")}
print("surroundings", json.dumps(kept))"""


def add_cell(path: Path, source: str) -> None:
    made = nbformat.read(path, as_version=4)
    made.cells.append(nbformat.v4.new_code_cell(source))
    nbformat.write(made, path)


def button(page: Any, name: str) -> Any:
    # An icon stands before the name.
    return page.get_by_role("button", name=re.compile(rf"^\W*{name}$"))


def lines(page: Any) -> str:
    """Return what the chooser says beside its views."""
    said: str = page.locator(".rk-controls").inner_text()
    return said


def broken_buttons(page: Any) -> int:
    count: int = page.get_by_role("button", name=": broken").count()
    return count


def test_a_watch_is_stopped_sees_the_fix_and_leaves_no_stale_verdict(
    lab: tuple[str, Path], browser: Any
) -> None:
    address, folder = lab
    with browser.new_context(viewport={"width": 1400, "height": 1100}) as context:
        add_cell(folder / "returns_403.ipynb", _SURROUNDINGS)
        page = context.new_page()
        page.goto(address.format("returns_403.ipynb"))
        run_all(page)
        told = page.locator(".jp-OutputArea pre", has_text="surroundings {").last
        told.wait_for(timeout=_MILLISECONDS)
        sandbox = SimpleNamespace(environment=json.loads(told.inner_text().split(" ", 1)[1]))
        command = page.locator(
            ".rk-fix pre", has_text="aws iam put-role-policy"
        ).first.text_content()

        button(page, "Watch").click()
        page.get_by_text("watching guest-role-permission").wait_for(timeout=_MILLISECONDS)
        # What the watch says is newer than what is displayed.
        assert current(page) == []
        assert broken_buttons(page) == 0
        # Once it was asked again; before that, the end says what the whole look did.
        page.get_by_text("last 403").wait_for(timeout=_MILLISECONDS)
        button(page, "Stop watching").click()
        page.get_by_text("stopped").wait_for(timeout=_MILLISECONDS)
        button(page, "Watch").wait_for(timeout=_MILLISECONDS)
        assert "BROKEN still broken at" in " ".join(lines(page).split())

        button(page, "Watch").click()
        page.get_by_text("watching guest-role-permission").wait_for(timeout=_MILLISECONDS)
        apply(sandbox, SimpleNamespace(kind="aws-cli", text=command))
        page.get_by_text("guest-role-permission is mended ✓").wait_for(timeout=_MILLISECONDS)
        page.get_by_text("403 stopped").wait_for(timeout=_MILLISECONDS)
        button(page, "Watch").wait_for(timeout=_MILLISECONDS)
        assert "still broken" not in lines(page)
        assert "Investigate looks at everything again" in lines(page)
        assert current(page) == []

        button(page, "Investigate").click()
        page.get_by_text("DEGRADED: ").wait_for(timeout=_MILLISECONDS)
        assert "403 stopped" not in lines(page)
        assert "BROKEN" not in lines(page)
        assert broken_buttons(page) == 0
        assert "guest-role-permission" not in verdicts(page)

        page.keyboard.press("Escape")
        page.keyboard.press("Control+s")
        page.wait_for_timeout(2_000)
        page.reload()
        page.locator(".jp-Notebook .rk-verdict").first.wait_for(timeout=_MILLISECONDS)
        page.get_by_text("DEGRADED: ").wait_for(timeout=_MILLISECONDS)
        shown = page.locator(".rk-verdict strong").all_inner_texts()
        assert set(shown) == {"Degraded"}
