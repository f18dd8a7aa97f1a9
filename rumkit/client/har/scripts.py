"""The recorded scripts that hold the RUM client or construct it, kept for a reader of bundles.

What survives minification decides; every other script is dropped. Nothing of a script is run.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from rumkit.client.har.masking import mask_script

MAX_SCRIPT = 4_000_000
MAX_TOTAL = 8_000_000
MAX_SCRIPTS = 64
MAX_BARE = 1000
# How much of a script that is too large is kept in front of its first mark.
LEAD = 500_000
_MARKS = (
    "arw-module", "arw-script", "cwr_c", "cwr_i", "cwr_s", "cwr_u", "/appmonitors/",
    "dataplane.rum.", "com.amazon.rum.", "client.rum.", "AwsRum", "identityPoolId", "guestRoleArn",
)  # fmt: skip

_LOADS = re.compile(
    r"\bimport\s*\(|\bimport\b[^;\n]{0,200}from|createElement\(\s*['\"]script|\.src\s*="
    r"|\beval\s*\(|\bnew\s+Function\s*\(|document\.write|\.getScript\s*\("
)
_MAX_LOOKED_AT = 2_000_000


def carries_mark(text: str) -> bool:
    """Return whether a script's text names the client or what it is constructed with."""
    return any(mark in text for mark in _MARKS)


def loads_others(text: str) -> bool:
    """Return whether a script can load or unpack another one, which may hold the client."""
    return _LOADS.search(text[:_MAX_LOOKED_AT]) is not None or len(text) > _MAX_LOOKED_AT


def is_bare(text: str) -> bool:
    """Return whether a script that was recorded whole neither holds nor brings the client."""
    return bool(text) and not carries_mark(text) and not loads_others(text)


@dataclass(frozen=True, slots=True)
class RecordedScript:
    """A recorded script, or the part of a large one around the client; its secrets are masked."""

    url: str
    text: str = field(repr=False)


class ScriptKeeper:
    """Keeps the scripts that carry a mark of the client, up to MAX_TOTAL characters."""

    def __init__(self) -> None:
        self.scripts: list[RecordedScript] = []
        self.left = MAX_TOTAL
        self.dropped = 0
        self.bare: set[str] = set()
        self._seen: set[tuple[str, int]] = set()

    def offer(self, url: str, text: str) -> None:
        """Keep the script if it holds the client or constructs it."""
        if not carries_mark(text) or (url, hash(text)) in self._seen:
            return
        self._seen.add((url, hash(text)))
        first = min(place for mark in _MARKS if (place := text.find(mark)) >= 0)
        start = max(0, first - LEAD) if len(text) > MAX_SCRIPT else 0
        kept = text[start : start + MAX_SCRIPT]
        if len(kept) > self.left or len(self.scripts) >= MAX_SCRIPTS:
            self.dropped += 1
            return
        self.left -= len(kept)
        self.scripts.append(RecordedScript(url, mask_script(kept)))
