"""What our scripts in a page told: the client's state and the violations of its policies."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from rumkit.json_text import json_object

if TYPE_CHECKING:
    from rumkit.recorder.capture import Capture

_MAX_VIOLATIONS = 500


def keep_state(capture: Capture, page: str, value: object) -> None:
    """Keep what a page said of the client's state; a later answer replaces an earlier one."""
    state = _told(value)
    if str(state.get("page", "")).startswith("http"):
        capture.states[:] = [s for s in capture.states if s["visit"] != page]
        capture.states.append({**state, "visit": page})


def keep_violation(capture: Capture, payload: object) -> None:
    """Keep a policy violation that the page's event told of."""
    violation = _told(payload)
    if violation and len(capture.violations) < _MAX_VIOLATIONS:
        capture.violations.append({**violation, "timestamp": time.time() * 1000})


def _told(value: object) -> dict[str, Any]:
    """Return the object that a page's script told; a page can make that any other value."""
    return json_object(value) if isinstance(value, str) else {}
