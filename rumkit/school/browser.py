"""A page of the practice site in a real browser: what its console and its network show."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rumkit.model import BadInput
from rumkit.school.cards import card

if TYPE_CHECKING:
    from pathlib import Path

    from rumkit.recorder.capture import Capture
    from rumkit.show.views import Drawn

# Nothing of the practice page takes longer.
_SECONDS = 6.0


def visit(url: str, file: Path | None = None) -> Drawn:
    """Open a page in the browser of this machine, and show what its console and network say.

    The recording is saved too, where a file is named; rumkit reads it like any other.
    """
    from rumkit.recorder.browsers import find_browser
    from rumkit.recorder.record import RecordingPlan, capture_visit
    from rumkit.recorder.saved import save

    try:
        browser = find_browser()
    except BadInput:
        return card("There is no browser here", "This needs Chrome, Chromium, Edge or Firefox.")
    plan = RecordingPlan(url, browser.name, seconds=_SECONDS, headless=True)
    capture, meta = capture_visit(plan)
    if file is not None:
        save(capture, meta, file)
    return card(f"{browser.name.capitalize()} at {url}", items=_heard(capture))


def _heard(capture: Capture) -> list[str]:
    """Return requests and messages in the order in which they came."""
    requests = [(each.started, f"request: {each.method} {each.url}") for each in capture.exchanges]
    messages = [(m["timestamp"] / 1000, f"console: {m['text']}") for m in capture.messages]
    return [text for _, text in sorted([*requests, *messages])]
