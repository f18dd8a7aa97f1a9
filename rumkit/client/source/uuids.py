"""The forms of an app monitor's id and of a Region's name."""

from __future__ import annotations

import re

_REGION = re.compile(r"[a-z]{2,4}(?:-[a-z]{2,12}){1,3}-[0-9]{1,2}")
_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def is_uuid(text: str) -> bool:
    """Say whether a text has the form of a UUID, as the API demands of a monitor's id."""
    return _UUID.fullmatch(text) is not None


def is_region(text: str) -> bool:
    """Say whether a text has the form of an AWS Region's name."""
    return _REGION.fullmatch(text) is not None
