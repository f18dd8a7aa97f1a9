"""A visit that a notebook asks for: the chosen page, recorded on the machine of the kernel."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from rumkit.model import BadInput

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from rumkit.show.choice import Choice


def record_page(
    choice: Choice, folder: Path, say: Callable[[str], None], *, dry: bool = False
) -> Path:
    """Record the chosen page into a folder and return the file. Raises BadInput without a page.

    In the practice installation the page is its own, and nothing outside is visited.
    """
    from rumkit.recorder.record import Plan, announcement, record

    choice.enter()
    page = choice.settings["page"] or os.environ.get("RUMKIT_PAGE", "")
    if "://" not in page:
        raise BadInput("Name the page's address first: a file can't be visited.")
    plan = Plan(page, output=folder / "visit.rum.zip", dry=dry)
    say(announcement(plan))
    return record(plan, say=say)
