"""A visit that a notebook asks for: the chosen page, recorded on the machine of the kernel."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rumkit.model import BadInput

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def record_page(page: str, folder: Path, say: Callable[[str], None], *, dry: bool = False) -> Path:
    """Record a page into a folder and return the file. Raises BadInput without an address."""
    from rumkit.recorder.record import RecordingPlan, announcement, record

    if "://" not in page:
        raise BadInput("Name the page's address first: a file can't be visited.")
    plan = RecordingPlan(page, output=folder / "visit.rum.zip", dry=dry)
    say(announcement(plan))
    return record(plan, say=say)
