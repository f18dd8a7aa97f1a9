"""Tests read from this machine alone: no proxy of the environment stands between."""

from __future__ import annotations

import os

for _name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
    os.environ.pop(_name, None)
    os.environ.pop(_name.lower(), None)
