"""Debian's Chromium, which the tests that look at the real thing are held against.

Its shell without windows is the same engine and starts a page at a fifth of the processor's time;
where it is not installed, Chromium itself is taken.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Final

CHROMIUM: Final = Path(
    shutil.which("chromium-headless-shell") or shutil.which("chromium") or "/usr/bin/chromium"
)
