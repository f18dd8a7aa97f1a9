"""A saved investigation: one JSON file that is drawn, compared and reported without AWS."""

from __future__ import annotations

import os
from pathlib import Path

from rumkit.input_file import read_input
from rumkit.investigation import Investigation
from rumkit.json_text import read_json
from rumkit.model import BadInput
from rumkit.plain_file import is_folder
from rumkit.temporary import write_whole

# Far more than any investigation holds: its tables are bounded where they are collected.
_LARGEST = 64 * 1024 * 1024


def refuse_unwritable(path: str | Path) -> None:
    """Raise BadInput for a file that could not be saved, before anything is looked at."""
    target = Path(path)
    if is_folder(target):
        raise BadInput(f"{target} is a folder: name a file to save to.")
    if not os.access(target.parent, os.W_OK):
        raise BadInput(f"{target} can't be written: there is no such folder, or it is locked.")


def save(investigation: Investigation, path: str | Path) -> Path:
    """Write the investigation as JSON, whole or not at all. Raises BadInput if it can't."""
    target = Path(path)
    try:
        write_whole(target, investigation.to_json() + "\n")
    except OSError as error:
        raise BadInput(f"{target} can't be written: {error.strerror}.") from None
    return target


def load(path: str | Path) -> Investigation:
    """Read what `save` or `rumkit investigate --json` wrote. Raises BadInput."""
    source = Path(path)
    try:
        data = read_json(read_input(source, most=_LARGEST, what="saved investigation"))
    except ValueError:
        raise BadInput(f"{source} is not JSON, so it is not a saved investigation.") from None
    if not _is_case(data):
        raise BadInput(f"{source} is not a saved investigation: it has no findings.")
    return Investigation.from_dict(data)


def load_if_case(path: str | Path) -> Investigation | None:
    """Read a saved investigation; None for any other file, such as a recording.

    Its content tells which of them it is. Raises BadInput for an investigation that can't be read.
    """
    source = Path(path)
    try:
        if not source.is_file() or source.stat().st_size > _LARGEST:
            return None
        content = source.read_bytes()
        # A recording is spared being parsed here, too.
        if not content.lstrip().startswith(b"{") or b'"findings"' not in content:
            return None
        data = read_json(content)
    except (OSError, ValueError):
        return None
    return Investigation.from_dict(data) if _is_case(data) else None


def _is_case(data: object) -> bool:
    return isinstance(data, dict) and "findings" in data and "log" not in data
