"""The form of an app monitor's id."""

from __future__ import annotations

import re

_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def is_uuid(text: str) -> bool:
    """Say whether a text has the form of a UUID, as the API demands of a monitor's id."""
    return _UUID.fullmatch(text) is not None
