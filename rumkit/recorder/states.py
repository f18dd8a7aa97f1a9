"""What our scripts in a page told: the client's state and the violations of its policies."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rumkit.recorder.capture import Capture

_MAX_VIOLATIONS = 500


def keep_state(capture: Capture, page: str, value: object) -> None:
    """Keep what a page said of the client's state; a later answer replaces an earlier one."""
    try:
        state = json.loads(value) if isinstance(value, str) else None
    except ValueError:
        return
    if not isinstance(state, dict) or not str(state.get("page", "")).startswith("http"):
        return
    capture.states[:] = [s for s in capture.states if s["visit"] != page]
    capture.states.append({**state, "visit": page})


def keep_violation(capture: Capture, payload: object) -> None:
    """Keep a policy violation that the page's event told of."""
    try:
        violation = json.loads(payload) if isinstance(payload, str) else None
    except ValueError:
        return
    if isinstance(violation, dict) and len(capture.violations) < _MAX_VIOLATIONS:
        capture.violations.append({**violation, "timestamp": time.time() * 1000})
