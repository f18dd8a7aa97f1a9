"""Files that a person names: regular ones, so that no pipe is waited for and no device read."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import BinaryIO, Final

# Else the opening itself waits until somebody writes to a pipe. Not on every system.
_AT_ONCE: Final = getattr(os, "O_NONBLOCK", 0)


def given_path(text: str | Path) -> Path:
    """Return the path that a person named; `~` is their home, `~X` only where there is an X."""
    return Path(os.path.expanduser(text))  # noqa: PTH111 - pathlib's raises for another `~X`


def is_there(path: str | Path) -> bool:
    """Tell whether a path names something; what is too long for a path names nothing."""
    return os.path.exists(path)  # noqa: PTH110 - pathlib's raises for it


def is_folder(path: str | Path) -> bool:
    """Tell whether a path names a folder; what is too long for a path names nothing."""
    return os.path.isdir(path)  # noqa: PTH112 - as above


def open_plain(path: str | Path) -> BinaryIO:
    """Open a file for reading. Raises OSError, also for a pipe, a socket and a device."""
    return open(path, "rb", opener=_opened)


def read_plain(path: str | Path, most: int = -1) -> bytes:
    """Return a file's bytes, at most so many. Raises OSError as `open_plain` does."""
    with open_plain(path) as file:
        return file.read(most)


def text_there(path: str | Path, most: int) -> str:
    """Return the beginning of a file as text; empty where there is none that can be read."""
    try:
        return read_plain(path, most).decode("utf-8-sig", "replace")
    except (OSError, ValueError):
        return ""


def is_file(path: str | Path) -> bool:
    """Tell whether there is a file of this name, which there is none of where it is too long."""
    return os.path.isfile(path)  # noqa: PTH113 - Path.is_file raises OSError for such a name


def _opened(path: str, flags: int) -> int:
    handle = os.open(path, flags | _AT_ONCE)
    mode = os.fstat(handle).st_mode
    if stat.S_ISREG(mode) or stat.S_ISDIR(mode):
        return handle
    os.close(handle)
    raise OSError(errno.EINVAL, "it is a pipe or a device, not a file", path)
